"""Sources of manifests with offsets."""

import json
from pathlib import Path

import pytest

from prosodytok.corpus.recordings import Recording, find_recordings, with_units
from prosodytok.io.manifest import read_manifest
from prosodytok.types.errors import ConfigError, SegmentationError
from tests.synth import GRID, constant, harmonics


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    harmonics(constant(200), 0.5).write(tmp_path / "a.wav")
    row = {"audio": "a.wav", "id": "part", "offset": 0.1, "duration": 0.2}
    (tmp_path / "m.jsonl").write_text(json.dumps(row) + "\n")
    return tmp_path / "m.jsonl"


def test_a_segment_keeps_its_offset(manifest: Path) -> None:
    (utterance,) = read_manifest(manifest)
    assert Recording.of(utterance).load().duration == pytest.approx(0.2)


def test_annotation_of_a_segment_is_not_used_for_the_whole_file(manifest: Path) -> None:
    with pytest.raises(ConfigError, match="does not list"):
        with_units([Recording("a", manifest.parent / "a.wav")], segments=manifest)


@pytest.fixture
def speakers(tmp_path: Path) -> list[Recording]:
    """Sounds of one name of two speakers, and a TextGrid of one of them."""
    grid = tmp_path / "grids" / "ann" / "001.TextGrid"
    grid.parent.mkdir(parents=True)
    grid.write_text(GRID.format("moi"), encoding="utf-8")
    for name in ("ann", "bob"):
        (tmp_path / "corpus" / name).mkdir(parents=True)
        harmonics(constant(200), 2.1).write(tmp_path / "corpus" / name / "001.wav")
    return find_recordings([tmp_path / "corpus"], pytest.fail)


def test_textgrids_in_folders_of_speakers(speakers: list[Recording], tmp_path: Path) -> None:
    ann, bob = with_units(speakers, segments=tmp_path / "grids", words_tier="1")
    assert ann.units.textgrid == tmp_path / "grids" / "ann" / "001.TextGrid"
    assert ann.units.words_tier == "1"
    assert not ann.problem
    assert ann.load().duration == pytest.approx(2.1)
    with pytest.raises(SegmentationError, match=r"bob/001\.wav: no TextGrid of it"):
        bob.load()


def test_one_textgrid_for_two_speakers(speakers: list[Recording], tmp_path: Path) -> None:
    flat = tmp_path / "grids" / "ann"
    flat.rename(tmp_path / "flat")
    found = with_units(speakers, segments=tmp_path / "flat")
    assert all("ambiguous" in recording.problem for recording in found)


def test_segments_that_do_not_exist(speakers: list[Recording], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none: no such file or folder.*acoustic, learned, even"):
        with_units(speakers, segments=tmp_path / "none")


def test_silence_labels(speakers: list[Recording], manifest: Path) -> None:
    manifest.write_text(json.dumps({"audio": "a.wav", "textgrid": "a.TextGrid"}) + "\n")
    whole = Recording("a", manifest.parent / "a.wav")
    for sound, segments in ((speakers[0], manifest.parent / "grids"), (whole, manifest)):
        (found,) = with_units([sound], segments=segments, silence_labels=["xxx"])
        assert found.units.silence_labels == ("xxx",)


def test_tiers_without_textgrids_are_refused(tmp_path):
    recordings = [Recording("a", tmp_path / "a.wav")]
    for tier in ({"words_tier": "words"}, {"phrases_tier": "2"}):
        with pytest.raises(ConfigError, match="--segments"):
            with_units(recordings, **tier)
