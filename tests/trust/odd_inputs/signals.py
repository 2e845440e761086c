"""Speech at odd levels, offsets, rates and channel layouts, with clicks, hum and dropouts."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from prosodytok import StreamingTokenizer, load
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    clean,
    clean_prosody,
    first,
    like_clean,
    refused,
    same_sound,
    speech,
    tokenizer,
    warned,
)

RATES = (4_000, 6_000, 8_000, 11_025, 12_345, 22_050, 37_800, 44_056, 48_000, 88_200, 96_000,
         176_400, 384_000, 768_000)  # fmt: skip


def _times() -> np.ndarray:
    return np.arange(speech().size) / RATE


def _peak() -> float:
    return float(np.abs(speech()).max())


def _clicks(*seconds: float, height: float = 0.99) -> np.ndarray:
    found = speech()
    for second in seconds:
        found[round(second * RATE) :][:16] = height
    return found


def _noise(level: float) -> np.ndarray:
    return level * np.random.default_rng(1).standard_normal(speech().size)


def _same() -> dict[str, np.ndarray]:
    """Signals whose tokens are those of the clean sound."""
    x, peak = speech(), _peak()
    return {
        "offset of half of the peak": x + peak / 2,
        "negative offset of half of the peak": x - peak / 2,
        "offset of a tenth of the peak": x + peak / 10,
        "gain 1e-2": 1e-2 * x,
        "gain 1e3": 1e3 * x,
        "gain 1e30": 1e30 * x,
        "inverted": -x,
        "24 bits with a floor of 1 bit": np.round(x * 2**23) / 2**23,
    }


def _like() -> dict[str, np.ndarray]:
    """Signals with the F0 and the voicing of the clean sound."""
    x, t, peak = speech(), _times(), _peak()
    dropped = x.copy()
    dropped[: RATE // 2] = 0  # the start has little voice
    return {
        "an offset that drifts from 0 to half of the peak": x + peak / 2 * t / t[-1],
        "an offset that drifts at 0.2 Hz": x + peak / 2 * np.sin(0.4 * np.pi * t),
        "an offset that drifts at 1 Hz": x + peak / 4 * np.sin(2 * np.pi * t),
        "an offset that jumps in the middle": x + peak / 2 * (t > t[-1] / 2),
        "an offset of 40 dB over soft speech": 0.01 * x + 0.5,
        "gain 1e-4": 1e-4 * x,
        "rumble at 12 Hz": x + peak / 16 * np.sin(24 * np.pi * t),
        "white noise at 30 dB": x + _noise(0.067 / 32),
        "12 bits": np.round(x * 2**11) / 2**11,
        "clipped by 3 dB": np.clip(x, -0.7 * peak, 0.7 * peak),
    }


def _doubtful() -> dict[str, np.ndarray]:
    """Signals that cannot be measured as the clean sound, which a warning must say."""
    x, t, peak = speech(), _times(), _peak()
    hum = sum(np.sin(120 * k * np.pi * t) for k in (1, 2, 3))
    beep = np.sin(2 * np.pi * 1000 * np.arange(RATE // 3) / RATE)
    return {
        "gain 1e-30": 1e-30 * x,
        "hum of 50 Hz, 30 dB below the peak": x + peak / 32 * np.sin(100 * np.pi * t),
        "hum of 60 Hz with harmonics": x + peak / 50 * hum,
        "a whistle at 7 kHz": x + peak / 5 * np.sin(14_000 * np.pi * t),
        "a beep 30 dB over the speech": np.r_[0.1 * x, beep],
        "a beep as loud as the speech": np.r_[x, peak * beep],
        "two sentences, one a fifth higher": np.r_[x, x, soxr.resample(x, 2 * RATE, RATE)],
    }


def _channels() -> dict[str, np.ndarray]:
    """Several channels (N, C) of the clean sound."""
    x, zero = speech(), np.zeros(speech().size)
    soft = _noise(1e-6)
    return {
        "8 equal channels": np.stack([x] * 8, 1),
        "32 channels, one with speech": np.stack([zero] * 17 + [x] + [zero] * 14, 1),
        "right channel inverted and softer by 1 %": np.stack([x, -0.99 * x], 1),
        "right channel inverted, with noise": np.stack([x + soft, -x], 1),
        "inverted between 3 channels": np.stack([x, -x, zero], 1),
        "4 channels, two inverted": np.stack([x, -x, x, -x], 1),
        "left channel at a hundredth": np.stack([0.01 * x, x], 1),
        "an offset in one channel": np.stack([x, x + 0.3], 1),
        "an offset and no sound in one channel": np.stack([x, zero + 0.5], 1),
        "speech in the LFE channel of 5.1": np.stack([zero, zero, zero, x, zero, zero], 1),
    }


def cases() -> Iterator[Case]:
    for name, samples in _same().items():
        yield Case("levels and offsets", name, "tokens as clean", partial(_tokens, samples=samples))
    for name, samples in _like().items():
        check = partial(_prosody, samples=samples)
        yield Case("levels and offsets", name, "F0 within 20 cents, voicing 95 %", check)
    for name, samples in _doubtful().items():
        yield Case("levels and offsets", name, "a warning", partial(_warned, samples=samples))
    for name, samples in _channels().items():
        check = partial(_from_file, samples=samples)
        yield Case("channels", name, "tokens as clean", check)
    yield Case("channels", "an echo after 0.9 ms", "F0, and a warning if one is left out", _echo)
    yield Case("channels", "silent and antiphase in turn", "F0 within 20 cents", _turns)
    for name, seconds in (("at the start", 0.0), ("in the speech", 1.33), ("at the end", 3.28)):
        yield Case(
            "clicks", f"one {name}", "prosody as clean beyond 0.3 s", partial(_click, at=seconds)
        )
    yield Case("clicks", "a negative one in speech of -50 dB", "prosody beyond 0.3 s", _soft_click)
    yield Case("clicks", "one a second", "voicing 93 %", _many_clicks)
    yield Case("clicks", "a dropout of 30 ms", "prosody as clean beyond 0.3 s", _dropout)
    for rate in RATES:
        right = "tokens 93 % as clean" if rate > RATE else "F0 within 20 cents"
        yield Case("rates", f"{rate} Hz", right, partial(_rate, rate=rate))
    yield Case("rates", "1000 Hz", "a line, or error", partial(_low, rate=1000))
    yield Case("rates", "999 Hz", "error", _too_low)
    for name, samples in {**_same(), **_like()}.items():
        # A stream takes a peak below 0.0006 for silence.
        if ("offset" in name or "gain" in name) and name != "gain 1e-4":
            yield Case("streams", name, "F0 of the clean stream", partial(_stream, samples=samples))
    for seconds in (0.5, 1.0, 3.0):
        check = partial(_register, samples=np.r_[speech(), np.zeros(round(seconds * RATE))])
        yield Case("register", f"{seconds} s of silence appended", "unchanged", check)
        check = partial(_register, samples=np.r_[np.zeros(round(seconds * RATE)), speech()])
        yield Case("register", f"{seconds} s of silence in front", "unchanged", check)
    yield Case("register", "a click", "unchanged", partial(_register, samples=_clicks(3.1)))
    yield Case("register", "10 s of noise at -70 dB", "unchanged",
               partial(_register, samples=np.r_[speech(), 3e-4 * np.random.default_rng(0).standard_normal(10 * RATE)]))  # fmt: skip


def _tokens(_: Path, samples: np.ndarray) -> str:
    return same_sound(Audio.from_array(samples, RATE))


def _prosody(_: Path, samples: np.ndarray) -> str:
    return like_clean(Audio.from_array(samples, RATE))


def _warned(_: Path, samples: np.ndarray) -> str:
    return warned(tokenizer().extract(Audio.from_array(samples, RATE)).warnings)


def _same_outside(samples: np.ndarray, at: float) -> str:
    """Whether F0, voicing and energy are those of the clean sound beyond 0.3 s around a time."""
    found, right = tokenizer().extract(Audio.from_array(samples, RATE)), clean_prosody()
    far = np.abs(right.times - at) > 0.3
    voiced = float(np.mean((found.voiced == right.voiced)[far]))
    f0 = 1200 * np.abs(np.log2(found.f0 / right.f0))[far & found.voiced & right.voiced]
    energy = np.abs(found.energy - right.energy)[far & (right.energy > right.energy.max() - 45)]
    good = voiced >= 0.99 and np.mean(f0 <= 20) >= 0.99 and np.mean(energy < 0.1) >= 0.99
    return (
        ""
        if good
        else f"voicing equal in {voiced:.1%}, F0 {f0.max():.0f} cents, {energy.max():.1f} dB"
    )


def _from_file(folder: Path, samples: np.ndarray) -> str:
    sf.write(folder / "a.wav", samples, RATE, "FLOAT")
    return same_sound(load(folder / "a.wav"), 0.97)


def _echo(_: Path) -> str:
    audio = Audio.from_array(np.stack([speech(), np.roll(speech(), 14)]), RATE)
    return like_clean(audio, 0.93, 0.93)


def _turns(_: Path) -> str:
    x, half = speech(), speech().size // 2
    right = np.r_[np.zeros(half), -x[half:]]
    return like_clean(Audio.from_array(np.stack([x, right]), RATE))


def _click(_: Path, at: float) -> str:
    return _same_outside(_clicks(at), at)


def _soft_click(_: Path) -> str:
    x = speech()
    x[2 * RATE : 2 * RATE + 16] = -0.99 / 0.003 * _peak()
    found = 0.003 / _peak() * x
    prosody = tokenizer().extract(Audio.from_array(found, RATE))
    far = np.abs(prosody.times - 2) > 0.3
    voiced = float(np.mean((prosody.voiced == clean_prosody().voiced)[far]))
    return "" if voiced >= 0.99 else f"voicing equal in {voiced:.1%}"


def _many_clicks(_: Path) -> str:
    return like_clean(Audio.from_array(_clicks(0.5, 1.5, 2.5), RATE), 0.9, 0.93)


def _dropout(_: Path) -> str:
    x = speech()
    x[2 * RATE : 2 * RATE + 480] = 0
    return _same_outside(x, 2.0)


def _resampled(rate: int) -> np.ndarray:
    return np.asarray(soxr.resample(speech(), RATE, rate))


def _rate(folder: Path, rate: int) -> str:
    path = folder / "rate.wav"
    sf.write(path, _resampled(rate), rate, "FLOAT")
    if rate > RATE:
        return same_sound(load(path), 0.93)
    return like_clean(load(path), 0.9, 0.93)


def _low(folder: Path, rate: int) -> str:
    sf.write(folder / "low.wav", _resampled(rate), rate, "FLOAT")
    tokens = tokenizer().encode(tokenizer().extract(load(folder / "low.wav")))
    return "" if tokens.num_frames == clean_prosody().num_frames else f"{tokens.num_frames} frames"


def _too_low(folder: Path) -> str:
    sf.write(folder / "low.wav", _resampled(1000), 999, "FLOAT")
    return refused(AudioError, lambda: load(folder / "low.wav"), "low.wav", "1000")


def streamed(samples: np.ndarray) -> StreamingTokenizer:
    stream = StreamingTokenizer(RATE)
    for start in range(0, len(samples), 1600):
        stream.push(samples[start : start + 1600])
    stream.finish()
    return stream


def _stream(_: Path, samples: np.ndarray) -> str:
    found, right = streamed(samples).prosody, streamed(clean().samples).prosody
    late = slice(50, None)  # a running offset needs a start
    equal = float(np.mean(found.voiced[late] == right.voiced[late]))
    both = (found.voiced & right.voiced)[late]
    near = float(np.mean((1200 * np.abs(np.log2(found.f0 / right.f0)))[late][both] <= 20))
    good = equal >= 0.93 and near >= 0.95
    return "" if good else f"voicing equal in {equal:.1%}, {near:.1%} within 20 cents"


def _register(_: Path, samples: np.ndarray) -> str:
    found = tokenizer().encode(tokenizer().extract(Audio.from_array(samples, RATE))).register
    right = tokenizer().encode(clean_prosody()).register
    changes = {
        "f0_median_hz": 0.5, "f0_spread_st": 0.1, "energy_level_db": 0.3, "energy_range_db": 0.5,
    }  # fmt: skip
    wrong = [
        f"{name} {getattr(right, name):.2f} becomes {getattr(found, name):.2f}"
        for name, most in changes.items()
        if abs(getattr(found, name) - getattr(right, name)) > most
    ]
    return first("; ".join(wrong))
