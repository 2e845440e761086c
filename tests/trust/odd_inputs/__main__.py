"""Run all cases, or those of the named kinds: ``python -m tests.trust.odd_inputs [KIND...]``.

Prints one line per case: kind, name, what is right, and ok or WRONG with what happened.
"""

import logging
import os
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

from tests.trust.odd_inputs.all_cases import all_cases
from tests.trust.odd_inputs.checks import Case

#: Longest time of a case (s).
SECONDS = 60


class CaseTimeout(BaseException):
    """A case that takes too long, or waits forever."""


def outcome_of(case: Case) -> str:
    """What is wrong with a case; "" if nothing."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="odd-") as folder:
        os.chdir(folder)  # some cases use relative paths
        signal.alarm(SECONDS)
        try:
            return case.check(Path(folder))
        except CaseTimeout:
            return f"not done after {SECONDS} s"
        except (Exception, SystemExit) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__}: {str(error)[:300]} ({where.filename}:{where.lineno})"
        finally:
            signal.alarm(0)
            os.chdir(here)


def main() -> int:
    warnings.simplefilter("ignore")
    logging.disable()

    def stop(*_: object) -> None:
        raise CaseTimeout

    signal.signal(signal.SIGALRM, stop)
    wanted = sys.argv[1:]
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for case in all_cases():
        if wanted and case.kind not in wanted:
            continue
        problem = outcome_of(case)
        counts[case.kind] += 1
        wrong[case.kind] += bool(problem)
        name = case.name.encode(errors="backslashreplace").decode()
        verdict = f"WRONG: {' '.join(problem.split())}" if problem else "ok"
        print(
            f"{case.kind} | {name} | {case.right} | {verdict}".encode(
                errors="backslashreplace"
            ).decode(),
            flush=True,
        )
    for kind, count in counts.items():
        print(f"{kind}: {count} cases, {wrong[kind]} wrong")
    print(f"all: {counts.total()} cases, {wrong.total()} wrong")
    return min(1, wrong.total())


if __name__ == "__main__":
    sys.exit(main())
