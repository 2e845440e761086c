"""`evaluate --only stability` on two short sounds."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import call
from tests.synth import glide, harmonics, join, modulated, silence, write

FILES = ["evaluation.json", "evaluation.md", "short-stability.pdf", "short-stability.png"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of two sounds and of a file without sound."""
    folder = tmp_path_factory.mktemp("short")
    for name, hz in (("low", 110.0), ("high", 220.0)):
        voice = modulated(harmonics(glide(hz, 1.3 * hz), 0.6, 16_000))
        write(join(voice, silence(0.2, 16_000)), folder / f"{name}.wav")
    (folder / "broken.wav").write_text("no sound")
    names = ("low", "high", "broken")
    lines = [json.dumps({"audio": f"{name}.wav", "speaker": name}) for name in names]
    (folder / "short.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """Content of evaluation.json."""
    manifest, out = folder / "short.jsonl", folder / "out"
    assert call("evaluate", manifest, "--only", "stability", "--out", out) == 1
    assert sorted(path.name for path in out.iterdir()) == FILES
    corpora: dict[str, Any] = json.loads((out / "evaluation.json").read_text())["corpora"]
    return corpora["short"]


def test_only_stability_is_written(found: dict[str, Any], folder: Path) -> None:
    assert list(found) == ["stability"]
    stability = found["stability"]
    assert (stability["utterances"], stability["left_out"]) == (2, 1)
    assert stability["yardstick_not_measured"]
    assert list(stability["changes"])[:2] == ["shift", "shift 10 ms"]
    softer = stability["changes"]["12 dB softer"]
    assert softer["utterances"] == 2
    assert softer["agreement"]["word 1"]["value"] > 0.9
    text = (folder / "out" / "evaluation.md").read_text()
    assert "short-stability.png" in text
    assert "| 12 dB softer |" in text
    assert "rate_distortion" not in text
