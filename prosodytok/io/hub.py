"""Download and upload of checkpoints: the Hugging Face Hub, or the server in ``HF_ENDPOINT``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prosodytok.io.limits import MAX_CONFIG_BYTES, MAX_WEIGHTS_BYTES
from prosodytok.types.errors import CheckpointError, require

#: Files that are downloaded from a repository, and the size limit of each (bytes).
FILES = {
    "config.json": MAX_CONFIG_BYTES,
    "model.safetensors": MAX_WEIGHTS_BYTES,
    "MODEL_CARD.md": MAX_CONFIG_BYTES,
    "README.md": MAX_CONFIG_BYTES,
}
#: Timeout (s) of a request to the hub, after which the local cache is used.
TIMEOUT = 10
_NAME = re.compile(r"(?P<repo>[\w-][\w.-]*/[\w-][\w.-]*)(@(?P<revision>[\w-][\w./-]*))?")


def split_name(name: str) -> tuple[str, str | None] | None:
    """Repository and revision of ``org/name`` or ``org/name@revision``; None for other names."""
    found = _NAME.fullmatch(name)
    return (found["repo"], found["revision"]) if found else None


def download(repo: str, revision: str | None = None) -> Path:
    """Download a checkpoint, or find it in the local cache.

    Files are stored in the cache of huggingface_hub and downloaded again only when they change. If
    the hub is unreachable, or ``HF_HUB_OFFLINE`` is set, the cached files are used.

    Parameters
    ----------
    repo : str
        ``org/name``.
    revision : str, optional
        A branch, tag or commit; the main branch by default.

    Returns
    -------
    Path
        The folder with the files; it must not be modified.

    Raises
    ------
    CheckpointError
        If there is no such model or revision, it is private or gated, its files are missing or
        too large, or it is neither reachable nor cached.
    MissingExtraError
        If huggingface_hub is not installed.
    """
    hub = require("huggingface_hub", "hub")
    name = f"{repo}@{revision}" if revision else repo
    try:
        info = hub.HfApi().model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT)
    # The hub's HTTP library, and with it the class of its errors, differs between releases.
    except Exception as error:
        if refusal := _refusal(error):
            raise CheckpointError(f"{name}: {refusal}") from error
        return _cached(hub, name, repo, revision, error)
    _check_files(name, {file.rfilename: file.size for file in info.siblings or ()})
    try:
        return Path(hub.snapshot_download(repo, revision=revision, allow_patterns=[*FILES]))
    except Exception as error:
        raise CheckpointError(f"{name}: the download failed: {_sentence(error)}") from error


def upload(folder: Path, repo: str, *, private: bool = False) -> str:
    """Upload the files of a folder to a repository as one commit.

    The repository is created if missing. An existing README.md is not overwritten.

    Parameters
    ----------
    folder : path
        The files.
    repo : str
        ``org/name``; the logged-in user (``hf auth login``) needs write access.
    private : bool
        Whether a new repository is private.

    Returns
    -------
    str
        URL of the commit.

    Raises
    ------
    CheckpointError
        If the name is invalid, or the hub is unreachable or rejects the request.
    MissingExtraError
        If huggingface_hub is not installed.
    """
    hub = require("huggingface_hub", "hub")
    if split_name(repo) != (repo, None):
        raise CheckpointError(f"{repo!r} is not a repository name: it must be org/name")
    api = hub.HfApi()
    try:
        api.create_repo(repo, private=private, exist_ok=True)
        ignored = ["README.md"] if api.file_exists(repo, "README.md") else None
        commit = api.upload_folder(
            repo_id=repo,
            folder_path=folder,
            ignore_patterns=ignored,
            commit_message="Upload a prosodytok tokenizer",
        )
    except Exception as error:
        reason = _refusal(error) or _sentence(error)
        raise CheckpointError(f"{repo}: cannot be uploaded: {reason}") from error
    return str(commit.commit_url)


def _check_files(repo: str, sizes: dict[str, int | None]) -> None:
    """Raise if a repository is not a checkpoint or has too large files, before the download."""
    if missing := sorted({"config.json", "model.safetensors"} - sizes.keys()):
        raise CheckpointError(
            f"{repo}: not a prosodytok tokenizer: the repository has no {', '.join(missing)}"
        )
    for name, limit in FILES.items():
        size = sizes.get(name, 0)
        if size is None or size > limit:
            found = "of unknown size" if size is None else f"{size} bytes"
            raise CheckpointError(f"{repo}: its {name} is {found}; the limit is {limit} bytes")


def _cached(hub: Any, name: str, repo: str, revision: str | None, reason: Exception) -> Path:
    try:
        folder = hub.snapshot_download(
            repo, revision=revision, allow_patterns=[*FILES], local_files_only=True
        )
    except Exception as error:
        raise CheckpointError(
            f"{name}: not in the local cache, and {_endpoint()} is unreachable "
            f"({_sentence(reason)}): download it on a machine with a network "
            f"(hf download {repo} --local-dir DIR), copy DIR here and pass its path"
        ) from error
    return Path(folder)


def _refusal(error: Exception) -> str | None:
    """Explanation of a rejected request; None if the hub did not answer, or failed itself."""
    errors = require("huggingface_hub.errors", "hub")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return "it is gated: request access on its page, and log in (hf auth login)"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"no such model on {_endpoint()}, or a private one: check the name, or log "
            "in (hf auth login)"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return "it has no such branch, tag or commit"
    if isinstance(error, errors.HFValidationError):
        return f"not a valid model name ({_sentence(error)})"
    if status in (401, 403):
        return f"access denied (HTTP {status}): log in with a token that has access (hf auth login)"
    return None


def _endpoint() -> str:
    return str(require("huggingface_hub.constants", "hub").ENDPOINT)


def _sentence(error: Exception) -> str:
    """First line of an error message, or the name of its class."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
