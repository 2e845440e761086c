"""The prosody type: validation and files."""

import numpy as np
import pytest

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody


def test_arrays_are_cast_and_measured():
    prosody = Prosody([100, 200], [1, 0], [-20, -30])
    assert (prosody.f0.dtype, prosody.voiced.dtype, prosody.energy.dtype) == (
        np.float32,
        bool,
        np.float32,
    )
    assert prosody.num_frames == 2
    np.testing.assert_allclose(prosody.times, [0.005, 0.015])


@pytest.mark.parametrize(
    ("f0", "voiced", "energy"),
    [
        ([], [], []),
        ([100.0], [True, True], [0.0]),
        ([[100.0]], [[True]], [[0.0]]),
        ([0.0], [False], [0.0]),
        ([-1.0], [False], [0.0]),
        ([np.nan], [False], [0.0]),
        ([100.0], [True], [-np.inf]),
    ],
)
def test_sentinels_and_other_shapes_are_refused(f0, voiced, energy):
    with pytest.raises(ProsodytokError):
        Prosody(np.array(f0), np.array(voiced), np.array(energy))


def test_npz_round_trip(tmp_path):
    prosody = Prosody([100, 200, 150], [True, False, True], [-20, -30, -25])
    prosody.to_npz(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as data:
        assert set(data) == {"time_s", "f0_hz", "voiced", "energy_db"}
        assert all(data[key].shape == (3,) for key in data)
    back = Prosody.from_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.f0, prosody.f0)
    np.testing.assert_array_equal(back.voiced, prosody.voiced)
    np.testing.assert_array_equal(back.energy, prosody.energy)


def test_a_part_keeps_its_frames_and_their_rate():
    part = Prosody([100, 200, 150], [True, False, True], [-20, -30, -25], 50.0).part(slice(1, None))
    assert part.f0.tolist() == [200, 150]
    assert part.voiced.tolist() == [False, True]
    assert part.energy.tolist() == [-30, -25]
    assert part.frame_rate == 50.0
