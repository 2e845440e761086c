"""Reads spoilt files in this process, which is one to lose: its memory and time are limited.

    python -m tests.trust.fuzz FOLDER CASES SEED TARGET...

Prints a line for each case that gives neither a value nor the right exception. Before a case is
read, its name is written to FOLDER/case, so that whoever started this knows what killed it.
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
from tests.trust.targets import TARGETS, Target, fresh

#: What a case may take: beyond what the process held before (bytes), and in time (s).
MEMORY, SECONDS = 1 << 30, 20


def fuzz(folder: Path, name: str, cases: int, seed: int) -> tuple[int, list[str]]:
    """Read so many spoilt files of a target; how many were read well, and what went wrong."""
    target = TARGETS[name]
    fresh(folder / name)
    files = [(path, path.read_bytes(), read) for path, read in target.make(folder / name)]
    for _, _, read in files:
        read()  # a good file, whole
    good, wrong = 0, []
    for number in range(seed, seed + cases):
        path, content, read = files[number % len(files)]
        (folder / "case").write_text(f"{name} {number}")
        path.write_bytes(mutate(content, random.Random(f"{name} {number}"), target.text))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        found = _complaint(target, path, read)
        faulthandler.cancel_dump_traceback_later()
        path.write_bytes(content)
        good += found is None
        if found:
            wrong.append(f"{name} {number} ({path.name}): {found}")
    return good, wrong


def _complaint(target: Target, path: Path, read: Callable[[], Any]) -> str | None:
    """What is wrong with how a file was read: None if it was, "" if it was refused as it should."""
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
    """Let this process have `MEMORY` more than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> int:
    """Fuzz the targets that were named, or all."""
    folder, cases, seed, *names = sys.argv[1:]
    warnings.simplefilter("ignore")  # of strange numbers; what is asked here is how it ends
    names = names or [*TARGETS]
    for name in names:  # what a first reading loads and keeps is not the file's fault
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
