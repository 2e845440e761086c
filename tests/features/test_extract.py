"""Extraction of prosody: all features on one grid."""

import sys

import numpy as np
import pytest

from prosodytok.features import Pitch, extract, get_tracker
from prosodytok.features.extract import interpolate
from prosodytok.types import DEFAULT_F0
from prosodytok.types.errors import ConfigError
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import samples_to_frames
from tests import synth


@pytest.mark.parametrize("tracker", ["praat", "world"])
def test_f0_voicing_and_energy_of_a_known_sound(tracker):
    audio = synth.with_gap(synth.harmonics(synth.constant(150)), 0.4, 0.6)
    prosody = extract(audio, tracker)
    np.testing.assert_allclose(prosody.f0[1:-1], 150, rtol=0.04)
    assert prosody.voiced[5:35].all()
    assert not prosody.voiced[43:57].any()
    assert prosody.energy[20] - prosody.energy[50] > 20


def test_interpolation_is_straight_in_log_f0_and_held_at_the_ends():
    voiced = np.array([0, 1, 0, 0, 1, 0], dtype=bool)
    f0 = interpolate(Pitch(np.where(voiced, [0, 100, 0, 0, 800, 0], np.nan), voiced))
    np.testing.assert_allclose(f0, [100, 100, 200, 400, 800, 800], rtol=1e-6)


@pytest.mark.parametrize("audio", [synth.silence(), synth.noise()])
def test_nothing_voiced(audio):
    prosody = extract(audio)
    assert not prosody.voiced.any()
    np.testing.assert_array_equal(prosody.f0, np.full(100, DEFAULT_F0))


@pytest.mark.parametrize("num_samples", [1, 100, 1600, 16_079, 16_080])
def test_all_features_have_the_same_length(num_samples):
    prosody = extract(synth.noise(num_samples / 16_000))
    assert prosody.num_frames == samples_to_frames(num_samples, 16_000)


def test_octave_correction_can_be_disabled(monkeypatch):
    f0 = np.full(100, 150.0)
    f0[50:53] = 300
    pitch = Pitch(f0, np.ones(100, dtype=bool))
    # `prosodytok.features.extract` is the function, which hides the module.
    module = sys.modules["prosodytok.features.extract"]
    monkeypatch.setattr(module, "get_tracker", lambda _name, _range: lambda _audio: pitch)
    tone = synth.harmonics(synth.constant(150))
    np.testing.assert_allclose(extract(tone).f0, 150)
    np.testing.assert_allclose(extract(tone, octave_correction=False).f0, f0)


def test_without_correction_voiced_frames_are_those_of_the_tracker():
    audio = synth.harmonics(synth.two_octaves)
    pitch = get_tracker("praat")(audio)
    prosody = extract(audio, octave_correction=False, f0_range=F0Range(75.0, 500.0))
    np.testing.assert_allclose(prosody.f0[pitch.voiced], pitch.f0[pitch.voiced], rtol=1e-6)


def test_unknown_tracker():
    with pytest.raises(ConfigError, match="unknown pitch tracker"):
        extract(synth.silence(), "ear")
