"""`ProsodyTokens`: the tokens of one utterance, coarse to fine, independent of any model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log2

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.boundary_bits import boundary_bits
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Segmentation
from prosodytok.types.units import FRAME_RATE, MAX_FRAMES

#: The levels, coarse to fine.
LEVELS = ("phrase", "word", "frame")
#: Limits on the size of a codebook and on the codebooks of one level.
MAX_CODEBOOK_SIZE, MAX_CODEBOOKS = 1 << 16, 32


@dataclass(frozen=True)
class TokenLevel:
    """The tokens of one level.

    Parameters
    ----------
    name : {"phrase", "word", "frame"}
        The level.
    codes : (K, N) int64
        One code of each of K codebooks for each of N units.
    codebook_sizes : tuple of int, length K
        Codes in each codebook.
    segmentation : Segmentation
        The N units in frames of the prosody grid.

    Raises
    ------
    TokenError
        If shapes are inconsistent, a code is outside its codebook, or the codebooks exceed
        `MAX_CODEBOOKS` or `MAX_CODEBOOK_SIZE`.
    """

    name: str
    codes: NDArray[np.int64]
    codebook_sizes: tuple[int, ...]
    segmentation: Segmentation

    def __post_init__(self) -> None:
        codes = np.asarray(self.codes, dtype=np.int64)
        sizes = tuple(int(size) for size in self.codebook_sizes)
        if self.name not in LEVELS:
            raise TokenError(f"unknown level {self.name!r}; the levels are {', '.join(LEVELS)}")
        if len(sizes) > MAX_CODEBOOKS or max(sizes, default=0) > MAX_CODEBOOK_SIZE:
            raise TokenError(
                f"level {self.name!r}: at most {MAX_CODEBOOKS} codebooks of "
                f"{MAX_CODEBOOK_SIZE} codes are supported, not {len(sizes)} of {max(sizes)}"
            )
        if codes.shape != (len(sizes), len(self.segmentation)):
            raise TokenError(
                f"level {self.name!r}: codes of shape {codes.shape} for {len(sizes)} codebooks "
                f"and {len(self.segmentation)} units"
            )
        if (codes < 0).any() or (codes >= np.array(sizes, dtype=np.int64)[:, None]).any():
            raise TokenError(f"level {self.name!r}: a code is outside its codebook {sizes}")
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "codebook_sizes", sizes)

    def __len__(self) -> int:
        return len(self.segmentation)

    @property
    def bits(self) -> float:
        """Bits of all codes at fixed length: N times the sum of log2(codebook sizes)."""
        return len(self) * sum(log2(size) for size in self.codebook_sizes)


@dataclass(frozen=True)
class ProsodyTokens:
    """The prosody of one utterance as tokens.

    Parameters
    ----------
    levels : tuple of TokenLevel
        Any subset of phrase, word and frame, in this order.
    register : Register
        Register of the encoded voice; decode with another register to transfer the prosody to
        another voice.
    num_frames : int
        Frames T of the prosody grid.
    frame_rate : float
        Rate of the prosody grid (Hz).
    id, audio : str
        Name of the utterance, and its sound file.
    checkpoint : str
        Name of the model that produced the codes.
    source : str
        Origin of the unit edges; see `Hierarchy`.
    speaker : str
        Name of the speaker; "" if unknown.
    offset : float, optional
        Start (s) of the utterance in its sound file, if it is a part of one.
    f0_floor, f0_ceiling : float, optional
        Range (Hz) in which F0 was searched, if known.
    warnings : tuple of str
        What is doubtful about the sound, its measurement or its units: one sentence each.
    sound_duration : float, optional
        Exact length (s) of the sound, if known; `duration` is rounded to frames.

    Raises
    ------
    TokenError
        If levels are out of order, do not cover `num_frames` or are not nested, `num_frames`
        exceeds a day, or differs from the `sound_duration` by a frame or more, or `f0_floor` is not
        below `f0_ceiling`.
    """

    levels: tuple[TokenLevel, ...]
    register: Register
    num_frames: int
    frame_rate: float = FRAME_RATE
    id: str = ""
    audio: str = ""
    checkpoint: str = ""
    source: str = ""
    speaker: str = ""
    offset: float | None = None
    f0_floor: float | None = None
    f0_ceiling: float | None = None
    warnings: tuple[str, ...] = ()
    sound_duration: float | None = None

    def __post_init__(self) -> None:
        levels = tuple(self.levels)
        object.__setattr__(self, "levels", levels)
        names = [level.name for level in levels]
        if not names:
            raise TokenError("tokens need at least one level")
        if names != [name for name in LEVELS if name in names]:
            raise TokenError(f"levels must be unique and coarse to fine, got {names}")
        if self.num_frames > MAX_FRAMES:
            raise TokenError(
                f"{self.num_frames} frames exceed the limit of {MAX_FRAMES} (a day): "
                "split the recording"
            )
        floor, ceiling = self.f0_floor, self.f0_ceiling
        if floor is not None and ceiling is not None and not floor < ceiling:
            raise TokenError(f"f0_floor of {floor} Hz is not below f0_ceiling of {ceiling} Hz")
        exact = self.sound_duration
        if exact is not None and not abs(exact * self.frame_rate - self.num_frames) < 1:
            raise TokenError(f"a sound of {exact} s does not have {self.num_frames} frames")
        for level in levels:
            if level.segmentation.num_frames != self.num_frames:
                raise TokenError(
                    f"level {level.name!r} covers {level.segmentation.num_frames} frames, "
                    f"not {self.num_frames}"
                )
        if {"phrase", "word"} <= set(names):
            edges = self["phrase"].segmentation.boundaries
            if not np.isin(edges, self["word"].segmentation.boundaries).all():
                raise TokenError("every phrase edge must be a word edge")

    def __getitem__(self, name: str) -> TokenLevel:
        for level in self.levels:
            if level.name == name:
                return level
        raise TokenError(f"no level {name!r} in these tokens; they have {', '.join(self.names)}")

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the levels, coarse to fine."""
        return tuple(level.name for level in self.levels)

    @property
    def prefixes(self) -> dict[str, tuple[str, ...]]:
        """Level names of each prefix of the levels, by a title such as "phrase + word"."""
        found = [self.names[: depth + 1] for depth in range(len(self.names))]
        return {" + ".join(names): names for names in found}

    @property
    def duration(self) -> float:
        """Length of the prosody grid in seconds."""
        return self.num_frames / self.frame_rate

    @property
    def bits(self) -> dict[str, float]:
        """Bits of each level's codes at fixed length, and of the ``"boundaries"``.

        The boundaries, see `types.boundary_bits`, are the word durations, under a fixed prior
        relative to the register's word rate, and the word edges that are phrase edges. The grid of
        frame tokens costs nothing; the length of the utterance is left to the container.
        """
        bits = {level.name: level.bits for level in self.levels}
        words, phrases = (self[n].segmentation if n in self else None for n in ("word", "phrase"))
        rate = self.register.word_rate_hz
        bits["boundaries"] = boundary_bits(words, phrases, rate, self.frame_rate)
        return bits

    @property
    def bitrate(self) -> float:
        """Bits per second, codes and boundaries."""
        return sum(self.bits.values()) / self.duration

    def select(self, names: Iterable[str]) -> ProsodyTokens:
        """Return the tokens of the named levels only.

        Raises
        ------
        TokenError
            If a name is not a level of these tokens, or none is given.
        """
        wanted = list(names)
        if not wanted:
            raise TokenError("no level selected: name at least one")
        chosen = {self[name].name for name in wanted}
        return replace(self, levels=tuple(x for x in self.levels if x.name in chosen))
