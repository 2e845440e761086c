from dataclasses import fields

import numpy as np
import pytest
import scipy.fft
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from prosodytok.nn.batch import batches_by_length
from prosodytok.nn.layout import UnitMap
from prosodytok.nn.tensors import expand, make_layout, num_units, pool, repeat_layout
from prosodytok.types import Hierarchy, Segmentation
from tests.nn.examples import random_hierarchy


@given(st.lists(st.integers(40, 300), min_size=1, max_size=3), st.integers(0, 99))
def test_pooling_is_the_mean_of_units(lengths: list[int], seed: int) -> None:
    """Against a loop over frames: with one frame per step, pooling is the mean over the unit."""
    rng = np.random.default_rng(seed)
    hierarchies = [random_hierarchy(rng, n) for n in lengths]
    layout = make_layout(hierarchies, patch=1)
    steps = layout.mask.shape[1]
    values = rng.normal(size=(len(lengths), steps, 2)).astype(np.float32)
    expected = [
        values[row, a:b].mean(axis=0)
        for row, h in enumerate(hierarchies)
        for a, b in zip(h.words.boundaries[:-1], h.words.boundaries[1:], strict=True)
    ]
    pooled = pool(layout.maps["word"], torch.from_numpy(values))
    np.testing.assert_allclose(pooled, np.array(expected), atol=1e-5)


@given(st.integers(40, 300), st.integers(0, 99))
def test_expanding_and_pooling_again_keeps_the_units(num_frames: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout = make_layout([random_hierarchy(rng, num_frames)], patch=1)
    units = layout.maps["word"]
    vectors = torch.from_numpy(rng.normal(size=(num_units(units), 3)).astype(np.float32))
    torch.testing.assert_close(pool(units, expand(units, vectors, 1)), vectors)


@given(st.integers(1, 300))
def test_expanded_ones_are_shares_of_steps(num_frames: int) -> None:
    """Expanding ones gives the share of each step inside the utterance."""
    rng = np.random.default_rng(num_frames)
    layout = make_layout([random_hierarchy(rng, num_frames)], patch=8)
    for units in layout.maps.values():
        shares = expand(units, torch.ones(num_units(units), 1), 1).flatten()
        assert shares.sum().item() * 8 == torch.tensor(float(num_frames))
        assert (shares <= 1.0 + 1e-6).all()


def test_parent_is_the_phrase_of_each_word() -> None:
    rng = np.random.default_rng(0)
    hierarchies = [random_hierarchy(rng, 400), random_hierarchy(rng, 200)]
    layout = make_layout(hierarchies, patch=8)
    first = [h.phrases.unit_at(h.words.boundaries[:-1]) for h in hierarchies]
    expected = np.concatenate([first[0], first[1] + len(hierarchies[0].phrases)])
    np.testing.assert_array_equal(layout.parent, expected)


@pytest.mark.parametrize("num_frames", [4, 9, 40])
def test_moments_are_the_cosine_transform(num_frames: int) -> None:
    """For a ramp in a unit that starts off the grid."""
    words = Segmentation.unlabelled([0, 7, 7 + num_frames])
    layout = make_layout([Hierarchy.from_words(words, [0], "acoustic")], patch=1)
    ramp = np.arange(num_frames, dtype=np.float32)
    steps = torch.zeros(1, layout.mask.shape[1], 1)
    steps[0, 7 : 7 + num_frames, 0] = torch.from_numpy(ramp)
    first, second = pool(layout.maps["word"], steps, moments=4)
    assert first.tolist() == [0, 0, 0, 0]
    expected = scipy.fft.dct(ramp)[:4] / (2 * num_frames)
    np.testing.assert_allclose(second, expected, atol=1e-4)
    assert second[0].item() == pytest.approx(ramp.mean())


def test_moments_of_several_features_are_concatenated() -> None:
    layout = make_layout([random_hierarchy(np.random.default_rng(0), 200)], patch=8)
    units = layout.maps["word"]
    steps = torch.randn(1, layout.mask.shape[1], 5, generator=torch.Generator().manual_seed(0))
    moments = pool(units, steps, moments=3)
    assert moments.shape == (num_units(units), 15)
    torch.testing.assert_close(moments[:, :5], pool(units, steps))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=3), st.integers(0, 99))
def test_unit_of_frame(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    hierarchies = [random_hierarchy(rng, n) for n in lengths]
    layout = make_layout(hierarchies, patch=8)
    found = layout.maps["word"].unit_of_frame.view(len(lengths), -1)
    before = 0
    for row, hierarchy in zip(found, hierarchies, strict=True):
        durations = hierarchy.words.durations
        expected = before + np.repeat(np.arange(len(durations)), durations)
        np.testing.assert_array_equal(row[: len(expected)], expected)
        assert (row[len(expected) :] == before).all()  # in the same utterance
        before += len(durations)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=3), st.integers(1, 4))
def test_repeat_layout(lengths: list[int], count: int) -> None:
    rng = np.random.default_rng(count)
    hierarchies = [random_hierarchy(rng, n) for n in lengths]
    repeated = repeat_layout(make_layout(hierarchies, patch=8), count)
    expected = make_layout(hierarchies * count, patch=8)
    assert repeated.num_frames.tolist() == expected.num_frames.tolist()
    for name in ("mask", "places", "parent"):
        assert torch.equal(getattr(repeated, name), getattr(expected, name))
    for name, units in expected.maps.items():
        again = repeated.maps[name]
        assert (again.counts, again.steps_per_row) == (units.counts, units.steps_per_row)
        for field in fields(UnitMap):
            if isinstance(value := getattr(units, field.name), Tensor):
                assert torch.equal(getattr(again, field.name), value)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=60), st.integers(1, 2000))
def test_batches_cover_the_utterances(lengths: list[int], batch_frames: int) -> None:
    ordered = np.sort(lengths)
    chunks = batches_by_length(ordered, batch_frames)
    assert [c.start for c in chunks] == [0, *[c.stop for c in chunks[:-1]]]
    assert chunks[-1].stop == len(ordered)
    for chunk in chunks:
        size = chunk.stop - chunk.start
        assert size == 1 or size * ordered[chunk.stop - 1] <= batch_frames
