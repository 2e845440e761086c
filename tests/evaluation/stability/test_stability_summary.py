"""Stability of a corpus, from sums made by hand."""

import math

import numpy as np
import pytest

from prosodytok.evaluation.stability import UtteranceStability, summarize_stability
from prosodytok.evaluation.stability.copy_comparison import CopySums
from prosodytok.evaluation.stability.kmeans_yardstick import KMeansYardstick
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ProsodytokError

LEVEL = TokenLevel("word", np.array([[1, 2]]), (8,), Segmentation.unlabelled([0, 50, 100]))


def copy_of(same: float, spoken: float = 50) -> CopySums:
    """A copy with this agreement of 100 frames, `spoken` of which are speech."""
    codes = np.array([100 * same, 100, spoken * same, spoken, 1, 2])
    return CopySums({"word": codes}, {"word": np.array([1.0, 1, 1])}, {"word": np.array([4.0, 1])})


def utterance(speaker: str | None = None, **copies: CopySums) -> UtteranceStability:
    named = {name.replace("_", " "): copy for name, copy in copies.items()}
    tokens = ProsodyTokens((LEVEL,), Register(), 100)
    spoken = np.arange(100) < 50
    return UtteranceStability(speaker, tokens, {"word": LEVEL}, spoken, named, {})


def test_sums_of_utterances_are_pooled() -> None:
    found = summarize_stability([utterance(gain=copy_of(1.0)), utterance(gain=copy_of(0.5))])
    change = found.changes["gain"]
    assert change.agreement["word"].value == 0.75
    assert change.agreement["word"].low < 0.75 < change.agreement["word"].high
    assert change.edit_distance["word"].value == 0.5
    assert change.edge_f1["word"].value == 1
    assert change.contour_cents["word"].value == 2


def test_shift_is_the_mean_of_three() -> None:
    shifts = {"shift_10_ms": copy_of(1.0), "shift_20_ms": copy_of(0.5), "shift_40_ms": copy_of(0)}
    found = summarize_stability([utterance(**shifts)])
    assert list(found.changes) == ["shift", "shift 10 ms", "shift 20 ms", "shift 40 ms"]
    assert found.changes["shift"].agreement["word"].value == pytest.approx(0.5)


def test_a_copy_that_failed_does_not_count() -> None:
    found = summarize_stability([utterance(a=copy_of(1), b=copy_of(0.5)), utterance(b=copy_of(1))])
    assert (found.changes["a"].utterances, found.changes["b"].utterances) == (1, 2)
    assert found.changes["a"].agreement["word"].value == 1


def test_without_speech_its_agreement_is_undefined() -> None:
    found = summarize_stability([utterance(gain=copy_of(1.0, spoken=0))])
    assert math.isnan(found.changes["gain"].speech["word"].value)


def test_chance_and_counts() -> None:
    yardstick = KMeansYardstick(units=7, not_measured="")
    found = summarize_stability([utterance("a"), utterance("b")], yardstick, left_out=3)
    book = found.codebooks["word"]
    assert (book.codes, book.chance, book.chance_speech) == (8, 0.5, 1.0)
    assert (found.utterances, found.left_out, found.speakers) == (2, 3, 2)
    assert (found.yardstick_units, found.resampled) == (7, "utterances")


def test_there_must_be_an_utterance() -> None:
    with pytest.raises(ProsodytokError, match="no utterance"):
        summarize_stability([])
