"""Turns of speakers as recordings of their own, with registers of the speakers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from prosodytok import ProsodyTokenizer, load
from prosodytok.corpus import (
    Recording,
    TurnRegisters,
    encode_all,
    read_registers,
    tokenize_recording,
    with_speakers,
)
from prosodytok.io import write_jsonl
from prosodytok.io.manifest import unique_ids
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, SegmentationError
from prosodytok.types.register import Register
from tests.synth import constant, harmonics, join, modulated, silence, vibrato, write

LOW, HIGH = 110.0, 220.0


def voice(hz: float, seconds: float) -> Audio:
    return modulated(harmonics(vibrato(hz, 2.0), seconds))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ben from 0 to 1 s and 2.4 to 3.2 s, Ann from 1.2 to 2.2 s and 3.4 to 4 s; 4.2 s."""
    gap = silence(0.2)
    parts = (voice(LOW, 1.0), voice(HIGH, 1.0), voice(1.05 * LOW, 0.8), voice(HIGH, 0.6))
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    write(join(*(sound for part in parts for sound in (part, gap))), path)
    return path


def rttm(folder: Path, *turns: tuple[float, float, str], id: str = "talk") -> Path:
    path = folder / f"{id}.rttm"
    lines = (f"SPEAKER {id} 1 {a} {b - a:.3f} <NA> <NA> {who} <NA> <NA>\n" for a, b, who in turns)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def divide(
    speakers: Path | str, *sounds: Path, units: UnitSpec | None = None
) -> tuple[list[Recording], list[str]]:
    """The turns, and the sentences about those left out."""
    named = zip(unique_ids(sounds), sounds, strict=True)
    recordings = [Recording(id, sound, units or UnitSpec()) for id, sound in named]
    warned: list[str] = []
    found = with_speakers(recordings, str(speakers), lambda _, sentences: warned.extend(sentences))
    return found, warned


def test_turns_are_parts_with_ids_by_speaker(talk: Path, tmp_path: Path) -> None:
    turns = [(1.2, 2.2, "Ann/A"), (0.0, 1.1, "Ben"), (3.4, 4.23, "Ann/A"), (2.1, 3.3, "Ben")]
    found, warned = divide(rttm(tmp_path, *turns), talk)
    assert not warned
    assert [(r.id, r.speaker, r.start, r.duration) for r in found] == [
        ("talk-Ben-001", "Ben", 0.0, pytest.approx(1.1)),
        ("talk-Ann_A-001", "Ann/A", 1.2, pytest.approx(1.0)),
        ("talk-Ben-002", "Ben", 2.1, pytest.approx(1.2)),
        ("talk-Ann_A-002", "Ann/A", 3.4, pytest.approx(0.8)),  # the sound ends at 4.2 s
    ]
    overlap = "another speaker overlaps 0.1 s"
    assert [r.warnings for r in found] == [(), (overlap,), (overlap,), ()]


def test_turns_that_cannot_be_used_are_reported(talk: Path, tmp_path: Path) -> None:
    turns = [(0.0, 0.05, "Ben"), (0.5, 1.0, "Ben"), (3.0, 9.0, "Ann"), (9.0, 9.5, "Ann")]
    found, warned = divide(rttm(tmp_path, *turns), talk)
    assert warned == ["1 turn shorter than 0.1 s left out: Ben at 0.00 s"]
    assert [r.id for r in found] == ["talk-Ben-002", "talk-Ann-001", "talk-Ann-002"]
    assert found[1].warnings == ("the turn ends 4.8 s after the sound",)
    assert found[1].load().duration == pytest.approx(1.2)
    with pytest.raises(SegmentationError, match=r"turn of Ann from 9.00 to 9.50 s: the sound ends"):
        found[2].load()
    (only,), warned = divide(rttm(tmp_path, (1.0, 1.05, "Ben")), talk)
    assert only.problem == "no turn lasts 0.1 s"
    assert not warned


def test_names_of_speakers_that_differ_in_signs_have_ids_of_their_own(
    talk: Path, tmp_path: Path
) -> None:
    found, _ = divide(rttm(tmp_path, (0, 1, "a/b"), (1, 2, "a:b"), (2, 3, "///")), talk)
    assert [r.id for r in found] == ["talk-a_b-001", "talk-a_b-001_2", "talk-speaker-001"]


def test_the_turns_of_a_file_are_those_of_its_name(talk: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    write(voice(LOW, 1.0), other)
    path = rttm(tmp_path, (0.0, 1.0, "Ben"))
    found, _ = divide(path, talk, other)
    assert [r.id for r in found] == ["talk-Ben-001", "other"]
    assert found[1].problem == f"{path} has no turn of file id 'other'; it has those of 'talk'"
    rttm(tmp_path, (0.2, 0.9, "Cy"), id="waveform").rename(tmp_path / "other.rttm")
    found, _ = divide(tmp_path, talk, other)
    assert [r.id for r in found] == ["talk-Ben-001", "other-Cy-001"]
    twin = tmp_path / "twin" / "talk.wav"
    twin.parent.mkdir()
    write(voice(LOW, 1.0), twin)
    found, _ = divide(path, talk, twin)
    assert all("several sounds are called 'talk'" in r.problem for r in found)
    found, _ = divide(tmp_path, talk, twin)
    assert found[0].problem == f"no talk.rttm in {tmp_path}, subfolder {talk.parent.name}"
    path.rename(twin.with_suffix(".rttm"))
    found, _ = divide(tmp_path, talk, twin)
    assert [r.problem == "" for r in found] == [False, True]


@pytest.mark.parametrize("damage", ["SPEAKER talk 1 0 x", None])
def test_a_source_that_cannot_be_used(talk: Path, tmp_path: Path, damage: str | None) -> None:
    path = tmp_path / "talk.rttm"
    if damage:
        path.write_text(damage)
        (failed,), _ = divide(tmp_path, talk)  # of one file in a folder
        assert "line 1" in failed.problem
    with pytest.raises(ConfigError, match="line 1" if damage else "no such file"):
        divide(path, talk)
    with pytest.raises(ConfigError, match="transcript"):
        divide(path, talk, units=UnitSpec(text="hello"))


def tokens_of(tokenizer: ProsodyTokenizer, recordings: list[Recording]) -> list[ProsodyTokens]:
    registers = TurnRegisters(tokenizer, recordings)
    return list(encode_all(tokenizer, (registers.prepare(r) for r in recordings)))


def test_turns_have_the_register_of_their_speaker(
    greedy: ProsodyTokenizer, talk: Path, tmp_path: Path
) -> None:
    turns = [(0.0, 1.1, "Ben"), (1.15, 2.3, "Ann"), (2.35, 3.3, "Ben"), (3.3, 4.2, "Ann")]
    tokens = tokens_of(greedy, divide(rttm(tmp_path, *turns), talk)[0])
    assert [t.register.f0_median_hz for t in tokens[2:]] == [
        t.register.f0_median_hz for t in tokens[:2]
    ]
    parts = [greedy.extract(load(talk, a, b - a)) for a, b, who in turns if who == "Ben"]
    expected = Register.estimate(*parts)
    assert tokens[0].register.f0_median_hz == expected.f0_median_hz
    assert tokens[0].register.energy_level_db == expected.energy_level_db
    assert [(t.speaker, t.offset) for t in tokens] == [(who, a) for a, _, who in turns]


def test_words_are_those_within_the_turn(
    greedy: ProsodyTokenizer, talk: Path, tmp_path: Path
) -> None:
    grid = tmp_path / "talk.TextGrid"
    grid.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n0 4.2 <exists> 2\n'
        '"IntervalTier" "speaker" 0 4.2 3 0 1.1 "Ben" 1.1 2.3 "Ann" 2.3 4.2 ""\n'
        '"IntervalTier" "words" 0 4.2 4 0 1.0 "oh" 1.0 1.2 "" 1.2 2.2 "no" 2.2 4.2 ""\n'
    )
    turns, _ = divide(grid, talk, units=UnitSpec(textgrid=grid))
    words = [t["word"].segmentation for t in tokens_of(greedy, turns)]
    assert [w.labels for w in words] == [("oh", ""), ("", "no", "")]
    np.testing.assert_array_equal(words[1].boundaries, [0, 10, 110, 120])
    silent, _ = divide(rttm(tmp_path, (2.3, 4.2, "Cy")), talk, units=UnitSpec(textgrid=grid))
    with pytest.raises(SegmentationError, match=r"talk.wav: talk-Cy-001: .*no labelled interval"):
        tokens_of(greedy, silent)


def failing(path: Path, error: Exception) -> None:
    raise AssertionError(path) from error


def test_register_from_a_sound_or_tokens(
    greedy: ProsodyTokenizer, talk: Path, tmp_path: Path
) -> None:
    registers = read_registers(talk, greedy.frontend, failing)
    assert registers.one == Register.estimate(greedy.extract(talk))
    turns, _ = divide(rttm(tmp_path, (0.0, 1.1, "Ben"), (1.1, 2.3, "Ann")), talk)
    tokens = tokens_of(greedy, turns)
    write_jsonl(tmp_path / "two.jsonl", tokens)
    by_speaker = read_registers(tmp_path / "two.jsonl", greedy.frontend, failing)
    again = tokenize_recording(greedy, by_speaker.apply(Recording("x", talk, speaker="Ann"))).tokens
    assert again.register.f0_median_hz == tokens[1].register.f0_median_hz
    unknown = by_speaker.apply(Recording("x", talk, speaker="Cy"))
    assert "no register of speaker 'Cy'; " in unknown.problem
    assert "its speaker is not known" in by_speaker.apply(Recording("x", talk)).problem
    write_jsonl(tmp_path / "one.jsonl", tokens[:1])
    assert read_registers(tmp_path / "one.jsonl", greedy.frontend, failing).one is not None


def test_registers_of_the_speakers_of_a_manifest(greedy: ProsodyTokenizer, tmp_path: Path) -> None:
    heights = {"a": 100, "b": 120, "c": 200}
    for name, hz in heights.items():
        write(voice(hz, 0.8), tmp_path / f"{name}.wav")
    lines = [{"audio": f"{name}.wav", "speaker": "cab"[name == "c"]} for name in heights]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    registers = read_registers(manifest, greedy.frontend, failing)
    own = {n: greedy.extract(tmp_path / f"{n}.wav") for n in heights}
    assert registers.by_speaker == {
        "c": Register.estimate(own["a"], own["b"]),
        "a": Register.estimate(own["c"]),
    }
    found = registers.apply(Recording("b", tmp_path / "b.wav"))
    assert (found.speaker, found.register) == ("c", registers.by_speaker["c"])
    named = registers.apply(Recording("b", tmp_path / "b.wav", speaker="a"))
    assert named.register == registers.by_speaker["a"]


@pytest.mark.parametrize("kind", ["silence", "missing", "no speaker", "different registers"])
def test_no_register(greedy: ProsodyTokenizer, talk: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("x.wav" if kind in ("silence", "missing") else "x.jsonl")
    if kind == "silence":
        write(silence(0.5), path)
    elif kind == "no speaker":
        path.write_text(json.dumps({"audio": str(talk)}))
    elif kind == "different registers":
        low, high = (harmonics(constant(hz), 0.5) for hz in (LOW, HIGH))
        write_jsonl(path, [greedy.encode(greedy.extract(sound)) for sound in (low, high)])
    with pytest.raises(ConfigError, match="--register-from"):
        read_registers(path, greedy.frontend, failing)
