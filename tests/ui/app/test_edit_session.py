"""Steps of a session: selection, swaps, undo and levels."""

import numpy as np
import pytest

from prosodytok.types.errors import TokenError
from prosodytok.types.tokens import LEVELS
from prosodytok.ui.app.edit_session import (
    Session,
    Token,
    codes_of,
    reset,
    select,
    show_levels,
    swap,
    undo,
)


def other(session: Session) -> list[int]:
    """Codes that the selected token does not have."""
    assert session.selected
    level = session.tokens[session.selected.level]
    pairs = zip(codes_of(session.tokens, session.selected), level.codebook_sizes, strict=True)
    return [(code + 1) % size for code, size in pairs]


@pytest.mark.parametrize("level", LEVELS)
def test_a_swap_changes_one_token_and_nothing_else(session: Session, level: str) -> None:
    unit = len(session.tokens[level]) - 1
    chosen = select(session, level, unit)
    swapped = swap(chosen, other(chosen))
    assert codes_of(swapped.tokens, Token(level, unit)) == tuple(other(chosen))
    assert swapped.changed == {Token(level, unit): codes_of(session.tokens, Token(level, unit))}
    for before, after in zip(session.tokens.levels, swapped.tokens.levels, strict=True):
        expected = 0 if before.name != level else 1
        assert (before.codes != after.codes).any(axis=0).sum() == expected
    assert session.swaps == ()


def test_undo_and_reset(session: Session) -> None:
    first = swap(chosen := select(session, "word", 1), other(chosen))
    second = swap(chosen := select(first, "frame", 3), other(chosen))
    third = swap(second, other(second))
    assert len(third.changed) == 2
    assert undo(third).changed == second.changed
    assert undo(undo(third)).changed == first.changed
    assert undo(undo(undo(third))).changed == {}
    assert reset(third).changed == {}
    np.testing.assert_array_equal(reset(third).tokens["word"].codes, session.tokens["word"].codes)
    assert undo(session) == session


def test_equal_codes_are_not_a_swap(session: Session) -> None:
    chosen = select(session, "word", 0)
    assert swap(chosen, codes_of(chosen.tokens, Token("word", 0))) is chosen
    changed = swap(chosen, other(chosen))
    back = swap(changed, codes_of(session.tokens, Token("word", 0)))
    assert back.changed == {}


def test_levels_keep_swaps(session: Session) -> None:
    swapped = swap(chosen := select(session, "frame", 2), other(chosen))
    fewer = show_levels(swapped, ["word", "phrase"])
    assert fewer.tokens.names == ("phrase", "word")
    assert fewer.changed == {}
    assert fewer.selected is None
    assert show_levels(fewer, LEVELS).changed == swapped.changed
    with pytest.raises(TokenError, match="no level"):
        show_levels(session, [])
    with pytest.raises(TokenError, match="no level 'tone'"):
        show_levels(session, ["tone"])


@pytest.mark.parametrize(("level", "unit"), [("word", -1), ("word", 4), ("tone", 0)])
def test_only_shown_tokens_can_be_selected(session: Session, level: str, unit: int) -> None:
    with pytest.raises(TokenError, match=level):
        select(session, level, unit)
    with pytest.raises(TokenError, match="frame"):
        select(show_levels(session, ["word"]), "frame", 0)


@pytest.mark.parametrize("codes", [[32, 0], [0, -1], [0], [0, 0, 0]])
def test_invalid_codes(session: Session, codes: list[int]) -> None:
    with pytest.raises(TokenError, match="codebook"):
        swap(select(session, "word", 1), codes)


def test_swap_without_selection(session: Session) -> None:
    with pytest.raises(TokenError, match="click one"):
        swap(session, [1])
