"""Energy against a direct implementation of its definition."""

import math

import numpy as np
import pytest

from prosodytok.features import energy as energy_module
from prosodytok.features import measure_energy
from prosodytok.features.loudness import robust_maximum
from prosodytok.types.audio import Audio
from prosodytok.types.units import samples_to_frames
from tests import synth


def slow_energy(audio):
    """Power about the mean, with weights by the distance from the frame's centre."""
    rate, half = audio.sample_rate, round(0.025 * audio.sample_rate) / audio.sample_rate / 2
    frames = []
    for frame in range(samples_to_frames(audio.samples.size, rate)):
        centre = (frame + 0.5) / 100
        power = total = weights = values = 0.0
        for n in range(round((centre - half) * rate) - 2, round((centre + half) * rate) + 3):
            distance = (n + 0.5) / rate - centre
            if abs(distance) < half:
                weight = 0.5 + 0.5 * math.cos(math.pi * distance / half)
                total += weight
                if 0 <= n < audio.samples.size:
                    power += weight * float(audio.samples[n]) ** 2
                    values += weight * float(audio.samples[n])
                    weights += weight
        frames.append(10 * math.log10(max((power - values**2 / weights) / total, 1e-20)))
    return np.maximum(frames, robust_maximum(np.array(frames)) - 60)


@pytest.mark.parametrize("sample_rate", [8000, 16_000, 44_100, 48_000])
def test_against_the_definition(sample_rate):
    speechlike = synth.modulated(synth.harmonics(synth.glide(100, 200), 0.3, sample_rate), 10)
    audio = synth.join(speechlike, synth.silence(0.05, sample_rate), synth.noise(0.1, sample_rate))
    np.testing.assert_allclose(measure_energy(audio), slow_energy(audio), atol=0.01)


def test_rate_at_which_windows_fall_between_samples():
    audio = synth.noise(0.3, 11_025)
    np.testing.assert_allclose(measure_energy(audio), slow_energy(audio), atol=0.2)


def test_a_tone_of_known_power():
    tone = Audio(0.5 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000), 16_000)
    expected = 10 * np.log10(0.5**2 / 2)
    np.testing.assert_allclose(measure_energy(tone)[2:-2], expected, atol=0.01)


def test_gain_is_added():
    tone = synth.modulated(synth.harmonics(synth.constant(150)))
    louder = Audio(2 * tone.samples, 16_000)
    difference = measure_energy(louder) - measure_energy(tone)
    np.testing.assert_allclose(difference, 20 * np.log10(2), atol=1e-4)


@pytest.mark.parametrize("clicks", [[], [8000], [100, 2000, 2080, 8000]])
def test_floor_is_60_db_under_sound_that_lasts(clicks):
    audio = synth.join(synth.harmonics(synth.constant(150), 0.3, level=0.02), synth.silence(0.3))
    expected = measure_energy(audio).min()
    samples = audio.samples.copy()
    samples[clicks] = 1.0
    energy = measure_energy(Audio(samples, 16_000))
    assert energy.min() == pytest.approx(expected, abs=0.05)
    assert np.median(energy[:30]) - energy.min() == pytest.approx(60, abs=1)


@pytest.mark.parametrize("offset", [0.01, 0.25, -0.4])
def test_a_constant_offset_does_not_count(offset):
    audio = synth.modulated(synth.harmonics(synth.glide(100, 200), 0.3, level=0.5))
    moved = Audio(audio.samples + np.float32(offset), 16_000)
    np.testing.assert_allclose(measure_energy(moved), measure_energy(audio), atol=0.01)


def test_digital_silence():
    np.testing.assert_array_equal(measure_energy(synth.silence(0.1)), np.full(10, -200.0))


@pytest.mark.parametrize("num_samples", [1, 79, 80, 240, 400, 16_079, 16_080])
def test_number_of_frames(num_samples):
    energy = measure_energy(synth.noise(num_samples / 16_000))
    assert energy.dtype == np.float32
    assert energy.shape == (samples_to_frames(num_samples, 16_000),)


def test_energy_does_not_depend_on_blocks(monkeypatch):
    audio = synth.modulated(synth.noise(0.5))
    whole = measure_energy(audio)
    monkeypatch.setattr(energy_module, "BLOCK_FRAMES", 7)
    np.testing.assert_allclose(measure_energy(audio), whole)
