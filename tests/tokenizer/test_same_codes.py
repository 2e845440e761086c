"""Codes of the second edition, by every frontend and backend: a change of the code keeps them.

tests/data/codes/second-edition.npz holds the codes and boundaries of the bundled samples and of 200
utterances of the dev speech, all utterances concatenated, as written before the third edition.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.io import Utterance, read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import Tokenizer
from prosodytok.types import LEVELS, ProsodyTokens

STORED = Path(__file__).parents[1] / "data" / "codes" / "second-edition.npz"
#: Share of codes that may differ on another processor, where two candidates are equally good.
TIES = 0.001

#: Frontend, backend and units of each stored set.
VARIANTS: dict[str, tuple[Callable[[], Tokenizer], UnitSpec]] = {
    "offline torch base": (Tokenizer.from_pretrained, UnitSpec()),
    "offline torch base nearest": (
        lambda: Tokenizer.from_pretrained(search=False),
        UnitSpec(),
    ),
    "offline torch base learned": (Tokenizer.from_pretrained, UnitSpec("learned")),
    "offline torch melody even": (lambda: Tokenizer.from_pretrained("melody"), UnitSpec("even")),
    "streaming torch stream": (lambda: Tokenizer.from_pretrained("stream"), UnitSpec()),
}


def assert_stored(name: str, tokenizer: Tokenizer, units: UnitSpec, rows: list[Utterance]) -> None:
    part, _, variant = name.partition("/")
    found = [
        tokenize_recording(tokenizer, Recording(row.id, row.audio, units)).tokens for row in rows
    ]
    with np.load(STORED) as stored:
        for level in LEVELS:
            if level != "frame":  # whose grid follows from the length
                expected = stored[f"{part}/{variant}/{level}/boundaries"]
                np.testing.assert_array_equal(boundaries(found, level), expected)
            codes = np.concatenate([tokens[level].codes for tokens in found], axis=1)
            expected = stored[f"{part}/{variant}/{level}/codes"]
            assert codes.shape == expected.shape
            assert np.mean(codes != expected) <= TIES


def boundaries(utterances: list[ProsodyTokens], level: str) -> np.ndarray:
    return np.concatenate([tokens[level].segmentation.boundaries for tokens in utterances])


@pytest.mark.parametrize("variant", VARIANTS)
def test_samples_keep_their_codes(variant: str) -> None:
    make, units = VARIANTS[variant]
    assert_stored(f"samples/{variant}", make(), units, read_manifest(sample_manifest()))


def test_samples_keep_their_codes_in_onnx() -> None:
    tokenizer = Tokenizer.from_pretrained(Path(__file__).parent / "onnx" / "tiny-onnx")
    rows = read_manifest(sample_manifest())
    assert_stored("samples/offline onnx tiny", tokenizer, UnitSpec(), rows)


@pytest.fixture(scope="module")
def dev(shared_data: Path) -> list[Utterance]:
    """200 utterances, evenly spaced."""
    rows = read_manifest(shared_data / "speech/dev.jsonl")
    return [rows[i] for i in np.linspace(0, len(rows) - 1, 200).round().astype(int)]


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
    assert_stored("dev/offline onnx base", tokenizer, UnitSpec(), dev)
