"""A task with worker processes that are killed at one utterance, as if memory had run out."""

import os
import signal
from dataclasses import fields

from prosodytok.corpus import Recording, shard_worker
from prosodytok.corpus.shard_worker import Task
from prosodytok.nn.batch import Example
from prosodytok.tokenizer import ProsodyTokenizer

prepare = shard_worker.prepare


class KilledTask(Task):
    """Kills the process at an utterance with the id "always"."""

    @classmethod
    def of(cls, task: Task) -> "KilledTask":
        return cls(*(getattr(task, field.name) for field in fields(Task)))

    def __setstate__(self, state: dict[str, object]) -> None:
        """Runs in the worker process, which unpickles the task."""
        self.__dict__.update(state)
        shard_worker.prepare = die_or_prepare


def die_or_prepare(tokenizer: ProsodyTokenizer, recording: Recording) -> tuple[Recording, Example]:
    if recording.id == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare(tokenizer, recording)
