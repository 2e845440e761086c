"""Exceptions of prosodytok; each message states the problem and the way out."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

#: Validation problems reported per file, and characters per problem.
MAX_PROBLEMS, MAX_PROBLEM_LENGTH = 5, 200


class ProsodytokError(Exception):
    """Base class of the errors of prosodytok."""


class AudioError(ProsodytokError):
    """Audio that is unreadable, empty, truncated or not finite."""


class SegmentationError(ProsodytokError):
    """No words or phrases: an invalid TextGrid, a missing tier, a failed alignment."""


class TextError(ProsodytokError):
    """Text that cannot be synthesized: empty, without letters, or with too long a sentence."""


class TokenError(ProsodytokError):
    """Inconsistent tokens, or an invalid token file."""


class CheckpointError(ProsodytokError):
    """A model that cannot be loaded: missing, incomplete, of another version, or unreachable."""


class ConfigError(ProsodytokError):
    """An invalid key or value in a configuration."""


class DeadCodebookError(ProsodytokError):
    """A codebook collapsed in training."""


class ManifestError(ProsodytokError):
    """An invalid line in a manifest."""


class MissingExtraError(ProsodytokError, ImportError):
    """An optional dependency is not installed."""


class WorkerError(ProsodytokError):
    """A worker process that failed to start, or ended before its part of a corpus was done."""


class OutputClosedError(ProsodytokError):
    """The reader of a pipe has closed it, as ``head`` does; no failure of the writer."""


#: Errors in the call itself, not in one of its inputs.
USAGE_ERRORS = (CheckpointError, ConfigError, ManifestError, MissingExtraError)


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency.

    Parameters
    ----------
    module : str
        Module to import, e.g. ``"pocketsphinx"``.
    extra : str
        Extra of prosodytok that installs it, e.g. ``"align"``.

    Raises
    ------
    MissingExtraError
        If the module is not installed; the message gives the pip command.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"this needs the package {module!r}, which is not installed: "
            f"pip install 'prosodytok[{extra}]'"
        ) from error


def explain(error: ValidationError) -> str:
    """Format the first validation problems with their locations in one line."""
    problems = error.errors(include_url=False, include_input=False)
    lines = [
        ": ".join(filter(None, (".".join(map(str, problem["loc"])), problem["msg"])))[
            :MAX_PROBLEM_LENGTH
        ]
        for problem in problems[:MAX_PROBLEMS]
    ]
    rest = len(problems) - len(lines)
    return "; ".join(lines) + (f"; and {rest} more" if rest else "")
