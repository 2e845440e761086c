"""The units that a frontend finds where no source is chosen."""

import numpy as np
import pytest

from prosodytok import load, segment
from prosodytok.io import to_dict
from prosodytok.nn.config import ModelConfig
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import Frontend, ProsodyTokenizer, tokenize_utterance
from prosodytok.tokenizer.frontend import OfflineFrontend, StreamingFrontend

SPEECH = load(sample_manifest().parent / "austen-0930.flac", duration=2)


def test_units_of_a_sound_are_learned(tokenizer: ProsodyTokenizer) -> None:
    prosody = tokenizer.extract(SPEECH)
    tokens = tokenizer.encode(prosody, audio=SPEECH)
    assert (tokens.source, tokenizer.frontend.units) == ("learned", "learned")
    assert to_dict(tokenize_utterance(SPEECH, tokenizer).tokens) == to_dict(tokens)
    found = tokens["word"].segmentation.boundaries
    np.testing.assert_array_equal(found, segment(SPEECH, prosody).words.boundaries)


@pytest.mark.parametrize(
    "frontend",
    [
        StreamingFrontend(ModelConfig(lookahead=1)),
        OfflineFrontend(ModelConfig(), units="acoustic"),  # of an ONNX export
    ],
    ids=["causal", "ONNX"],
)
def test_other_frontends_keep_their_rule(frontend: Frontend, tokenizer: ProsodyTokenizer) -> None:
    other = ProsodyTokenizer(frontend, tokenizer.backend)
    prosody = other.extract(SPEECH)
    rule = frontend.segment_by_rule(prosody, frontend.register(prosody)).words.boundaries
    for units in (None, UnitSpec("acoustic")):
        tokens = tokenize_utterance(SPEECH, other, units).tokens
        assert (tokens.source, frontend.units) == ("acoustic", "acoustic")
        np.testing.assert_array_equal(tokens["word"].segmentation.boundaries, rule)
    assert tokenize_utterance(SPEECH, other, UnitSpec("learned")).tokens.source == "learned"
