"""A task whose worker processes are killed at one utterance, as if memory had run out."""

import os
import signal
from dataclasses import fields

from prosodytok.corpus import Source, worker
from prosodytok.corpus.worker import Task
from prosodytok.model import ProsodyTokenizer
from prosodytok.tokens import ProsodyTokens

tokenize = worker.tokenize


class DeadlyTask(Task):
    """Kills the process that works on an utterance with the id "always"."""

    @classmethod
    def of(cls, task: Task) -> "DeadlyTask":
        return cls(*(getattr(task, field.name) for field in fields(Task)))

    def __setstate__(self, state: dict[str, object]) -> None:
        """In a worker process, which gets the task by this way."""
        self.__dict__.update(state)
        worker.tokenize = die_or_tokenize


def die_or_tokenize(tokenizer: ProsodyTokenizer, source: Source) -> ProsodyTokens:
    if source.id == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    return tokenize(tokenizer, source)
