"""Tokens that the second edition's `base` made and decoded, by its own version of the code.

The files (tests/data/base-2) are never regenerated.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prosodytok import ProsodyTokenizer, read_tokens
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones
from tests.command import call

STORED = Path(__file__).parents[1] / "data" / "base-2"
TOKENS = STORED / "tokens.jsonl"


def assert_decoded_as_before(now: Prosody) -> None:
    then = Prosody.from_npz(STORED / "decoded.npz")
    # Summation order changes results by up to a hundredth of a semitone or decibel.
    np.testing.assert_allclose(
        hz_to_semitones(now.f0, 100), hz_to_semitones(then.f0, 100), atol=0.01
    )
    np.testing.assert_allclose(now.energy, then.energy, atol=0.01)
    assert (now.voiced == then.voiced).mean() > 0.99


@pytest.mark.parametrize("options", [(), ("--checkpoint", "base-2")], ids=["by itself", "named"])
def test_decode(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert call("decode", TOKENS, *options, "--out", tmp_path) == 0
    assert_decoded_as_before(Prosody.from_npz(tmp_path / "austen-0890.npz"))


@pytest.mark.parametrize("name", ["base-2", "base@af6135a4"])
def test_load(name: str) -> None:
    (tokens,) = read_tokens(TOKENS)
    tokenizer = ProsodyTokenizer.from_pretrained(name)
    assert tokenizer.checkpoint == "base-2@af6135a4"
    assert_decoded_as_before(tokenizer.decode(tokens))


@pytest.mark.parametrize("name", ["base", "stream", "melody"])
def test_other_checkpoints_name_the_right_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    assert call("decode", TOKENS, "--checkpoint", name, "--out", tmp_path) == 1
    assert "load 'base-2', which made them (--checkpoint base-2)" in capfd.readouterr().err
    assert list(tmp_path.glob("*")) == []


def test_only_a_bundled_checkpoint_is_named() -> None:
    (tokens,) = read_tokens(TOKENS)
    unknown = replace(tokens, checkpoint="base@00000000")
    with pytest.raises(TokenError, match="load the one that made them"):
        ProsodyTokenizer.from_pretrained("base-2").decode(unknown)
