"""Tokens of single sounds and of batches."""

import pytest

from prosodytok import ProsodyTokenizer, StreamingTokenizer, load
from prosodytok.corpus import Recording, encode_all, find_recordings, prepare, tokenize_recording
from prosodytok.io import to_dict
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec

SAMPLE = sample_manifest().parent / "austen-0930.flac"


@pytest.mark.parametrize("frames", [1, 100_000])
def test_batches_have_the_tokens_of_single_sounds(
    frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(encode_all.__globals__, "FRAMES_AT_ONCE", frames)
    tokenizer = ProsodyTokenizer.from_pretrained(search=False)
    recordings = find_recordings([sample_manifest().parent], pytest.fail)
    together = encode_all(tokenizer, (prepare(tokenizer, recording) for recording in recordings))
    alone = [tokenize_recording(tokenizer, recording).tokens for recording in recordings]
    assert [to_dict(t) for t in together] == [to_dict(t) for t in alone]


def test_no_sounds_give_no_tokens() -> None:
    assert list(encode_all(ProsodyTokenizer.from_pretrained(), [])) == []


def test_a_file_has_the_tokens_of_its_stream() -> None:
    causal = ProsodyTokenizer.from_pretrained("stream")
    tokens = tokenize_recording(causal, Recording("austen", SAMPLE)).tokens
    stream = StreamingTokenizer(16_000, causal)
    stream.push(load(SAMPLE).samples)
    stream.finish()
    assert to_dict(tokens) == to_dict(stream.tokens) | {"id": "austen", "audio": str(SAMPLE)}


def test_a_causal_checkpoint_takes_other_units_too() -> None:
    causal = ProsodyTokenizer.from_pretrained("stream")
    tokens = tokenize_recording(causal, Recording("austen", SAMPLE, UnitSpec("even"))).tokens
    assert tokens.source == "even"
    assert causal.decode(tokens).num_frames == tokens.num_frames
