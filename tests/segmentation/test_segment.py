"""Every segmentation method: the same type of result, with its source."""

import sys

import numpy as np
import pytest

from prosodytok import ProsodyTokenizer, load, segment
from prosodytok.features import extract
from prosodytok.io import write_textgrid
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.types import Hierarchy
from prosodytok.types.errors import ConfigError, MissingExtraError, SegmentationError

UTTERANCE = read_manifest(sample_manifest())[-1]
AUDIO = load(UTTERANCE.audio)
PROSODY = extract(AUDIO)
LEARNED = "prosodytok.segmentation.learned"


@pytest.fixture(scope="module")
def textgrid(tmp_path_factory):
    """The words of the transcript as a TextGrid."""
    hierarchy = segment(AUDIO, PROSODY, "transcript", text=UTTERANCE.text)
    path = tmp_path_factory.mktemp("grid") / "a.TextGrid"
    write_textgrid(path, ProsodyTokenizer.from_pretrained().encode(PROSODY, hierarchy))
    return path


def find(source, textgrid) -> Hierarchy:
    more = {"textgrid": textgrid, "words_tier": "words", "text": UTTERANCE.text}
    return segment(AUDIO, PROSODY, source, **more)


@pytest.mark.parametrize("source", ["acoustic", "learned", "even", "textgrid", "transcript"])
def test_every_method_covers_the_sound_and_states_its_source(source, textgrid):
    hierarchy = find(source, textgrid)
    assert hierarchy.source == source
    assert hierarchy.words.num_frames == hierarchy.phrases.num_frames == PROSODY.num_frames
    assert hierarchy.pauses is not None
    assert hierarchy.pauses.shape == (len(hierarchy.words),)
    assert (~hierarchy.pauses).sum() > 3
    assert ProsodyTokenizer.from_pretrained().encode(PROSODY, hierarchy).source == source


def test_a_textgrid_of_aligned_words_is_the_alignment(textgrid):
    read, aligned = find("textgrid", textgrid), find("transcript", textgrid)
    np.testing.assert_array_equal(read.words.boundaries, aligned.words.boundaries)
    assert read.words.labels == aligned.words.labels


@pytest.mark.parametrize(
    ("source", "missing"), [("textgrid", "textgrid="), ("transcript", "text=")]
)
def test_missing_arguments(source, missing):
    with pytest.raises(ConfigError, match=missing):
        segment(AUDIO, PROSODY, source)


def test_unknown_source():
    with pytest.raises(ConfigError, match="'guessed'"):
        segment(AUDIO, PROSODY, "guessed")


def test_without_torch_learned_units_are_an_error_with_a_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith(LEARNED)]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtraError, match=r"'torch'.*--segments acoustic"):
        segment(AUDIO, PROSODY)


def test_pause_flags_must_match_the_words(textgrid):
    hierarchy = find("acoustic", textgrid)
    with pytest.raises(SegmentationError, match="pause flags"):
        Hierarchy(hierarchy.phrases, hierarchy.words, "acoustic", np.ones(1, dtype=bool))
