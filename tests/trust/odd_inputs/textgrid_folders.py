"""Folders of TextGrids."""

from collections.abc import Iterator
from pathlib import Path

from tests.trust.odd_inputs.checks import Case, command, expect, first, tokenize
from tests.trust.odd_inputs.textgrids import (
    LABELS,
    WORDS,
    grid,
    relabelled,
    sound_file,
    tier,
    words_of,
    write,
)


def cases() -> Iterator[Case]:
    for name, check, right in (
        (
            "a TextGrid of the other speaker",
            _other_speaker,
            "error of this sound, the other written",
        ),
        ("a flat folder for two sounds of one name", _flat, "errors of both"),
        ("speaker folders", _mfa, "each with its own words"),
        ("speaker folders in another case", _case, "errors, or its own words"),
        ("a suffix in lower case", _lower, "its words"),
        ("one sound without", _without, "error of this sound, the other written"),
        ("a folder without TextGrids", _none, "exit code 2"),
        ("one TextGrid for two sounds", _one_for_two, "exit code 2"),
        ("a dangling link", _dangling, "error of this sound"),
    ):
        yield Case("TextGrid folders", name, right, check)


def _folder_run(folder: Path, code: int, count: int, *words: str) -> tuple[str, list]:
    outcome, tokens = tokenize(folder, folder / "c", "--segments", folder / "g")
    problem = "" if len(tokens) == count else f"{len(tokens)} utterances: {outcome.errors}"
    return first(expect(outcome, code, *words), problem), tokens


def _two(folder: Path) -> None:
    sound_file(folder, "c/ann/1.wav")
    sound_file(folder, "c/ben/1.wav")


def _other_speaker(folder: Path) -> str:
    _two(folder)
    write(folder / "g/ann/1.TextGrid", grid(tier("words", WORDS)))
    return _folder_run(folder, 1, 1, "ben")[0]


def _flat(folder: Path) -> str:
    _two(folder)
    write(folder / "g/1.TextGrid", grid(tier("words", WORDS)))
    return _folder_run(folder, 1, 0, "ann", "ben")[0]


def _mfa(folder: Path) -> str:
    _two(folder)
    write(folder / "g/ann/1.TextGrid", grid(tier("words", WORDS)))
    write(folder / "g/ben/1.TextGrid", grid(tier("words", relabelled(one="uno"))))
    problem, tokens = _folder_run(folder, 0, 2)
    return problem or first(
        *(
            "" if words_of(t)[0] == w else "exchanged"
            for t, w in zip(tokens, ("one", "uno"), strict=True)
        )
    )


def _case(folder: Path) -> str:
    _two(folder)
    write(folder / "g/ANN/1.TextGrid", grid(tier("words", WORDS)))
    write(folder / "g/BEN/1.TextGrid", grid(tier("words", relabelled(one="uno"))))
    return _folder_run(folder, 1, 0, "ann", "ben")[0]


def _lower(folder: Path) -> str:
    sound_file(folder, "c/1.wav")
    write(folder / "g/1.textgrid", grid(tier("words", WORDS)))
    problem, tokens = _folder_run(folder, 0, 1)
    return problem or ("" if words_of(tokens[0]) == LABELS else "other words")


def _without(folder: Path) -> str:
    sound_file(folder, "c/1.wav")
    sound_file(folder, "c/2.wav")
    write(folder / "g/1.TextGrid", grid(tier("words", WORDS)))
    return _folder_run(folder, 1, 1, "2.wav")[0]


def _none(folder: Path) -> str:
    sound_file(folder, "c/1.wav")
    write(folder / "g/notes.txt", "none")
    return _folder_run(folder, 2, 0, "g")[0]


def _one_for_two(folder: Path) -> str:
    _two(folder)
    path = write(folder / "1.TextGrid", grid(tier("words", WORDS)))
    outcome = command("tokenize", folder / "c", "--segments", path, "--out", folder / "o.jsonl")
    return expect(outcome, 2, "1.TextGrid", lines=1)


def _dangling(folder: Path) -> str:
    sound_file(folder, "c/1.wav")
    (folder / "g").mkdir()
    (folder / "g/1.TextGrid").symlink_to("gone")
    return _folder_run(folder, 1, 0, "1.TextGrid")[0]
