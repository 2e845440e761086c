"""Turns of speakers, and registers from other files, in odd forms."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf

from prosodytok.types import ProsodyTokens
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    Outcome,
    clean,
    expect,
    first,
    speech,
    tokenize,
)
from tests.trust.odd_inputs.textgrids import END, WORDS, grid, tier, words_of, write

Turns = list[tuple[float, float, str]]
GOOD_TURNS: Turns = [(0.2, 1.3, "ann"), (1.6, 0.9, "ben"), (2.5, 0.7, "ann")]


def rttm(turns: Turns = GOOD_TURNS, name: str = "talk") -> str:
    return "".join(
        f"SPEAKER {name} 1 {start} {length} <NA> <NA> {who} <NA> <NA>\n"
        for start, length, who in turns
    )


#: RTTM, number of lines of tokens, words of a warning ("" for none).
GOOD: dict[str, tuple[str | bytes, int, str]] = {
    "as it should be": (rttm(), 3, ""),
    "comments and other types": (";; by hand\nSPKR-INFO talk 1 <NA> <NA> <NA> adult ann <NA> <NA>\n" + rttm(), 3, ""),
    "8 fields, tabs, CRLF": (rttm().replace(" <NA> <NA>\n", "\r\n").replace(" ", "\t"), 3, ""),
    "a byte order mark": (rttm().encode("utf-8-sig"), 3, ""),
    "lines in reverse order": ("\n".join(rttm().splitlines()[::-1]), 3, ""),
    "the same line twice": (rttm() + rttm().splitlines()[0] + "\n", 3, ""),
    "a turn of 50 ms": (rttm([*GOOD_TURNS, (3.2, 0.05, "ben")]), 3, "shorter"),
    "a turn of no length": (rttm([*GOOD_TURNS, (3.2, 0, "ben")]), 3, "shorter"),
    "a turn that ends 2 s after the sound": (rttm([*GOOD_TURNS[:2], (2.5, 2.8, "ann")]), 3, "after"),
    "overlapping turns": (rttm([(0.2, 1.8, "ann"), (1.6, 1.2, "ben")]), 2, "overlap"),
    "a turn within a turn": (rttm([(0.2, 3.0, "ann"), (1.6, 0.5, "ben")]), 2, "overlap"),
    "two turns of one speaker that overlap": (rttm([(0.2, 1.2, "ann"), (1.0, 1.0, "ann")]), 2, ""),
    "names with slashes": (rttm([(0.2, 1.3, "../../ann"), (1.6, 0.9, "b/e/n")]), 2, ""),
    "names that differ in their punctuation": (rttm([(0.2, 1.3, "a/b"), (1.6, 0.9, "a:b")]), 2, ""),
    "names of punctuation": (rttm([(0.2, 1.3, "???"), (1.6, 0.9, "...")]), 2, ""),
    "names in Cyrillic and emoji": (rttm([(0.2, 1.3, "Аня"), (1.6, 0.9, "🙂")]), 2, ""),
    "a name of 300 letters": (rttm([(0.2, 1.3, "x" * 300)]), 1, ""),
    "another sound's turns too": (rttm() + rttm(name="other"), 3, ""),
    "the file id with its suffix": (rttm(name="talk.wav"), 3, ""),
    "one file id, another than the sound": (rttm(name="session_1"), 3, ""),
    "40 turns of 60 ms among good ones": (rttm([*GOOD_TURNS, *((0.05 * k, 0.06, "cy") for k in range(40))]), 3, "shorter"),
}  # fmt: skip
#: RTTM, exit code, words of the error.
BAD: dict[str, tuple[str | bytes, int, str]] = {
    "empty": ("", 2, "talk.rttm"), "only comments": (";; none\n", 2, "talk.rttm"),
    "a name with a space": (rttm([(0.2, 1, "ann lee")]).replace("<NA> <NA>\n", "<NA> <NA> 0\n"), 2, "line 1"),
    "a negative start": (rttm([(-0.2, 1, "ann")]), 2, "line 1"),
    "a negative length": (rttm([(0.2, -1, "ann")]), 2, "line 1"), "NaN": (rttm([(float("nan"), 1, "ann")]), 2, "line 1"),
    "infinity": (rttm([(0.2, float("inf"), "ann")]), 2, "line 1"), "decimal commas": (rttm().replace(".", ","), 2, "line 1"),
    "no speaker": (rttm([(0.2, 1, "<NA>")]), 2, "line 1"), "cut in a line": (rttm()[:-40], 2, "line 3"),
    "Latin-1": (rttm([(0.2, 1, "béa")]).encode("latin-1"), 2, "talk.rttm"), "UTF-16": (rttm().encode("utf-16"), 2, "talk.rttm"),
    "a CSV": ("start,end,speaker\n0.2,1.5,ann\n", 2, "line 1"), "a WAV": (clean().to_bytes(".wav"), 2, "talk.rttm"),
    "only other sounds": (rttm(name="one") + rttm(name="two"), 1, "talk.wav"),
    "only tiny turns": (rttm([(0.2, 0.05, "ann")]), 1, "talk.wav"),
    "a turn after the end": (rttm([*GOOD_TURNS, (9, 1, "ben")]), 1, "3.29"),
    "all turns after the end": (rttm([(9, 1, "ben")]), 1, "3.29"),
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, (content, count, warning) in GOOD.items():
        right = f"{count} lines{', warning' if warning else ''}"
        yield Case(
            "speakers", name, right, partial(_good, content=content, count=count, warning=warning)
        )
    for name, (content, code, word) in BAD.items():
        yield Case(
            "speakers",
            name,
            f"error, exit code {code}",
            partial(_bad, content=content, code=code, word=word),
        )
    for name, check, right in (
        ("a tier of speakers", _tier, "turns of it"),
        ("FILE:TIER with a colon in the tier", _colon_tier, "turns of it"),
        ("a missing tier", _missing_tier, "error with its name"),
        ("words of the TextGrid", _turn_words, "each word once"),
        ("a transcript", _with_text, "exit code 2"),
        ("a missing file", _gone, "exit code 2"),
        ("a pipe as the sound", _pipe, "error"),
        ("two sounds of one name, one RTTM", _two_names, "errors of both"),
        ("two voices without --speakers", _two_voices, "warning"),
        ("one voice low, one high, with --speakers", _own_registers, "two registers"),
    ):
        yield Case("speakers", name, right, check)


def talk(folder: Path) -> Path:
    clean().write(folder / "talk.wav")
    return folder / "talk.wav"


def _run(folder: Path, content: str | bytes, *args: object) -> tuple[Outcome, list[ProsodyTokens]]:
    path = write(folder / "talk.rttm", content)
    return tokenize(folder, talk(folder), "--speakers", path, *args)


def _good(folder: Path, content: str | bytes, count: int, warning: str) -> str:
    outcome, tokens = _run(folder, content)
    ids = {item.id for item in tokens}
    said = not warning or any(warning in line for line in outcome.errors)
    problem = "" if len(tokens) == len(ids) == count else f"{len(tokens)} lines, ids {ids}"
    slash = next((item.id for item in tokens if "/" in item.id), "")
    return first(expect(outcome, 0), problem, "" if said else f"{outcome.errors}", slash)


def _bad(folder: Path, content: str | bytes, code: int, word: str) -> str:
    outcome, tokens = _run(folder, content)
    return expect(outcome, code, word, lines=None if tokens else 1)


SPEAKERS = [(0.0, 1.5, "ann"), (1.5, 1.6, ""), (1.6, END, "ben")]


def _tier_run(folder: Path, name: str, option: str) -> tuple[Outcome, list[ProsodyTokens]]:
    path = write(folder / "talk.TextGrid", grid(tier(name, SPEAKERS), tier("words", WORDS)))
    return tokenize(folder, talk(folder), "--speakers", f"{path}{option}")


def _tier(folder: Path) -> str:
    outcome, tokens = _tier_run(folder, "Speaker", "")
    found = [item.speaker for item in tokens]
    return first(expect(outcome, 0), "" if found == ["ann", "ben"] else f"{found}")


def _colon_tier(folder: Path) -> str:
    outcome, tokens = _tier_run(folder, "who: turns", ":who: turns")
    found = [item.speaker for item in tokens]
    return first(expect(outcome, 0), "" if found == ["ann", "ben"] else f"{found}")


def _missing_tier(folder: Path) -> str:
    outcome, _ = _tier_run(folder, "Speaker", ":voices")
    return expect(outcome, 1, "voices", "talk.TextGrid", lines=1)


def _turn_words(folder: Path) -> str:
    path = write(folder / "talk.TextGrid", grid(tier("words", WORDS)))
    outcome, tokens = _run(
        folder, rttm([(0.2, 0.95, "ann"), (1.15, 2.1, "ben")]), "--segments", path
    )
    found = [word for item in tokens for word in words_of(item)]
    return first(expect(outcome, 0), "" if found == ["one", "two", "three", "four"] else f"{found}")


def _with_text(folder: Path) -> str:
    outcome, _ = _run(folder, rttm(), "--text", "good morning")
    return expect(outcome, 2, "--speakers", lines=1)


def _gone(folder: Path) -> str:
    outcome, _ = tokenize(folder, talk(folder), "--speakers", folder / "gone.rttm")
    return expect(outcome, 2, "gone.rttm", lines=1)


def _pipe(folder: Path) -> str:
    path = write(folder / "stdin.rttm", rttm(name="stdin"))
    outcome, _ = tokenize(folder, "-", "--speakers", path, stdin=b"x")
    return expect(outcome, 1, "stdin", lines=1)


def _two_names(folder: Path) -> str:
    for name in ("x/talk.wav", "y/talk.wav"):
        (folder / name).parent.mkdir()
        clean().write(folder / name)
    path = write(folder / "talk.rttm", rttm())
    outcome, tokens = tokenize(folder, folder / "x", folder / "y", "--speakers", path)
    return first(
        expect(outcome, 1, "x/talk.wav", "y/talk.wav", lines=2), "tokens" if tokens else ""
    )


def _dialogue(folder: Path) -> None:
    high = np.interp(np.arange(0, speech().size, 1.9), np.arange(speech().size), speech())
    pause = np.zeros(RATE // 2)
    parts = [speech(), pause, high, pause, high, pause, speech()]
    sf.write(folder / "talk.wav", np.concatenate(parts), RATE)


def _two_voices(folder: Path) -> str:
    _dialogue(folder)
    outcome, tokens = tokenize(folder, folder / "talk.wav")
    return first(
        expect(outcome, 0, "talk.wav", lines=1), "" if tokens[0].warnings else "none stored"
    )


def _own_registers(folder: Path) -> str:
    _dialogue(folder)
    low, high, n = "low", "high", speech().size / RATE
    length = n / 1.9
    turns = [
        (0, n, low),
        (n + 0.5, length, high),
        (n + length + 1, length, high),
        (n + 2 * length + 1.5, n, low),
    ]
    path = write(folder / "talk.rttm", rttm(turns))
    _, tokens = tokenize(folder, folder / "talk.wav", "--speakers", path)
    medians = {item.speaker: item.register.f0_median_hz for item in tokens}
    ratio = medians[high] / medians[low]
    return "" if len(tokens) == 4 and 1.7 < ratio < 2.1 else f"{len(tokens)}, {medians}"
