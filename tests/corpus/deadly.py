"""A task whose worker processes are killed at one utterance, as if memory had run out."""

import os
import signal
from dataclasses import fields

from prosodytok.corpus import worker
from prosodytok.corpus.recordings import Recording
from prosodytok.corpus.worker import Task
from prosodytok.nn.batch import Example
from prosodytok.tokenizer import ProsodyTokenizer

prepare = worker.prepare


class DeadlyTask(Task):
    """Kills the process that works on an utterance with the id "always"."""

    @classmethod
    def of(cls, task: Task) -> "DeadlyTask":
        return cls(*(getattr(task, field.name) for field in fields(Task)))

    def __setstate__(self, state: dict[str, object]) -> None:
        """In a worker process, which gets the task by this way."""
        self.__dict__.update(state)
        worker.prepare = die_or_prepare


def die_or_prepare(tokenizer: ProsodyTokenizer, recording: Recording) -> tuple[Recording, Example]:
    if recording.id == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare(tokenizer, recording)
