"""Units gathered by their codes: what each code decodes to, and what was measured there."""

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

#: Points along the way through a unit, and examples of a code.
POINTS, EXAMPLES = 32, 12


class Decoder(Protocol):
    """What can turn tokens back into prosody, as `ProsodyTokenizer` can."""

    def decode_batch(
        self, utterances: Sequence[ProsodyTokens], levels: Iterable[str] | None = None
    ) -> list[Prosody]:
        """Decode utterances, with the levels that are named."""
        ...


@dataclass(frozen=True)
class CodeEntry:
    """A code in the atlas.

    Parameters
    ----------
    code : int
        The code.
    count : int
        How many units have it.
    decoded : (P,) float64
        The mean of what those units decode to: semitones above the register's median, at P points
        evenly over the unit; NaN where fewer than half of them are voiced.
    examples : (E, P) float64
        What was measured in E of them, in the same way; NaN where it is not voiced.
    labels : mapping of str to int
        How many of them have which label; may be empty.

    Raises
    ------
    ProsodytokError
        If the shapes do not fit together.
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
    """Gather, for each code of a level, what its units decode to and what was measured in them.

    Units are decoded with the levels down to theirs, in their places in their utterances.

    Parameters
    ----------
    tokenizer : Decoder
        The `ProsodyTokenizer` that made the tokens.
    tokens : sequence of ProsodyTokens
        Tokens of utterances, with the same levels each.
    prosodies : sequence of Prosody
        What was measured in the same utterances.
    labels : sequence of sequences of str, optional
        For each utterance, a label for each unit of the level; ``""`` is not counted.
    level : {"phrase", "word", "frame"}
        The level.
    codebook : int
        Which of the level's codebooks, from 0.
    num_examples : int
        Examples of each code at most, evenly over all that there are.

    Returns
    -------
    list of CodeEntry
        The codes that occur, from the most to the least frequent.

    Raises
    ------
    ProsodytokError
        If tokens, prosodies and labels do not fit together, or there is no such codebook.
    """
    _check(tokens, prosodies, labels, level, codebook)
    decoded: dict[int, list[NDArray[np.float64]]] = {}
    measured: dict[int, list[NDArray[np.float64]]] = {}
    found: dict[int, Counter[str]] = {}
    for index, contour in enumerate(_decode(tokenizer, tokens, level)):
        units = tokens[index][level]
        reference = tokens[index].register.f0_median_hz
        names = labels[index] if labels is not None else [""] * len(units)
        said = _resample(contour, units.segmentation.boundaries, reference)
        heard = _resample(prosodies[index], units.segmentation.boundaries, reference)
        for code, a, b, name in zip(
            units.codes[codebook].tolist(), said, heard, names, strict=True
        ):
            decoded.setdefault(code, []).append(a)
            measured.setdefault(code, []).append(b)
            found.setdefault(code, Counter()).update([name] if name else [])
    order = sorted(decoded, key=lambda code: (-len(decoded[code]), code))
    return [
        CodeEntry(
            code,
            len(decoded[code]),
            _mean(np.array(decoded[code])),
            np.array(_spread(measured[code], num_examples)).reshape(-1, POINTS),
            dict(found[code].most_common()),
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
            raise ProsodytokError(f"{name} of {number} utterances, and tokens of {len(tokens)}")
    for index, (one, prosody) in enumerate(zip(tokens, prosodies, strict=True)):
        units = one[level]
        if prosody.num_frames != one.num_frames:
            raise ProsodytokError(
                f"utterance {index}: {prosody.num_frames} frames, its tokens have {one.num_frames}"
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
    """Semitones (N, P) at P points of each of N units; NaN where it is not voiced."""
    semitones = hz_to_semitones(prosody.f0.astype(np.float64), reference_hz)
    way = (np.arange(POINTS) + 0.5) / POINTS
    frames = boundaries[:-1, None] + way * np.diff(boundaries)[:, None]
    values = np.interp(frames, np.arange(prosody.num_frames) + 0.5, semitones)
    return np.where(prosody.voiced[frames.astype(int)], values, np.nan)


def _mean(contours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean (P,) of contours (N, P) over those that are voiced, where at least half of them are."""
    voiced = np.isfinite(contours)
    numbers = voiced.sum(axis=0)
    sums = np.where(voiced, contours, 0.0).sum(axis=0)
    return np.where(2 * numbers >= len(contours), sums / np.maximum(numbers, 1), np.nan)


def _spread(items: list[NDArray[np.float64]], most: int) -> list[NDArray[np.float64]]:
    """At most so many of the items, evenly over all."""
    chosen = np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int)
    return [items[index] for index in chosen]
