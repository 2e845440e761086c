"""Sound that libsndfile cannot decode (AAC, WebM, MP4, AMR, WMA, ...), with FFmpeg through PyAV.

The content selects one of FFmpeg's demuxers, of containers only: a playlist, an image or a script
is never opened. FFmpeg reads the given file object and can open nothing else.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import check_rate, to_channels, to_float
from prosodytok.types.units import seconds_to_samples

#: First bytes of the containers, with their offset, and FFmpeg's name of the demuxer. MP3, WAV and
#: others, which libsndfile reads too, are here for codecs that it does not decode.
DEMUXERS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (4, b"wide", "mov"),
    (4, b"skip", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (0, b"\xff\xf0", "aac"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf8", "aac"),
    (0, b"\xff\xf9", "aac"),
    (0, b"#!AMR", "amr"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"wvpk", "wv"),
    (0, b"MAC ", "ape"),
    (0, b"TTA1", "tta"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x0bw", "ac3"),
    (0, b"DSD ", "dsf"),
    (8, b"AVI ", "avi"),
    (8, b"WAVE", "wav"),
    (0, b"caff", "caf"),
    (0, b"NIST", "nistsphere"),
    (0, b"FORM", "aiff"),
    (0, b".snd", "au"),
)
#: Bytes that `demuxer_of` needs.
HEAD_BYTES = 16
#: Samples per block that `FFmpegSound.blocks` yields.
BLOCK_SAMPLES = 1 << 16
#: Samples by which a decoder may exceed the length in the header: those that fill its last frame.
PADDING = 4096
#: Bytes that may be read to open a file: more than the index of a day of speech has.
MAX_HEADER_BYTES = 32 << 20
#: Missing lengths from which a warning is given, and from which a file counts as truncated (s).
#: Lengths in headers contain the delay of the encoder, up to 0.03 s.
DOUBTFUL, TOLERANCE = 0.05, 0.25
#: Demuxers with exact positions; where a part begins later than this (s), they skip to it, and
#: decoding begins earlier by the second number (s).
EXACT, SEEK_FROM, PREROLL = ("mov", "matroska"), 20.0, 1.0


def demuxer_of(head: bytes) -> str | None:
    """Name of the demuxer for a file that begins with these bytes."""
    return next((x for at, magic, x in DEMUXERS if head[at : at + len(magic)] == magic), None)


class FFmpegSound:
    """The first audio track of a file, for `prosodytok.io.sound_file.open_sound`.

    Parameters
    ----------
    file : binary file
        The file, seekable.
    demuxer : str
        One of those in `DEMUXERS`.

    Attributes
    ----------
    sample_rate, channels, frames : int, int, None
        As those of `SoundFile`; the number of samples is not known before they are decoded.
    warnings : tuple of str
        What is doubtful, complete when `blocks` is exhausted.

    Raises
    ------
    AudioError
        If PyAV is not installed, or the file has no audio track that it decodes.
    """

    frames = None

    def __init__(self, file: BinaryIO, demuxer: str) -> None:
        try:
            self._av = importlib.import_module("av")
        except ImportError as error:
            raise AudioError(
                f"a file that FFmpeg decodes ({demuxer}): pip install 'prosodytok[av]', or "
                "convert it, e.g. with: ffmpeg -i IN OUT.flac"
            ) from error
        self._file, self._demuxer = file, demuxer
        self._damaged, self._missing = 0, 0.0
        with self._open() as (container, stream):
            first = next(self._arrays(container, stream), None)
            if first is None:
                raise AudioError("the sound is empty: no sample can be decoded")
            self.sample_rate, self.channels = first[0], first[2].shape[1]
            self._promised = _promised_samples(container, stream, self.sample_rate)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is doubtful, complete when `blocks` is exhausted."""
        damaged = (f"{self._damaged} damaged packets are left out",) if self._damaged else ()
        if self._missing <= DOUBTFUL:
            return damaged
        return (*damaged, f"the last {self._missing:.2f} s that its header promises are missing")

    def blocks(self, first: int = 0, count: int | None = None) -> Iterator[NDArray[np.float32]]:
        """Blocks (n, C) of `count` samples, by default all, from the sample `first` on.

        Raises
        ------
        AudioError
            If the file is damaged or truncated.
        """
        end = None if count is None else first + count
        waiting: list[NDArray[np.float32]] = []
        for start, samples in self._positioned(first):
            stop = len(samples) if end is None else min(len(samples), end - start)
            part = samples[max(0, first - start) : max(0, stop)]
            waiting.append(part)
            if sum(map(len, waiting)) >= BLOCK_SAMPLES:
                yield np.concatenate(waiting)
                waiting = []
            if end is not None and start + len(samples) >= end:
                break
        if any(map(len, waiting)):
            yield np.concatenate(waiting)

    def _positioned(self, first: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Decoded samples with their position, without the padding of the last frame."""
        self._damaged, self._missing = 0, 0.0
        with self._open() as (container, stream):
            skips = self._demuxer in EXACT and first > SEEK_FROM * self.sample_rate
            if skips:
                begin = first / self.sample_rate - PREROLL
                container.seek(int(begin / stream.time_base), stream=stream)
            position: int | None = None if skips else 0
            padding: list[NDArray[np.float32]] = []
            for rate, seconds, samples in self._arrays(container, stream):
                if rate != self.sample_rate or samples.shape[1] != self.channels:
                    raise AudioError("sample rate or channels change within the file: convert it")
                if position is None:
                    position = seconds_to_samples(max(0.0, seconds or 0.0), rate)
                padding.append(samples)
                after = position + sum(map(len, padding))
                if not self._promised or not 0 < after - self._promised <= PADDING:
                    joined = np.concatenate(padding)
                    yield position, joined
                    position, padding = position + len(joined), []
            if padding:
                yield position or 0, np.concatenate(padding)[: self._promised - (position or 0)]
            end = self._promised if padding else position or 0
            self._missing = (self._promised - end) / self.sample_rate
            if self._missing > TOLERANCE:
                raise AudioError(
                    f"truncated: its header promises {self._promised / self.sample_rate:.2f} s, "
                    f"and {end / self.sample_rate:.2f} s can be decoded; copy it again"
                )

    def _arrays(
        self, container: Any, stream: Any
    ) -> Iterator[tuple[int, float | None, NDArray[np.float32]]]:
        """Sample rate, time (s) and samples (n, C) of each decoded frame."""
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except self._av.FFmpegError:
                self._damaged += 1
                continue
            for frame in frames:
                samples = to_float(frame.to_ndarray())
                if not frame.format.is_planar:
                    samples = samples.reshape(-1, len(frame.layout.channels))
                else:
                    samples = to_channels(samples, 0)
                yield check_rate(frame.sample_rate), frame.time, samples

    def _open(self) -> _Opened:
        return _Opened(self._av, self._file, self._demuxer)


class _Opened:
    """Context manager of an open container and its first audio track; errors are `AudioError`."""

    def __init__(self, av: Any, file: BinaryIO, demuxer: str) -> None:
        self._av, self._file, self._demuxer = av, file, demuxer

    def __enter__(self) -> tuple[Any, Any]:
        file = _Bounded(self._file)
        options = {"protocol_whitelist": "none"}
        try:
            self._container = self._av.open(
                file, format=self._demuxer, options=options, metadata_errors="replace"
            )
        except (self._av.FFmpegError, OSError, ValueError) as error:
            raise AudioError(f"FFmpeg cannot read it as {self._demuxer} ({error})") from error
        file.limit = None
        tracks = self._container.streams.audio
        if not tracks or tracks[0].codec_context is None:
            self._container.close()
            raise AudioError("it has no audio track that FFmpeg decodes (is it protected?)")
        return self._container, tracks[0]

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._container.close()
        if isinstance(error, (self._av.FFmpegError, UnicodeError)):
            raise AudioError(f"damaged: FFmpeg cannot decode it ({error})") from error


class _Bounded:
    """A file that ends after so many bytes while it is opened.

    A header of millions of empty parts would take minutes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.limit: int | None = MAX_HEADER_BYTES
        self._read, self.seek, self.tell = file.read, file.seek, file.tell
        file.seek(0)

    def read(self, size: int) -> bytes:
        if self.limit is None:
            return self._read(size)
        content = self._read(min(size, self.limit))
        self.limit -= len(content)
        return content


def _promised_samples(container: Any, stream: Any, sample_rate: int) -> int:
    """Number of samples by the header of the track; 0 if it does not state it."""
    seconds = 0.0
    if container.format.name.startswith("mov") and stream.duration:
        seconds = float(stream.duration * stream.time_base)
    elif container.format.name.startswith("matroska"):
        with suppress(KeyError, ValueError):  # written by FFmpeg, as 00:01:02.345
            hours, minutes, rest = stream.metadata["DURATION"].split(":")
            seconds = 3600 * int(hours) + 60 * int(minutes) + float(rest)
    return round(seconds * sample_rate) if 0 < seconds < 1e6 else 0
