import numpy as np
import pytest

from prosodytok.types.segmentation import Segmentation


@pytest.mark.parametrize("num_frames", [1, 30, 74, 76, 148, 1_000, 1_080_001])
def test_units_are_of_one_length_and_about_half_a_second(num_frames: int) -> None:
    units = Segmentation.even(num_frames)
    assert units.num_frames == num_frames
    assert np.ptp(units.durations) <= 1
    assert len(units) == 1 or 33 <= units.durations.min() <= units.durations.max() <= 75
