"""Resynthesis: the result has the target prosody."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.tts import WorldAnalysis, resynthesize
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_cents
from tests import synth


def voice(seconds=1.0, sample_rate=16_000):
    return synth.modulated(synth.harmonics(synth.vibrato(150), seconds, sample_rate))


def cents_off(target: Prosody, result: Prosody):
    both = target.voiced & result.voiced
    return np.abs(hz_to_cents(result.f0, 1.0) - hz_to_cents(target.f0, 1.0))[both]


@pytest.mark.slow
@pytest.mark.parametrize("semitones", [-3, 0, 3])
@pytest.mark.parametrize("sample_rate", [16_000, 44_100])
def test_f0_moves_by_the_target(semitones, sample_rate):
    audio = voice(sample_rate=sample_rate)
    prosody = extract(audio)
    target = replace(prosody, f0=prosody.f0 * 2 ** (semitones / 12))
    result = extract(resynthesize(audio, target))
    assert np.median(cents_off(target, result)) < 15
    assert (result.voiced == target.voiced).mean() > 0.95


def test_energy_follows():
    audio = voice()
    prosody = extract(audio)
    slope = 10 * np.sin(np.linspace(0, 6, prosody.num_frames))
    target = replace(prosody, energy=prosody.energy - 15 + slope)
    result = extract(resynthesize(audio, target))
    np.testing.assert_allclose(result.energy[2:-2], target.energy[2:-2], atol=1.5)


def test_a_voice_can_be_put_where_none_was():
    audio = synth.join(voice(), synth.noise(level=0.05))
    prosody = extract(audio)
    assert not prosody.voiced[110:190].any()
    target = replace(prosody, f0=np.full(200, 140.0), voiced=np.ones(200, dtype=bool))
    result = extract(resynthesize(audio, target))
    assert result.voiced[110:190].mean() > 0.9
    assert np.median(cents_off(target, result)[100:]) < 20


def test_a_voice_can_be_put_into_pure_noise():
    audio = synth.noise(level=0.05)
    prosody = replace(extract(audio), voiced=np.ones(100, dtype=bool))
    assert extract(resynthesize(audio, prosody)).voiced[5:-5].mean() > 0.9


def test_a_voice_can_be_taken_away():
    audio = voice()
    prosody = replace(extract(audio), voiced=np.zeros(100, dtype=bool))
    assert extract(resynthesize(audio, prosody)).voiced.mean() < 0.1


def test_silence_stays_silent():
    audio = synth.silence(0.5)
    prosody = Prosody(np.full(50, 120.0), np.ones(50, dtype=bool), np.full(50, -20.0))
    assert np.abs(resynthesize(audio, prosody).samples).max() < 1e-3


@pytest.mark.parametrize("num_samples", [1, 100, 1600, 1601, 16_079])
@pytest.mark.parametrize("sample_rate", [8000, 16_000])
def test_any_length_keeps_it(num_samples, sample_rate):
    audio = Audio(voice(3.0).samples[:num_samples], sample_rate)
    result = resynthesize(audio, extract(audio))
    assert result.samples.shape == (num_samples,)
    assert result.sample_rate == sample_rate


def test_it_never_clips():
    audio = voice()
    prosody = extract(audio)
    loud = resynthesize(audio, replace(prosody, energy=prosody.energy + 20))
    assert 0.99 < np.abs(loud.samples).max() < 1.0


def test_an_analysis_can_be_used_again():
    audio = voice()
    prosody, analysis = extract(audio), WorldAnalysis.of(audio)
    analysis.synthesize(replace(prosody, f0=1.2 * prosody.f0))
    again = analysis.synthesize(prosody)
    np.testing.assert_array_equal(again.samples, resynthesize(audio, prosody).samples)


def test_a_prosody_of_another_sound_is_refused():
    with pytest.raises(ProsodytokError, match="100 frames and the prosody 90"):
        resynthesize(voice(), extract(voice(0.9)))


def test_real_speech_has_the_target_prosody():
    audio = load(read_manifest(sample_manifest())[2].audio)
    prosody = extract(audio)
    target = replace(prosody, f0=prosody.f0 * 2 ** (3 / 12))
    result = extract(resynthesize(audio, target))
    assert np.median(cents_off(target, result)) < 15
    assert (result.voiced == target.voiced).mean() > 0.93
    assert np.corrcoef(result.energy, target.energy)[0, 1] > 0.99
