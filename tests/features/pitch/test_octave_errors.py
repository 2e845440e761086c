"""Correction of octave errors: corrected errors, and unchanged contours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from prosodytok.features import Pitch, correct_octaves, get_tracker
from tests import synth


def contour(num_frames=200):
    return 180 * 2 ** (0.3 * np.sin(np.arange(num_frames) / 20))


def all_voiced(f0):
    return Pitch(f0, np.ones(f0.shape, dtype=bool))


@pytest.mark.parametrize("num_frames", [1, 3, 6])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_short_octave_errors_are_corrected(factor, num_frames):
    f0 = contour()
    wrong = f0.copy()
    for start in (30, 80, 150):
        wrong[start : start + num_frames] *= factor
    np.testing.assert_allclose(correct_octaves(all_voiced(wrong)).f0, f0)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_errors_between_short_pauses_are_corrected(factor):
    f0, voiced = contour(), np.ones(200, dtype=bool)
    voiced[[79, 83]] = False
    wrong = f0.copy()
    wrong[80:83] *= factor
    np.testing.assert_allclose(correct_octaves(Pitch(wrong, voiced)).f0[voiced], f0[voiced])


def test_creak_at_the_end_is_unchanged():
    f0 = contour()
    f0[195:] /= 2
    np.testing.assert_array_equal(correct_octaves(all_voiced(f0)).f0, f0)


def test_longer_segments_are_unchanged():
    f0 = contour()
    f0[80:95] *= 2
    np.testing.assert_array_equal(correct_octaves(all_voiced(f0)).f0, f0)


def test_a_step_across_a_pause_is_unchanged():
    f0, voiced = contour(), np.ones(200, dtype=bool)
    voiced[90:100] = False
    f0[100:] *= 2
    np.testing.assert_array_equal(correct_octaves(Pitch(f0, voiced)).f0, f0)


def test_nothing_is_shifted_out_of_the_range():
    f0 = np.full(50, 510.0)
    f0[20:23] = 255
    np.testing.assert_array_equal(correct_octaves(all_voiced(f0)).f0, f0)


CURVES = [synth.two_octaves, synth.glide(80, 400), synth.glide(240, 120), synth.vibrato(200, 3)]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("name", ["praat", "world"])
def test_wide_movement_is_unchanged(name, curve):
    audio = synth.harmonics(curve, seconds=2.0)
    for sound in (audio, synth.with_gap(audio, 0.5, 0.6)):
        pitch = get_tracker(name)(sound)
        np.testing.assert_array_equal(correct_octaves(pitch).f0, pitch.f0)


@given(arrays.arrays(float, 60, elements=st.floats(-0.35, 0.35)))
def test_contours_without_jumps_are_unchanged(moves):
    f0 = np.clip(200 * 2 ** np.cumsum(moves), 75, 500)
    np.testing.assert_array_equal(correct_octaves(all_voiced(f0)).f0, f0)


@given(
    arrays.arrays(float, 40, elements=st.floats(75, 500)),
    arrays.arrays(bool, 40),
)
def test_only_octave_shifts_and_the_same_voicing(f0, voiced):
    corrected = correct_octaves(Pitch(f0, voiced))
    np.testing.assert_array_equal(corrected.voiced, voiced)
    assert set(corrected.f0 / f0) <= {0.5, 1.0, 2.0}
    assert ((corrected.f0 >= 74.9) & (corrected.f0 <= 500.1)).all()


def test_nothing_voiced():
    pitch = Pitch(np.zeros(5), np.zeros(5, dtype=bool))
    np.testing.assert_array_equal(correct_octaves(pitch).f0, np.zeros(5))
