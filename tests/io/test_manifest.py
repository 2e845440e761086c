import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prosodytok.io.manifest import Utterance, read_manifest, unique_ids
from prosodytok.types.errors import ManifestError
from prosodytok.types.f0_range import F0Range
from tests.synth import constant, harmonics


@pytest.fixture
def write(tmp_path):
    """Write a manifest of objects, or of lines as they are."""

    def write(*rows):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path = tmp_path / "corpus" / "test.jsonl"
        path.parent.mkdir()
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def test_only_audio_is_required(write):
    path = write({"audio": "a/x.wav"})
    (utterance,) = read_manifest(path)
    assert utterance == Utterance(audio=path.parent / "a" / "x.wav", id="x")
    assert utterance.tiers == {}
    assert utterance.words_tier is utterance.phrases_tier is utterance.textgrid is None


def test_paths_are_relative_to_the_manifest(write):
    path = write({"audio": "x.wav", "textgrid": "../x.TextGrid"}, {"audio": "/abs/y.wav"})
    first, second = read_manifest(path)
    assert first.audio == path.parent / "x.wav"
    assert first.textgrid == path.parent / ".." / "x.TextGrid"
    assert second.audio == Path("/abs/y.wav")


def test_all_fields(write):
    row = {
        **{"audio": "x.wav", "id": "u1", "speaker": 7, "language": "nl", "text": "hé\u2028la"},
        **{"duration": 1.5, "textgrid": "x.TextGrid", "scheme": "ToDI", "corpus": "todi"},
        "tiers": {"words": "w", "boundaries": "b", "breaks": "i"},
    }
    (utterance,) = read_manifest(write(json.dumps(row, ensure_ascii=False)))
    assert (utterance.id, utterance.speaker, utterance.text) == ("u1", "7", "hé\u2028la")
    assert (utterance.duration, utterance.scheme) == (1.5, "ToDI")
    assert (utterance.words_tier, utterance.phrases_tier) == ("w", "b")
    assert utterance.model_extra == {"corpus": "todi"}


def test_f0_range_is_read_and_checked(write):
    (utterance,) = read_manifest(write({"audio": "x.wav", "f0_floor": 45, "f0_ceiling": 300}))
    assert utterance.f0_range == F0Range(45.0, 300.0)


@pytest.mark.parametrize(
    "limits", [{"f0_floor": 30}, {"f0_ceiling": 1001}, {"f0_floor": 300, "f0_ceiling": 200}]
)
def test_an_impossible_f0_range_is_an_error(write, limits):
    with pytest.raises(ManifestError, match=r"line 1: .*(f0_|not below)"):
        read_manifest(write({"audio": "x.wav", **limits}))


def test_utterances_do_not_change(write):
    (utterance,) = read_manifest(write({"audio": "x.wav"}))
    with pytest.raises(ValidationError, match="frozen"):
        utterance.text = "other"


def test_blank_lines_and_byte_order_marks_are_skipped(tmp_path):
    path = tmp_path / "m.jsonl"
    path.write_text('\ufeff\n{"audio": "x.wav"}\r\n\n{"audio": "y.wav"}\n\n', encoding="utf-8")
    assert [utterance.id for utterance in read_manifest(path)] == ["x", "y"]


def test_shared_stems_get_unique_ids(write):
    rows = [{"audio": "a/x.wav"}, {"audio": "b/x.wav"}, {"audio": "y.wav", "id": "x_2"}]
    assert [u.id for u in read_manifest(write(*rows))] == ["x", "x_3", "x_2"]


@given(st.lists(st.sampled_from(["x.wav", "a/x.wav", "x_2.wav", "y.wav", "x_2_2.wav"])))
def test_unique_ids_are_unique_and_start_with_the_stem(paths):
    ids = unique_ids(paths, taken=["y"])
    assert len({*ids, "y"}) == len(paths) + 1
    assert all(name.startswith(Path(path).stem) for name, path in zip(ids, paths, strict=True))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "not JSON"),
        ("[1]", '"audio"'),
        ({"id": "x"}, '"audio"'),
        ({"audio": 3}, '"audio"'),
        ({"audio": "x.wav", "id": ""}, "id: "),
        ({"audio": "x.wav", "duration": -1}, "duration: .*greater than 0"),
        ({"audio": "x.wav", "duration": "long"}, "duration: "),
        ({"audio": "x.wav", "textgrid": 1}, "textgrid: "),
        ({"audio": "x.wav", "tiers": {"words": None}}, r"tiers\.words: "),
        ({"audio": "x.wav", "id": "a"}, "the id 'a' is also that of .*line 1"),
    ],
)
def test_errors_name_file_and_line(write, row, problem):
    with pytest.raises(ManifestError, match=rf"test\.jsonl, line 3: .*{problem}"):
        read_manifest(write({"audio": "a.wav", "id": "a"}, "", row))


def test_unreadable_and_empty_manifests(write, tmp_path):
    with pytest.raises(ManifestError, match=r"missing\.jsonl: cannot be read"):
        read_manifest(tmp_path / "missing.jsonl")
    with pytest.raises(ManifestError, match=r"test\.jsonl: no utterance"):
        read_manifest(write("", " "))


@pytest.mark.shared_data
def test_real_manifests(shared_data):
    for name in ("aligned/aligned", "tobi/tobi", "speech/dev"):
        for utterance in read_manifest(shared_data / f"{name}.jsonl")[::20]:
            assert utterance.audio.is_file()
            assert utterance.textgrid is None or utterance.textgrid.is_file()


def test_an_utterance_may_be_a_part_of_its_file(write):
    path = write(
        {"audio": "a.wav", "id": "whole", "duration": 0.2},
        {"audio": "a.wav", "id": "part", "offset": 0.1, "duration": 0.2},
    )
    harmonics(constant(200), 0.5).write(path.parent / "a.wav")
    whole, part = (utterance.load() for utterance in read_manifest(path))
    assert whole.duration == pytest.approx(0.5)  # without offset, duration is ignored
    np.testing.assert_array_equal(part.samples, whole.samples[1600:4800])


def test_an_offset_is_not_negative(write):
    with pytest.raises(ManifestError, match="line 1: offset"):
        read_manifest(write({"audio": "a.wav", "offset": -1}))


def test_contradicting_limits_of_f0_are_named(tmp_path):
    path = tmp_path / "m.jsonl"
    path.write_text('{"audio": "a.wav", "f0_floor": 200, "f0_ceiling": 150}')
    with pytest.raises(ManifestError, match=r"line 1: Value error, the F0 floor of 200 Hz"):
        read_manifest(path)
