"""Decoded and measured contours of units, grouped by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.types.units import hz_to_semitones

#: Points per contour, and examples per code.
POINTS, EXAMPLES = 32, 12


class Decoder(Protocol):
    """Decoder of tokens, such as `ProsodyTokenizer`."""

    def decode_batch(
        self, utterances: Sequence[ProsodyTokens], levels: Iterable[str] | None = None
    ) -> list[Prosody]:
        """Decode utterances from the given levels."""
        ...


@dataclass(frozen=True)
class CodeEntry:
    """A code in the atlas.

    Parameters
    ----------
    code : int
        Code.
    count : int
        Number of its units.
    decoded : (P,) float64
        Mean decoded contour of those units: semitones above the median of the register, at P
        equally spaced points of the unit; NaN where fewer than half of the units are voiced.
    examples : (E, P) float64
        Measured contours of E of the units; NaN where unvoiced.
    labels : mapping of str to int
        Number of units by label; may be empty.

    Raises
    ------
    ProsodytokError
        If the shapes do not match.
    """

    code: int
    count: int
    decoded: NDArray[np.float64]
    examples: NDArray[np.float64]
    labels: Mapping[str, int]

    def __post_init__(self) -> None:
        decoded, examples = (np.asarray(x, np.float64) for x in (self.decoded, self.examples))
        if decoded.ndim != 1 or decoded.size < 2 or examples.shape[1:] != decoded.shape:
            raise ProsodytokError(
                f"code {self.code}: decoded must have shape (P,), P > 1, and examples (E, P); "
                f"got {decoded.shape} and {examples.shape}"
            )
        object.__setattr__(self, "decoded", decoded)
        object.__setattr__(self, "examples", examples)


def code_entries(
    tokenizer: Decoder,
    tokens: Sequence[ProsodyTokens],
    prosodies: Sequence[Prosody],
    labels: Sequence[Sequence[str]] | None = None,
    *,
    level: str = "word",
    codebook: int = 0,
    num_examples: int = EXAMPLES,
) -> list[CodeEntry]:
    """Collect the decoded and measured contours of each code of a level.

    Whole utterances are decoded, from the levels down to the given one.

    Parameters
    ----------
    tokenizer : Decoder
        `ProsodyTokenizer` of the tokens.
    tokens : sequence of ProsodyTokens
        Tokens of utterances with the same levels.
    prosodies : sequence of Prosody
        Measured prosody of the same utterances.
    labels : sequence of sequences of str, optional
        For each utterance, the labels of the units of the level; ``""`` is not counted.
    level : {"phrase", "word", "frame"}
        Level.
    codebook : int
        Index of the codebook within the level, from 0.
    num_examples : int
        Largest number of examples per code, evenly spaced over its units.

    Returns
    -------
    list of CodeEntry
        Codes that occur, in descending order of frequency.

    Raises
    ------
    ProsodytokError
        If tokens, prosodies and labels do not match, or the codebook does not exist.
    """
    _check(tokens, prosodies, labels, level, codebook)
    decoded: dict[int, list[NDArray[np.float64]]] = {}
    measured: dict[int, list[NDArray[np.float64]]] = {}
    label_counts: dict[int, Counter[str]] = {}
    for index, contour in enumerate(_decode(tokenizer, tokens, level)):
        units = tokens[index][level]
        reference = tokens[index].register.f0_median_hz
        names = labels[index] if labels is not None else [""] * len(units)
        boundaries, codes = units.segmentation.boundaries, units.codes[codebook].tolist()
        outputs = _resample(contour, boundaries, reference)
        targets = _resample(prosodies[index], boundaries, reference)
        for code, output, target, name in zip(codes, outputs, targets, names, strict=True):
            decoded.setdefault(code, []).append(output)
            measured.setdefault(code, []).append(target)
            label_counts.setdefault(code, Counter()).update([name] if name else [])
    order = sorted(decoded, key=lambda code: (-len(decoded[code]), code))
    return [
        CodeEntry(
            code,
            len(decoded[code]),
            _mean(np.array(decoded[code])),
            np.array(_evenly_spaced(measured[code], num_examples)).reshape(-1, POINTS),
            dict(label_counts[code].most_common()),
        )
        for code in order
    ]


def _check(
    tokens: Sequence[ProsodyTokens],
    prosodies: Sequence[Prosody],
    labels: Sequence[Sequence[str]] | None,
    level: str,
    codebook: int,
) -> None:
    given = {"prosodies": len(prosodies), "labels": len(tokens if labels is None else labels)}
    for name, number in given.items():
        if number != len(tokens):
            raise ProsodytokError(f"{name} of {number} utterances, but tokens of {len(tokens)}")
    for index, (one, prosody) in enumerate(zip(tokens, prosodies, strict=True)):
        units = one[level]
        if prosody.num_frames != one.num_frames:
            raise ProsodytokError(
                f"utterance {index}: {prosody.num_frames} frames, but its tokens have "
                f"{one.num_frames}"
            )
        if labels is not None and len(labels[index]) != len(units):
            raise ProsodytokError(
                f"utterance {index}: {len(labels[index])} labels for {len(units)} units"
            )
        if not 0 <= codebook < len(units.codebook_sizes):
            raise ProsodytokError(f"level {level!r} has no codebook {codebook}")


def _decode(tokenizer: Decoder, tokens: Sequence[ProsodyTokens], level: str) -> list[Prosody]:
    if not tokens:
        return []
    names = tokens[0].names
    return tokenizer.decode_batch(tokens, names[: names.index(level) + 1])


def _resample(
    prosody: Prosody, boundaries: NDArray[np.int64], reference_hz: float
) -> NDArray[np.float64]:
    """Semitones (N, P) at P points of each of N units; NaN where unvoiced."""
    semitones = hz_to_semitones(prosody.f0.astype(np.float64), reference_hz)
    times = (np.arange(POINTS) + 0.5) / POINTS
    frames = boundaries[:-1, None] + times * np.diff(boundaries)[:, None]
    values = np.interp(frames, np.arange(prosody.num_frames) + 0.5, semitones)
    return np.where(prosody.voiced[frames.astype(int)], values, np.nan)


def _mean(contours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean (P,) of contours (N, P) over voiced points; NaN if fewer than half are voiced."""
    voiced = np.isfinite(contours)
    numbers = voiced.sum(axis=0)
    sums = np.where(voiced, contours, 0.0).sum(axis=0)
    return np.where(2 * numbers >= len(contours), sums / np.maximum(numbers, 1), np.nan)


def _evenly_spaced(items: list[NDArray[np.float64]], limit: int) -> list[NDArray[np.float64]]:
    """At most `limit` evenly spaced items."""
    indices = np.linspace(0, len(items) - 1, min(limit, len(items))).round().astype(int)
    return [items[index] for index in indices]
