"""Random changed copies of training speech: codecs, bands, noise, babble, rooms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prosodytok.features.sound_changes import (
    babble,
    mp3,
    narrow,
    reverberate,
    telephone,
    white_noise,
)
from prosodytok.types import Audio

#: Signal-to-noise ratios (dB).
SNRS = (5.0, 30.0)
#: Reverberation: time (s), and level re the direct sound.
TIMES, LEVELS = (0.2, 0.8), (0.02, 0.18)
#: Exponents of frequency in the spectra of noise: white to brown.
SLOPES = (0.0, 2.0)


def changed(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> Audio:
    """A copy of the same length with one or two random changes."""
    kind = rng.choice(["noise", "babble", "room", "codec"], p=[0.3, 0.15, 0.3, 0.25])
    if kind == "codec":
        change = (mp3, narrow, telephone)[rng.choice(3, p=[0.4, 0.2, 0.4])]
        return change(audio, others, rng).audio
    if kind == "room":
        room = {"seconds": rng.uniform(*TIMES), "level": rng.uniform(*LEVELS)}
        audio = reverberate(audio, others, rng, **room).audio
    elif kind == "babble":
        audio = babble(audio, others, rng, snr=rng.uniform(*SNRS)).audio
    else:
        audio = coloured_noise(audio, rng, rng.uniform(*SNRS))
    if rng.random() < 0.3:
        change = (telephone, narrow)[rng.choice(2, p=[0.6, 0.4])]
        audio = change(audio, others, rng).audio
    return audio


def coloured_noise(audio: Audio, rng: np.random.Generator, snr: float) -> Audio:
    """The sound with noise of a random slope of the spectrum."""
    if rng.random() < 0.3:
        return white_noise(audio, (), rng, snr=snr).audio
    hz = np.fft.rfftfreq(audio.samples.size, 1 / audio.sample_rate)
    spectrum = np.fft.rfft(rng.standard_normal(audio.samples.size))
    noise = np.fft.irfft(spectrum * (hz + 20) ** (-rng.uniform(*SLOPES) / 2), audio.samples.size)
    power, noise_power = np.mean(np.square(audio.samples)), np.mean(np.square(noise))
    scale = np.sqrt(power / max(noise_power, 1e-12)) * 10 ** (-snr / 20)
    return Audio((audio.samples + scale * noise).astype(np.float32), audio.sample_rate)
