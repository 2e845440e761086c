"""F0 of every voice: vowels from 45 to 900 Hz, creak, noise, doubtful measurements."""

import numpy as np
import pytest

from prosodytok import Audio, Prosody, load
from prosodytok.features import extract
from prosodytok.features.pitch.fitted_range import fit_range, search_range
from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch
from prosodytok.features.streaming_prosody import extract_streaming
from prosodytok.samples import sample_manifest
from prosodytok.types.f0_range import F0Range
from tests import synth

SAMPLES = sorted(sample_manifest().parent.glob("*.flac"))
#: Pause before and after each vowel.
PAUSE = synth.noise(0.3, level=1e-4)
CURVES = {f"{hz} Hz": synth.constant(hz) for hz in (45, 58, 74, 150, 350, 505, 620, 780, 900)}
CURVES |= {f"vibrato {hz} Hz": synth.vibrato(hz, 0.2) for hz in (65, 120, 410, 600)}
CURVES |= {"glide up": synth.glide(280, 650), "glide down": synth.glide(120, 55)}


def measured(curve: synth.Curve, measure=extract) -> tuple[Prosody, np.ndarray, np.ndarray]:
    """Prosody of a vowel; its voiced frames, with errors in cents."""
    formants = synth.CHILD if curve(np.zeros(1))[0] > 260 else synth.ADULT
    vowel = synth.vowel(curve, 1.0, formants)
    prosody = measure(synth.join(PAUSE, vowel, PAUSE))
    frames = slice(30, 130)
    voiced = prosody.voiced[frames]
    cents = 1200 * np.log2(prosody.f0[frames] / synth.known_f0(vowel, curve))
    return prosody, voiced, cents[voiced]


@pytest.mark.parametrize("measure", [extract, extract_streaming])
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_f0_of_every_voice(curve, measure) -> None:
    prosody, voiced, cents = measured(curve, measure)
    assert voiced.mean() > 0.95
    assert prosody.voiced.sum() <= 102
    assert (np.abs(cents) <= 20).mean() >= 0.95
    assert not (np.abs(np.abs(cents) - 1200) < 100).any()


def test_a_given_range_is_kept() -> None:
    audio = synth.vowel(synth.constant(620), 0.5, synth.CHILD)
    for f0_range in (F0Range(75.0, 500.0), F0Range(None, 400.0), F0Range(700.0, None)):
        for measure in (extract, extract_streaming):
            prosody = measure(audio, f0_range=f0_range)
            floor, ceiling = prosody.f0_floor, prosody.f0_ceiling
            assert f0_range.floor in (None, floor)
            assert f0_range.ceiling in (None, ceiling)
            f0 = prosody.f0[prosody.voiced]
            assert ((f0 >= 0.99 * floor) & (f0 <= 1.01 * ceiling)).all()


def test_f0_in_fricatives_is_not_the_voice() -> None:
    """Praat finds F0 of 450 Hz in noise of a narrow band, as in fricatives."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=4800))
    hz = np.fft.rfftfreq(4800, 1 / 16_000)
    hiss = np.fft.irfft(spectrum * np.exp(-(((hz - 900) / 120) ** 2)))
    vowel = synth.vowel(synth.vibrato(110, 0.5), 0.7)
    audio = synth.join(vowel, Audio(0.1 * hiss / np.abs(hiss).max(), 16_000), vowel)
    plain = extract(audio, octave_correction=False, f0_range=F0Range(75.0, 500.0))
    assert (plain.voiced & (plain.f0 > 400)).sum() > 10  # so that the test means something
    prosody = extract(audio)
    assert not (prosody.voiced & (prosody.f0 > 200)).any()


def test_creak_is_measured() -> None:
    creak = synth.creak(60, 0.4)
    audio = synth.join(synth.vowel(synth.glide(150, 120), 1.0), creak)
    prosody = extract(audio)
    creaky = prosody.f0[105:138][prosody.voiced[105:138]]
    assert np.median(creaky) < 100


def test_confidence() -> None:
    prosody = extract(load(SAMPLES[0]))
    assert prosody.confidence is not None
    assert ((prosody.confidence >= 0) & (prosody.confidence <= 1)).all()
    assert (prosody.confidence[~prosody.voiced] == 0).all()
    assert prosody.confidence[prosody.voiced].mean() > 0.7
    assert prosody.part(slice(10, 20)).confidence.shape == (10,)


def test_a_fit_needs_voice_and_covers_two_voices() -> None:
    few = Pitch(np.full(9, 300.0), np.ones(9, dtype=bool))
    assert fit_range(few) == DEFAULT_RANGE
    f0 = np.r_[np.full(60, 100.0), np.full(40, 350.0)]
    assert fit_range(Pitch(f0, f0 > 0)) == F0Range(70.0, 875.0)
    assert fit_range(Pitch(0.5 * f0, f0 > 0)) == F0Range(40.0, 437.5)
    assert fit_range(Pitch(3 * f0, f0 > 0)) == F0Range(75.0, 1000.0)


def test_both_limits_are_kept() -> None:
    assert search_range(synth.silence(0.1), F0Range(60.0, 90.0))[0] == F0Range(60.0, 90.0)


def test_a_voice_outside_of_the_given_range_is_doubtful() -> None:
    audio = synth.vowel(synth.vibrato(110, 0.5), 0.5)
    for f0_range in (F0Range(300.0, None), F0Range(200.0, 210.0), F0Range(None, 80.0)):
        assert "Hz, lies outside of the range" in extract(audio, f0_range=f0_range).warnings[0]
    assert not extract(audio, f0_range=F0Range(60.0, 300.0)).warnings


@pytest.mark.parametrize("gain", [1e-4, 0.02, 30.0])
@pytest.mark.parametrize("measure", [extract])
def test_gain_does_not_count(gain: float, measure) -> None:
    audio = load(SAMPLES[1])
    one, two = measure(audio), measure(Audio(gain * audio.samples, 16_000))
    np.testing.assert_array_equal(one.voiced, two.voiced)
    np.testing.assert_allclose(one.f0, two.f0, rtol=1e-4)


@pytest.mark.parametrize("measure", [extract, extract_streaming])
def test_an_offset_does_not_count(measure) -> None:
    audio = load(SAMPLES[1])
    for offset in (0.01, -0.25):
        moved = measure(Audio(audio.samples + np.float32(offset), 16_000))
        reference = measure(audio)
        assert (moved.voiced != reference.voiced).mean() < 0.005
        np.testing.assert_allclose(moved.energy, reference.energy, atol=0.05)


@pytest.mark.parametrize("measure", [extract, extract_streaming])
@pytest.mark.parametrize("level", [1.0, 0.05])
def test_a_click_counts_only_around_it(measure, level: float) -> None:
    samples = np.concatenate([load(SAMPLES[1]).samples * np.float32(level), np.zeros(8000)])
    reference = measure(Audio(samples, 16_000))
    spoiled = samples.copy()
    spoiled[-4000:-3984] = 1.0
    prosody = measure(Audio(spoiled, 16_000))
    outside = np.abs(np.arange(prosody.num_frames) - (samples.size - 4000) / 160) > 30
    np.testing.assert_array_equal(prosody.voiced[outside], reference.voiced[outside])
    np.testing.assert_allclose(prosody.f0[outside], reference.f0[outside], rtol=1e-4)
    np.testing.assert_allclose(prosody.energy[outside], reference.energy[outside], atol=0.01)
