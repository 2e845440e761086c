"""The command line, called in the process of the tests."""

import sys

from prosodytok import cli


def call(*args: object) -> int:
    """Call the command line and return its exit code."""
    old, sys.argv = sys.argv, ["prosodytok", *map(str, args)]
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        sys.argv = old
    return 0
