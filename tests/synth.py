"""Synthetic sounds with known F0."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.units import frame_times, samples_to_frames

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: Annotation of a sound of 2.1 s: a pause, two words and a pause; an accent and two boundaries.
GRID = """File type = "ooTextFile"
Object class = "TextGrid"
0 2.1 <exists> 2
"IntervalTier" "words" 0 2.1 4
0 0.3 "" 0.3 1.0 "{}" 1.0 1.8 "löyly" 1.8 2.1 ""
"TextTier" "tones" 0 2.1 3
0.3 "%L" 1.4 "L*+H" 1.8 "H%"
"""


def constant(hz: float) -> Curve:
    return lambda t: np.full_like(t, hz)


def glide(start_hz: float, end_hz: float) -> Curve:
    """Linear in log-F0 over the first second, then constant."""
    return lambda t: start_hz * (end_hz / start_hz) ** np.clip(t, 0, 1)


def steps(*levels_hz: float, seconds: float = 0.4) -> Curve:
    def curve(t: NDArray[np.float64]) -> NDArray[np.float64]:
        index = np.floor(t / seconds).astype(int)
        return np.asarray(levels_hz, dtype=float)[np.clip(index, 0, len(levels_hz) - 1)]

    return curve


def vibrato(hz: float, semitones: float = 1.0, rate_hz: float = 5.0) -> Curve:
    return lambda t: hz * 2 ** (semitones / 12 * np.sin(2 * np.pi * rate_hz * t))


def two_octaves(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 100 to 400 Hz and back in two seconds, without a jump."""
    return 200 * 2 ** -np.cos(np.pi * t)


def sample_times(seconds: float, sample_rate: int) -> NDArray[np.float64]:
    return (np.arange(round(seconds * sample_rate)) + 0.5) / sample_rate


def harmonics(
    f0: Curve,
    seconds: float = 1.0,
    sample_rate: int = SAMPLE_RATE,
    level: float = 0.3,
    num_harmonics: int = 12,
) -> Audio:
    """Harmonics of a known F0, falling by 6 dB per octave, below 3.6 kHz and Nyquist."""
    hz = f0(sample_times(seconds, sample_rate))
    phase = 2 * np.pi * np.cumsum(hz) / sample_rate
    limit = min(3600.0, 0.45 * sample_rate)
    waves = [np.sin(k * phase) / k * (k * hz < limit) for k in range(1, num_harmonics + 1)]
    wave = np.sum(waves, axis=0)
    return Audio(level * wave / np.abs(wave).max(), sample_rate)


#: Frequencies and bandwidths (Hz) of the formants of an open vowel of an adult and of a child.
ADULT = ((700.0, 80.0), (1200.0, 90.0), (2600.0, 120.0))
CHILD = ((1000.0, 120.0), (1700.0, 140.0), (3200.0, 180.0))


def vowel(
    f0: Curve, seconds: float = 1.0, formants: Sequence[tuple[float, float]] = ADULT
) -> Audio:
    """All harmonics up to 7 kHz under the envelope of formants, with faint noise, at 16 kHz."""
    hz = f0(sample_times(seconds, SAMPLE_RATE))
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    wave = np.zeros(hz.size)
    for k in range(1, int(7000 / hz.min()) + 1):
        gain = np.where(k * hz < 7000, 1.0 / k, 0.0)
        for centre, width in formants:
            gain *= centre**2 / np.hypot(centre**2 - (k * hz) ** 2, width * k * hz)
        wave += gain * np.sin(k * phase + 0.7 * k)
    rng = np.random.default_rng(1)
    return Audio(0.3 * wave / np.abs(wave).max() + rng.normal(0, 1e-4, hz.size), SAMPLE_RATE)


def known_f0(audio: Audio, f0: Curve) -> NDArray[np.float64]:
    """F0 at the frames' centres, shape (T,), Hz."""
    return f0(frame_times(samples_to_frames(audio.samples.size, audio.sample_rate)))


def creak(hz: float = 40.0, seconds: float = 1.0, sample_rate: int = SAMPLE_RATE) -> Audio:
    """Damped pulses at low and irregular intervals."""
    rng = np.random.default_rng(0)
    periods = rng.uniform(0.6, 1.4, size=int(2 * hz * seconds)) / hz
    wave = np.zeros(round(seconds * sample_rate))
    onsets = (np.cumsum(periods) * sample_rate).astype(int)
    wave[onsets[onsets < wave.size]] = 1.0
    t = np.arange(round(0.01 * sample_rate)) / sample_rate
    response = np.exp(-t * 400) * np.sin(2 * np.pi * 500 * t)
    return Audio(0.5 * np.convolve(wave, response)[: wave.size], sample_rate)


def noise(seconds: float = 1.0, sample_rate: int = SAMPLE_RATE, level: float = 0.1) -> Audio:
    rng = np.random.default_rng(0)
    return Audio(level * rng.standard_normal(round(seconds * sample_rate)), sample_rate)


def silence(seconds: float = 1.0, sample_rate: int = SAMPLE_RATE) -> Audio:
    return Audio(np.zeros(round(seconds * sample_rate)), sample_rate)


def join(*parts: Audio) -> Audio:
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].sample_rate)


def with_gap(audio: Audio, start: float, end: float) -> Audio:
    """Replace the interval from `start` to `end` (s) by faint noise."""
    samples = audio.samples.copy()
    gap = slice(round(start * audio.sample_rate), round(end * audio.sample_rate))
    samples[gap] = noise(audio.duration, audio.sample_rate, 0.003).samples[gap]
    return Audio(samples, audio.sample_rate)


def clipped(audio: Audio, gain: float = 5.0) -> Audio:
    return Audio(np.clip(gain * audio.samples, -1, 1), audio.sample_rate)


def modulated(audio: Audio, rate_hz: float = 4.0, depth: float = 0.8) -> Audio:
    """Modulate the amplitude at a syllable rate."""
    times = sample_times(audio.duration, audio.sample_rate)
    gain = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * rate_hz * times))
    return Audio(gain * audio.samples, audio.sample_rate)


def write(audio: Audio, path: Path, subtype: str | None = None) -> Path:
    """Write a sound without resampling, in the container of the suffix."""
    container = {"opus": "OGG"}.get(path.suffix[1:])
    if path.suffix == ".opus":
        subtype = "OPUS"
    sf.write(path, audio.samples, audio.sample_rate, format=container, subtype=subtype)
    return path


def write_annotated(path: Path, word: str) -> tuple[Path, Path]:
    """Write a sound of 2.1 s and its TextGrid, with a given first word."""
    voice = modulated(harmonics(glide(180, 120), 1.5))
    grid = path.with_suffix(".TextGrid")
    grid.write_text(GRID.format(word), encoding="utf-8")
    return write(join(silence(0.3), voice, silence(0.3)), path), grid
