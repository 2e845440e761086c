"""Random valid tokens, and their comparison."""

from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from prosodytok.types.register import Register
from prosodytok.types.segmentation import Segmentation
from prosodytok.types.tokens import LEVELS, ProsodyTokens, TokenLevel

SUBSETS = [names for size in (1, 2, 3) for names in combinations(LEVELS, size)]

_durations = st.one_of(st.integers(1, 20), st.integers(90, 210))
_positive = st.floats(0.01, 1e4)
_registers = st.builds(Register, _positive, _positive, st.floats(-200, 200), _positive, _positive)


@st.composite
def prosody_tokens(draw, names=None):
    """Tokens of the named levels, or of any subset."""
    names = names or draw(st.sampled_from(SUBSETS))
    words = np.cumsum([0, *draw(st.lists(_durations, min_size=1, max_size=8))])
    phrases = [0, *(edge for edge in words[1:-1] if draw(st.booleans())), words[-1]]
    units = {
        "phrase": Segmentation.unlabelled(phrases),
        "word": Segmentation(words, tuple(draw(st.text(max_size=5)) for _ in words[1:])),
        "frame": Segmentation.grid(int(words[-1])),
    }
    frame_rate = draw(st.sampled_from([100.0, 93.75, 44100 / 512]))
    frames = int(words[-1]) + draw(st.floats(-0.9, 0.9))
    return ProsodyTokens(
        levels=tuple(draw(levels(name, units[name])) for name in names),
        register=draw(_registers),
        num_frames=int(words[-1]),
        frame_rate=frame_rate,
        id=draw(st.text(max_size=8)),
        audio=draw(st.text(max_size=8)),
        checkpoint=draw(st.text(max_size=8)),
        source=draw(st.sampled_from(["", "acoustic", "textgrid", "transcript"])),
        sound_duration=draw(st.sampled_from([None, frames / frame_rate])),
    )


@st.composite
def levels(draw, name, segmentation):
    """A level with one to three codebooks and random codes."""
    sizes = draw(st.lists(st.integers(1, 300), min_size=1, max_size=3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    codes = random.integers(0, np.array(sizes)[:, None], (len(sizes), len(segmentation)))
    return TokenLevel(name, codes, tuple(sizes), segmentation)


def make_tokens(
    words=(0, 30, 42, 100),
    labels=("never", "", "mind"),
    phrases=(0, 42, 100),
    names=LEVELS,
):
    """Build small tokens whose codes are known: phrase (8), word (16, 4), frame (32)."""
    units = {
        "phrase": Segmentation.unlabelled(phrases),
        "word": Segmentation(np.array(words), tuple(labels)),
    }
    if "frame" in names:
        units["frame"] = Segmentation.grid(words[-1])
    sizes = {"phrase": (8,), "word": (16, 4), "frame": (32,)}
    levels = []
    for name in names:
        books = np.array(sizes[name])[:, None]
        codes = (np.arange(len(units[name])) + np.arange(len(books))[:, None] + 1) % books
        levels.append(TokenLevel(name, codes, sizes[name], units[name]))
    return ProsodyTokens(tuple(levels), Register(), words[-1], id="utterance", audio="a.wav")


def assert_same(a, b):
    """Two `ProsodyTokens` are equal in every field, arrays included."""
    assert a.names == b.names
    for name in a.names:
        assert a[name].codebook_sizes == b[name].codebook_sizes
        assert a[name].segmentation.labels == b[name].segmentation.labels
        np.testing.assert_array_equal(a[name].codes, b[name].codes)
        np.testing.assert_array_equal(
            a[name].segmentation.boundaries, b[name].segmentation.boundaries
        )
    for field in ("register", "num_frames", "frame_rate", "id", "audio", "checkpoint", "source"):
        assert getattr(a, field) == getattr(b, field), field
    assert a.sound_duration == b.sound_duration
