"""Trackers against sounds of known F0, and against each other on speech."""

import numpy as np
import parselmouth
import pytest

from prosodytok.features import get_tracker
from prosodytok.features.pitch import pitch as pitch_module
from prosodytok.features.pitch import swift_f0
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError
from prosodytok.types.units import frame_times, samples_to_frames
from tests import synth

TRACKERS = ["praat", "world", "harvest", "swift-f0"]
FAST_TRACKERS = ["praat", "world", "swift-f0"]
CURVES = {
    "low": synth.constant(90),
    "high": synth.constant(440),
    "rise": synth.glide(100, 300),
    "octave glide": synth.glide(120, 240),
    "fall": synth.glide(300, 90),
    "80 to 400 Hz": synth.glide(80, 400),
    "two octaves": synth.two_octaves,
    "vibrato": synth.vibrato(200),
    "steps": synth.steps(120, 180, 240, 130, seconds=0.3),
}


def cents_off(pitch, expected):
    return np.abs(1200 * np.log2(pitch.f0 / expected))[pitch.voiced]


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
@pytest.mark.parametrize("name", TRACKERS)
def test_known_f0_is_found(name, curve):
    audio = synth.harmonics(curve, seconds=1.2)
    pitch = get_tracker(name)(audio)
    off = cents_off(pitch, synth.known_f0(audio, curve))
    assert pitch.voiced.mean() > 0.9
    assert np.median(off) < (10 if name == "swift-f0" else 2)
    assert (off > 315).mean() < 0.06


@pytest.mark.parametrize("sample_rate", [8000, 11_025, 22_050, 44_100])
@pytest.mark.parametrize("name", FAST_TRACKERS)
def test_any_sample_rate(name, sample_rate):
    curve = synth.glide(100, 200)
    audio = synth.harmonics(curve, 0.5, sample_rate)
    assert np.median(cents_off(get_tracker(name)(audio), synth.known_f0(audio, curve))) < 10


@pytest.mark.parametrize("name", FAST_TRACKERS)
def test_f0_does_not_depend_on_loudness(name):
    tone = synth.harmonics(synth.constant(150), level=0.05)
    for audio in (tone, synth.clipped(tone, 50), synth.modulated(tone)):
        pitch = get_tracker(name)(audio)
        assert pitch.voiced[10:-10].all()
        assert np.median(cents_off(pitch, 150.0)) < 10


@pytest.mark.parametrize("name", FAST_TRACKERS)
def test_sounds_without_pitch_are_unvoiced(name):
    for audio in (synth.noise(), synth.silence(), synth.creak()):
        assert get_tracker(name)(audio).voiced.mean() < 0.05


@pytest.mark.parametrize("name", FAST_TRACKERS)
def test_gaps_are_unvoiced(name):
    audio = synth.with_gap(synth.harmonics(synth.constant(150)), 0.4, 0.6)
    voiced = get_tracker(name)(audio).voiced
    assert not voiced[43:57].any()
    assert voiced[5:37].all()
    assert voiced[63:95].all()


@pytest.mark.parametrize("num_samples", [1, 10, 79, 80, 160, 239, 240, 800, 1600, 16_001])
@pytest.mark.parametrize("name", TRACKERS)
def test_number_of_frames(name, num_samples):
    audio = synth.noise(num_samples / 16_000)
    pitch = get_tracker(name)(audio)
    assert pitch.f0.shape == pitch.voiced.shape == (samples_to_frames(num_samples, 16_000),)
    assert (pitch.f0[pitch.voiced] > 0).all()


@pytest.mark.parametrize("num_frames", [*range(1, 60), 99, 100, 101, 1234])
def test_frames_of_praat_are_on_the_prosody_grid(monkeypatch, num_frames):
    found = []
    to_pitch_ac = parselmouth.Sound.to_pitch_ac

    def spy(sound, **options):
        found.append(to_pitch_ac(sound, **options))
        return found[-1]

    monkeypatch.setattr(parselmouth.Sound, "to_pitch_ac", spy)
    get_tracker("praat")(synth.noise(num_frames / 100))
    assert found[0].n_frames == num_frames
    np.testing.assert_allclose(found[0].xs() - 0.0175, frame_times(num_frames), atol=1e-9)


def test_praat_tracker_equals_praat():
    """Only the sound is padded; the values are those of Praat."""
    audio = synth.harmonics(synth.glide(100, 300), seconds=1.0)
    pitch = get_tracker("praat")(audio)
    sound = parselmouth.Sound(np.pad(audio.samples.astype(float), 280), 16_000)
    expected = sound.to_pitch_ac(time_step=0.01, pitch_floor=75.0, pitch_ceiling=500.0)
    np.testing.assert_allclose(pitch.f0, expected.selected_array["frequency"], rtol=1e-5)


@pytest.mark.parametrize("name", ["praat", "world"])
def test_f0_does_not_depend_on_blocks(monkeypatch, name):
    quiet = synth.harmonics(synth.two_octaves, 1.5, level=0.02)
    audio = synth.join(synth.harmonics(synth.vibrato(150), 1.5), synth.silence(2.5), quiet)
    whole = get_tracker(name)(audio)
    monkeypatch.setattr(pitch_module, "BLOCK_FRAMES", 100)
    monkeypatch.setattr(pitch_module, "MARGIN_FRAMES", 100)
    blocks = get_tracker(name)(audio)
    np.testing.assert_array_equal(blocks.voiced, whole.voiced)
    np.testing.assert_allclose(blocks.f0[whole.voiced], whole.f0[whole.voiced], rtol=1e-3)


def test_swift_f0_does_not_interpolate_jumps(monkeypatch):
    class Detector:
        def detect(self, *_arguments):
            return self

        timestamps = np.array([0.0, 0.016, 0.032, 0.048])
        pitch_hz = np.array([200.0, 220.0, 50.0, 300.0])
        confidence = np.array([0.9, 0.9, 0.1, 0.9])

    monkeypatch.setattr(swift_f0, "_detector", Detector)
    pitch = get_tracker("swift-f0")(synth.silence(0.05))
    np.testing.assert_array_equal(pitch.voiced, [True, True, False, False, True])
    expected = [200 * 1.1 ** (5 / 16), 200 * 1.1 ** (15 / 16), 300]
    np.testing.assert_allclose(pitch.f0[pitch.voiced], expected)


def test_unknown_tracker():
    with pytest.raises(ConfigError, match="the trackers are praat, world"):
        get_tracker("yin")


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize(("other", "least"), [("world", 0.93), ("swift-f0", 0.97)])
def test_trackers_agree_on_speech(shared_data, other, least):
    utterances = read_manifest(shared_data / "speech" / "dev.jsonl")[::40]
    ratios = []
    for utterance in utterances:
        audio: Audio = load(utterance.audio)
        one, two = get_tracker("praat")(audio), get_tracker(other)(audio)
        both = one.voiced & two.voiced
        ratios.append(one.f0[both] / two.f0[both])
    off = np.abs(np.concatenate(ratios) - 1)
    assert (off < 0.2).mean() > least
    assert np.median(off) < 0.01
