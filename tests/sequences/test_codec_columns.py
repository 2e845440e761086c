"""Columns aligned with a codec: exact round trips, and inconsistent columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.sequences import ProsodyColumns, delay, undelay
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from tests.sequences.strategies import SUBSETS, assert_same, make_tokens, prosody_tokens

COLUMNS = ProsodyColumns.of(make_tokens())


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
@given(data=st.data())
def test_round_trip(names, data):
    tokens = data.draw(prosody_tokens(names))
    tokens = ProsodyTokens(tokens.levels, tokens.register, tokens.num_frames)
    labels = {level.name: level.segmentation.labels for level in tokens.levels}
    layout = ProsodyColumns.of(tokens)
    columns = layout.to_columns(tokens)
    more = layout.to_columns(tokens, columns.shape[1] + data.draw(st.integers(0, 3)))
    for written in (columns, more):
        assert ((written >= 0) & (written < layout.sizes[:, None])).all()
        again = layout.from_columns(written, tokens.register, labels, tokens.num_frames)
        assert_same(again, tokens)
    delays = data.draw(st.lists(st.integers(0, 4), min_size=len(more), max_size=len(more)))
    moved = delay(more, delays, layout.idle)
    np.testing.assert_array_equal(undelay(moved, delays), more)


def test_columns_of_an_example():
    tokens = make_tokens((0, 3, 13, 20), ("a", "b", ""), (0, 13, 20))
    assert COLUMNS.rows == ("phrase_0", "word_0", "word_1", "dur", "long", "frame_0")
    assert COLUMNS.sizes.tolist() == [9, 17, 5, 101, 101, 33]
    assert COLUMNS.to_columns(tokens, 4).T.tolist() == [
        [1, 1, 2, 2, 0, 1],
        [8, 2, 3, 9, 0, 2],  # starts in the previous column, which another word occupies
        [2, 3, 0, 6, 0, 3],
        [8, 16, 4, 100, 100, 32],
    ]


def test_one_column_for_each_frame_of_mimi():
    columns = ProsodyColumns.of(make_tokens(names=["frame"]))
    for frames in range(1, 60):
        tokens = make_tokens((0, frames), ("",), (0, frames), names=["frame"])
        for seconds in ((frames - 0.49) / 100, frames / 100, (frames + 0.49) / 100):
            mimi = int(np.ceil(12.5 * seconds))
            needed = columns.to_columns(tokens).shape[1]
            assert needed in (mimi, mimi - 1)
            assert columns.to_columns(tokens, mimi).shape == (1, mimi)


def test_delay():
    assert delay([[1, 2, 3], [4, 5, 6]], [0, 2], [8, 9]).tolist() == [
        [1, 2, 3, 8, 8],
        [9, 9, 4, 5, 6],
    ]
    for delays in ([0], [0, -1], [0, 9]):
        with pytest.raises(TokenError, match="delays"):
            undelay([[1, 2, 3], [4, 5, 6]], delays)


def test_tokens_that_do_not_fit():
    with pytest.raises(TokenError, match="2 columns are too few: the tokens need 13"):
        COLUMNS.to_columns(make_tokens(), 2)
    with pytest.raises(TokenError, match="need exactly these levels"):
        COLUMNS.to_columns(make_tokens(names=["word"]))
    with pytest.raises(TokenError, match="longer than 100 s"):
        COLUMNS.to_columns(make_tokens((0, 10_001), ("",), (0, 10_001)))


def changed_columns(change):
    columns = COLUMNS.to_columns(make_tokens((0, 3, 13, 20), ("a", "b", ""), (0, 13, 20)))
    return change(columns.copy())


def put(row, column, value):
    def change(columns):
        columns[row, column] = value
        return columns

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c[:3], "6 rows are needed: phrase_0"),
        (lambda c: c[:, :0], "shape"),
        (lambda c: c.astype(float), "must be integers"),
        (put(5, 1, 33), "column 1: frame_0 is 33, not in 0 to 32"),
        (put(2, 1, -1), "column 1: word_1 is -1"),
        (put(3, 1, 100), "column 1: word_0, word_1, dur, long must be idle together"),
        (put(slice(1, 5), 2, [16, 4, 100, 100]), "column 2: a phrase must start with a word"),
        (put(0, 0, 8), "column 0: .* the first word with a phrase"),
        (put(5, 1, 32), "have frame tokens"),
        (put(3, 0, 30), "have frame tokens, but 48 frames need the first 6"),
        (put(5, slice(None), 32), "no column has a unit of level 'frame'"),
    ],
)
def test_invalid_columns(change, message):
    with pytest.raises(TokenError, match=message):
        COLUMNS.from_columns(changed_columns(change), Register())


def test_columns_of_bytes_with_long_durations():
    tokens = make_tokens((0, 350, 400), ("a", "b"), (0, 400))
    assert tokens.names == ("phrase", "word", "frame")
    columns = COLUMNS.to_columns(tokens).astype(np.uint8)
    found = COLUMNS.from_columns(columns, Register())
    assert found["word"].segmentation.boundaries.tolist() == [0, 350, 400]


def test_labels_of_wrong_length():
    with pytest.raises(TokenError, match="level 'word': 1 labels for 3 units"):
        COLUMNS.from_columns(changed_columns(lambda c: c), Register(), {"word": ["a"]})
