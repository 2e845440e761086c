"""Sound files: reading as 16 kHz mono, resampling and writing, with libsndfile and soxr."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from prosodytok.io.atomic import atomic_path
from prosodytok.io.truncation import check_whole
from prosodytok.types.audio import BLOCK_SAMPLES, SAMPLE_RATE, Audio, check_rate, to_mono
from prosodytok.types.errors import AudioError
from prosodytok.types.units import MAX_SECONDS, seconds_to_samples

#: Output formats: libsndfile's container and encoding by suffix.
CONTAINERS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
#: Bytes searched for the first frame of an MP3.
MPEG_SEARCH = 1 << 20
#: Suffixes of sound files in a folder.
AUDIO_SUFFIXES = (".wav", ".flac", ".opus", ".ogg", ".mp3", ".aiff", ".aif")


def load(path: str | Path, offset: float = 0.0, duration: float | None = None) -> Audio:
    """Read a sound file, or a part of it, as mono at 16 kHz.

    Parameters
    ----------
    path : path
        WAV, FLAC, Ogg, Opus, MP3, AIFF, ... of any sample rate and number of channels.
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


@contextmanager
def open_sound(path: str | Path) -> Iterator[sf.SoundFile]:
    """Open a sound file for reading at its own sample rate.

    Raises
    ------
    AudioError
        If the file is missing, not audio, truncated or of an unsupported sample rate, or reading
        fails; the message names the file.
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
    except (RuntimeError, TypeError) as error:  # TypeError: .raw files have no header
        raise AudioError(
            f"{path}: not a sound file that libsndfile can read ({error}); "
            "convert it, e.g. with: ffmpeg -i IN OUT.wav"
        ) from error


def mono_blocks(file: sf.SoundFile, frames: int = -1) -> Iterator[NDArray[np.float32]]:
    """Read `frames` frames from the current position, by default to the end, as mono blocks."""
    length = max(1, BLOCK_SAMPLES // file.channels)
    for block in file.blocks(length, frames=frames, dtype="float32", always_2d=True):
        yield to_mono(block)


def _check_content(path: Path) -> None:
    """Raise for empty files, and for ``.mp3`` files that are not MP3.

    For the latter the MPEG decoder of libsndfile would write its own messages to stderr.
    """
    with path.open("rb") as file:
        head = file.read(MPEG_SEARCH)
    if not head:
        raise AudioError("the file is empty (0 bytes)")
    if path.suffix.lower() == ".mp3" and not re.search(rb"\xff[\xe0-\xff]", head):
        raise AudioError("not a sound file: it has no MPEG frame")


def _read_mono(file: sf.SoundFile, offset: float, duration: float | None) -> Audio:
    """Read and resample block by block: hours of stereo would not fit in memory at once."""
    samples = np.zeros(0, dtype=np.float32)
    for block in _resampled_blocks(file, offset, duration):
        size = samples.size
        # Growing in place avoids the second copy that concatenating the blocks would need.
        samples.resize(size + block.size, refcheck=False)
        samples[size:] = block
    return Audio(samples, SAMPLE_RATE)


def _resampled_blocks(
    file: sf.SoundFile, offset: float, duration: float | None
) -> Iterator[NDArray[np.float32]]:
    """A part of a file at the analysis rate, in blocks."""
    first, count = _sample_range(file, offset, duration)
    if (file.frames if count < 0 else count) > MAX_SECONDS * file.samplerate:
        raise AudioError(f"longer than {MAX_SECONDS} s (a day): split it")
    file.seek(first)
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32")
    for block in mono_blocks(file, count):
        yield resampler.resample_chunk(Audio(block, file.samplerate).samples)
    yield resampler.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def _sample_range(file: sf.SoundFile, offset: float, duration: float | None) -> tuple[int, int]:
    """First sample and count of a part, -1 for all; up to 10 ms may be missing at its end."""
    if not (0 <= offset <= MAX_SECONDS and (duration is None or 0 < duration <= MAX_SECONDS)):
        raise AudioError(f"no part of a sound begins at {offset} s and lasts {duration} s")
    first = seconds_to_samples(offset, file.samplerate)
    if duration is None and not first:
        return 0, -1
    left = file.frames - first
    count = left if duration is None else seconds_to_samples(duration, file.samplerate)
    if count - left > file.samplerate // 100 or left <= 0:
        raise AudioError(
            f"it ends at {file.frames / file.samplerate:.2f} s, before the part from "
            f"{offset:.2f} s{'' if duration is None else f', {duration:.2f} s long,'} does"
        )
    return first, min(count, left)


def find_audio(path: str | Path) -> list[Path]:
    """List the sound files at `path`: the file itself, or all files below the folder, sorted.

    Raises
    ------
    AudioError
        If `path` does not exist, or is a folder without sound files.
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
    """Files with these suffixes (lower case) below a folder, sorted, without hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()
    )


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Resample a sound to another sample rate (Hz) with soxr."""
    if sample_rate == audio.sample_rate:
        return audio
    return Audio(soxr.resample(audio.samples, audio.sample_rate, sample_rate), sample_rate)


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
