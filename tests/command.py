"""The command line, called within the tests' process."""

import sys

from prosodytok import cli


def call(*args: object) -> int:
    """Call the command line and give its exit code."""
    old, sys.argv = sys.argv, ["prosodytok", *map(str, args)]
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        sys.argv = old
    return 0
