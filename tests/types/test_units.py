"""Unit conversions against independent formulas, and invariants of time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.types import units

hertz = st.floats(20, 2000)


@pytest.mark.parametrize(
    ("hz", "reference", "semitones"),
    [(440, 220, 12), (220, 440, -12), (100, 100, 0), (150, 100, 7.01955)],
)
def test_hz_to_semitones_of_known_intervals(hz, reference, semitones):
    assert units.hz_to_semitones(float(hz), reference) == pytest.approx(semitones, abs=1e-5)
    assert units.hz_to_cents(float(hz), reference) == pytest.approx(100 * semitones, abs=1e-3)


@given(hertz, hertz)
def test_semitones_against_natural_logarithms(hz, reference):
    expected = 12 * (math.log(hz) - math.log(reference)) / math.log(2)
    assert units.hz_to_semitones(hz, reference) == pytest.approx(expected, abs=1e-9)


@given(hertz, hertz)
def test_semitones_and_back(hz, reference):
    semitones = units.hz_to_semitones(hz, reference)
    assert units.semitones_to_hz(semitones, reference) == pytest.approx(hz)


def test_conversions_take_arrays():
    hz = np.array([100.0, 200.0, 400.0])
    np.testing.assert_allclose(units.hz_to_semitones(hz, 100.0), [0, 12, 24])
    np.testing.assert_allclose(units.semitones_to_hz(np.array([0.0, 12.0]), 100.0), [100, 200])


@given(st.integers(0, 10_000_000), st.sampled_from([12.5, 50.0, 80.0, 100.0]))
def test_frames_to_seconds_and_back(frames, frame_rate):
    seconds = units.frames_to_seconds(frames, frame_rate)
    assert units.seconds_to_frames(seconds, frame_rate) == frames


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0, 0), (0.004, 0), (0.005, 1), (0.015, 2), (0.145, 15), (0.1449, 14)]
)
def test_halves_round_up(seconds, frames):
    assert units.seconds_to_frames(seconds) == frames


@given(st.integers(0, 20_000_000), st.sampled_from([8000, 11_025, 16_000, 22_050, 44_100, 48_000]))
def test_samples_to_frames_covers_the_sound_to_half_a_frame(num_samples, sample_rate):
    frames = units.samples_to_frames(num_samples, sample_rate)
    assert frames >= 1
    if frames > 1:
        assert abs(frames / 100 - num_samples / sample_rate) <= 0.005 + 1e-9


def test_seconds_to_samples():
    assert units.seconds_to_samples(0.0175, 16_000) == 280
    assert units.seconds_to_samples(1.0, 44_100) == 44_100


def test_frame_times_are_the_centres():
    np.testing.assert_allclose(units.frame_times(3), [0.005, 0.015, 0.025])
    np.testing.assert_allclose(units.frame_times(2, 12.5), [0.04, 0.12])
