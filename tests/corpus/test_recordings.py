"""Sources of manifests with offsets."""

import json
from pathlib import Path

import pytest

from prosodytok.corpus.recordings import Recording, with_units
from prosodytok.io.manifest import read_manifest
from prosodytok.types.errors import ConfigError
from tests.synth import constant, harmonics


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
