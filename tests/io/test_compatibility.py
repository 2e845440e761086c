"""Files written by prosodytok 0.1.0 (tests/data/v1), which all later versions must read.

They are never regenerated. Tokens are in version 1, the checkpoint in format 2.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file

from prosodytok.io import parquet_schema, read_tokens, write_tokens
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones
from tests.sequences.strategies import assert_same

V1 = Path(__file__).parents[1] / "data" / "v1"
SUFFIXES = (".jsonl", ".safetensors", ".parquet")
pytestmark = pytest.mark.filterwarnings("ignore:.*token files in safetensors:DeprecationWarning")


@pytest.fixture(params=SUFFIXES)
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(suffix: str) -> list[ProsodyTokens]:
    return read_tokens(V1 / f"tokens{suffix}")


def test_version_1_is_read(written: list[ProsodyTokens]) -> None:
    whole, coarse = written
    assert (whole.id, whole.audio, whole.source) == ("austen-0930", "austen-0930.flac", "acoustic")
    assert (whole.num_frames, whole.frame_rate, whole.checkpoint) == (200, 100, "tiny@12cdd8e2")
    assert whole.register.f0_median_hz == 93.24281311035156
    assert whole["phrase"].codes.tolist() == [[0]]
    assert whole["word"].codes.tolist() == [[4, 6, 2, 3, 7], [1, 1, 0, 2, 0]]
    assert whole["word"].codebook_sizes == (8, 4)
    assert whole["word"].segmentation.labels == ("I'm", "", "世界", "", "née")
    assert whole["word"].segmentation.boundaries.tolist() == [0, 28, 66, 116, 166, 200]
    assert whole["frame"].codes[0, :4].tolist() == [10, 13, 3, 15]
    assert (coarse.id, coarse.names, coarse.source) == ("coarse", ("phrase", "word"), "")


def test_version_1_is_rewritten(written: list[ProsodyTokens], suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tokens{suffix}"
    write_tokens(path, written)
    if suffix == ".parquet":  # which names the version of pyarrow
        old = pq.read_table(V1 / "tokens.parquet")  # before the optional columns
        assert pq.read_table(path, columns=old.column_names).equals(old)
        new, schema = parquet_schema(), pq.read_schema(V1 / "tokens.parquet")
        assert all(new.field(field.name).equals(field) for field in schema)
    else:
        assert path.read_bytes() == (V1 / f"tokens{suffix}").read_bytes()


def test_format_2_decodes_as_before() -> None:
    tokenizer = ProsodyTokenizer.from_pretrained(V1 / "tiny")
    assert tokenizer.checkpoint == "tiny@12cdd8e2"
    now = tokenizer.decode(read_tokens(V1 / "tokens.jsonl")[0])
    then = Prosody.from_npz(V1 / "decoded.npz")
    # Summation order changes results by up to a hundredth of a semitone or decibel.
    np.testing.assert_allclose(
        hz_to_semitones(now.f0, 100), hz_to_semitones(then.f0, 100), atol=0.01
    )
    np.testing.assert_allclose(now.energy, then.energy, atol=0.01)
    assert (now.voiced == then.voiced).mean() > 0.99


def change(suffix: str, target: Path, **fields: object) -> Path:
    """The files of version 1 with other fields in each utterance."""
    path, source = target / f"tokens{suffix}", V1 / f"tokens{suffix}"
    if suffix == ".jsonl":
        records = map(json.loads, source.read_text(encoding="utf-8").splitlines())
        path.write_text("".join(json.dumps(record | fields) + "\n" for record in records))
    if suffix == ".safetensors":
        import safetensors

        with safetensors.safe_open(source, framework="numpy") as file:
            metadata = file.metadata()
        headers = [header | fields for header in json.loads(metadata["utterances"])]
        save_file(load_file(source), path, metadata | {"utterances": json.dumps(headers)})
    if suffix == ".parquet":
        table = pq.read_table(source)
        for name, value in fields.items():
            if name in table.column_names:
                table = table.drop_columns([name])
            table = table.append_column(name, [[value] * len(table)])
        pq.write_table(table, path)
    return path


def test_a_newer_version_is_refused(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(TokenError, match=rf"tokens{suffix}.*version 2, .* 1: update prosodytok"):
        read_tokens(change(suffix, tmp_path, version=2))


def test_unknown_fields_are_ignored(suffix: str, tmp_path: Path) -> None:
    changed = read_tokens(change(suffix, tmp_path, mood="glad"))
    for a, b in zip(changed, read_tokens(V1 / "tokens.jsonl"), strict=True):
        assert_same(a, b)
