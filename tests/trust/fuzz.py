"""Read mutated files in a process with limited memory and time.

    python -m tests.trust.fuzz FOLDER CASES SEED TARGET...

Prints a line for each case that neither returns a value nor raises the right exception. The name of
each case is written to FOLDER/case before it is read, to identify the one that kills the process.
"""

import faulthandler
import random
import resource
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trust.mutations import mutate
from tests.trust.targets import TARGETS, Target, empty_folder

#: Limits of a case: additional memory (bytes), and time (s).
MEMORY, SECONDS = 1 << 30, 20


def fuzz(folder: Path, name: str, cases: int, seed: int) -> tuple[int, list[str]]:
    """Read mutated files of a target; return the number of successes, and the failures."""
    target = TARGETS[name]
    empty_folder(folder / name)
    files = [(path, path.read_bytes(), read) for path, read in target.make(folder / name)]
    for _, _, read in files:
        read()  # the valid file
    good, wrong = 0, []
    for number in range(seed, seed + cases):
        path, content, read = files[number % len(files)]
        (folder / "case").write_text(f"{name} {number}")
        path.write_bytes(mutate(content, random.Random(f"{name} {number}"), target.text))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        failure = _failure(target, path, read)
        faulthandler.cancel_dump_traceback_later()
        path.write_bytes(content)
        good += failure is None
        if failure:
            wrong.append(f"{name} {number} ({path.name}): {failure}")
    return good, wrong


def _failure(target: Target, path: Path, read: Callable[[], Any]) -> str | None:
    """None if the file is read, "" if it raises the right exception, else the failure."""
    try:
        read()
    except target.error as error:
        named = target.nameless or str(path) in str(error) or str(path.parent) in str(error)
        return "" if named else f"without its name: {error}"
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} ({where.filename}:{where.lineno})"
    return None


def limit_memory() -> None:
    """Limit this process to `MEMORY` more than its current memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> int:
    """Fuzz the named targets, or all."""
    folder, cases, seed, *names = sys.argv[1:]
    warnings.simplefilter("ignore")  # numeric warnings are expected
    names = names or [*TARGETS]
    for name in names:  # imports and caches of the first reading do not count against the limit
        fuzz(Path(folder), name, 0, 0)
    limit_memory()
    failed = 0
    for name in names:
        good, wrong = fuzz(Path(folder), name, int(cases), int(seed))
        print(f"{name}: {cases} cases, {good} read, {len(wrong)} wrong", flush=True)
        print("".join(f"  {line}\n" for line in wrong), end="", flush=True)
        failed += len(wrong)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
