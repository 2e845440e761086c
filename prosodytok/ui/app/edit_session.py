"""What one person has on the page: a recording, which tokens they swapped, and what they look at.

Nothing here changes: each step gives a new `Session`, and no two people share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from prosodytok.io.textgrid import Tier
from prosodytok.tts import Voice
from prosodytok.types.audio import Audio
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import LEVELS, ProsodyTokens


@dataclass(frozen=True)
class Recording:
    """A sound and what was made of it once.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        What was measured in it, T frames.
    tokens : ProsodyTokens
        What it was encoded as.
    voice : Voice
        The sound taken apart, to be spoken with other prosodies.
    tiers : sequence of Tier
        A hand annotation, shown as it was written.
    """

    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    voice: Voice
    tiers: Sequence[Tier] = ()


class Token(NamedTuple):
    """One token: unit number `unit`, from 0, of a level."""

    level: str
    unit: int


class Swap(NamedTuple):
    """Other codes for a token, one for each codebook of its level."""

    token: Token
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Session:
    """One person's work on one recording.

    Parameters
    ----------
    recording : Recording
        What they work on.
    levels : tuple of str
        The levels that are seen, heard and downloaded.
    swaps : tuple of Swap
        What they changed, in this order.
    selected : Token, optional
        The token that a swap changes.
    """

    recording: Recording
    levels: tuple[str, ...] = LEVELS
    swaps: tuple[Swap, ...] = ()
    selected: Token | None = None

    @property
    def tokens(self) -> ProsodyTokens:
        """The tokens of the chosen levels, with what was swapped."""
        tokens = self.recording.tokens
        for swap in self.swaps:
            tokens = _swapped(tokens, swap)
        return tokens.select(self.levels)

    @property
    def changed(self) -> dict[Token, tuple[int, ...]]:
        """The tokens of the chosen levels that are not what was encoded, and what they were."""
        found = {}
        for level in self.tokens.levels:
            before = self.recording.tokens[level.name].codes
            for unit in np.flatnonzero((level.codes != before).any(axis=0)).tolist():
                found[Token(level.name, unit)] = tuple(before[:, unit].tolist())
        return found


def select(session: Session, level: str, unit: int) -> Session:
    """Choose the token that the next swap changes.

    Raises
    ------
    TokenError
        If there is no such token among those that are seen.
    """
    count = len(session.tokens[level])
    if not 0 <= unit < count:
        raise TokenError(f"level {level!r} has {count} tokens, and no token {unit + 1}")
    return replace(session, selected=Token(level, unit))


def swap(session: Session, codes: Sequence[int]) -> Session:
    """Give the selected token other codes, one for each codebook of its level.

    Raises
    ------
    TokenError
        If no token is selected, or a code lies outside its codebook.
    """
    if session.selected is None:
        raise TokenError("no token is selected: click one in the figure")
    other = Swap(session.selected, tuple(codes))
    if other.codes == codes_of(session.tokens, session.selected):
        return session  # nothing that there would be to undo
    _swapped(session.recording.tokens, other)  # refuses what does not fit
    return replace(session, swaps=(*session.swaps, other))


def undo(session: Session) -> Session:
    """Take the last swap back."""
    return replace(session, swaps=session.swaps[:-1])


def reset(session: Session) -> Session:
    """Take all swaps back."""
    return replace(session, swaps=())


def show_levels(session: Session, levels: Iterable[str]) -> Session:
    """Choose the levels that are seen, heard and downloaded; swaps in the others are kept.

    Raises
    ------
    TokenError
        If none is chosen, or a name is no level.
    """
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
            f"and {len(swap.codes)} codes were given"
        )
    codes = level.codes.copy()
    codes[:, swap.token.unit] = swap.codes
    other = replace(level, codes=codes)
    return replace(tokens, levels=tuple(other if x is level else x for x in tokens.levels))
