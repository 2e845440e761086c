"""Speaker embedding of a sound, and a carrier sound on which only the prosody differs."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.features import measure_energy
from prosodytok.features.pitch.world import import_world
from prosodytok.types.audio import Audio
from prosodytok.types.errors import require
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import frame_times

SAMPLE_RATE = 16_000
#: Formants of the carrier and their bandwidths (Hz): a neutral vowel, that of a uniform tube of
#: 17 cm (Fant, 1960, "Acoustic theory of speech production").
FORMANTS = ((500.0, 80.0), (1500.0, 100.0), (2500.0, 120.0), (3500.0, 150.0))
#: Amplitude of the noise in voiced frames, at 0 Hz and at the highest frequency.
BREATH = (0.01, 0.7)
FFT_SIZE = 1024
#: Iterations that fit the energy to that of the prosody, and the largest gain (dB).
GAIN_ITERATIONS, MAX_GAIN = 2, 60.0
#: Root mean square of the input of the embedding.
RMS = 0.03


def embed_speaker(audio: Audio) -> Floats:
    """Embed the voice of a sound by Resemblyzer, (256,) of unit length.

    Wan et al. (2018), "Generalized end-to-end loss". Silence is kept: Resemblyzer's own voice
    detection is not made for the carrier.
    """
    samples = audio.resample(SAMPLE_RATE).samples
    loudness = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    with _quiet():
        embedding = _encoder().embed_utterance(samples * np.float32(RMS / max(loudness, 1e-6)))
    return np.asarray(embedding, dtype=np.float64)


def synthesize_carrier(prosody: Prosody) -> Audio:
    """Synthesize F0, voicing and energy on a neutral vowel that is the same for every speaker.

    World (Morise, Yokomori and Ozawa, 2016) synthesizes it from one spectral envelope; a gain
    follows the energy. Speakers can be distinguished in this sound by their prosody alone.
    """
    world = import_world()
    # World's frames are at the left edges of ours, and its sound ends with the last one.
    times = np.arange(prosody.num_frames + 1) / prosody.frame_rate
    log_f0 = np.interp(times, prosody.times, np.log(prosody.f0.astype(np.float64)))
    voiced = prosody.voiced[np.minimum(np.arange(times.size), prosody.num_frames - 1)]
    f0 = np.where(voiced, np.exp(log_f0), 0.0)
    envelope = np.tile(_envelope(), (times.size, 1))
    breath = np.geomspace(*BREATH, FFT_SIZE // 2 + 1)
    noise = np.where(voiced[:, None], breath, 1.0)
    wave = world.synthesize(f0, envelope, noise, SAMPLE_RATE, 1000 / prosody.frame_rate)
    count = round(prosody.num_frames * SAMPLE_RATE / prosody.frame_rate)
    samples = np.zeros(count)
    samples[: wave.size] = wave[:count]
    return _with_energy(samples, prosody)


def _with_energy(samples: Floats, prosody: Prosody) -> Audio:
    times = frame_times(samples.size, SAMPLE_RATE)
    gain, voice = np.zeros(prosody.num_frames), _to_audio(samples)
    target = prosody.energy - prosody.energy.max()  # the overall level is removed
    for _ in range(GAIN_ITERATIONS):
        reached = measure_energy(voice)
        gain = np.minimum(gain + target - (reached - reached.max()), MAX_GAIN)
        voice = _to_audio(samples * 10 ** (np.interp(times, prosody.times, gain) / 20))
    return voice


def _to_audio(samples: Floats) -> Audio:
    """Audio with a peak of 0.9."""
    return Audio((0.9 * samples / max(1e-9, np.abs(samples).max())).astype(np.float32), SAMPLE_RATE)


@cache
def _envelope() -> Floats:
    """Power spectrum of the neutral vowel at FFT_SIZE / 2 + 1 frequencies."""
    hz = np.linspace(0, SAMPLE_RATE / 2, FFT_SIZE // 2 + 1)
    power = 1.0 / (1.0 + (hz / 100.0) ** 2)  # source and radiation: 6 dB an octave down
    for centre, width in FORMANTS:
        power *= centre**4 / ((hz**2 - centre**2) ** 2 + (hz * width) ** 2)
    return np.asarray(np.maximum(power / power.max(), 1e-8))


@cache
def _encoder() -> Any:
    with _quiet():
        return require("resemblyzer", "eval").VoiceEncoder("cpu", verbose=False)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of resemblyzer's dependencies, such as those about pkg_resources."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
