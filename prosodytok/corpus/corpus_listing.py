"""List the utterances of folders, manifests and tar archives in a fixed order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from prosodytok.corpus.archive import items_of_archive
from prosodytok.corpus.corpus_item import Item
from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import read_manifest, unicode_name, unique_names
from prosodytok.io.sound_file import is_sound
from prosodytok.io.sound_folders import AUDIO_SUFFIXES, list_folder
from prosodytok.types.errors import ConfigError
from prosodytok.types.segmentation import UnitRequest


def find_items(
    inputs: Sequence[str | Path],
    units: UnitRequest = "given",
    note: Callable[[str], None] | None = None,
    silence_labels: Sequence[str] = (),
) -> list[Item]:
    """List the utterances of a corpus.

    Parameters
    ----------
    inputs : sequence of path
        Manifests (``.jsonl``), tar archives, sound files, and folders of the latter two. A range
        in braces, as in ``shard-{000000..000010}.tar``, expands to all its numbers.
    units : {"given", "acoustic", "learned", "even"}
        Origin of the words. ``"given"`` uses the TextGrid, else the English text, of the manifest
        or archive, and finds them in the sound if there is neither.
    note : callable, optional
        Called with a sentence about files that are not named as sound.
    silence_labels : sequence of str
        Labels of silence in TextGrids, beside the known ones.

    Returns
    -------
    list of Item
        In the order of the inputs, folders sorted by name. Ids are unique.

    Raises
    ------
    ConfigError
        If a file or folder does not exist, or a folder contains no sound.
    ManifestError
        If a manifest is invalid.
    """
    items = [item for path in expand_braces(inputs) for item in _items_of(path, note)]
    if units != "given":
        items = [item.with_units(units) for item in items]
    if silence_labels:
        items = [item.with_silence_labels(silence_labels) for item in items]
    names = unique_names(item.source.id for item in items)
    return [
        item if item.source.id == name else replace(item, source=replace(item.source, id=name))
        for item, name in zip(items, names, strict=True)
    ]


def expand_braces(inputs: Iterable[str | Path]) -> Iterator[Path]:
    """Expand ranges in braces: ``a{08..10}`` to ``a08``, ``a09``, ``a10``."""
    for path in map(str, inputs):
        found = re.search(r"\{(\d+)\.\.(\d+)\}", path)
        if found is None:
            yield Path(path)
            continue
        first, last = found.groups()
        if int(last) < int(first):
            raise ConfigError(f"{path}: the range goes backwards")
        numbers = (f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1))
        yield from expand_braces(path[: found.start()] + n + path[found.end() :] for n in numbers)


def _items_of(path: Path, note: Callable[[str], None] | None) -> Iterator[Item]:
    if path.suffix == ".jsonl":
        yield from map(Item.of, read_manifest(path))
    elif path.is_dir():
        found = list_folder(path, (".tar", *AUDIO_SUFFIXES))
        if note and found.skipped:
            note(f"{path}: {found.skipped}")
        if not found.files:
            raise ConfigError(f"{path}: no sound file and no .tar in this folder")
        for file in found.files:
            yield from _items_of_file(file)
    elif path.is_file() or path.suffix == ".tar":
        yield from _items_of_file(path)
    else:
        raise ConfigError(f"{path}: no such file or folder")


def _items_of_file(path: Path) -> Iterator[Item]:
    if path.suffix.lower() == ".tar":
        yield from items_of_archive(path)
    elif path.suffix.lower() in AUDIO_SUFFIXES or is_sound(path):
        yield Item(Recording(unicode_name(path.stem), path))
    else:
        raise ConfigError(f"{path}: expected a folder, a manifest (.jsonl), .tar or sound files")
