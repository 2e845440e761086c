"""Transcripts that fit their sound, and others."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.aligner import Alignment
from prosodytok.segmentation.transcript_units import (
    doubts_of_fit,
    hierarchy_from_transcript,
    voiced_outside,
)
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody

GERMAN = "Er hatte den ganzen Abend geschwiegen und dann doch gesprochen"


@pytest.fixture(scope="module")
def hierarchy_of():
    """Units of the shortest sample with any transcript; ``{}`` is its own."""
    utterance = min(read_manifest(sample_manifest()), key=lambda u: u.duration)
    audio = utterance.load()
    prosody = extract(audio)

    def run(text):
        text = text.format(utterance.text)
        return hierarchy_from_transcript(audio, text, prosody.num_frames, prosody)

    return run


def test_its_own_transcript(hierarchy_of):
    assert hierarchy_of("{}").warnings == ()


@pytest.mark.parametrize(
    "text",
    ["{0} {0}", "{} and much more that nobody said here", "a quite different sentence", GERMAN],
)
def test_other_transcripts(hierarchy_of, text):
    with pytest.raises(SegmentationError, match="the transcript does not fit the sound"):
        hierarchy_of(text)


PROSODY = Prosody(np.full(100, 150.0), np.arange(100) >= 20, np.full(100, -20.0))
ALIGNMENT = Alignment(((0.2, 0.5, "a"), (0.5, 0.6, "b"), (0.7, 1.0, "c")), (), -1.0, 1)


def test_voiced_outside():
    assert voiced_outside(ALIGNMENT, PROSODY) == pytest.approx(10 / 80)
    unvoiced = replace(PROSODY, voiced=np.zeros(100, dtype=bool))
    assert voiced_outside(ALIGNMENT, unvoiced) == 0


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"score": -4.0}, "the acoustic score of its words is -4.0 a frame"),
        ({"words": ((0.2, 0.7, "a"),)}, "38% of the voiced sound lie outside its words"),
        ({"num_unknown": 2}, "2 of its 3 words are not in the English dictionary"),
    ],
)
def test_doubts(changes, doubt):
    assert doubts_of_fit(ALIGNMENT, PROSODY) == ()
    (warning,) = doubts_of_fit(replace(ALIGNMENT, **changes), PROSODY)
    assert warning.startswith(f"the transcript hardly fits the sound: {doubt}")


@pytest.mark.parametrize("changes", [{"score": -5.0}, {"words": ((0.9, 1.0, "a"),)}])
def test_a_transcript_of_another_sound(changes):
    with pytest.raises(SegmentationError, match=r"does not fit the sound: .*another recording"):
        doubts_of_fit(replace(ALIGNMENT, **changes), PROSODY)
