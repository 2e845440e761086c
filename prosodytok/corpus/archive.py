"""Tar archives of sounds (WebDataset): list their utterances and read the files of one.

Files with the same stem are one utterance: a sound, a text (``.txt``), metadata with the keys of a
manifest line (``.json``: id, text, speaker, language, tiers, f0_floor, f0_ceiling) and a TextGrid.
Archives are read in place and never unpacked: no name in an archive becomes a file name.
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

from prosodytok.corpus.corpus_item import Item, Member, Packed
from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import Utterance, unicode_name
from prosodytok.io.sound_folders import AUDIO_SUFFIXES, SNDFILE_SUFFIXES
from prosodytok.types.errors import AudioError, explain

#: Size limits of a sound and of a text, JSON or TextGrid file in an archive (bytes): three hours of
#: 96 kHz stereo in 32 bit, and more than any annotation.
MAX_SOUND, MAX_TEXT = 8 << 30, 16 << 20
#: Keys that are read from the JSON of an utterance.
JSON_KEYS = ("id", "speaker", "language", "text", "tiers", "f0_floor", "f0_ceiling")
AUDIO = frozenset(AUDIO_SUFFIXES)
#: Suffixes of the files of an utterance.
SUFFIXES = AUDIO | {".txt", ".json", ".textgrid"}
#: Copy buffer (bytes).
BLOCK = 1 << 20

Members = dict[str, Member]


def items_of_archive(path: Path) -> list[Item]:
    """List the utterances of an archive, in the order of their first files.

    Unusable utterances (no sound, two sounds, invalid JSON) are listed with the reason. A damaged
    archive adds itself as the last item.
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
    """Yield the source of an utterance, in a temporary folder if it is from an archive."""
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
    """File object for `tarfile` that rejects headers large enough to fill memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MAX_TEXT:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self.file.read(size)


def _index(file: BinaryIO, samples: dict[str, Members]) -> str:
    """Add the files of each sample to `samples`; return the damage of the archive, or ""."""
    end = 0
    try:
        with tarfile.open(fileobj=_Headers(file), mode="r:") as archive:  # type: ignore[call-overload]
            while (info := archive.next()) is not None:
                archive.members.clear()  # else memory grows with the archive
                if info.size < 0 or archive.offset <= end:
                    return "damaged: a file in it has no possible size"
                end = archive.offset
                _add_member(info, samples)
            file.seek(archive.offset)
    except (tarfile.TarError, ValueError, OverflowError) as error:
        return f"damaged or cut short ({error})"
    end_mark = file.read(tarfile.BLOCKSIZE)
    if len(end_mark) < tarfile.BLOCKSIZE:
        return "cut short: it has no end mark"
    return f"damaged at byte {end}" if any(end_mark) else ""


def _add_member(info: tarfile.TarInfo, samples: dict[str, Members]) -> None:
    name = PurePosixPath(*(part for part in info.name.split("/") if part not in ("", ".", "..")))
    suffix = name.suffix.lower()
    if info.isreg() and suffix in SUFFIXES and not name.name.startswith("."):
        members = samples.setdefault(str(name.with_suffix("")), {})
        members[suffix] = Member(str(name), info.offset_data, info.size)


def _utterances(samples: dict[str, Members]) -> Iterator[tuple[str, Members]]:
    """Samples, without companions of a sound such as ``1.original.txt`` beside ``1.wav``."""
    sounds = {stem for stem, members in samples.items() if not members.keys().isdisjoint(AUDIO)}
    for stem, members in samples.items():
        if stem in sounds or _webdataset_key(stem) not in sounds:
            yield stem, members


def _webdataset_key(stem: str) -> str:
    """WebDataset's key of a sample: the file name up to its first dot."""
    folder, slash, name = stem.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _item(archive: Path, stem: str, members: Members, file: BinaryIO) -> Item:
    suffixes = members.keys() & set(SNDFILE_SUFFIXES) or members.keys() & AUDIO
    sounds = [members[suffix] for suffix in sorted(suffixes)]  # not the video beside a sound
    path = archive / (sounds[0].name if sounds else stem)
    grid = members.get(".textgrid")
    try:
        if len(sounds) != 1:
            raise ValueError(f"expected one sound of this name in the archive, found {len(sounds)}")
        _check_sizes(members)
        metadata = {"id": unicode_name(path.stem)} | _metadata(members, file) | {"audio": path}
        metadata |= {"textgrid": archive / grid.name} if grid else {}
        item = Item.of(Utterance.model_validate(metadata))
    except (ValueError, RecursionError) as error:  # includes pydantic, JSON and Unicode errors
        return Item.unusable(path, _reason(error), archive)
    return replace(item, archive=archive, packed=Packed(archive, sounds[0], grid))


def _check_sizes(members: Members) -> None:
    for suffix, member in members.items():
        limit = MAX_SOUND if suffix in AUDIO else MAX_TEXT
        if member.size > limit:
            raise ValueError(f"{member.name} has {member.size} bytes; the limit is {limit}")


def _metadata(members: Members, file: BinaryIO) -> dict[str, object]:
    """Contents of the JSON and text files of an utterance, by the keys of a manifest."""
    values = json.loads(_read_text(file, members[".json"])) if ".json" in members else {}
    if not isinstance(values, dict):
        raise ValueError("its .json is no object")
    metadata = {key: values[key] for key in JSON_KEYS if values.get(key) is not None}
    if ".txt" in members:
        metadata.setdefault("text", _read_text(file, members[".txt"]).strip())
    return metadata


def _read_text(file: BinaryIO, member: Member) -> str:
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
    remaining = member.size
    with target.open("wb") as copy:
        while remaining:
            block = file.read(min(remaining, BLOCK))
            if not block:
                raise AudioError("the archive ends within this file: it was cut short")
            copy.write(block)
            remaining -= len(block)
