"""Tokenize one shard; the same code runs in a local process and on a cluster."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from prosodytok.corpus.archive import unpacked
from prosodytok.corpus.corpus_item import Item
from prosodytok.corpus.dataset import Dataset, Shard, data_row, error_row
from prosodytok.corpus.encode import (
    FRAMES_AT_ONCE,
    Prepared,
    encode_together,
    limit_kernel_cache,
    prepare,
)
from prosodytok.io.manifest import unicode_name
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import USAGE_ERRORS, CheckpointError, ConfigError, ProsodytokError
from prosodytok.types.tokens import ProsodyTokens

Result = TypeVar("Result")
Row = dict[str, Any]

DEVICES = ("auto", "cpu", "cuda")
#: Error after which a process has lost its GPU (torch 2.8); not the utterance's fault.
GPU_LOST: type[Exception] = getattr(torch, "AcceleratorError", ConfigError)
#: Errors of the machine (disk full, too many open files, read-only), not of the utterance.
EXHAUSTED = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EROFS)


@dataclass(frozen=True)
class Outcome:
    """Outcome of one utterance.

    Parameters
    ----------
    audio : str
        Path of the sound.
    seconds : float
        Duration of the sound; 0 if the utterance failed.
    reason : str
        Reason of the failure, or "".
    warnings : tuple of str
        What is doubtful about the utterance.
    """

    audio: str
    seconds: float = 0.0
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """Settings of a worker.

    `folder` is that of the dataset, `working_folder` the base of relative paths; `fingerprint` is
    the expected name of the checkpoint, with the digest of its weights; `device` is "cpu" or
    "cuda".
    """

    folder: Path
    working_folder: Path
    checkpoint: str
    fingerprint: str
    f0: str
    search: bool
    device: str = "cpu"


class Worker:
    """Writes the files of shards; loads the tokenizer once.

    Its number on its machine selects its GPU. Raises `CheckpointError` if the checkpoint is not the
    one that the dataset was started with, and `ConfigError` if a required GPU is missing.
    """

    def __init__(self, task: Task, number: int = 0) -> None:
        limit_kernel_cache()
        self.dataset = Dataset(task.folder)
        self.tokenizer = ProsodyTokenizer.from_pretrained(
            task.checkpoint, f0=task.f0, search=task.search
        ).to(resolve_device(task.device, number))
        if self.tokenizer.checkpoint != task.fingerprint:
            raise CheckpointError(
                f"{task.checkpoint}: here it is {self.tokenizer.checkpoint}, where the extraction "
                f"was started it is {task.fingerprint}: install one version everywhere"
            )

    def __call__(self, shard: Shard, report: Callable[[Outcome], None]) -> None:
        """Tokenize a shard, report the outcome of each utterance in order, and write the files.

        Raises `ProsodytokError` if the call itself is wrong (`USAGE_ERRORS`), which affects all
        utterances, and `OSError` if the shard cannot be written or the machine lacks disk space or
        file handles.
        """
        rows: list[Row] = []
        errors: list[Row] = []
        for item, result in self._tokenize(shard):
            if isinstance(result, Exception):
                errors.append(error_row(item, result))
                report(Outcome(errors[-1]["audio"], reason=errors[-1]["reason"]))
            else:
                rows.append(result)
                doubts = tuple(result.get("warnings", ()))
                report(Outcome(result["audio"], result["duration"], warnings=doubts))
        self.dataset.write(shard.index, rows, errors)

    def _tokenize(self, shard: Shard) -> Iterator[tuple[Item, Row | Exception]]:
        """Row or error of each utterance; about a minute of speech is encoded at once.

        Any unexpected exception fails only that utterance: one unforeseen file must not end the
        extraction of millions.
        """
        at_once = 0 if shard.one_by_one else FRAMES_AT_ONCE
        waiting: list[tuple[Item, Prepared | Exception]] = []
        frames = 0
        for item in shard.items:
            prepared = _result_or_error(self._prepare, item)
            waiting.append((item, prepared))
            if not isinstance(prepared, Exception):
                frames += prepared[1].prosody.num_frames
            if frames >= at_once:
                yield from self._finish(waiting)
                waiting, frames = [], 0
        yield from self._finish(waiting)

    def _prepare(self, item: Item) -> Prepared:
        with unpacked(item) as source:
            try:
                return prepare(self.tokenizer, source)
            except ProsodytokError as error:  # name the archive, not the temporary file
                if source is item.source:
                    raise
                name = str(item.source.audio)
                raise type(error)(str(error).replace(str(source.audio), name)) from error

    def _finish(
        self, waiting: list[tuple[Item, Prepared | Exception]]
    ) -> Iterator[tuple[Item, Row | Exception]]:
        encoded = iter(self._encode([p for _, p in waiting if not isinstance(p, Exception)]))
        for item, prepared in waiting:
            tokens = prepared if isinstance(prepared, Exception) else next(encoded)
            if isinstance(tokens, Exception):
                yield item, tokens
            else:
                yield item, _result_or_error(_row, item, tokens)

    def _encode(self, prepared: list[Prepared]) -> list[ProsodyTokens | Exception]:
        """Tokens or error of each utterance; if the batch fails, encode one at a time."""
        together = _result_or_error(encode_together, self.tokenizer, prepared)
        if not isinstance(together, Exception):
            return [*together]
        if len(prepared) == 1:
            return [together]
        return [result for one in prepared for result in self._encode([one])]


def resolve_device(name: str, number: int = 0) -> str:
    """Device of a numbered worker for "auto", "cpu" or "cuda"; ConfigError without it."""
    if name not in DEVICES:
        raise ConfigError(f"unknown device {name!r}: choose from {', '.join(DEVICES)}")
    gpus = torch.cuda.device_count()
    if name == "auto":
        name = "cuda" if gpus else "cpu"
    if name == "cuda" and not gpus:
        raise ConfigError("torch finds no GPU here: take --device cpu, or install torch with CUDA")
    return f"cuda:{number % gpus}" if name == "cuda" else name


def _result_or_error(work: Callable[..., Result], *arguments: Any) -> Result | Exception:
    """Result of a function or its exception; re-raises exceptions not caused by the utterance."""
    try:
        return work(*arguments)
    except (*USAGE_ERRORS, GPU_LOST):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in EXHAUSTED:
            raise
        return error


def _row(item: Item, tokens: ProsodyTokens) -> Row:
    return data_row(item, replace(tokens, audio=unicode_name(item.source.audio)))
