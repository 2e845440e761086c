"""Tar archives of sounds (WebDataset): what is in one, and one utterance's files of it.

Files that share a stem are one utterance: a sound; a text (``.txt``); what else is known, as in a
line of a manifest (``.json``: id, text, speaker, language, tiers); a TextGrid. Archives are read
where they lie and never unpacked: no name in one becomes the name of a file.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from pydantic import ValidationError

from prosodytok.corpus.item import Item, Member, Packed
from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import Utterance
from prosodytok.io.sound import AUDIO_SUFFIXES
from prosodytok.types.errors import AudioError, explain

#: Largest sound, and largest text, JSON or TextGrid, that is taken from an archive (bytes): three
#: hours of 96 kHz stereo in 32 bit, and more than any annotation.
MAX_SOUND, MAX_TEXT = 8 << 30, 16 << 20
#: What of an utterance's JSON is used.
KEYS = ("id", "speaker", "language", "text", "tiers")
AUDIO = frozenset(AUDIO_SUFFIXES)
#: Files that belong to an utterance.
SUFFIXES = AUDIO | {".txt", ".json", ".textgrid"}
#: Bytes copied at once.
BLOCK = 1 << 20

Members = dict[str, Member]


def items_of_archive(path: Path) -> list[Item]:
    """List the utterances of an archive, in the order of their first files.

    What cannot be used is in the list with the reason: an utterance without a sound, with two, or
    with a JSON that is none; and, after these, the archive itself where it is damaged.
    """
    samples: dict[str, Members] = {}
    try:
        with path.open("rb") as file:
            damage = _index(file, samples)
            items = [_item(path, stem, files, file) for stem, files in _utterances(samples)]
    except OSError as error:
        items, damage = [], f"cannot be read ({error})"
    if not items:
        damage = damage or "no sound in this archive"
    return [*items, Item.unusable(path, damage, path)] if damage else items


@contextmanager
def unpacked(item: Item) -> Iterator[Recording]:
    """Give an utterance's source as files that can be opened; those of an archive are temporary.

    Raises
    ------
    AudioError
        If the utterance cannot be used, or the archive ends within one of its files.
    """
    if item.problem:
        raise AudioError(item.problem)
    if item.packed is None:
        yield item.source
        return
    with TemporaryDirectory(prefix="prosodytok-") as folder, item.packed.archive.open("rb") as file:
        audio = Path(folder, f"sound{item.source.audio.suffix}")
        _copy(file, item.packed.sound, audio)
        source = replace(item.source, audio=audio)
        if item.packed.textgrid is not None and source.units.textgrid is not None:
            units = replace(source.units, textgrid=Path(folder, "sound.TextGrid"))
            source = replace(source, units=units)
            _copy(file, item.packed.textgrid, Path(folder, "sound.TextGrid"))
        yield source


class _Headers:
    """A file of which tarfile reads headers: none that is so large as to fill memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MAX_TEXT:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self.file.read(size)


def _index(file: BinaryIO, samples: dict[str, Members]) -> str:
    """Note where the files of each sample lie; returns what is wrong with the archive, or ""."""
    end = 0
    try:
        with tarfile.open(fileobj=_Headers(file), mode="r:") as archive:  # type: ignore[call-overload]
            while (info := archive.next()) is not None:
                archive.members.clear()  # which would grow with the archive
                if info.size < 0 or archive.offset <= end:
                    return "damaged: a file in it has no possible size"
                end = archive.offset
                _note(info, samples)
            file.seek(archive.offset)
    except (tarfile.TarError, ValueError, OverflowError) as error:
        return f"damaged or cut short ({error})"
    mark = file.read(tarfile.BLOCKSIZE)
    if len(mark) < tarfile.BLOCKSIZE:
        return "cut short: it has no end mark"
    return f"damaged at byte {end}" if any(mark) else ""


def _note(info: tarfile.TarInfo, samples: dict[str, Members]) -> None:
    name = PurePosixPath(*(part for part in info.name.split("/") if part not in ("", ".", "..")))
    suffix = name.suffix.lower()
    if info.isreg() and suffix in SUFFIXES and not name.name.startswith("."):
        members = samples.setdefault(str(name.with_suffix("")), {})
        members[suffix] = Member(str(name), info.offset_data, info.size)


def _utterances(samples: dict[str, Members]) -> Iterator[tuple[str, Members]]:
    """All but what stands beside a sound by a longer name, as ``1.original.txt`` by ``1.wav``."""
    sounds = {stem for stem, members in samples.items() if not members.keys().isdisjoint(AUDIO)}
    for stem, members in samples.items():
        if stem in sounds or _key(stem) not in sounds:
            yield stem, members


def _key(stem: str) -> str:
    """WebDataset's name for what files share: up to the first dot."""
    folder, slash, name = stem.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _item(archive: Path, stem: str, members: Members, file: BinaryIO) -> Item:
    sounds = [members[suffix] for suffix in members if suffix in AUDIO]
    path = archive / (sounds[0].name if sounds else stem)
    grid = members.get(".textgrid")
    try:
        if len(sounds) != 1:
            raise ValueError(f"expected one sound of this name in the archive, found {len(sounds)}")
        _check_sizes(members)
        known = _known(members, file)
        known = {"id": path.stem} | known | {"audio": path}
        known |= {"textgrid": archive / grid.name} if grid else {}
        item = Item.of(Utterance.model_validate(known))
    except (ValueError, RecursionError) as error:  # those of pydantic, JSON and Unicode too
        return Item.unusable(path, _reason(error), archive)
    return replace(item, archive=archive, packed=Packed(archive, sounds[0], grid))


def _check_sizes(members: Members) -> None:
    for suffix, member in members.items():
        limit = MAX_SOUND if suffix in AUDIO else MAX_TEXT
        if member.size > limit:
            raise ValueError(f"{member.name} has {member.size} bytes; {limit} are the most")


def _known(members: Members, file: BinaryIO) -> dict[str, object]:
    """What stands beside the sound, by the keys of a manifest."""
    values = json.loads(_text(file, members[".json"])) if ".json" in members else {}
    if not isinstance(values, dict):
        raise ValueError("its .json is no object")
    known = {key: values[key] for key in KEYS if values.get(key) is not None}
    if ".txt" in members:
        known.setdefault("text", _text(file, members[".txt"]).strip())
    return known


def _text(file: BinaryIO, member: Member) -> str:
    file.seek(member.offset)
    return file.read(member.size).decode("utf-8-sig")


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, ValidationError):
        return f"its .json: {explain(error)}"
    if isinstance(error, (json.JSONDecodeError, RecursionError)):
        return f"its .json is not JSON ({error})"
    if isinstance(error, UnicodeDecodeError):
        return f"its text or .json is not UTF-8 ({error})"
    return str(error)


def _copy(file: BinaryIO, member: Member, target: Path) -> None:
    file.seek(member.offset)
    left = member.size
    with target.open("wb") as copy:
        while left:
            block = file.read(min(left, BLOCK))
            if not block:
                raise AudioError("the archive ends within this file: it was cut short")
            copy.write(block)
            left -= len(block)
