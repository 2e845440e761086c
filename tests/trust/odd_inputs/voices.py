"""Sounds with little or no voice, voices of known F0, and limits of the search for F0."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf

from prosodytok import StreamingTokenizer
from prosodytok.io.manifest import read_manifest
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, ManifestError
from prosodytok.types.f0_range import F0Range
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    clean,
    command,
    expect,
    first,
    has_f0,
    refused,
    speech,
    tokenize,
    tokenizer,
    warned,
)

#: Formants (Hz) and bandwidths of a back, an open and a front vowel.
VOWELS = {
    "o": ((450, 80), (800, 90), (2600, 120)),
    "a": ((850, 90), (1300, 100), (2700, 130)),
    "i": ((300, 60), (2300, 120), (3000, 150)),
}
STEADY = {
    "o": (47, 63, 88, 137, 262, 370), "a": (52, 74, 165, 349, 523, 740, 880),
    "i": (58, 98, 196, 294, 415, 587, 660),
}  # fmt: skip
SECONDS = 1.6


def vowel(f0: np.ndarray, formants: tuple[tuple[int, int], ...], noise: float = 1e-4) -> np.ndarray:
    """A vowel with silence around it; F0 is given at each sample."""
    phase, wave = 2 * np.pi * np.cumsum(f0) / RATE, np.zeros_like(f0)
    for number in range(1, int(7000 / f0.min()) + 1):
        hz = number * f0
        level = f0 / hz
        for centre, width in formants:
            level = level * centre**2 / np.hypot(centre**2 - hz**2, width * hz)
        wave += np.where(hz < 7500, level, 0) * np.sin(number * phase + 1.1 * number)
    silence = np.zeros(RATE // 2)
    wave = np.r_[silence, 0.3 * wave / np.abs(wave).max(), silence]
    return wave + noise * np.random.default_rng(5).standard_normal(wave.size)


def _curves() -> dict[str, tuple[np.ndarray, str]]:
    t = np.arange(round(SECONDS * RATE)) / RATE
    found = {
        f"{hz} Hz, {v}": (np.full(t.size, float(hz)), v)
        for v, many in STEADY.items()
        for hz in many
    }
    for hz, semitones, rate in ((70, 1, 6), (210, 2, 5), (430, 1, 5), (620, 0.5, 6), (800, 0.5, 5)):
        curve = hz * 2 ** (semitones / 12 * np.sin(2 * np.pi * rate * t))
        found[f"vibrato around {hz} Hz"] = curve, "a"
    for start, end in ((90, 240), (600, 180), (48, 75), (250, 850)):
        found[f"glide from {start} to {end} Hz"] = start * (end / start) ** (t / SECONDS), "o"
    return found


def _unvoiced() -> dict[str, np.ndarray]:
    rng, t = np.random.default_rng(3), np.arange(3 * RATE) / RATE
    noise = rng.standard_normal(t.size)
    envelope = np.abs(np.convolve(np.abs(speech()), np.ones(400) / 400, "same"))
    whisper = np.convolve(rng.standard_normal(envelope.size), [1, -0.6], "same") * envelope
    return {
        "white noise": 0.1 * noise,
        "brown noise": 0.01 * np.cumsum(noise) / 30,
        "a whisper": whisper,
        "digital silence": 0 * t,
        "one bit of dither": np.round(0.5 * rng.random(t.size)) / 32768,
        "a constant": 0 * t + 0.7,
        "denormal numbers": 1e-40 * noise,
        "an impulse every 100 ms": (np.arange(t.size) % 1600 == 0).astype(float),
    }


def _short() -> dict[str, np.ndarray]:
    return {
        "1 sample": np.array([0.3]), "2 samples": np.array([0.3, -0.3]), "159 samples": speech()[9000:9159],
        "3 frames": speech()[16_000:16_480], "a frame and a sample": speech()[16_000:16_161],
        "100 ms": speech()[16_000:17_600],
    }  # fmt: skip


def _music() -> dict[str, np.ndarray]:
    t = np.arange(4 * RATE) / RATE
    notes = 220 * 2 ** (np.array([0, 4, 7, 12, 19, 24, 19, 12])[(2 * t).astype(int) % 8] / 12)
    return {
        "an arpeggio over two octaves": 0.3 * np.sin(2 * np.pi * np.cumsum(notes) / RATE),
        "a tone at 3 kHz": 0.3 * np.sin(6000 * np.pi * t),
        "alternating signs": 0.9 * (-1.0) ** np.arange(t.size),
    }


def cases() -> Iterator[Case]:
    for name, (f0, kind) in _curves().items():
        yield Case(
            "F0", name, "95 % within 20 cents, no octave", partial(_f0, f0=f0, vowel_name=kind)
        )
    for name, samples in _unvoiced().items():
        yield Case(
            "no voice", name, "at most 3 % voiced, warning", partial(_no_voice, samples=samples)
        )
    for name, samples in _short().items():
        yield Case("no voice", name, "tokens, and a stream's too", partial(_tiny, samples=samples))
    for name, samples in _music().items():
        yield Case("no voice", name, "a warning", partial(_doubtful, samples=samples))
    for name, floor, ceiling in (
        ("floor 39.9", 39.9, None), ("ceiling 1000.1", None, 1000.1), ("floor over ceiling", 300, 200),
        ("floor equals ceiling", 120, 120), ("floor NaN", float("nan"), None),
        ("ceiling infinite", None, float("inf")), ("floor -100", -100, None),
    ):  # fmt: skip
        yield Case(
            "F0 limits",
            f"Python: {name}",
            "error",
            partial(_bad_range, floor=floor, ceiling=ceiling),
        )
        yield Case(
            "F0 limits",
            f"command: {name}",
            "exit code 2",
            partial(_bad_option, floor=floor, ceiling=ceiling),
        )
    for key, value in (
        ("f0_floor", "low"), ("f0_floor", -1), ("f0_floor", [75]), ("f0_ceiling", True),
        ("f0_ceiling", 1e9), ("f0_floor", {"hz": 75}), ("f0_ceiling", "NaN"),
    ):  # fmt: skip
        yield Case("F0 limits", f"manifest: {key} {value!r}", "error with the line",
                   partial(_bad_manifest, values={key: value}))  # fmt: skip
    yield Case("F0 limits", "manifest: floor over ceiling", "error with the line",
               partial(_bad_manifest, values={"f0_floor": 200, "f0_ceiling": 150}))  # fmt: skip
    yield Case("F0 limits", "manifest: null and 75.5", "read", _good_manifest)
    yield Case(
        "F0 limits",
        "a floor over the voice",
        "warning",
        partial(_outside, options=("--f0-floor", "400")),
    )
    yield Case(
        "F0 limits",
        "a ceiling below the voice",
        "warning",
        partial(_outside, options=("--f0-ceiling", "60")),
    )
    yield Case(
        "F0 limits",
        "the manifest's floor over the ceiling of the command",
        "exit code 2",
        _contradiction,
    )
    yield Case("F0 limits", "60 to 300", "F0 as fitted", _widest)
    yield Case("F0 limits", "of tokens", "stored in the tokens", _stored)


def _f0(_: Path, f0: np.ndarray, vowel_name: str) -> str:
    audio = Audio.from_array(vowel(f0, VOWELS[vowel_name]), RATE)
    middles = f0[80::160]
    return has_f0(audio, np.r_[np.zeros(50), middles, np.zeros(50)])


def _no_voice(_: Path, samples: np.ndarray) -> str:
    tokens = tokenizer().encode(prosody := tokenizer().extract(Audio.from_array(samples, RATE)))
    share = float(prosody.voiced.mean())
    return first(
        f"{share:.1%} voiced" if share > 0.03 else "", warned(tokens.warnings, "nearly no voice")
    )


def _tiny(folder: Path, samples: np.ndarray) -> str:
    sf.write(folder / "tiny.wav", samples, RATE, "FLOAT")
    outcome, tokens = tokenize(folder, folder / "tiny.wav")
    stream = StreamingTokenizer(RATE)
    stream.push(samples)
    stream.finish()
    frames = stream.tokens.num_frames
    return first(
        expect(outcome, 0),
        "" if len(tokens) == 1 and tokens[0].num_frames == frames else f"{len(tokens)}, {frames}",
    )


def _doubtful(_: Path, samples: np.ndarray) -> str:
    return warned(tokenizer().extract(Audio.from_array(samples, RATE)).warnings)


def _bad_range(_: Path, floor: float | None, ceiling: float | None) -> str:
    return first(
        refused(ConfigError, lambda: F0Range(floor, ceiling), "F0"),
        refused(ConfigError, lambda: StreamingTokenizer(RATE, f0_floor=floor, f0_ceiling=ceiling)),
    )


def _bad_option(folder: Path, floor: float | None, ceiling: float | None) -> str:
    clean().write(folder / "a.wav")
    options = [
        part
        for name, value in (("--f0-floor", floor), ("--f0-ceiling", ceiling))
        if value is not None
        for part in (name, value)
    ]
    outcome, tokens = tokenize(folder, folder / "a.wav", *options)
    return first(expect(outcome, 2), "tokens written" if tokens else "")


def _bad_manifest(folder: Path, values: dict[str, object]) -> str:
    path = folder / "m.jsonl"
    path.write_text('{"audio": "a.wav"}\n' + json.dumps({"audio": "b.wav", **values}) + "\n")
    return refused(
        ManifestError,
        lambda: read_manifest(path),
        "m.jsonl, line 2: ",
        "floor" if "f0_floor" in values else "f0_ceiling",
    )


def _good_manifest(folder: Path) -> str:
    path = folder / "m.jsonl"
    path.write_text('{"audio": "a.wav", "f0_floor": null, "f0_ceiling": 175.5}\n')
    found = read_manifest(path)[0].f0_range
    return "" if found == F0Range(None, 175.5) else str(found)


def _outside(folder: Path, options: tuple[str, ...]) -> str:
    clean().write(folder / "a.wav")
    outcome, tokens = tokenize(folder, folder / "a.wav", *options)
    return first(expect(outcome, 0, "warning", "a.wav", lines=1), warned(tokens[0].warnings))


def _contradiction(folder: Path) -> str:
    clean().write(folder / "a.wav")
    (folder / "m.jsonl").write_text('{"audio": "a.wav", "f0_floor": 150}\n')
    outcome = command("tokenize", folder / "a.wav", "--segments", folder / "m.jsonl", "--f0-ceiling",
                      "120", "--out", folder / "o.jsonl")  # fmt: skip
    return expect(outcome, 2, "a.wav", "150", lines=1)


def _widest(_: Path) -> str:
    found = tokenizer().extract(clean(), f0_floor=60, f0_ceiling=300)
    right = tokenizer().extract(clean())
    both = found.voiced & right.voiced
    near = float(np.mean(1200 * np.abs(np.log2(found.f0 / right.f0))[both] <= 20))
    return "" if near >= 0.95 else f"{near:.1%} within 20 cents"


def _stored(folder: Path) -> str:
    clean().write(folder / "a.wav")
    _, tokens = tokenize(folder, folder / "a.wav", "--f0-floor", 60, "--f0-ceiling", 250)
    found = tokens[0].f0_floor, tokens[0].f0_ceiling
    return "" if found == (60, 250) else str(found)
