from collections import Counter

import pytest

from prosodytok.annotation import AnnotationError, summarize

TONES = [(0.3, "L*"), (0.4, "!H*"), (1.5, "H*?"), (1.6, "L-L%"), (1.75, "H*"), (2.4, "%?")]


def test_counts(annotate):
    annotation = annotate(tones=[*TONES, (2.45, "HiF0"), (2.47, "?")])
    summary = summarize([annotation, annotation])
    assert (summary.utterances, summary.units, summary.annotated_units) == (2, 10, 10)
    assert (summary.accented_units, summary.several_accents, summary.phrase_ends) == (4, 2, 4)
    assert summary.doubtful == 2
    assert summary.accents == Counter({"H*": 4, "L*": 2, "*": 2})
    assert summary.boundaries == Counter({"final L-L%": 2, "final %": 2})
    assert summary.unassigned == Counter({"H*: in a pause": 2})
    assert summary.unknown.total() == summary.other.total() == 2


def test_text(annotate):
    text = str(summarize([annotate(tones=TONES, breaks=[(1.6, "4")])]))
    assert "1 utterances, 5 words, 5 of them annotated" in text
    assert "unassigned: 1\n       1  H*: in a pause" in text
    assert "breaks: 1\n       1  4" in text


def test_empty_corpus():
    assert "0 utterances" in str(summarize([]))


def test_missing_syllables(annotate):
    with pytest.raises(AnnotationError, match="no syllables"):
        summarize([annotate(tones=TONES)], "syllable")
