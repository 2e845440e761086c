"""Sounds in other containers and encodings, under any name, and truncated."""

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np
import soundfile as sf

from prosodytok import load
from prosodytok.types.errors import AudioError
from tests.ffmpeg_files import write as write_ffmpeg
from tests.trust.odd_inputs.checks import RATE, Case, like_clean, refused, same_sound, speech

#: Name, libsndfile's container and encoding, byte order.
LOSSLESS = (
    ("a.voc", "VOC", "PCM_16", None), ("a.avr", "AVR", "PCM_16", None),
    ("a.sf", "IRCAM", "PCM_32", None), ("a.mat", "MAT4", "PCM_16", None),
    ("b.mat", "MAT5", "FLOAT", None), ("a.pvf", "PVF", "PCM_16", None),
    ("a.8svx", "SVX", "PCM_16", None), ("a.htk", "HTK", "PCM_16", None),
    ("a.paf", "PAF", "PCM_24", None), ("a.rf64", "RF64", "PCM_24", None),
    ("a.caf", "CAF", "ALAC_16", None), ("b.caf", "CAF", "FLOAT", "LITTLE"),
    ("a.aifc", "AIFF", "PCM_16", "LITTLE"), ("b.aifc", "AIFF", "DOUBLE", None),
    ("a.au", "AU", "DOUBLE", "LITTLE"), ("b.au", "AU", "PCM_24", "BIG"),
    ("a.sph", "NIST", "PCM_16", "BIG"), ("a.wav", "WAVEX", "PCM_32", None),
    ("b.wav", "WAV", "DOUBLE", None), ("a.flac", "FLAC", "PCM_24", None),
    ("a.w64", "W64", "FLOAT", None), ("a.mpc", "MPC2K", "PCM_16", None),
)  # fmt: skip
#: The same with a loss of quality, and the least share of F0 within 20 cents.
LOSSY = (
    ("a.ogg", "OGG", "VORBIS", 0.95), ("a.opus", "OGG", "OPUS", 0.95),
    ("a.mp3", "MP3", "MPEG_LAYER_III", 0.95), ("a.wav", "WAV", "ULAW", 0.9),
    ("b.wav", "WAV", "NMS_ADPCM_32", 0.85), ("c.wav", "WAV", "G721_32", 0.85),
    ("a.aiff", "AIFF", "GSM610", 0.85), ("a.au", "AU", "G723_40", 0.85),
    ("d.wav", "WAV", "PCM_U8", 0.9), ("b.aiff", "AIFF", "PCM_S8", 0.9),
)  # fmt: skip
#: Name, codec, sample rate, whether it is lossless. Of FFmpeg.
FFMPEG = (
    ("alac.m4a", "alac", RATE, True), ("flac.mp4", "flac", RATE, True),
    ("pcm.mov", "pcm_s16le", RATE, True), ("float.mka", "pcm_f32le", RATE, True),
    ("pcm.avi", "pcm_s16le", RATE, True), ("tta.tta", "tta", RATE, False),
    ("8-bit.wv", "wavpack", RATE, False), ("flac.ogg", "flac", RATE, True),
    ("phone.m4a", "aac", 48_000, False), ("voice memo.m4a", "aac", 24_000, False),
    ("browser.webm", "libopus", 48_000, False), ("ac3.mka", "ac3", 48_000, False),
    ("opus.mp4", "libopus", 48_000, False), ("mp3.mp4", "libmp3lame", 44_100, False),
    ("film.ac3", "ac3", 48_000, False), ("old.mp2", "mp2", 48_000, False),
    ("call.amr", "libopencore_amrnb", 8_000, False), ("adts.aac", "aac", 22_050, False),
)  # fmt: skip
#: Names that do not fit the content, which is WAV, FLAC, Ogg or M4A.
WRONG_NAMES = (
    ("wav", "sound.m4a"), ("wav", "sound.ogg"), ("wav", "sound"), ("wav", "SOUND.FLAC"),
    ("wav", "sound.wav.part"), ("wav", "sound.au"), ("wav", "sound.raw"), ("flac", "sound.mp3"),
    ("flac", "sound.mp4"), ("flac", "sound.aiff"), ("m4a", "sound.wav"), ("m4a", "sound.mp3"),
)  # fmt: skip
#: What is no sound, and its name.
NO_SOUNDS = {
    "text.wav": b"this is a transcript\n" * 50, "zeros.wav": bytes(4096), "one byte.flac": b"f",
    "page.mp3": b"<!DOCTYPE html><html><head><title>404</title></head></html>\n",
    "image.wav": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "magic.wav": b"RIFF",
    "playlist.m4a": b"#EXTM3U\n#EXTINF:1,\nhttp://example.org/a.aac\n", "lfs.wav":
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 105324\n",
    "zip.ogg": b"PK\x03\x04" + bytes(200), "midi.wav": b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96),
    "noise.mp3": bytes((37 * i * i + 11) % 251 for i in range(6000)), "samples.raw": bytes(8000),
}  # fmt: skip
#: Formats, and the shares of their bytes that are left.
TRUNCATED = ("wav", "aiff", "w64", "flac", "ogg", "opus", "m4a", "webm", "mka")
SHARES = (0.004, 0.31, 0.77, 0.985)


def cases() -> Iterator[Case]:
    for name, container, encoding, order in LOSSLESS:
        check = partial(_lossless, name=name, container=container, encoding=encoding, order=order)
        yield Case("containers", f"{container} {encoding} {order or ''}", "tokens as clean", check)
    for name, container, encoding, share in LOSSY:
        check = partial(_lossy, name=name, container=container, encoding=encoding, share=share)
        yield Case("containers", f"{container} {encoding}", "F0 within 20 cents", check)
    for name, codec, rate, lossless in FFMPEG:
        right = "tokens as clean" if lossless else "F0 within 20 cents"
        check = partial(_ffmpeg, name=name, codec=codec, rate=rate, lossless=lossless)
        yield Case("containers", f"{name} of {codec}", right, check)
    for with_video in ("clip.mp4", "clip.mkv", "clip.mov"):
        yield Case(
            "containers", f"video {with_video}", "F0 of its audio", partial(_video, name=with_video)
        )
    yield Case("containers", "video without audio", "error", _silent_film)
    for content, name in WRONG_NAMES:
        check = partial(_named, content=content, name=name)
        yield Case("containers", f"{content} named {name}", "tokens as clean", check)
    for name, data in NO_SOUNDS.items():
        yield Case(
            "containers", f"no sound: {name}", "error", partial(_no_sound, name=name, data=data)
        )
    for suffix in TRUNCATED:
        for share in SHARES:
            check = partial(_truncated, suffix=suffix, share=share)
            yield Case("truncated", f"{suffix} to {share:.1%}", "error or warning", check)


def make(folder: Path, suffix: str) -> Path:
    """The clean sound in a format."""
    path = folder / f"made.{suffix}"
    if suffix in ("m4a", "webm", "mka"):
        codec, rate = {"m4a": ("aac", 48_000), "webm": ("libopus", 48_000), "mka": ("flac", RATE)}[
            suffix
        ]
        return write_ffmpeg(path, codec, speech()[:, None], rate)
    container, encoding = {"opus": ("OGG", "OPUS"), "ogg": ("OGG", "VORBIS")}.get(
        suffix, (suffix.upper(), "PCM_16")
    )
    sf.write(path, speech(), RATE, encoding, format=container)
    return path


def _lossless(folder: Path, name: str, container: str, encoding: str, order: str | None) -> str:
    sf.write(folder / name, speech(), RATE, encoding, order, container)
    return same_sound(load(folder / name))


def _lossy(folder: Path, name: str, container: str, encoding: str, share: float) -> str:
    sf.write(folder / name, speech(), RATE, encoding, format=container)
    return like_clean(load(folder / name), share, 0.9)


def _ffmpeg(folder: Path, name: str, codec: str, rate: int, lossless: bool) -> str:
    path = write_ffmpeg(folder / name, codec, speech()[:, None], rate)
    return same_sound(load(path)) if lossless else like_clean(load(path), 0.8, 0.9, lag=6)


def _video(folder: Path, name: str, audio: bool = True) -> str:
    path = folder / name
    planar = np.ascontiguousarray(speech()[None], dtype=np.float32)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        track = container.add_stream("aac", rate=44_100) if audio else None
        if track is not None:
            track.layout = "mono"
        for number in range(30):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number, np.uint8))
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if track is not None:
            frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            resampler = av.AudioResampler(
                track.format.name, "mono", 44_100, frame_size=track.codec_context.frame_size
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(track.encode(part))
            container.mux(track.encode(None))
    return (
        like_clean(load(path), 0.9, 0.93)
        if audio
        else refused(AudioError, lambda: load(path), name)
    )


def _silent_film(folder: Path) -> str:
    return _video(folder, "silent.mp4", audio=False)


def _named(folder: Path, content: str, name: str) -> str:
    path = make(folder, content).rename(folder / name)
    return like_clean(load(path), 0.9, 0.93) if content == "m4a" else same_sound(load(path))


def _no_sound(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return refused(AudioError, lambda: load(folder / name), name)


def _truncated(folder: Path, suffix: str, share: float) -> str:
    path = make(folder, suffix)
    path.write_bytes(path.read_bytes()[: round(share * path.stat().st_size)])
    try:
        audio = load(path)
    except AudioError as error:
        return "" if path.name in str(error) else f"without its name: {error}"
    return "" if audio.warnings else f"{audio.duration:.2f} s without a warning"
