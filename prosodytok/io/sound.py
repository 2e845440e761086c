"""Sound files: reading as 16 kHz mono, resampling and writing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from prosodytok.io.atomic import atomic_path
from prosodytok.io.sound_file import SoundFile, open_sound
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.channel_mix import ChannelMix
from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import scale_warnings
from prosodytok.types.units import MAX_SECONDS, seconds_to_samples

#: Output formats: libsndfile's container and encoding by suffix.
CONTAINERS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}


def load(path: str | Path, offset: float = 0.0, duration: float | None = None) -> Audio:
    """Read a sound file, or a part of it, as mono at 16 kHz.

    Parameters
    ----------
    path : path
        WAV, FLAC, Ogg, Opus, MP3, AIFF, ... of any sample rate, whatever its suffix; with the extra
        `av` also M4A, MP4, WebM, AMR, ...; or a pipe. Channels are averaged, or, if they cancel
        each other, the loudest one is used; see `prosodytok.types.channel_mix`.
    offset, duration : float
        Start and length of the part (s); by default it lasts to the end.

    Raises
    ------
    AudioError
        If the file is missing, not audio, truncated or empty, contains NaN, or ends before the
        part does; the message names the file.
    """
    with open_sound(path) as file:
        return _read_mono(file, offset, duration)


def _read_mono(file: SoundFile, offset: float, duration: float | None) -> Audio:
    """Read and resample block by block: hours of stereo would not fit in memory at once."""
    first, count = _sample_range(file, offset, duration)
    mix = ChannelMix(file.channels, file.sample_rate)
    if file.channels > 1:
        for block in file.blocks(first, count):
            mix.measure(block)
    samples, peak, length, constant = np.zeros(0, dtype=np.float32), 0.0, 0, np.float32(0.0)
    resampler = soxr.ResampleStream(file.sample_rate, SAMPLE_RATE, 1, dtype="float32")
    for block in _mono_blocks(file, mix, first, count):
        if length == 0 and block.size and file.sample_rate != SAMPLE_RATE:
            constant = block.mean()  # with it, both ends of the sound would be steps
        length += block.size
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        _append(samples, resampler.resample_chunk(block - constant))
    _check_end(file, length, offset, duration, count)
    _append(samples, resampler.resample_chunk(np.zeros(0, dtype=np.float32), last=True))
    samples += constant
    return Audio(samples, SAMPLE_RATE, file.warnings + mix.warnings + scale_warnings(peak))


def _mono_blocks(
    file: SoundFile, mix: ChannelMix, first: int, count: int | None
) -> Iterator[NDArray[np.float32]]:
    """The blocks of a part of a file as one channel; AudioError if it is longer than a day."""
    length = 0
    for block in file.blocks(first, count):
        length += len(block)
        if length > MAX_SECONDS * file.sample_rate:
            raise AudioError(f"longer than {MAX_SECONDS} s (a day): split it")
        mono = mix.mix(block)
        yield Audio(mono, file.sample_rate).samples if mono.size else mono


def _append(samples: NDArray[np.float32], block: NDArray[np.float32]) -> None:
    """Append in place, without the second copy that concatenating blocks would need."""
    size = samples.size
    samples.resize(size + block.size, refcheck=False)
    samples[size:] = block


def _sample_range(file: SoundFile, offset: float, duration: float | None) -> tuple[int, int | None]:
    """First sample and count of a part, None for all."""
    if not (0 <= offset <= MAX_SECONDS and (duration is None or 0 < duration <= MAX_SECONDS)):
        raise AudioError(f"no part of a sound begins at {offset} s and lasts {duration} s")
    if duration is None and (file.frames or 0) > MAX_SECONDS * file.sample_rate:
        raise AudioError(f"longer than {MAX_SECONDS} s (a day): split it")
    count = None if duration is None else seconds_to_samples(duration, file.sample_rate)
    return seconds_to_samples(offset, file.sample_rate), count


def _check_end(
    file: SoundFile, length: int, offset: float, duration: float | None, count: int | None
) -> None:
    """Raise if a part is not as long as asked; up to 10 ms may be missing at its end."""
    if length == 0 and offset == 0.0:
        raise AudioError("the sound is empty: it has no samples")
    if length == 0 or (count is not None and count - length > file.sample_rate // 100):
        seconds = f" at {file.frames / file.sample_rate:.2f} s" if file.frames else ""
        raise AudioError(
            f"it ends{seconds}, before the part from "
            f"{offset:.2f} s{'' if duration is None else f', {duration:.2f} s long,'} does"
        )


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Resample a sound to another sample rate (Hz) with soxr, without steps at its ends."""
    if sample_rate == audio.sample_rate:
        return audio
    mean = audio.samples.mean()
    samples = soxr.resample(audio.samples - mean, audio.sample_rate, sample_rate) + mean
    return Audio(samples, sample_rate, audio.warnings)


def write_sound(audio: Audio, path: str | Path) -> None:
    """Write a sound file in the format of its suffix: .wav, .flac, .ogg, .opus or .mp3.

    Raises
    ------
    AudioError
        If the suffix is unknown, or the format does not support the sample rate.
    """
    with _encoding(str(path), Path(path).suffix) as (container, subtype):
        samples = np.clip(audio.samples, -1.0, 1.0)
        with atomic_path(path) as temporary:
            sf.write(str(temporary), samples, audio.sample_rate, subtype, format=container)


def sound_to_bytes(audio: Audio, suffix: str = ".wav") -> bytes:
    """Encode a sound as the content of a file; formats and errors are those of `write_sound`."""
    with _encoding("sound", suffix) as (container, subtype):
        buffer, samples = io.BytesIO(), np.clip(audio.samples, -1.0, 1.0)
        sf.write(buffer, samples, audio.sample_rate, subtype, format=container)
        return buffer.getvalue()


@contextmanager
def _encoding(name: str, suffix: str) -> Iterator[tuple[str, str]]:
    """Container and encoding of a suffix; errors of libsndfile become `AudioError`."""
    if suffix.lower() not in CONTAINERS:
        raise AudioError(f"{name}: a sound file to write ends in {', '.join(CONTAINERS)}")
    try:
        yield CONTAINERS[suffix.lower()]
    except (RuntimeError, ValueError) as error:
        raise AudioError(f"{name}: cannot be written ({error})") from error
