"""Sound: one mono signal and its rate, read from any file that libsndfile opens."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import ArrayLike, NDArray

from prosodytok.errors import AudioError
from prosodytok.files import atomic_path
from prosodytok.limits import MAX_SAMPLE_RATE, MAX_SECONDS, MIN_SAMPLE_RATE
from prosodytok.truncation import check_whole
from prosodytok.units import seconds_to_samples

#: The rate everything is analysed at: F0 and energy of speech need no more.
SAMPLE_RATE = 16_000
#: Samples read at once, of all channels together.
BLOCK_SAMPLES = 1 << 20
#: What can be written: libsndfile's container and encoding for each suffix.
CONTAINERS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
#: An MP3's first frame comes not later than this (bytes), but for a picture before it.
MPEG_SEARCH = 1 << 20
#: File endings that a folder is searched for.
AUDIO_SUFFIXES = (".wav", ".flac", ".opus", ".ogg", ".mp3", ".aiff", ".aif")


@dataclass(frozen=True)
class Audio:
    """A mono sound.

    Parameters
    ----------
    samples : (N,) float32
        Signal, nominally in [-1, 1].
    sample_rate : int
        Samples per second (Hz).

    Raises
    ------
    AudioError
        If there is no sample, the array is not one-dimensional, a sample is NaN or infinite, or the
        rate is one that no speech is recorded at.
    """

    samples: NDArray[np.float32]
    sample_rate: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim != 1:
            raise AudioError(f"expected a mono signal of shape (N,), got shape {samples.shape}")
        check_rate(self.sample_rate)
        if samples.size == 0:
            raise AudioError("the sound is empty: it has no samples")
        blocks = range(0, samples.size, BLOCK_SAMPLES)
        bad = sum(np.count_nonzero(~np.isfinite(samples[i : i + BLOCK_SAMPLES])) for i in blocks)
        if bad:
            raise AudioError(f"{bad} samples are NaN or infinite: write the file again")
        object.__setattr__(self, "samples", samples)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.samples.size / self.sample_rate)

    @classmethod
    def from_array(cls, samples: ArrayLike, sample_rate: int) -> Audio:
        """Make a mono `Audio` at the analysis rate from an array of any rate and channel count.

        Parameters
        ----------
        samples : (N,) or (N, C) array_like
            Signal; channels are averaged.
        sample_rate : int
            Samples per second (Hz).
        """
        return cls(to_mono(samples), sample_rate).resample(SAMPLE_RATE)

    def resample(self, sample_rate: int) -> Audio:
        """Return the same sound at another rate (soxr, high quality)."""
        if sample_rate == self.sample_rate:
            return self
        return Audio(soxr.resample(self.samples, self.sample_rate, sample_rate), sample_rate)

    def write(self, path: str | Path) -> None:
        """Write the sound; the suffix of `path` chooses the format: .wav, .flac, .ogg, .opus, .mp3.

        Raises
        ------
        AudioError
            If the suffix is another, or the format does not take the sample rate.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in CONTAINERS:
            raise AudioError(f"{path}: a sound file to write ends in {', '.join(CONTAINERS)}")
        container, subtype = CONTAINERS[suffix]
        samples = np.clip(self.samples, -1.0, 1.0)
        with atomic_path(path) as temporary:
            try:
                sf.write(str(temporary), samples, self.sample_rate, subtype, format=container)
            except (RuntimeError, ValueError) as error:
                raise AudioError(f"{path}: cannot be written ({error})") from error

    def to_bytes(self, suffix: str = ".wav") -> bytes:
        """The sound as the content of a file, of a format as `write` knows them."""
        container, subtype = CONTAINERS[suffix]
        buffer, samples = io.BytesIO(), np.clip(self.samples, -1.0, 1.0)
        sf.write(buffer, samples, self.sample_rate, subtype, format=container)
        return buffer.getvalue()


def load(path: str | Path, offset: float = 0.0, duration: float | None = None) -> Audio:
    """Read a sound file, or a stretch of it, as mono at 16 kHz.

    Parameters
    ----------
    path : path
        WAV, FLAC, Ogg, Opus, MP3, AIFF, ... at any rate and with any number of channels.
    offset, duration : float
        Where the stretch begins and how long it is (s); to the end where no duration is given.

    Raises
    ------
    AudioError
        If the file is missing, is not audio, is truncated, is empty, holds NaN, or ends before the
        stretch does; the message names the file.
    """
    with open_sound(path) as file:
        return _read_mono(file, offset, duration)


@contextmanager
def open_sound(path: str | Path) -> Iterator[sf.SoundFile]:
    """Open a sound file to read from it, at its own rate.

    Raises
    ------
    AudioError
        If the file is missing, is not audio, is truncated or has a rate that no speech has, or if
        reading from it fails; the message names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    try:
        _check_content(path)
        check_whole(path)
        with sf.SoundFile(str(path)) as file:
            check_rate(file.samplerate)
            yield file
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error})") from error
    except (RuntimeError, TypeError) as error:  # TypeError: .raw has no header to read
        raise AudioError(
            f"{path}: not a sound file that libsndfile can read ({error}); "
            "convert it, e.g. with: ffmpeg -i IN OUT.wav"
        ) from error


def mono_blocks(file: sf.SoundFile, frames: int = -1) -> Iterator[NDArray[np.float32]]:
    """Read from where a file stands, to its end if not told how much: channels are averaged."""
    length = max(1, BLOCK_SAMPLES // file.channels)
    for block in file.blocks(length, frames=frames, dtype="float32", always_2d=True):
        yield to_mono(block)


def to_mono(samples: ArrayLike) -> NDArray[np.float32]:
    """Average the channels of samples (N, C); what has another shape stays as it is."""
    array = np.asarray(samples, dtype=np.float32)
    return array.mean(axis=1) if array.ndim == 2 and array.shape[1] else array


def check_rate(sample_rate: int) -> None:
    """Refuse a sample rate (Hz) that no speech is recorded at.

    Raises
    ------
    AudioError
        If it lies outside of `limits`.
    """
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(
            f"sample_rate must lie between {MIN_SAMPLE_RATE} and {MAX_SAMPLE_RATE} Hz, "
            f"got {sample_rate}"
        )


def _check_content(path: Path) -> None:
    """Refuse what libsndfile has no good word for: nothing at all, and an MP3 that is none.

    Of the latter its MPEG decoder complains on stderr by itself, in lines of its own.
    """
    with path.open("rb") as file:
        head = file.read(MPEG_SEARCH)
    if not head:
        raise AudioError("the file is empty (0 bytes)")
    if path.suffix.lower() == ".mp3" and not re.search(rb"\xff[\xe0-\xff]", head):
        raise AudioError("not a sound file: it has no MPEG frame")


def _read_mono(file: sf.SoundFile, offset: float, duration: float | None) -> Audio:
    """Read and resample block by block: three hours of stereo would not fit in memory at once."""
    samples = np.zeros(0, dtype=np.float32)
    for part in _resampled_blocks(file, offset, duration):
        known = samples.size
        # Grown in place: parts that are joined in the end are there twice for a while.
        samples.resize(known + part.size, refcheck=False)
        samples[known:] = part
    return Audio(samples, SAMPLE_RATE)


def _resampled_blocks(
    file: sf.SoundFile, offset: float, duration: float | None
) -> Iterator[NDArray[np.float32]]:
    """A stretch of a file's sound at the analysis rate, in blocks."""
    first, count = _stretch(file, offset, duration)
    if (file.frames if count < 0 else count) > MAX_SECONDS * file.samplerate:
        raise AudioError(f"longer than {MAX_SECONDS} s (a day): cut it in several")
    file.seek(first)
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32")
    for block in mono_blocks(file, count):
        yield resampler.resample_chunk(Audio(block, file.samplerate).samples)
    yield resampler.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def _stretch(file: sf.SoundFile, offset: float, duration: float | None) -> tuple[int, int]:
    """First sample of a stretch and how many it has, -1 for all; a last frame may lack (10 ms)."""
    if not (0 <= offset <= MAX_SECONDS and (duration is None or 0 < duration <= MAX_SECONDS)):
        raise AudioError(f"no stretch of a sound begins at {offset} s and lasts {duration} s")
    first = seconds_to_samples(offset, file.samplerate)
    if duration is None and not first:
        return 0, -1
    left = file.frames - first
    count = left if duration is None else seconds_to_samples(duration, file.samplerate)
    if count - left > file.samplerate // 100 or left <= 0:
        raise AudioError(
            f"it ends at {file.frames / file.samplerate:.2f} s, before the stretch from "
            f"{offset:.2f} s{'' if duration is None else f', {duration:.2f} s long,'} does"
        )
    return first, min(count, left)


def find_audio(path: str | Path) -> list[Path]:
    """List the sound files at `path`: itself if a file, else all in the folder and below, sorted.

    Raises
    ------
    AudioError
        If `path` does not exist, or is a folder without any sound file.
    """
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.exists():
        raise AudioError(f"{path}: no such file or folder")
    found = files_below(path, AUDIO_SUFFIXES)
    if not found:
        raise AudioError(f"{path}: no sound file in this folder ({', '.join(AUDIO_SUFFIXES)})")
    return found


def files_below(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The files of such suffixes (in lower case) in a folder and below, sorted; no hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()
    )
