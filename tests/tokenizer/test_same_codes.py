"""Stored codes, by every frontend and backend: a change of the code keeps them.

tests/data/codes/stored.npz holds the codes and boundaries of the bundled samples and of 200
utterances of the dev speech, all utterances concatenated. A change that is meant to change codes
writes the file again: ``python -m tests.tokenizer.test_same_codes ../shared/data``.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.io import Utterance, read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import Tokenizer
from prosodytok.types import LEVELS

STORED = Path(__file__).parents[1] / "data" / "codes" / "stored.npz"
TINY = Path(__file__).parent / "onnx" / "tiny-onnx"
#: Share of codes that may differ on another processor, where two candidates are equally good.
TIES = 0.001

#: Frontend, backend and units of each stored set.
VARIANTS: dict[str, tuple[Callable[[], Tokenizer], UnitSpec]] = {
    "offline torch base": (Tokenizer.from_pretrained, UnitSpec("acoustic")),
    "offline torch base nearest": (
        lambda: Tokenizer.from_pretrained(search=False),
        UnitSpec("acoustic"),
    ),
    "offline torch base learned": (Tokenizer.from_pretrained, UnitSpec("learned")),
    "offline torch melody even": (lambda: Tokenizer.from_pretrained("melody"), UnitSpec("even")),
    "streaming torch stream": (lambda: Tokenizer.from_pretrained("stream"), UnitSpec()),
}


def measure(tokenizer: Tokenizer, units: UnitSpec, rows: list[Utterance]) -> dict[str, np.ndarray]:
    """Codes and boundaries of each level of all utterances, concatenated."""
    found = [
        tokenize_recording(tokenizer, Recording(row.id, row.audio, units)).tokens for row in rows
    ]
    arrays = {}
    for level in LEVELS:
        arrays[f"{level}/codes"] = np.concatenate([t[level].codes for t in found], axis=1)
        if level != "frame":  # whose grid follows from the length
            edges = [t[level].segmentation.boundaries for t in found]
            arrays[f"{level}/boundaries"] = np.concatenate(edges)
    return {key: array.astype(np.uint16) for key, array in arrays.items()}


def assert_stored(name: str, tokenizer: Tokenizer, units: UnitSpec, rows: list[Utterance]) -> None:
    found = measure(tokenizer, units, rows)
    with np.load(STORED) as stored:
        for key, array in found.items():
            expected = stored[f"{name}/{key}"]
            assert array.shape == expected.shape
            ties = 0 if key.endswith("boundaries") else TIES
            assert np.mean(array != expected) <= ties


@pytest.mark.parametrize("variant", VARIANTS)
def test_samples_keep_their_codes(variant: str) -> None:
    make, units = VARIANTS[variant]
    assert_stored(f"samples/{variant}", make(), units, read_manifest(sample_manifest()))


def test_samples_keep_their_codes_in_onnx() -> None:
    tokenizer = Tokenizer.from_pretrained(TINY)
    rows = read_manifest(sample_manifest())
    assert_stored("samples/offline onnx tiny", tokenizer, UnitSpec(), rows)


def dev_utterances(shared_data: Path) -> list[Utterance]:
    """200 utterances, evenly spaced."""
    rows = read_manifest(shared_data / "speech/dev.jsonl")
    return [rows[i] for i in np.linspace(0, len(rows) - 1, 200).round().astype(int)]


@pytest.fixture(scope="module")
def dev(shared_data: Path) -> list[Utterance]:
    return dev_utterances(shared_data)


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.parametrize("variant", VARIANTS)
def test_dev_keeps_its_codes(variant: str, dev: list[Utterance]) -> None:
    make, units = VARIANTS[variant]
    assert_stored(f"dev/{variant}", make(), units, dev)


@pytest.mark.slow
@pytest.mark.shared_data
def test_dev_keeps_its_codes_in_onnx(dev: list[Utterance], tmp_path: Path) -> None:
    from prosodytok.tokenizer.onnx_export import export_onnx

    export_onnx("base", tmp_path)
    tokenizer = Tokenizer.from_pretrained(tmp_path)
    assert_stored("dev/offline torch base", tokenizer, UnitSpec("acoustic"), dev)


def store(shared_data: Path) -> None:
    """Write the stored codes again."""
    rows = {"samples": read_manifest(sample_manifest()), "dev": dev_utterances(shared_data)}
    arrays = {}
    for part, utterances in rows.items():
        for variant, (make, units) in VARIANTS.items():
            found = measure(make(), units, utterances)
            arrays |= {f"{part}/{variant}/{key}": array for key, array in found.items()}
    found = measure(Tokenizer.from_pretrained(TINY), UnitSpec(), rows["samples"])
    arrays |= {f"samples/offline onnx tiny/{key}": array for key, array in found.items()}
    np.savez_compressed(STORED, **arrays)


if __name__ == "__main__":
    store(Path(sys.argv[1]))
