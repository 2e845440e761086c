"""Registers from other files."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from prosodytok.types import ProsodyTokens
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    Outcome,
    clean_tokens,
    expect,
    first,
    speech,
    tokenize,
)
from tests.trust.odd_inputs.speakers import talk
from tests.trust.odd_inputs.textgrids import write


def cases() -> Iterator[Case]:
    for name, check, right in (
        ("a sound", _from_sound, "its register"),
        ("silence", _from_silence, "exit code 2"),
        ("a text", _from_text, "exit code 2"),
        ("an empty .jsonl", _from_empty, "exit code 2"),
        ("a folder", _from_folder, "exit code 2"),
        ("a missing file", _from_missing, "exit code 2"),
        ("tokens of another checkpoint", _from_other, "its register"),
        ("tokens of two registers without speakers", _from_two, "exit code 2"),
        ("tokens of a speaker who is not there", _from_stranger, "error of the sound"),
        ("a manifest without speakers", _from_anonymous, "exit code 2"),
        ("a manifest with a missing sound", _from_incomplete, "one line, register of the rest"),
        ("a manifest whose speaker is silent", _from_mute, "error of the sound"),
        ("tokens with a register of NaN", _from_nan, "exit code 2"),
    ):
        yield Case("register from", name, right, check)


def _from(folder: Path, source: Path, *args: object) -> tuple[Outcome, list[ProsodyTokens]]:
    return tokenize(folder, talk(folder), "--register-from", source, *args)


def _refused(folder: Path, source: Path, *words: str) -> str:
    outcome, tokens = _from(folder, source)
    return first(expect(outcome, 2, source.name, *words, lines=1), "tokens" if tokens else "")


def _from_sound(folder: Path) -> str:
    sf.write(folder / "loud.wav", 2 * speech(), RATE)
    outcome, tokens = _from(folder, folder / "loud.wav")
    change = tokens[0].register.energy_level_db - clean_tokens().register.energy_level_db
    return first(expect(outcome, 0), "" if 5.9 < change < 6.1 else f"{change:.2f} dB")


def _from_silence(folder: Path) -> str:
    sf.write(folder / "silence.wav", np.zeros(RATE), RATE)
    return _refused(folder, folder / "silence.wav", "voiced")


def _from_text(folder: Path) -> str:
    return _refused(folder, write(folder / "a.txt", "good morning"))


def _from_empty(folder: Path) -> str:
    return _refused(folder, write(folder / "a.jsonl", ""))


def _from_folder(folder: Path) -> str:
    (folder / "sounds").mkdir()
    return _refused(folder, folder / "sounds", "folder")


def _from_missing(folder: Path) -> str:
    return _refused(folder, folder / "gone.jsonl")


def record(**changes: object) -> dict[str, object]:
    from prosodytok.io import to_dict

    return json.loads(json.dumps({**to_dict(clean_tokens()), "id": "talk", **changes}))


def lines(folder: Path, name: str, *records: object) -> Path:
    return write(folder / name, "".join(json.dumps(item) + "\n" for item in records))


def _louder() -> dict[str, object]:
    return {**record()["register"], "energy_level_db": -3.0}  # type: ignore[dict-item]


def _from_other(folder: Path) -> str:
    path = lines(folder, "t.jsonl", record(checkpoint="other@1234", register=_louder()))
    outcome, tokens = _from(folder, path)
    found = tokens[0].register.energy_level_db if tokens else None
    return first(expect(outcome, 0, lines=0), "" if found == -3 else f"{found}")


def _from_two(folder: Path) -> str:
    return _refused(
        folder, lines(folder, "t.jsonl", record(), record(register=_louder())), "speaker"
    )


def _from_stranger(folder: Path) -> str:
    records = record(speaker="ann"), record(speaker="ben", register=_louder())
    outcome, tokens = _from(folder, lines(folder, "t.jsonl", *records))
    return first(expect(outcome, 1, "talk.wav", "ann", lines=1), "tokens" if tokens else "")


def _from_anonymous(folder: Path) -> str:
    return _refused(folder, lines(folder, "m.jsonl", {"audio": "talk.wav"}), "speaker")


def _from_incomplete(folder: Path) -> str:
    rows = {"audio": "gone.wav", "speaker": "ann"}, {"audio": "talk.wav", "speaker": "ann"}
    outcome, tokens = _from(folder, lines(folder, "m.jsonl", *rows))
    return first(expect(outcome, 1, "gone.wav", lines=1), "" if len(tokens) == 1 else "lost")


def _from_mute(folder: Path) -> str:
    sf.write(folder / "mute.wav", np.zeros(RATE), RATE)
    row = {"audio": "mute.wav", "speaker": "ann"}, {"audio": "talk.wav", "speaker": "ann2"}
    write(folder / "s.jsonl", json.dumps({"audio": "talk.wav", "speaker": "ann"}))
    outcome, tokens = _from(
        folder, lines(folder, "m.jsonl", *row), "--segments", folder / "s.jsonl"
    )
    return first(expect(outcome, 1, "talk.wav", "ann", lines=1), "tokens" if tokens else "")


def _from_nan(folder: Path) -> str:
    register = {**_louder(), "f0_median_hz": float("nan")}
    return _refused(folder, lines(folder, "t.jsonl", record(register=register)), "line 1")
