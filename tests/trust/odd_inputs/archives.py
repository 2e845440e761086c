"""Archives with odd members, and damaged ones."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

from prosodytok import read_tokens
from tests.trust.odd_inputs.checks import Case, command, expect, first
from tests.trust.odd_inputs.names import put, sound


def cases() -> Iterator[Case]:
    for name, check, right in (
        ("folders, links and odd names in an archive", _archive, "each sound once"),
        ("a truncated archive", _short_archive, "error of the archive, first sound written"),
        ("an empty archive", _empty_archive, "error"),
        ("a text named .tar", _text_archive, "error"),
        ("paths out of the archive", _climbing, "read, nothing written outside"),
        ("two sounds of one stem", _two_sounds, "error of it"),
        ("a damaged sound", _damaged_member, "error of it, the other written"),
        ("metadata that are no JSON", _bad_json, "error of it, the other written"),
        ("F0 limits in metadata that contradict", _bad_limits, "error of it"),
    ):
        yield Case("archives", name, right, check)


def _tar(folder: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    path = folder / "a.tar"
    with tarfile.open(path, "w", encoding="utf-8", errors="surrogateescape") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return path


def _extract(folder: Path, path: Path, code: int, count: int, *words: str) -> str:
    outcome = command("extract", path, "--out", folder / "set", "--workers", 1)
    shards = [path for path in (folder / "set").rglob("*.parquet") if path.parent.name != "errors"]
    found = [tokens for shard in sorted(shards) for tokens in read_tokens(shard)]
    return first(
        expect(outcome, code, *words), "" if len(found) == count else f"{len(found)} utterances"
    )


def _archive(folder: Path) -> str:
    names = ("x/1.wav", "y/1.wav", "é\n👩.wav", os.fsdecode(b"z/stra\xdfe.wav"), "a b/c'd\".wav")
    path = _tar(folder, dict.fromkeys(names, sound()), {"x/2.wav": "1.wav"})
    return _extract(folder, path, 0, 5)


def _short_archive(folder: Path) -> str:
    path = _tar(folder, {"1.wav": sound(), "2.wav": sound()})
    path.write_bytes(path.read_bytes()[: len(sound()) + 5000])
    return _extract(folder, path, 1, 1, "a.tar")


def _empty_archive(folder: Path) -> str:
    return _extract(folder, _tar(folder, {}), 1, 0, "a.tar", "no sound")


def _text_archive(folder: Path) -> str:
    path = put(folder, "a.tar", b"no archive " * 100)
    return _extract(folder, path, 1, 0, "a.tar")


def _climbing(folder: Path) -> str:
    names = ("../../1.wav", "/tmp/odd-climbed.wav")
    problem = _extract(folder, _tar(folder, dict.fromkeys(names, sound())), 0, 2)
    outside = Path("/tmp/odd-climbed.wav").exists() or (folder / "../../1.wav").exists()
    return first(problem, "written outside" if outside else "")


def _two_sounds(folder: Path) -> str:
    return _extract(
        folder, _tar(folder, {"1.wav": sound(), "1.aiff": sound(), "2.wav": sound()}), 1, 1, "1"
    )


def _damaged_member(folder: Path) -> str:
    return _extract(
        folder,
        _tar(folder, {"1.wav": sound()[:9000], "2.wav": sound()}),
        1,
        1,
        "1.wav",
        "truncated",
    )


def _bad_json(folder: Path) -> str:
    files = {"1.wav": sound(), "1.json": b"{'id': 1}", "2.wav": sound()}
    return _extract(folder, _tar(folder, files), 1, 1, "1")


def _bad_limits(folder: Path) -> str:
    metadata = json.dumps({"f0_floor": 300, "f0_ceiling": 200}).encode()
    files = {"1.wav": sound(), "1.json": metadata, "2.wav": sound()}
    return _extract(folder, _tar(folder, files), 1, 1, "floor")
