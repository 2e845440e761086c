"""A folder of Parquet shards: its layout, its rows, and what of it is finished.

::

    DATASET/dataset.json           what it was made from and how
    DATASET/README.md              once it is complete; its head tells Hugging Face datasets
    DATASET/data/000000.parquet    tokens, a row an utterance
    DATASET/errors/000000.parquet  what could not be used, and why

A file without rows is not written: `datasets` cannot read one. A shard is finished when both files
together have a row for each of its utterances.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prosodytok.corpus.item import Item
from prosodytok.io import parquet_schema, tokens_to_row
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.token_record import check_text
from prosodytok.types.errors import ConfigError
from prosodytok.types.tokens import ProsodyTokens

#: Version of the layout and of `dataset.json`.
FORMAT = 1
#: Columns of the tokens' table beside those of `prosodytok.io.parquet_schema`.
EXTRA_COLUMNS = ("speaker", "language", "text", "archive")
ERROR_COLUMNS = ("id", "audio", "archive", "error", "reason")
#: A column of both: where in its file an utterance begins (s), where it is not the whole.
OFFSET = "offset"

README = """---
configs:
{configs}---

Prosody tokens, made by `prosodytok extract`. `data` holds a row for each utterance, `errors` what
could not be used and why, `dataset.json` how it was made.
"""


@dataclass(frozen=True)
class Shard:
    """A part of a corpus that is worked on, written and finished as one.

    Parameters
    ----------
    index : int
        Its place in the dataset.
    items : sequence of Item
        Its utterances.
    one_by_one : bool
        Whether each is finished before the next is begun: slower, and it is known at which one a
        process ends.
    """

    index: int
    items: Sequence[Item]
    one_by_one: bool = False


class Dataset:
    """A dataset that is being written.

    Parameters
    ----------
    folder : path
        Where it lies.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def data(self, index: int) -> Path:
        """The file with a shard's tokens."""
        return self.folder / "data" / f"{index:06d}.parquet"

    def errors(self, index: int) -> Path:
        """The file with what of a shard could not be used."""
        return self.folder / "errors" / f"{index:06d}.parquet"

    @contextmanager
    def begun(self, settings: Mapping[str, Any], resume: bool) -> Iterator[None]:
        """Begin the dataset, or go on with it; nobody else writes to it within the block.

        Raises
        ------
        ConfigError
            If it is there and `resume` is not set, was begun with other settings, is something
            else, or another process writes to it.
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
        """How many utterances of a shard have tokens, and how many failed."""
        return _num_rows(self.data(shard.index)), _num_rows(self.errors(shard.index))

    def is_finished(self, shard: Shard) -> bool:
        """Whether all utterances of a shard are written."""
        return sum(self.count(shard)) == len(shard.items)

    def write(self, index: int, rows: list[dict[str, Any]], errors: list[dict[str, Any]]) -> None:
        """Write a shard, which is finished then."""
        _write(self.errors(index), errors, error_schema())
        _write(self.data(index), rows, data_schema())

    def forget_failures(self) -> None:
        """Make shards unfinished in which something failed."""
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
            raise ConfigError(f"{description}: not what prosodytok wrote ({error!r})") from error
        if not any(self.folder.glob("*/[0-9]*.parquet")):
            return  # begun, and nothing came of it
        if not resume:
            raise ConfigError(
                f"{self.folder}: there already: go on with --resume, or name another folder"
            )
        if changes:
            raise ConfigError(
                f"{self.folder} cannot be resumed: {'; '.join(changes)}. "
                "Go on as it was begun, or name another folder"
            )

    def _clean(self) -> None:
        """Remove what killed workers left half-written."""
        for path in self.folder.glob("*/.*.parquet"):
            path.unlink(missing_ok=True)


def data_schema() -> Any:
    """The `pyarrow.Schema` of the tokens' table."""
    import pyarrow

    schema = parquet_schema()
    for name in EXTRA_COLUMNS:
        schema = schema.append(pyarrow.field(name, pyarrow.string()))
    return schema.append(pyarrow.field(OFFSET, pyarrow.float64()))


def error_schema() -> Any:
    """The `pyarrow.Schema` of the errors' table."""
    import pyarrow

    columns = dict.fromkeys(ERROR_COLUMNS, pyarrow.string())
    return pyarrow.schema(columns | {OFFSET: pyarrow.float64()})


def data_row(item: Item, tokens: ProsodyTokens) -> dict[str, Any]:
    """A row of the tokens' table.

    Raises
    ------
    TokenError
        If a name is not Unicode text.
    """
    archive = None if item.archive is None else str(item.archive)
    values = (item.speaker, item.language, item.text, archive)
    for value in values:
        check_text(value or "")
    extra = dict(zip(EXTRA_COLUMNS, values, strict=True))
    return tokens_to_row(tokens) | extra | {OFFSET: _offset(item)}


def error_row(item: Item, error: Exception) -> dict[str, Any]:
    """A row of the errors' table; what is not Unicode is written with backslashes."""
    row = {
        "id": item.source.id,
        "audio": str(item.source.audio),
        "archive": None if item.archive is None else str(item.archive),
        "error": type(error).__name__,
        "reason": str(error),
    }
    text = {
        key: value and value.encode("utf-8", "backslashreplace").decode()
        for key, value in row.items()
    }
    return text | {OFFSET: _offset(item)}


def _offset(item: Item) -> float | None:
    whole = item.source.offset == 0 and item.source.duration is None
    return None if whole else item.source.offset


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
    """Rows of a file; none where it is missing, or broken by a machine that lost power."""
    from pyarrow import ArrowException, parquet

    try:
        return int(parquet.read_metadata(path).num_rows)
    except (OSError, ArrowException):
        return 0
