"""Prosody control of any TTS by World."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.tts import WorldAnalysis, WorldVoice
from prosodytok.types.audio import Audio
from prosodytok.types.errors import TextError
from tests import synth

UTTERANCE = read_manifest(sample_manifest())[1]


@pytest.fixture(scope="module")
def voice():
    """A TTS that returns one recording."""
    return WorldVoice(lambda _: load(UTTERANCE.audio))


@pytest.fixture(scope="module")
def plan(voice):
    return voice.plan(UTTERANCE.text)


def test_the_plan_has_the_words(plan):
    assert plan.transcript.split()[:2] == UTTERANCE.text.split()[:2]


def test_a_stretched_word_lasts_longer_and_f0_follows(voice, plan):
    edges = plan.words.boundaries.copy()
    edges[3:] += 40
    places = np.interp(np.arange(edges[-1]), edges, plan.words.boundaries)
    at = np.minimum(places.astype(int), plan.prosody.num_frames - 1)
    own = plan.prosody
    prosody = replace(own, f0=own.f0[at] * 1.2, voiced=own.voiced[at], energy=own.energy[at])
    words = replace(plan.words, boundaries=edges)
    audio = voice.speak(replace(plan, words=words, prosody=prosody))
    assert audio.duration == pytest.approx(edges[-1] / 100, abs=0.001)
    got = extract(audio)
    both = got.voiced & prosody.voiced
    assert np.median(np.abs(np.log2(got.f0 / prosody.f0))[both]) < 0.02
    assert both.sum() > 0.8 * prosody.voiced.sum()


def test_a_stretched_tone_keeps_its_envelope():
    tone = synth.modulated(synth.harmonics(synth.constant(150), 1.0))
    slow = WorldAnalysis.of(tone).time_warp([0.0, 1.0], [0.0, 2.0])
    assert slow.num_samples == 2 * tone.samples.size
    np.testing.assert_array_equal(slow.envelope[::2][:200], WorldAnalysis.of(tone).envelope[:200])


def test_the_register_is_measured(voice):
    assert voice.register.f0_median_hz == pytest.approx(
        float(np.median(extract(load(UTTERANCE.audio)).f0[extract(load(UTTERANCE.audio)).voiced])),
        rel=0.01,
    )


def test_a_tts_that_speaks_something_else():
    voice = WorldVoice(lambda _: Audio(np.zeros(16_000, dtype=np.float32), 16_000))
    with pytest.raises(TextError, match="cannot be aligned with the audio"):
        voice.plan("Hello there, you all.")
