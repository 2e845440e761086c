"""Label counts of real corpora, verified with praatio and grep, and their special cases."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from prosodytok.annotation import assign, read_annotation, summarize
from prosodytok.io.manifest import read_manifest
from prosodytok.segmentation import hierarchy_from_textgrid
from prosodytok.types.units import seconds_to_frames

pytestmark = pytest.mark.shared_data


@cache
def utterances(shared_data):
    return read_manifest(shared_data / "tobi" / "tobi.jsonl")


@pytest.fixture(scope="session")
def corpus(shared_data):
    """Read the annotations of a corpus."""

    @cache
    def corpus(name):
        return [read_annotation(u) for u in utterances(shared_data) if u.corpus == name]

    return corpus


def test_derry(corpus):
    summary = summarize(corpus("derry"))
    assert (summary.utterances, summary.units, summary.annotated_units) == (936, 3957, 3957)
    assert summary.accents == Counter({"L*H": 1329, "H*": 344, ">H*": 136, "L*": 52, "H*L": 1})
    assert summary.boundaries == Counter(
        {"final %": 816, "initial %": 783, "final L%": 120, "initial %H": 81, "initial %L": 71}
    )
    assert (summary.accented_units, summary.phrase_ends) == (1862, 936)
    assert not summary.unassigned
    assert summary.unknown.total() == 5
    assert summary.other.total() == 152 + 1797 + 1517 + 146


def test_derry_syllables(corpus):
    summary = summarize(corpus("derry"), "syllable")
    assert (summary.units, summary.accented_units, summary.phrase_ends) == (5809, 1862, 936)
    assert not summary.unassigned


def test_each_derry_utterance_is_one_phrase(corpus):
    for annotation in corpus("derry"):
        labels, _ = assign(annotation)
        assert np.flatnonzero(labels.boundary).tolist() == [len(labels) - 1]


def test_todi(corpus):
    summary = summarize(corpus("todi"))
    assert (summary.utterances, summary.units, summary.annotated_units) == (113, 834, 834)
    assert summary.accents == Counter({"H*L": 170, "H*": 57, "L*H": 16, "L*HL": 7, "H*LH": 3})
    assert summary.boundaries == Counter(
        {
            **{"initial %L": 139, "initial %H": 12, "initial %HL": 3},
            **{"final L%": 73, "final H%": 44, "final %": 42},
        }
    )
    assert (summary.accented_units, summary.phrase_ends) == (253, 159)
    assert not summary.unassigned


def test_todi_unknown_marks(corpus):
    marks = Counter(mark.label for a in corpus("todi") for mark in a.unknown)
    assert marks == Counter({"P": 10, "": 6, "L": 4, "H": 1})


def test_todi_short_gaps_are_closed(corpus):
    for annotation in corpus("todi"):
        gaps = [
            b.start - a.end for a, b in zip(annotation.words, annotation.words[1:], strict=False)
        ]
        assert all(gap == 0 or gap >= 0.055 for gap in gaps)


def test_emur(corpus):
    for units, count in (("word", 55), ("syllable", 83)):
        summary = summarize(corpus("emur_ae"), units)
        assert (summary.utterances, summary.units, summary.annotated_units) == (7, count, count)
        assert summary.accents == Counter({"H*": 26, "L+H*": 2, "H+L*": 1})
        assert summary.boundaries == Counter({"final L-": 17, "final L%": 7, "final H-": 1})
        assert (summary.accented_units, summary.phrase_ends) == (29, 7)
        assert not summary.unassigned
        assert not summary.unknown
    assert sum(accent.downstepped for a in corpus("emur_ae") for accent in a.accents) == 6


def test_emur_points_and_phrases_agree(shared_data, corpus):
    chosen = [u for u in utterances(shared_data) if u.corpus == "emur_ae"]
    for utterance, annotation in zip(chosen, corpus("emur_ae"), strict=True):
        roles = {role: utterance.tiers[role] for role in ("words", "tones")}
        points = read_annotation(utterance.model_copy(update={"tiers": roles}))
        assert assign(points)[0].boundary_tone == assign(annotation)[0].boundary_tone


def test_bdc(corpus):
    summary = summarize(corpus("bdc"))
    assert (summary.units, summary.annotated_units) == (10, 10)
    assert summary.accents == Counter({"H*": 5})
    assert summary.boundaries == Counter({"final L-": 1, "final H%": 1, "final L-L%": 1})
    assert summary.breaks == Counter({1: 7, 4: 2, 0: 1})
    assert not summary.unassigned
    assert not summary.unknown
    assert summary.other == Counter({"HiF0: an extreme of F0, no tone": 2})


def test_bdc_labels(corpus):
    (annotation,) = corpus("bdc")
    labels, _ = assign(annotation)
    # The first half is silence, "#".
    assert labels.units[0].start > 4
    assert np.flatnonzero(labels.accented).tolist() == [0, 3, 4, 8, 9]
    assert np.flatnonzero(labels.boundary).tolist() == [4, 9]
    assert [tone for tone in labels.boundary_tone if tone] == ["L-H%", "L-L%"]


def test_units_are_those_of_the_tokenizer(shared_data):
    for utterance in utterances(shared_data)[::50]:
        tiled = hierarchy_from_textgrid(
            utterance.textgrid,
            seconds_to_frames(utterance.duration),
            words_tier=utterance.words_tier,
        ).words
        words = read_annotation(utterance).words
        assert [word.label for word in words] == [label for label in tiled.labels if label]
