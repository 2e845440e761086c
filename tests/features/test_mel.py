"""Log-mel features of synthetic sounds."""

import numpy as np
import pytest

from prosodytok.features import load_ssl
from prosodytok.features.mel import HOP, NUM_BANDS, log_mel, normalized_log_mel
from prosodytok.types.audio import Audio
from tests import synth

SPEECH_LIKE = synth.modulated(synth.harmonics(synth.glide(100, 200), seconds=1.2))


def louder(audio: Audio, decibels: float) -> Audio:
    return Audio(audio.samples * 10 ** (decibels / 20), audio.sample_rate)


def slaney_mel(hz: float) -> float:
    return 3 * hz / 200 if hz < 1000 else 15 + 27 * np.log(hz / 1000) / np.log(6.4)


@pytest.mark.parametrize("hz", [100.0, 440.0, 1000.0, 3000.0, 6000.0])
def test_a_tone_is_loudest_in_its_band(hz):
    tone = np.sin(2 * np.pi * hz * synth.sample_times(0.5, 16_000)).astype(np.float32)
    mel = log_mel(tone, 50)[10:40].mean(axis=0)
    share = (slaney_mel(hz) - slaney_mel(40)) / (slaney_mel(7600) - slaney_mel(40))
    assert abs(mel.argmax() - (share * (NUM_BANDS + 1) - 1)) <= 1


@pytest.mark.parametrize("frame", [0, 7, 50, 99])
def test_a_click_is_in_its_frame(frame):
    samples = np.zeros(16_000, dtype=np.float32)
    samples[frame * HOP + HOP // 2] = 1.0
    assert log_mel(samples, 100).mean(axis=1).argmax() == frame


def test_half_precision_is_near() -> None:
    short = normalized_log_mel(SPEECH_LIKE, np.float16)
    assert short.dtype == np.float16
    np.testing.assert_allclose(short, normalized_log_mel(SPEECH_LIKE), atol=0.01)


def test_power_of_twice_the_amplitude():
    samples = synth.noise(0.3).samples
    np.testing.assert_allclose(
        log_mel(2 * samples, 30) - log_mel(samples, 30), np.log(4), atol=1e-4
    )


@pytest.mark.parametrize("decibels", [-50.0, -20.0, 10.0])
def test_features_do_not_depend_on_the_level(decibels):
    features = normalized_log_mel(SPEECH_LIKE)
    np.testing.assert_allclose(
        normalized_log_mel(louder(SPEECH_LIKE, decibels)), features, atol=2e-4
    )


def test_silence_around_speech_has_little_effect():
    alone = normalized_log_mel(SPEECH_LIKE)
    pause = synth.silence(1.0)
    between = normalized_log_mel(synth.join(pause, SPEECH_LIKE, pause))[100:220]
    # Up to the windows at the edges, which include silence in both cases.
    np.testing.assert_allclose(between, alone, atol=0.1)


def test_speech_is_about_zero_and_pauses_are_below():
    sound = synth.join(SPEECH_LIKE, synth.silence(1.0))
    features = normalized_log_mel(sound)
    assert abs(features[20:100].mean()) < 1
    assert (features[130:] <= features[20:100].min(axis=0) + 1e-6).all()
    assert features[130:].mean() < features[20:100].mean() - 0.5


@pytest.mark.parametrize("num_samples", [1, 100, 319, 640, 960, 5000, 16_001])
def test_four_frames_for_each_of_40_ms(num_samples):
    features = normalized_log_mel(synth.noise(num_samples / 16_000))
    assert features.shape == (4 * max(1, int(num_samples / 640 + 0.5)), NUM_BANDS)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_digital_silence():
    assert np.isfinite(normalized_log_mel(synth.silence(0.5))).all()


def test_one_click_does_not_set_the_level():
    samples = SPEECH_LIKE.samples.copy()
    samples[8000] = 1.0
    difference = normalized_log_mel(Audio(samples, 16_000)) - normalized_log_mel(SPEECH_LIKE)
    assert np.abs(np.delete(difference, np.arange(47, 54), axis=0)).mean() < 0.2


def test_features_do_not_depend_on_blocks(monkeypatch):
    samples = synth.noise(0.5).samples
    whole = log_mel(samples, 50)
    monkeypatch.setattr("prosodytok.features.mel.BLOCK_FRAMES", 7)
    np.testing.assert_allclose(log_mel(samples, 50), whole, atol=1e-4)


def test_mel_as_an_encoder():
    encoder = load_ssl("mel")
    assert (encoder.name, encoder.frame_rate, encoder.dim) == ("mel", 25.0, 320)
    embeddings = encoder(SPEECH_LIKE)
    assert embeddings.shape == (30, 320)
    np.testing.assert_array_equal(
        embeddings[3].reshape(4, 80), normalized_log_mel(SPEECH_LIKE)[12:16]
    )


def test_other_rates_are_resampled():
    assert load_ssl("mel")(synth.harmonics(synth.constant(150), 0.8, 8000)).shape == (20, 320)
