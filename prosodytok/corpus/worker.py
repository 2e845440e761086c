"""What works on a shard, the same in a process of this machine and on a cluster."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from prosodytok.corpus.archive import unpacked
from prosodytok.corpus.dataset import Dataset, Shard, data_row, error_row
from prosodytok.corpus.encode import (
    FRAMES_AT_ONCE,
    Prepared,
    encode_together,
    limit_kernel_cache,
    prepare,
)
from prosodytok.corpus.item import Item
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import USAGE_ERRORS, CheckpointError, ConfigError, ProsodytokError
from prosodytok.types.tokens import ProsodyTokens

Result = TypeVar("Result")
Row = dict[str, Any]

#: Where the network may compute.
DEVICES = ("auto", "cpu", "cuda")
#: Errors that are no utterance's fault: after the last (torch 2.8) a process has no GPU any more.
GPU_IS_GONE: type[Exception] = getattr(torch, "AcceleratorError", ConfigError)
#: Nor are these: the machine lacks room, or may open no more files.
EXHAUSTED = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EROFS)


@dataclass(frozen=True)
class Outcome:
    """What became of one utterance.

    Parameters
    ----------
    audio : str
        Its sound.
    seconds : float
        How long that is; 0 where it could not be used.
    reason : str
        Why it could not be used.
    """

    audio: str
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Task:
    """What a worker is to do with each shard.

    Parameters
    ----------
    folder : path
        The dataset.
    folder_of_call : path
        Working directory, which relative paths start from.
    checkpoint : str
        A bundled checkpoint's name, or a folder.
    fingerprint : str
        The name that its tokens must carry.
    f0 : str
        Pitch tracker.
    search : bool
        Whether codes are searched for; see `ProsodyTokenizer`.
    device : {"cpu", "cuda"}
        Where the network computes.
    """

    folder: Path
    folder_of_call: Path
    checkpoint: str
    fingerprint: str
    f0: str
    search: bool
    device: str = "cpu"


class Worker:
    """Turns shards into files, with a tokenizer that is loaded once.

    Parameters
    ----------
    task : Task
        What to do.
    number : int
        Which of a machine's workers it is: they take turns at its GPUs.

    Raises
    ------
    CheckpointError
        If the checkpoint here is not the one that the dataset was begun with.
    ConfigError
        If there is no GPU here and the task wants one.
    """

    def __init__(self, task: Task, number: int = 0) -> None:
        limit_kernel_cache()
        self.dataset = Dataset(task.folder)
        self.tokenizer = ProsodyTokenizer.from_pretrained(
            task.checkpoint, f0=task.f0, search=task.search
        ).to(device_of(task.device, number))
        if self.tokenizer.checkpoint != task.fingerprint:
            raise CheckpointError(
                f"{task.checkpoint}: here it is {self.tokenizer.checkpoint}, where the extraction "
                f"was started it is {task.fingerprint}: install one version everywhere"
            )

    def __call__(self, shard: Shard, tell: Callable[[Outcome], None]) -> None:
        """Work on a shard, tell of each of its utterances in their order, and write it.

        Raises
        ------
        ProsodytokError
            If the call itself is wrong (`USAGE_ERRORS`): of one utterance, it would be of all.
        OSError
            If the shard cannot be written, or the machine lacks room.
        """
        rows: list[Row] = []
        errors: list[Row] = []
        for item, found in self._work(shard):
            if isinstance(found, Exception):
                errors.append(error_row(item, found))
                tell(Outcome(errors[-1]["audio"], reason=errors[-1]["reason"]))
            else:
                rows.append(found)
                tell(Outcome(found["audio"], found["duration"]))
        self.dataset.write(shard.index, rows, errors)

    def _work(self, shard: Shard) -> Iterator[tuple[Item, Row | Exception]]:
        """Each utterance's row, or why there is none; a minute or so of speech is encoded at once.

        Of no error on the way it is known beforehand that it is none of a single utterance: of a
        million files, one that nobody thought of is no end.
        """
        at_once = 0 if shard.one_by_one else FRAMES_AT_ONCE
        waiting: list[tuple[Item, Prepared | Exception]] = []
        frames = 0
        for item in shard.items:
            prepared = _tried(self._prepare, item)
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
            except ProsodytokError as error:  # of a file that is gone when anybody reads this
                if source is item.source:
                    raise
                name = str(item.source.audio)
                raise type(error)(str(error).replace(str(source.audio), name)) from error

    def _finish(
        self, waiting: list[tuple[Item, Prepared | Exception]]
    ) -> Iterator[tuple[Item, Row | Exception]]:
        encoded = iter(self._encode([p for _, p in waiting if not isinstance(p, Exception)]))
        for item, prepared in waiting:
            found = prepared if isinstance(prepared, Exception) else next(encoded)
            yield item, found if isinstance(found, Exception) else _tried(_row, item, found)

    def _encode(self, prepared: list[Prepared]) -> list[ProsodyTokens | Exception]:
        """Tokens of utterances, or why there are none; one by one where they fail together."""
        together = _tried(encode_together, self.tokenizer, prepared)
        if not isinstance(together, Exception):
            return [*together]
        if len(prepared) == 1:
            return [together]
        return [found for one in prepared for found in self._encode([one])]


def device_of(name: str, number: int = 0) -> str:
    """Which device is meant by ``"auto"``, ``"cpu"`` or ``"cuda"``, for a worker of this number.

    Raises
    ------
    ConfigError
        If there is no such name, or none of this kind here.
    """
    if name not in DEVICES:
        raise ConfigError(f"unknown device {name!r}: choose from {', '.join(DEVICES)}")
    gpus = torch.cuda.device_count()
    if name == "auto":
        name = "cuda" if gpus else "cpu"
    if name == "cuda" and not gpus:
        raise ConfigError("torch finds no GPU here: take --device cpu, or install torch with CUDA")
    return f"cuda:{number % gpus}" if name == "cuda" else name


def _tried(work: Callable[..., Result], *arguments: Any) -> Result | Exception:
    """What a function gives, or what goes wrong, unless that is no fault of the utterance."""
    try:
        return work(*arguments)
    except (*USAGE_ERRORS, GPU_IS_GONE):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in EXHAUSTED:
            raise
        return error


def _row(item: Item, tokens: ProsodyTokens) -> Row:
    return data_row(item, replace(tokens, audio=str(item.source.audio)))
