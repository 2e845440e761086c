"""The exceptions that prosodytok raises on purpose: each carries a sentence a person can act on."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

#: Of what is wrong with a file so many problems are told, and of each so many characters.
PROBLEMS, LENGTH = 5, 200


class ProsodytokError(Exception):
    """Base of every error that prosodytok raises on purpose."""


class AudioError(ProsodytokError):
    """The sound cannot be used: unreadable, empty, truncated, or not finite."""


class SegmentationError(ProsodytokError):
    """Words or phrases cannot be had: a bad TextGrid, a missing tier, an alignment that failed."""


class TextError(ProsodytokError):
    """A text that cannot be spoken: empty, without letters, or with too long a sentence."""


class TokenError(ProsodytokError):
    """Tokens or a token file that do not fit together."""


class CheckpointError(ProsodytokError):
    """A model that cannot be loaded: missing, incomplete, of another version, or out of reach."""


class ConfigError(ProsodytokError):
    """A configuration with a wrong key or value."""


class DeadCodebookError(ProsodytokError):
    """In training, a level stopped using its codes; going on would only waste time."""


class ManifestError(ProsodytokError):
    """A manifest line that does not follow the contract."""


class MissingExtraError(ProsodytokError, ImportError):
    """An optional dependency is not installed."""


class WorkerError(ProsodytokError):
    """A process that works on a part of a corpus could not start, or ended and left its part."""


#: Errors of the call itself, not of one of its inputs.
USAGE_ERRORS = (CheckpointError, ConfigError, ManifestError, MissingExtraError)


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency, or say which pip command brings it.

    Parameters
    ----------
    module : str
        Module to import, e.g. ``"pocketsphinx"``.
    extra : str
        The extra of prosodytok that installs it, e.g. ``"align"``.

    Raises
    ------
    MissingExtraError
        If the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"this needs the package {module!r}, which is not installed: "
            f"pip install 'prosodytok[{extra}]'"
        ) from error


def explain(error: ValidationError) -> str:
    """What does not fit, and where, in a line: a file may have a million of wrong keys."""
    problems = error.errors(include_url=False, include_input=False)
    told = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}"[:LENGTH] for p in problems[:PROBLEMS]]
    left = len(problems) - len(told)
    return "; ".join(told) + (f"; and {left} more" if left else "")
