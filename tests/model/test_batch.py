import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.examples import random_hierarchy
from prosodytok.model.batch import Layout


@given(st.lists(st.integers(40, 300), min_size=1, max_size=3), st.integers(0, 99))
def test_pooling_a_ramp_gives_each_units_mean(lengths: list[int], seed: int) -> None:
    """Against a slow loop over frames: with a step a frame, pooling is the mean over the unit."""
    rng = np.random.default_rng(seed)
    hierarchies = [random_hierarchy(rng, n) for n in lengths]
    layout = Layout.of(hierarchies, patch=1)
    steps = layout.mask.shape[1]
    values = rng.normal(size=(len(lengths), steps, 2)).astype(np.float32)
    expected = [
        values[row, a:b].mean(axis=0)
        for row, h in enumerate(hierarchies)
        for a, b in zip(h.words.boundaries[:-1], h.words.boundaries[1:], strict=True)
    ]
    pooled = layout.maps["word"].pool(torch.from_numpy(values))
    np.testing.assert_allclose(pooled, np.array(expected), atol=1e-5)


@given(st.integers(40, 300), st.integers(0, 99))
def test_expanding_and_pooling_again_keeps_the_units(num_frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout = Layout.of([random_hierarchy(rng, num_frames)], patch=1)
    units = layout.maps["word"]
    vectors = torch.from_numpy(rng.normal(size=(units.num_units, 3)).astype(np.float32))
    torch.testing.assert_close(units.pool(units.expand(vectors, 1)), vectors)


@given(st.integers(1, 300))
def test_steps_hold_frames_in_the_share_that_units_have(num_frames: int) -> None:
    """Expanding ones gives the share of each step that lies inside the utterance."""
    rng = np.random.default_rng(num_frames)
    layout = Layout.of([random_hierarchy(rng, num_frames)], patch=8)
    for units in layout.maps.values():
        shares = units.expand(torch.ones(units.num_units, 1), 1).flatten()
        assert shares.sum().item() * 8 == torch.tensor(float(num_frames))
        assert (shares <= 1.0 + 1e-6).all()


def test_words_know_their_phrase() -> None:
    rng = np.random.default_rng(0)
    hierarchies = [random_hierarchy(rng, 400), random_hierarchy(rng, 200)]
    layout = Layout.of(hierarchies, patch=8)
    first = [h.phrases.unit_at(h.words.boundaries[:-1]) for h in hierarchies]
    expected = np.concatenate([first[0], first[1] + len(hierarchies[0].phrases)])
    np.testing.assert_array_equal(layout.parent, expected)
