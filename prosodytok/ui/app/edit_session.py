"""State of one session of the app: recording, swapped tokens, shown levels and selection.

Immutable: each step returns a new `Session`, and sessions are not shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from prosodytok.io.textgrid import Tier
from prosodytok.tts import WorldAnalysis
from prosodytok.types.audio import Audio
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import LEVELS, ProsodyTokens


@dataclass(frozen=True)
class Recording:
    """A sound, its measured prosody, its tokens, and its analysis by the vocoder."""

    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    voice: WorldAnalysis
    tiers: Sequence[Tier] = ()


class Token(NamedTuple):
    """One token: a level and the index of a unit, from 0."""

    level: str
    unit: int


class Swap(NamedTuple):
    """New codes of a token, one for each codebook of its level."""

    token: Token
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Session:
    """Swaps in one recording; the shown levels; and the token that the next swap changes."""

    recording: Recording
    levels: tuple[str, ...] = LEVELS
    swaps: tuple[Swap, ...] = ()
    selected: Token | None = None

    @property
    def tokens(self) -> ProsodyTokens:
        """Tokens of the shown levels after all swaps."""
        tokens = self.recording.tokens
        for swap in self.swaps:
            tokens = _swapped(tokens, swap)
        return tokens.select(self.levels)

    @property
    def changed(self) -> dict[Token, tuple[int, ...]]:
        """Tokens of the shown levels with other than the encoded codes, and the encoded codes."""
        changed = {}
        for level in self.tokens.levels:
            before = self.recording.tokens[level.name].codes
            for unit in np.flatnonzero((level.codes != before).any(axis=0)).tolist():
                changed[Token(level.name, unit)] = tuple(before[:, unit].tolist())
        return changed


def select(session: Session, level: str, unit: int) -> Session:
    """Select the token that the next swap changes; TokenError if the shown levels lack it."""
    count = len(session.tokens[level])
    if not 0 <= unit < count:
        raise TokenError(f"level {level!r} has {count} tokens, so no token {unit + 1}")
    return replace(session, selected=Token(level, unit))


def swap(session: Session, codes: Sequence[int]) -> Session:
    """Change the codes of the selected token; TokenError if there is none, or no such codes."""
    if session.selected is None:
        raise TokenError("no token is selected: click one in the figure")
    other = Swap(session.selected, tuple(codes))
    if other.codes == codes_of(session.tokens, session.selected):
        return session  # no-op, which undo must not count
    _swapped(session.recording.tokens, other)  # raises TokenError for invalid codes
    return replace(session, swaps=(*session.swaps, other))


def undo(session: Session) -> Session:
    """Undo the last swap."""
    return replace(session, swaps=session.swaps[:-1])


def reset(session: Session) -> Session:
    """Undo all swaps."""
    return replace(session, swaps=())


def show_levels(session: Session, levels: Iterable[str]) -> Session:
    """Set the levels that are shown, decoded and downloaded; swaps in the others are kept."""
    names = session.recording.tokens.select(levels).names
    selected = session.selected if session.selected and session.selected.level in names else None
    return replace(session, levels=names, selected=selected)


def codes_of(tokens: ProsodyTokens, token: Token) -> tuple[int, ...]:
    """Codes of one token, one for each codebook."""
    codes: list[int] = tokens[token.level].codes[:, token.unit].tolist()
    return tuple(codes)


def _swapped(tokens: ProsodyTokens, swap: Swap) -> ProsodyTokens:
    level = tokens[swap.token.level]
    if len(swap.codes) != len(level.codebook_sizes):
        raise TokenError(
            f"level {level.name!r} has {len(level.codebook_sizes)} codebooks, "
            f"but {len(swap.codes)} codes were given"
        )
    codes = level.codes.copy()
    codes[:, swap.token.unit] = swap.codes
    other = replace(level, codes=codes)
    return replace(tokens, levels=tuple(other if x is level else x for x in tokens.levels))
