"""Samples and sample rates of any type, whole and streamed."""

import array
import fractions
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch

from prosodytok import StreamingTokenizer
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    clean,
    refused,
    same_sound,
    speech,
)

Make = Callable[[np.ndarray, Path], Any]


class Subclass(np.ndarray):
    """An array of a class of its own."""


def _memmap(x: np.ndarray, folder: Path) -> np.ndarray:
    np.save(folder / "x.npy", x)
    return np.load(folder / "x.npy", mmap_mode="r")


def _backwards(x: np.ndarray, _: Path) -> np.ndarray:
    return x[::-1].copy()[::-1]


SAME: dict[str, Make] = {
    "float16 at full scale": lambda x, _: (x / np.abs(x).max()).astype(np.float16),
    "long double": lambda x, _: x.astype(np.longdouble),
    "big-endian float64": lambda x, _: x.astype(">f8"),
    "big-endian int16": lambda x, _: np.round(x * 32767).astype(">i2"),
    "uint16": lambda x, _: np.round(x * 32767 + 32768).astype(np.uint16),
    "uint32": lambda x, _: np.round(x * (2**31 - 1) + 2**31).astype(np.uint32),
    "int32 (N, 2)": lambda x, _: np.round(np.stack([x, x], 1) * (2**31 - 1)).astype(np.int32),
    "Fortran order (N, 3)": lambda x, _: np.asfortranarray(np.stack([x, x, x], 1)),
    "(N, 2) transposed view": lambda x, _: np.stack([x, x]).T,
    "every second column": lambda x, _: np.stack([x, 9 + x, x, 9 - x], 1)[:, ::2],
    "negative strides": _backwards,
    "read-only": lambda x, _: np.frombuffer(x.astype(np.float32).tobytes(), np.float32),
    "unaligned": lambda x, _: np.frombuffer(b"x" + x.tobytes(), np.uint8)[1:].view(np.float64),
    "a memory map": _memmap,
    "a subclass": lambda x, _: x.view(Subclass),
    "masked, none masked": lambda x, _: np.ma.MaskedArray(x, mask=np.zeros(x.size, bool)),
    "a list of lists (N, 1)": lambda x, _: x[:, None].tolist(),
    "a tuple": lambda x, _: tuple(x.tolist()),
    "array.array of float": lambda x, _: array.array("f", x.tolist()),
    "array.array of int16": lambda x, _: array.array("h", np.round(x * 32767).astype(int).tolist()),
    "memoryview": lambda x, _: memoryview(x.astype(np.float32)),
    "a pandas Series": lambda x, _: pd.Series(x, index=range(7, 7 + x.size)),
    "a pandas DataFrame of 2 columns": lambda x, _: pd.DataFrame({"left": x, "right": x}),
    "a polars Series": lambda x, _: pl.Series(x),
    "an Arrow array": lambda x, _: pa.array(x),
    "torch float64 (2, N), not contiguous": lambda x, _: torch.from_numpy(np.stack([x, x], 1)).T,
    "torch int16": lambda x, _: torch.from_numpy(np.round(x * 32767).astype(np.int16)),
    "torch with a gradient (N, 1)": lambda x, _: torch.from_numpy(x)[:, None].requires_grad_(),
    "torch conjugate view": lambda x, _: torch.complex(torch.from_numpy(x), torch.zeros(x.size).double()).conj().real,
    "a torch Parameter": lambda x, _: torch.nn.Parameter(torch.from_numpy(x)),
}  # fmt: skip
REFUSED: dict[str, Make] = {
    "bool": lambda x, _: x > 0,
    "strings": lambda x, _: x.astype(str),
    "a string": lambda x, _: "sound.wav",
    "a path": lambda x, folder: folder / "sound.wav",
    "bytes": lambda x, _: x.astype(np.int16).tobytes(),
    "None": lambda x, _: None,
    "objects": lambda x, _: x.astype(object),
    "a generator": lambda x, _: (value for value in x),
    "a dict": lambda x, _: {"array": x, "sampling_rate": RATE},
    "a set": lambda x, _: set(x.tolist()),
    "dates": lambda x, _: x.astype("datetime64[s]"),
    "a record array": lambda x, _: np.zeros(9, dtype=[("left", "f4"), ("right", "f4")]),
    "lists of several lengths": lambda x, _: [[0.1, 0.2], [0.3]],
    "(1, 1, N)": lambda x, _: x[None, None],
    "(2, 2, N)": lambda x, _: np.zeros((2, 2, 99)),
    "(33, 40)": lambda x, _: np.zeros((33, 40)),
    "(0,)": lambda x, _: x[:0],
    "(0, 2)": lambda x, _: np.zeros((0, 2)),
    "(2, 0)": lambda x, _: np.zeros((2, 0)),
    "one NaN": lambda x, _: np.r_[x, np.nan],
    "one infinity": lambda x, _: np.r_[x, -np.inf],
    "float64 of 1e300": lambda x, _: x * 1e300,
    "int64": lambda x, _: np.round(x * 32767).astype(np.int64),
    "uint64": lambda x, _: np.round(x * 32767 + 32768).astype(np.uint64),
    "masked samples": lambda x, _: np.ma.masked_greater(x, 0.1),
    "a torch tensor on meta": lambda x, _: torch.zeros(9, device="meta"),
    "a complex torch tensor": lambda x, _: torch.from_numpy(x) * 1j,
    "a sparse torch tensor": lambda x, _: torch.from_numpy(x).to_sparse(),
    "a list of torch tensors of several lengths": lambda x, _: [torch.zeros(3), torch.zeros(4)],
    "a pandas Series with None": lambda x, _: pd.Series([0.1, None, 0.2]),
    "an Arrow array with null": lambda x, _: pa.array([0.1, None, 0.2]),
    "a function": lambda x, _: np.sin,
}  # fmt: skip
GOOD_RATES: dict[str, Any] = {
    "float32": np.float32(16_000), "int16": np.int16(16_000), "Fraction": fractions.Fraction(16_000),
    "0-d array": np.array(16_000), "torch float": torch.tensor(16_000.0),
}  # fmt: skip
BAD_RATES: dict[str, Any] = {
    "a string": "16000", "None": None, "0": 0, "negative": -16_000, "NaN": float("nan"),
    "infinite": float("inf"), "a fraction": 44_100.5, "True": True, "a list": [16_000],
    "two numbers": np.array([16_000, 16_000]), "the samples": speech(), "complex": 16_000j,
    "kHz": 44.1, "10**400": 10**400,
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, make in SAME.items():
        yield Case("arrays", name, "tokens as clean", partial(_same, make=make))
    for name, make in REFUSED.items():
        yield Case("arrays", name, "error", partial(_refused, make=make))
    for name, rate in GOOD_RATES.items():
        yield Case("arrays", f"rate: {name}", "tokens as clean", partial(_rate, rate=rate))
    for name, rate in BAD_RATES.items():
        yield Case("arrays", f"rate: {name}", "error", partial(_bad_rate, rate=rate))
    for name, chunks in _chunks().items():
        yield Case("streams", name, "tokens of the whole stream", partial(_stream, chunks=chunks))
    for name, chunk in {
        "NaN": np.array([np.nan]), "3 axes": np.zeros((1, 1, 160)), "strings": ["a"], "bool": [True],
        "3 channels after 2": np.zeros((160, 3)), "the axes exchanged": np.zeros((2, 800)), "int64": np.array([5, 9]), "None": None,
    }.items():  # fmt: skip
        check = partial(_bad_chunk, chunk=chunk)
        yield Case("streams", f"a chunk with {name}", "error, and the stream goes on", check)


def _same(folder: Path, make: Make) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning of a library is no sentence of prosodytok
        samples = make(speech(), folder)
        warnings.simplefilter("error")
        audio = Audio.from_array(samples, RATE)
    return same_sound(audio, 0.98)


def _refused(folder: Path, make: Make) -> str:
    return refused(AudioError, lambda: Audio.from_array(make(speech(), folder), RATE))


def _rate(_: Path, rate: Any) -> str:
    return same_sound(Audio.from_array(speech(), rate))


def _bad_rate(_: Path, rate: Any) -> str:
    return refused(AudioError, lambda: Audio.from_array(speech(), rate), "sample_rate")


def _chunks() -> dict[str, list[Any]]:
    x = clean().samples
    parts = [x[start : start + 800] for start in range(0, x.size, 800)]
    mixed = [
        (part, part[None], part[:, None], torch.from_numpy(part), part.tolist())[number % 5]
        for number, part in enumerate(parts)
    ]
    return {
        "one chunk": [x],
        "chunks of 7 samples": [x[start : start + 7] for start in range(0, x.size, 7)],
        "empty chunks between": [part for pair in zip(parts, [[]] * len(parts), strict=True) for part in pair],
        "arrays, lists and tensors in turn": mixed,
        "a chunk of one sample in (1, 1)": [x[:1][None], x[1:]],
        "(2, N) of equal channels": [np.stack([part, part]) for part in parts],
    }  # fmt: skip


def _stream(_: Path, chunks: list[Any]) -> str:
    stream, right = StreamingTokenizer(RATE), StreamingTokenizer(RATE)
    for chunk in chunks:
        stream.push(chunk)
    stream.finish()
    right.push(clean().samples)
    right.finish()
    found, codes = stream.tokens["frame"].codes, right.tokens["frame"].codes
    return "" if np.array_equal(found, codes) else f"{found.shape}, {codes.shape} or others"


def _bad_chunk(_: Path, chunk: Any) -> str:
    x = np.stack([clean().samples] * 2, 1)
    stream, right = StreamingTokenizer(RATE), StreamingTokenizer(RATE)
    stream.push(x[:20_000])
    problem = refused(AudioError, lambda: stream.push(chunk))
    stream.push(x[20_000:])
    stream.finish()
    right.push(x)
    right.finish()
    equal = np.array_equal(stream.tokens["frame"].codes, right.tokens["frame"].codes)
    return problem or ("" if equal else "other tokens afterwards")
