"""The tokenizer in programs that use torch in other ways."""

import contextlib
import copy
import pickle
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prosodytok import ProsodyTokenizer, StreamingTokenizer
from tests.torch_settings import default_dtype
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    clean,
    clean_prosody,
    clean_tokens,
    first,
    same_tokens,
    tokenizer,
)

SETTINGS: dict[str, Callable[[], Any]] = {
    "autocast to float16": lambda: torch.autocast("cpu", dtype=torch.float16),
    "nested autocast": lambda: _both(torch.autocast("cpu", dtype=torch.bfloat16), torch.autocast("cpu", enabled=False)),
    "default dtype float16": lambda: default_dtype(torch.float16),
    "default dtype float64 within autocast": lambda: _both(default_dtype(torch.float64), torch.autocast("cpu", dtype=torch.bfloat16)),
    "default device meta": lambda: torch.device("meta"),
    "inference mode within no_grad": lambda: _both(torch.no_grad(), torch.inference_mode()),
    "gradients enabled": torch.enable_grad,
    "deterministic algorithms": lambda: _deterministic(),
    "anomaly detection": lambda: torch.autograd.set_detect_anomaly(True),
    "saved-tensor hooks": lambda: torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t),
    "2 threads": lambda: _threads(2),
    "a seed": lambda: _seeded(),
}  # fmt: skip


@contextlib.contextmanager
def _both(one: Any, two: Any) -> Iterator[None]:
    with one, two:
        yield


@contextlib.contextmanager
def _deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


@contextlib.contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    yield
    if not torch.equal(before, torch.random.get_rng_state()):
        raise AssertionError("the state of the random generator has changed")


def cases() -> Iterator[Case]:
    for name, setting in SETTINGS.items():
        yield Case(
            "torch", name, "tokens as clean, settings kept", partial(_setting, setting=setting)
        )
    for name, check, right in (
        ("pickled with protocol 2", _pickled, "tokens as clean"), ("copied", _copied, "tokens as clean"),
        ("a stream copied in the middle", _stream, "both as one stream"),
        ("in 6 threads", _threaded, "tokens as clean"), ("an attribute of a Module", _module, "weights kept"),
        ("converted to half precision", _half, "error"), ("loaded in inference mode", _loaded, "tokens as clean"),
        ("tensors of a batch as a sound", _batch, "tokens as clean"),
    ):  # fmt: skip
        yield Case("torch", name, right, check)


def _encode(with_tokenizer: ProsodyTokenizer | None = None) -> str:
    used = with_tokenizer or tokenizer()
    return same_tokens(used.encode(used.extract(clean())), 1.0)


def _setting(_: Path, setting: Callable[[], Any]) -> str:
    before = torch.get_default_dtype(), torch.is_grad_enabled()
    right = tokenizer().decode(clean_tokens()).f0
    with setting():
        problem = _encode()
        decoded = tokenizer().decode(clean_tokens()).f0
        fresh = _encode(ProsodyTokenizer.from_pretrained())
    after = torch.get_default_dtype(), torch.is_grad_enabled()
    same = np.allclose(decoded, right, rtol=1e-4)
    return first(
        problem, fresh, "" if same else "decoded differently", "" if before == after else f"{after}"
    )


def _pickled(_: Path) -> str:
    return _encode(pickle.loads(pickle.dumps(tokenizer(), protocol=2)))


def _copied(_: Path) -> str:
    return first(_encode(copy.copy(tokenizer())), _encode(copy.deepcopy(tokenizer())))


def _stream(_: Path) -> str:
    streams = [StreamingTokenizer(RATE)]
    streams[0].push(clean().samples[:17_001])
    streams.append(copy.deepcopy(streams[0]))
    for stream in streams:
        stream.push(clean().samples[17_001:])
        stream.finish()
    one, two = (stream.tokens["frame"].codes for stream in streams)
    return "" if np.array_equal(one, two) else "other tokens"


def _threaded(_: Path) -> str:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(_encode())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return first(*found) if len(found) == 6 else f"{len(found)} of 6"


def _module(_: Path) -> str:
    module = torch.nn.Linear(2, 2)
    module.tokenizer = tokenizer()
    module.half().train()
    count = sum(1 for _ in module.parameters())
    return first("" if count == 2 else f"{count} parameters", _encode(module.tokenizer))


def _half(_: Path) -> str:
    own = ProsodyTokenizer.from_pretrained()
    own.network.half()
    try:
        own.encode(clean_prosody())
    except Exception as error:  # of any kind that prosodytok defines
        return "" if type(error).__module__.startswith("prosodytok") else f"{type(error)}"
    return "no error"


def _loaded(_: Path) -> str:
    with torch.inference_mode():
        own = ProsodyTokenizer.from_pretrained()
    return _encode(own)


def _batch(_: Path) -> str:
    from prosodytok.types.audio import Audio

    batch = torch.from_numpy(np.stack([clean().samples] * 3))
    tokens = [tokenizer().encode(tokenizer().extract(Audio.from_array(row, RATE))) for row in batch]
    return first(*(same_tokens(item, 1.0) for item in tokens))
