"""What works on a shard, the same in a process of this machine and on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prosodytok.corpus.archive import unpacked
from prosodytok.corpus.dataset import Dataset, Shard, data_row, error_row
from prosodytok.corpus.item import Item
from prosodytok.corpus.tokenize import tokenize
from prosodytok.errors import USAGE_ERRORS, CheckpointError, ProsodytokError
from prosodytok.model.prosody_tokenizer import ProsodyTokenizer


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
    """

    folder: Path
    folder_of_call: Path
    checkpoint: str
    fingerprint: str
    f0: str
    search: bool


class Worker:
    """Turns shards into files, with a tokenizer that is loaded once.

    Raises
    ------
    CheckpointError
        If the checkpoint here is not the one that the dataset was begun with.
    """

    def __init__(self, task: Task) -> None:
        self.dataset = Dataset(task.folder)
        self.tokenizer = ProsodyTokenizer.from_pretrained(
            task.checkpoint, f0=task.f0, search=task.search
        )
        if self.tokenizer.checkpoint != task.fingerprint:
            raise CheckpointError(
                f"{task.checkpoint}: here it is {self.tokenizer.checkpoint}, where the extraction "
                f"was started it is {task.fingerprint}: install one version everywhere"
            )

    def __call__(self, shard: Shard, tell: Callable[[Outcome], None]) -> None:
        """Work on a shard, tell of each of its utterances, and write it.

        Raises
        ------
        ProsodytokError
            If the call itself is wrong (`USAGE_ERRORS`): of one utterance, it would be of all.
        OSError
            If the shard cannot be written.
        """
        rows: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for item in shard.items:
            try:
                row = self._row(item)
            except USAGE_ERRORS:
                raise
            except Exception as error:  # of a million files, one that nobody thought of is no end
                errors.append(error_row(item, error))
                tell(Outcome(errors[-1]["audio"], reason=errors[-1]["reason"]))
            else:
                rows.append(row)
                tell(Outcome(row["audio"], row["duration"]))
        self.dataset.write(shard.index, rows, errors)

    def _row(self, item: Item) -> dict[str, Any]:
        name = str(item.source.audio)
        with unpacked(item) as source:
            try:
                tokens = tokenize(self.tokenizer, source)
            except ProsodytokError as error:  # of a file that is gone when anybody reads this
                if source is item.source:
                    raise
                raise type(error)(str(error).replace(str(source.audio), name)) from error
        return data_row(item, replace(tokens, audio=name))
