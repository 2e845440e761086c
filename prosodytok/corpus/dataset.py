"""Datasets of tokens: a folder of Parquet shards, its layout, its rows and its finished shards.

::

    DATASET/dataset.json           inputs and settings
    DATASET/README.md              written last; its front matter configures Hugging Face datasets
    DATASET/data/000000.parquet    tokens, one row per utterance
    DATASET/errors/000000.parquet  failed utterances and the reasons

A file without rows is not written, because `datasets` cannot read one. A shard is finished when
its two files together have one row for each of its utterances.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prosodytok.corpus.corpus_item import Item
from prosodytok.io import parquet_schema, tokens_to_row
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.manifest import unicode_name
from prosodytok.io.token_record import check_text
from prosodytok.types.errors import ConfigError
from prosodytok.types.tokens import ProsodyTokens

#: Version of the layout and of `dataset.json`.
FORMAT = 1
#: Columns of the token table in addition to `prosodytok.io.parquet_schema`. Its "offset" is null
#: where the utterance is the whole file.
EXTRA_COLUMNS = ("language", "text", "archive")
ERROR_COLUMNS = ("id", "audio", "archive", "error", "reason", "offset")

README = """---
configs:
{configs}---

Prosody tokens, written by `prosodytok extract`. `data` has one row per utterance, `errors` the
failed utterances with the reasons, and `dataset.json` the settings.
"""


@dataclass(frozen=True)
class Shard:
    """A part of a corpus that is processed and written as a whole.

    With `one_by_one`, each utterance is finished before the next starts: slower, but identifies the
    utterance at which a process dies.
    """

    index: int
    items: Sequence[Item]
    one_by_one: bool = False


class Dataset:
    """A dataset on disk that is being written to a folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def data(self, index: int) -> Path:
        """Path of the tokens of a shard."""
        return self.folder / "data" / f"{index:06d}.parquet"

    def errors(self, index: int) -> Path:
        """Path of the failed utterances of a shard."""
        return self.folder / "errors" / f"{index:06d}.parquet"

    @contextmanager
    def open_for_writing(self, settings: Mapping[str, Any], resume: bool) -> Iterator[None]:
        """Start or resume the dataset, with an exclusive lock for the duration of the block.

        Raises `ConfigError` if the dataset exists and `resume` is not set, has other settings, is
        not a dataset, or is locked by another process.
        """
        self._check(settings, resume)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConfigError(f"{self.folder}: another extraction writes to it now") from error
            self._clean()
            self.describe(settings)
            try:
                yield
            finally:
                self._clean()

    def describe(self, settings: Mapping[str, Any], **counts: int) -> None:
        """Write `dataset.json`; with counts, once the dataset is complete, `README.md` too."""
        content = {"format": FORMAT, "complete": bool(counts), **counts, "settings": settings}
        write_text(self.folder / "dataset.json", json.dumps(content, indent=2) + "\n")
        if counts:
            folders = [name for name in ("data", "errors") if any(self.folder.glob(f"{name}/*"))]
            configs = (f"- config_name: {n}\n  data_files: {n}/*.parquet\n" for n in folders)
            write_text(self.folder / "README.md", README.format(configs="".join(configs)))

    def count(self, shard: Shard) -> tuple[int, int]:
        """Count the utterances of a shard with tokens, and those that failed."""
        return _num_rows(self.data(shard.index)), _num_rows(self.errors(shard.index))

    def is_finished(self, shard: Shard) -> bool:
        """Whether all utterances of a shard are written."""
        return sum(self.count(shard)) == len(shard.items)

    def write(self, index: int, rows: list[dict[str, Any]], errors: list[dict[str, Any]]) -> None:
        """Write a finished shard."""
        _write(self.errors(index), errors, error_schema())
        _write(self.data(index), rows, data_schema())

    def forget_failures(self) -> None:
        """Delete the errors, so that shards with failed utterances count as unfinished."""
        for path in self.folder.glob("errors/*.parquet"):
            path.unlink()

    def _check(self, settings: Mapping[str, Any], resume: bool) -> None:
        description = self.folder / "dataset.json"
        if not self.folder.exists() or all(p.name[0] == "." for p in self.folder.iterdir()):
            return
        if not description.is_file():
            raise ConfigError(f"{self.folder}: not empty and no dataset: name another folder")
        try:
            before = json.loads(description.read_text(encoding="utf-8"))["settings"]
            changes = [
                f"{key} was {before.get(key)!r} and is {value!r}"
                for key, value in settings.items()
                if before.get(key) != value
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"{description}: not written by prosodytok ({error!r})") from error
        if not any(self.folder.glob("*/[0-9]*.parquet")):
            return  # started without finishing a shard
        if not resume:
            raise ConfigError(
                f"{self.folder} exists already: continue it with --resume, or name another folder"
            )
        if changes:
            raise ConfigError(
                f"{self.folder} cannot be resumed: {'; '.join(changes)}. "
                "Use the original settings, or name another folder"
            )

    def _clean(self) -> None:
        """Remove temporary files of killed workers."""
        for path in self.folder.glob("*/.*.parquet"):
            path.unlink(missing_ok=True)


def data_schema() -> Any:
    """`pyarrow.Schema` of the token table."""
    schema = parquet_schema()
    for field in _fields(EXTRA_COLUMNS):
        schema = schema.append(field)
    return schema


def error_schema() -> Any:
    """`pyarrow.Schema` of the error table."""
    import pyarrow

    return pyarrow.schema(_fields(ERROR_COLUMNS))


def data_row(item: Item, tokens: ProsodyTokens) -> dict[str, Any]:
    """Row of the token table; TokenError if a name is not Unicode text."""
    archive = None if item.archive is None else unicode_name(item.archive)
    text = {"speaker": item.source.speaker or None, "language": item.language, "text": item.text}
    for value in text.values():
        check_text(value or "")
    return tokens_to_row(tokens) | text | {"archive": archive, "offset": item.source.start}


def error_row(item: Item, error: Exception) -> dict[str, Any]:
    """Row of the error table; characters that are not Unicode become backslash escapes."""
    row = {
        "id": item.source.id,
        "audio": str(item.source.audio),
        "archive": None if item.archive is None else str(item.archive),
        "error": type(error).__name__,
        "reason": str(error),
    }
    text = {key: value and unicode_name(value) for key, value in row.items()}
    return text | {"offset": item.source.start}


def _fields(names: Sequence[str]) -> list[Any]:
    import pyarrow

    kinds = {"offset": pyarrow.float64()}
    return [pyarrow.field(name, kinds.get(name, pyarrow.string())) for name in names]


def _write(path: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    import pyarrow
    from pyarrow import parquet

    if not rows:
        path.unlink(missing_ok=True)
        return
    with atomic_path(path) as temporary:
        table = pyarrow.Table.from_pylist(rows, schema=schema)
        parquet.write_table(table, temporary, compression="zstd")


def _num_rows(path: Path) -> int:
    """Row count of a file; 0 if it is missing, or incomplete after a loss of power."""
    from pyarrow import ArrowException, parquet

    try:
        return int(parquet.read_metadata(path).num_rows)
    except (OSError, ArrowException):
        return 0
