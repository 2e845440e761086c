"""The Hugging Face Hub, or a server like it (``HF_ENDPOINT``): checkpoints in, checkpoints out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prosodytok.io.limits import MAX_CONFIG_BYTES, MAX_WEIGHTS_BYTES
from prosodytok.types.errors import CheckpointError, require

#: What is taken from a repository, and how large it may be (bytes).
FILES = {
    "config.json": MAX_CONFIG_BYTES,
    "model.safetensors": MAX_WEIGHTS_BYTES,
    "MODEL_CARD.md": MAX_CONFIG_BYTES,
    "README.md": MAX_CONFIG_BYTES,
}
#: How long the hub is waited for (s) before what is on this machine is taken.
TIMEOUT = 10
_NAME = re.compile(r"(?P<repo>[\w-][\w.-]*/[\w-][\w.-]*)(@(?P<revision>[\w-][\w./-]*))?")


def split_name(name: str) -> tuple[str, str | None] | None:
    """Repository and revision of ``org/name`` or ``org/name@revision``; None of anything else."""
    found = _NAME.fullmatch(name)
    return (found["repo"], found["revision"]) if found else None


def download(repo: str, revision: str | None = None) -> Path:
    """Bring a checkpoint to this machine, or find it there.

    Files are kept in the cache of huggingface_hub, and brought again only when they change. Where
    the hub is out of reach, or ``HF_HUB_OFFLINE`` is set, the cached ones are taken.

    Parameters
    ----------
    repo : str
        ``org/name``.
    revision : str, optional
        A branch, a tag or a commit; the main branch when not given.

    Returns
    -------
    Path
        The folder with its files, for reading alone.

    Raises
    ------
    CheckpointError
        If there is no such model or revision, it is private or gated, its files are missing or
        too large, or it is neither in reach nor on this machine.
    MissingExtraError
        If huggingface_hub is not installed.
    """
    hub = require("huggingface_hub", "hub")
    what = f"{repo}@{revision}" if revision else repo
    try:
        info = hub.HfApi().model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT)
    # The hub's HTTP library, and with it the class of its errors, differs between releases.
    except Exception as error:
        if refusal := _refusal(error):
            raise CheckpointError(f"{what}: {refusal}") from error
        return _cached(hub, what, repo, revision, error)
    _check_files(what, {file.rfilename: file.size for file in info.siblings or ()})
    try:
        return Path(hub.snapshot_download(repo, revision=revision, allow_patterns=[*FILES]))
    except Exception as error:
        raise CheckpointError(f"{what}: the download failed: {_sentence(error)}") from error


def upload(folder: Path, repo: str, *, private: bool = False) -> str:
    """Put the files of a folder into a repository, made where it is missing, as one commit.

    A README.md that is there already is somebody's own text, and stays.

    Parameters
    ----------
    folder : path
        The files.
    repo : str
        ``org/name``; whoever is logged in (``hf auth login``) must be allowed to write there.
    private : bool
        Whether a repository that is made now is for its owner alone.

    Returns
    -------
    str
        The address of the commit.

    Raises
    ------
    CheckpointError
        If the name is none, the hub refuses or is out of reach.
    MissingExtraError
        If huggingface_hub is not installed.
    """
    hub = require("huggingface_hub", "hub")
    if split_name(repo) != (repo, None):
        raise CheckpointError(f"{repo!r} names no repository: it must be org/name")
    api = hub.HfApi()
    try:
        api.create_repo(repo, private=private, exist_ok=True)
        kept = ["README.md"] if api.file_exists(repo, "README.md") else None
        done = api.upload_folder(
            repo_id=repo,
            folder_path=folder,
            ignore_patterns=kept,
            commit_message="Upload a prosodytok tokenizer",
        )
    except Exception as error:
        reason = _refusal(error) or _sentence(error)
        raise CheckpointError(f"{repo}: cannot be uploaded: {reason}") from error
    return str(done.commit_url)


def _check_files(what: str, sizes: dict[str, int | None]) -> None:
    """Refuse what is no checkpoint, or too much of one, before it is brought here."""
    if missing := sorted({"config.json", "model.safetensors"} - sizes.keys()):
        raise CheckpointError(
            f"{what}: not a tokenizer of prosodytok: the repository has no {', '.join(missing)}"
        )
    for name, most in FILES.items():
        size = sizes.get(name, 0)
        if size is None or size > most:
            told = "of unknown size" if size is None else f"{size} bytes"
            raise CheckpointError(f"{what}: its {name} is {told}, and at most {most} are taken")


def _cached(hub: Any, what: str, repo: str, revision: str | None, reason: Exception) -> Path:
    try:
        folder = hub.snapshot_download(
            repo, revision=revision, allow_patterns=[*FILES], local_files_only=True
        )
    except Exception as error:
        raise CheckpointError(
            f"{what}: not on this machine, and {_endpoint()} is out of reach "
            f"({_sentence(reason)}): bring it here where there is a network "
            f"(hf download {repo} --local-dir DIR), and name DIR"
        ) from error
    return Path(folder)


def _refusal(error: Exception) -> str | None:
    """What to do about an answer of the hub; None if it gave none, or was not well."""
    errors = require("huggingface_hub.errors", "hub")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return "it is gated: ask for access on its page, and log in (hf auth login)"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"no such model on {_endpoint()}, or a private one: check the name, or log "
            "in (hf auth login)"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return "it has no such branch, tag or commit"
    if isinstance(error, errors.HFValidationError):
        return f"no name of a model ({_sentence(error)})"
    if status in (401, 403):
        return f"access denied (HTTP {status}): log in with a token that may do so (hf auth login)"
    return None


def _endpoint() -> str:
    return str(require("huggingface_hub.constants", "hub").ENDPOINT)


def _sentence(error: Exception) -> str:
    """The first line of what an error says, or its name."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
