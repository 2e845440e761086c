"""Progress bars, failures that do not stop a batch, and exit codes."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from prosodytok.types.errors import USAGE_ERRORS, ProsodytokError, TokenError, WorkerError

if TYPE_CHECKING:
    from prosodytok.corpus import OnOutcome, OnStart, Outcome
    from prosodytok.types import ProsodyTokens

#: Interval of progress lines where stderr is no terminal, as in the log of a job (s).
PROGRESS_INTERVAL = 60.0
#: Sentences in the warning of one file; the token file has them all.
MAX_SENTENCES = 5

Item = TypeVar("Item")
Result = TypeVar("Result")


def print_error(text: object) -> None:
    """Print one line on stderr."""
    print(f"prosodytok: {' '.join(str(text).split())}", file=sys.stderr)


def print_warning(name: object, sentences: Sequence[str]) -> None:
    """Print what is doubtful about an input on one line of stderr; nothing without sentences."""
    if sentences:
        more = [f"{len(sentences) - MAX_SENTENCES} more"] if len(sentences) > MAX_SENTENCES else []
        print_error(f"warning: {name}: {'; '.join([*sentences[:MAX_SENTENCES], *more])}")


def exit_code(error: Exception) -> int:
    """Exit code of an error: 2 for a wrong call or an unwritable output, 1 for an input.

    3 for interrupted work that `--resume` can finish.
    """
    if isinstance(error, WorkerError):
        return 3
    return 2 if isinstance(error, (*USAGE_ERRORS, OSError)) else 1


class Run:
    """One command over many inputs: failures are reported and do not stop the others."""

    def __init__(self) -> None:
        self.failures = 0

    def fail(self, name: object, error: object) -> None:
        """Report a failed input: its name and the reason on one line of stderr."""
        self.failures += 1
        reason = str(error)
        print_error(reason if str(name) in reason else f"{name}: {reason}")

    def each(
        self,
        items: Sequence[Item],
        name: Callable[[Item], object],
        work: Callable[[Item], Result],
        what: str,
    ) -> Iterator[Result]:
        """Process items one by one, with a progress bar on a terminal."""
        from rich.console import Console  # `--help` and short commands start faster without
        from rich.progress import track

        console = Console(stderr=True)
        bar = track(items, what, console=console, disable=not console.is_terminal, transient=True)
        for item in bar:
            try:
                yield work(item)
            except (ProsodytokError, OSError) as error:
                if isinstance(error, USAGE_ERRORS):
                    raise
                self.fail(name(item), error)

    @staticmethod
    def watch(items: Iterable[Item], tokens_of: Callable[[Item], ProsodyTokens]) -> Iterator[Item]:
        """Pass items on, and print the warnings of the tokens of each file on one line."""
        for audio, group in groupby(items, lambda item: tokens_of(item).audio):
            sentences: list[str] = []
            for item in group:
                yield item
                sentences += sentences_of(tokens_of(item))
            print_warning(audio, sentences)

    def all(
        self,
        items: Sequence[Item],
        name: Callable[[Item], object],
        work: Callable[[Item], object],
        what: str,
    ) -> None:
        """Process all items and discard the results."""
        deque(self.each(items, name, work, what), maxlen=0)

    def write(self, results: Iterator[Result], writer: Callable[[Iterable[Result]], None]) -> None:
        """Stream results to a writer; without results, nothing is written."""
        for first in results:
            writer(chain([first], results))

    @contextmanager
    def corpus(self, what: str) -> Iterator[tuple[OnStart, OnOutcome]]:
        """Show the progress of an extraction: yield its `on_start` and `on_outcome` callbacks."""
        from rich import progress
        from rich.console import Console

        console = Console(stderr=True)
        columns = (
            "[progress.description]{task.description}",
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[rate]}"),
            progress.TimeRemainingColumn(),
        )
        with progress.Progress(
            *columns, console=console, disable=not console.is_terminal, transient=True
        ) as bar:
            task = bar.add_task(what, total=None, rate="")
            clock = printed = time.monotonic()
            seconds, count, left = 0.0, 0, 0

            def on_start(total: int, done: int) -> None:
                nonlocal clock, left
                clock, left = time.monotonic(), total - done
                bar.reset(task, total=total, completed=done)

            def on_outcome(outcome: Outcome) -> None:
                nonlocal seconds, count, left, printed
                if outcome.reason:
                    self.fail(outcome.audio, outcome.reason)
                print_warning(outcome.audio, outcome.warnings)
                seconds, count, left = seconds + outcome.seconds, count + 1, left - 1
                now = time.monotonic()
                spent = max(now - clock, 1e-3)
                rate = f"{seconds / spent:.0f} x real time, {count / spent:.1f} files/s"
                bar.update(task, advance=1, rate=rate)
                if bar.disable and now - printed > PROGRESS_INTERVAL:
                    printed = now
                    print(
                        f"{what}: {count} done, {left} left, {rate}, "
                        f"{left / count * spent / 60:.0f} minutes to go",
                        file=sys.stderr,
                    )

            yield on_start, on_outcome

    def add_earlier_failures(self, failures: int, where: str) -> None:
        """Count the failures of an earlier call too."""
        if failures > self.failures:
            print_error(f"{failures - self.failures} inputs failed before: {where}")
            self.failures = failures

    def finish(self) -> None:
        """Exit with status 1 if an input failed."""
        if self.failures:
            raise SystemExit(1)


def sentences_of(tokens: ProsodyTokens) -> list[str]:
    """The warnings of tokens, with the id if they are those of a part of a file."""
    part = "" if tokens.offset is None else f"{tokens.id}: "
    return [f"{part}{sentence}" for sentence in tokens.warnings]


class OutputFolder:
    """The files of utterances in a folder, each named by its id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ids: set[str] = set()

    def path(self, id: str, suffix: str) -> Path:
        """The file of one utterance.

        Raises
        ------
        TokenError
            If its id is not a plain file name, or that of an earlier utterance.
        """
        if not id or Path(id).name != id or id in (".", ".."):
            raise TokenError(f"the id {id!r} cannot name a file: change it in the token file")
        if id in self._ids:
            raise TokenError(f"the id {id!r} occurs twice, and names a file: change one of them")
        self._ids.add(id)
        return self.folder / f"{id}{suffix}"
