"""Changed copies of a sound: other starts and ends, codecs, bands, noise, rooms, levels.

The tokens of a copy should be those of the original; `evaluation.stability` measures whether they
are, and training makes copies to learn it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from prosodytok.types.audio import Audio

Samples = NDArray[np.float32]

#: Length (s) of the parts that are cut off, and of the silence that is appended.
CUT, SILENCE = 0.3, 1.0
#: Sample rate (Hz) and passband (Hz) of a telephone.
TELEPHONE_RATE, TELEPHONE_BAND = 8000, (300.0, 3400.0)
#: Transition (Hz) of the edges of the telephone band.
TRANSITION = 100.0
#: Bit rate of the MP3 (kbit/s), and libsndfile's highest compression level.
MP3_RATE, MAX_LEVEL = 32, 0.99
#: Largest delay of an MP3 encoder and decoder (samples).
MAX_DELAY = 3000
#: Reverberation: time (s) in which it falls by 60 dB, and its level at first re the direct sound.
REVERBERATION_TIME, REVERBERATION_LEVEL = 0.6, 0.15
#: Change of the level (dB).
GAIN = -12.0
#: Speakers of a babble.
BABBLE_SPEAKERS = 6


@dataclass(frozen=True)
class ChangedSound:
    """A changed copy of a sound.

    Parameters
    ----------
    audio : Audio
        The copy.
    offset : float
        Time (s) of the original at which the copy starts.
    """

    audio: Audio
    offset: float = 0.0


#: Makes a copy of a sound, given other speech (for babble) and a source of randomness.
Change = Callable[[Audio, Sequence[Audio], np.random.Generator], ChangedSound]


def shift(
    audio: Audio, others: Sequence[Audio], rng: np.random.Generator, *, seconds: float
) -> ChangedSound:
    """The sound without its first milliseconds."""
    del others, rng
    return ChangedSound(_part(audio, round(seconds * audio.sample_rate), None), seconds)


def cut_end(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> ChangedSound:
    """The sound without its last 0.3 s."""
    del others, rng
    return ChangedSound(_part(audio, 0, -round(CUT * audio.sample_rate)))


def append_silence(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> ChangedSound:
    """The sound and a second of digital silence."""
    del others, rng
    silence = np.zeros(round(SILENCE * audio.sample_rate), dtype=np.float32)
    return ChangedSound(_like(audio, np.concatenate([audio.samples, silence])))


def narrow(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> ChangedSound:
    """The sound at 8 kHz."""
    del others, rng
    return ChangedSound(audio.resample(TELEPHONE_RATE))


def mp3(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> ChangedSound:
    """The sound through MP3 at 32 kbit/s, without the delay of the codec."""
    del others, rng
    buffer = BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        audio.sample_rate,
        1,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=_mp3_level(audio.sample_rate),
        bitrate_mode="CONSTANT",
    ) as file:
        file.write(audio.samples)
    buffer.seek(0)
    decoded, _ = soundfile.read(buffer, dtype="float32")
    return ChangedSound(_like(audio, _aligned(decoded, audio.samples)))


def telephone(audio: Audio, others: Sequence[Audio], rng: np.random.Generator) -> ChangedSound:
    """The band from 300 to 3400 Hz, at 8 kHz."""
    narrowed = narrow(audio, others, rng).audio
    low, high = TELEPHONE_BAND
    length = narrowed.samples.size + round(narrowed.sample_rate * 4 / TRANSITION)
    hz = np.fft.rfftfreq(length, 1 / narrowed.sample_rate)
    rise = np.clip((hz - low + TRANSITION) / TRANSITION, 0, 1)
    fall = np.clip((high + TRANSITION - hz) / TRANSITION, 0, 1)
    gain = np.sin(np.pi / 2 * rise) * np.sin(np.pi / 2 * fall)
    filtered = np.fft.irfft(np.fft.rfft(narrowed.samples, length) * gain, length)
    return ChangedSound(_like(narrowed, filtered[: narrowed.samples.size]))


def coloured_noise(
    audio: Audio,
    others: Sequence[Audio],
    rng: np.random.Generator,
    *,
    snr: float,
    slope: float = 0.0,
) -> ChangedSound:
    """The sound with noise at a signal-to-noise ratio (dB); white, or with a slope (dB/octave)."""
    del others
    noise = rng.standard_normal(audio.samples.size)
    if slope:
        spectrum = np.fft.rfft(noise)
        octave = np.log2(np.maximum(np.arange(spectrum.size), 1))
        noise = np.fft.irfft(spectrum * 10 ** (slope * octave / 20), noise.size)
    return ChangedSound(_mix(audio, noise, snr))


def babble(
    audio: Audio, others: Sequence[Audio], rng: np.random.Generator, *, snr: float
) -> ChangedSound:
    """The sound with others speaking at once, at a signal-to-noise ratio (dB)."""
    noise = np.zeros(audio.samples.size)
    for index in rng.permutation(len(others))[:BABBLE_SPEAKERS]:
        voice = others[index].resample(audio.sample_rate).samples
        voice = np.resize(np.roll(voice, rng.integers(voice.size)), noise.size)
        noise += voice / (np.sqrt(np.mean(np.square(voice))) + 1e-9)
    return ChangedSound(_mix(audio, noise, snr))


def reverberate(
    audio: Audio,
    others: Sequence[Audio],
    rng: np.random.Generator,
    *,
    seconds: float = REVERBERATION_TIME,
    level: float = REVERBERATION_LEVEL,
) -> ChangedSound:
    """The sound in a room: a direct impulse, and noise that decays exponentially."""
    del others
    times = np.arange(round(seconds * audio.sample_rate)) / audio.sample_rate
    response = level * rng.standard_normal(times.size) * 10 ** (-3 * times / seconds)
    response[0] = 1.0
    length = audio.samples.size + response.size
    spectrum = np.fft.rfft(audio.samples, length) * np.fft.rfft(response, length)
    return ChangedSound(_like(audio, np.fft.irfft(spectrum, length)[: audio.samples.size]))


def amplify(
    audio: Audio, others: Sequence[Audio], rng: np.random.Generator, *, gain: float = GAIN
) -> ChangedSound:
    """The sound at another level (dB)."""
    del others, rng
    return ChangedSound(_like(audio, audio.samples * 10 ** (gain / 20)))


#: The changes of the stability suite, by name.
CHANGES: dict[str, Change] = {
    "shift 10 ms": partial(shift, seconds=0.01),
    "shift 20 ms": partial(shift, seconds=0.02),
    "shift 40 ms": partial(shift, seconds=0.04),
    "shift 80 ms": partial(shift, seconds=0.08),
    "first 0.3 s cut": partial(shift, seconds=CUT),
    "last 0.3 s cut": cut_end,
    "1 s of silence after": append_silence,
    "8 kHz": narrow,
    "MP3, 32 kbit/s": mp3,
    "white noise, 20 dB": partial(coloured_noise, snr=20.0),
    "white noise, 10 dB": partial(coloured_noise, snr=10.0),
    "babble, 10 dB": partial(babble, snr=10.0),
    "telephone band": telephone,
    "reverberation, 0.6 s": reverberate,
    "12 dB softer": amplify,
}
#: The changes that need other speech.
NEEDS_OTHERS = frozenset({"babble, 10 dB"})


def _part(audio: Audio, start: int, end: int | None) -> Audio:
    """Some of the samples; all, if none would be left."""
    samples = audio.samples[start:end]
    return _like(audio, samples if samples.size else audio.samples)


def _like(audio: Audio, samples: NDArray[np.floating]) -> Audio:
    return Audio(samples.astype(np.float32), audio.sample_rate)


def _mix(audio: Audio, noise: NDArray[np.float64], snr: float) -> Audio:
    power, noise_power = (np.mean(np.square(x, dtype=np.float64)) for x in (audio.samples, noise))
    scale = np.sqrt(power / max(float(noise_power), 1e-12)) * 10 ** (-snr / 20)
    return _like(audio, audio.samples + scale * noise)


def _mp3_level(sample_rate: int) -> float:
    """Compression level of libsndfile, from 0 to 1, for `MP3_RATE` kbit/s at a sample rate."""
    highest = 320 if sample_rate >= 32_000 else 160 if sample_rate >= 16_000 else 64
    lowest = 32 if sample_rate >= 32_000 else 8
    return min((highest - MP3_RATE) / (highest - lowest), MAX_LEVEL)


def _aligned(decoded: Samples, original: Samples) -> Samples:
    """The decoded sound without the codec's delay, at the length of the original."""
    length = decoded.size + original.size
    spectrum = np.fft.rfft(decoded, length) * np.conj(np.fft.rfft(original, length))
    delay = int(np.argmax(np.fft.irfft(spectrum, length)[:MAX_DELAY]))
    aligned = np.zeros_like(original)
    kept = decoded[delay : delay + original.size]
    aligned[: kept.size] = kept
    return aligned
