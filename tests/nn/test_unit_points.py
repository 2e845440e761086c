"""Units in their own time."""

import numpy as np
import pytest

from prosodytok.nn.unit_points import (
    ENERGY_LIMITS,
    GRIDS,
    MAX_CONTEXT,
    PointGrid,
    points_of_units,
    unit_points,
)
from prosodytok.types.segmentation import Hierarchy, Segmentation

GRID = PointGrid(4, beside=2, context=0.5)


def curves(num_frames: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    voiced = np.repeat(rng.random(num_frames // 5 + 1) > 0.3, 5)[:num_frames]
    return np.stack([rng.normal(size=num_frames), voiced, rng.uniform(-1, 0, num_frames)], axis=1)


def cells(points: np.ndarray, grid: PointGrid) -> np.ndarray:
    return points[:, :-1].reshape(len(points), grid.num_cells, 3)


def test_a_cell_is_the_mean_of_its_frames() -> None:
    frames = np.zeros((80, 3))
    frames[:, 0] = np.arange(80)
    frames[:, 1] = 1
    frames[:, 2] = -np.arange(80) / 100
    (found,) = cells(unit_points(frames, np.array([20]), np.array([60]), GRID), GRID)
    edges = [0, 10, 20, 30, 40, 50, 60, 70, 80]
    np.testing.assert_allclose(found[:, 0], [a + 4.5 for a in edges[:-1]], rtol=1e-6)
    np.testing.assert_allclose(found[:, 1], 1)
    np.testing.assert_allclose(found[:, 2], [-(a + 4.5) / 100 for a in edges[:-1]], rtol=1e-5)


def test_f0_is_that_of_voiced_frames() -> None:
    frames = np.zeros((8, 3))
    frames[:4, 0], frames[4:, 0], frames[:4, 1] = 1.0, 9.0, 1.0
    (found,) = cells(unit_points(frames, np.array([0]), np.array([8]), PointGrid(1)), PointGrid(1))
    assert found[0, 0] == pytest.approx(1.0, abs=0.1)
    assert found[0, 1] == 0.5


@pytest.mark.parametrize("shift", [1, 2, 7])
def test_points_move_with_the_sound(shift: int) -> None:
    frames = curves(200)
    start, end = np.array([60, 101]), np.array([101, 120])
    whole = unit_points(frames, start, end, GRID)
    part = unit_points(frames[shift:], start - shift, end - shift, GRID)
    np.testing.assert_allclose(part, whole, atol=1e-5)


def test_what_is_further_away_than_the_context_does_not_count() -> None:
    frames = curves(2000)
    grid, start, end = GRIDS["word"], np.array([900]), np.array([1100])
    before = unit_points(frames, start, end, grid)
    frames[: 900 - MAX_CONTEXT], frames[1100 + MAX_CONTEXT :] = 5.0, 5.0
    np.testing.assert_allclose(unit_points(frames, start, end, grid), before, atol=1e-4)


def test_beyond_the_sound_there_is_silence() -> None:
    frames = np.ones((40, 3))
    (found,) = cells(unit_points(frames, np.array([0]), np.array([40]), GRID), GRID)
    assert found[[0, 1, -1]].tolist() == [[0.0, 0.0, ENERGY_LIMITS[0]]] * 3


def test_a_phrase_is_that_of_its_speech() -> None:
    words = Segmentation.unlabelled([0, 30, 90, 150, 200])
    pauses = np.array([True, False, False, True])
    hierarchy = Hierarchy.from_words(words, [0], "acoustic", pauses)
    frames = curves(200)
    found = points_of_units(frames, hierarchy)["phrase"]
    expected = unit_points(frames, np.array([30]), np.array([150]), GRIDS["phrase"])
    np.testing.assert_array_equal(found, expected)


def test_no_units_have_no_points() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert unit_points(curves(10), empty, empty, GRID).shape == (0, GRID.num_features)
