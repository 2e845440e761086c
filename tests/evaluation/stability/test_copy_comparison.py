"""Comparison of a recording with a copy, both made by hand."""

import numpy as np
import pytest

from prosodytok.evaluation.stability.copy_comparison import (
    CodedSound,
    code_scores,
    compare_copy,
    contour_scores,
    edge_f1,
)
from prosodytok.types import Segmentation, TokenLevel
from prosodytok.types.prosody import Prosody


def sound(
    edges: list[int], codes: list[int], f0: float = 100.0, pauses: tuple[int, ...] = ()
) -> CodedSound:
    """Words with one codebook; the units in `pauses` are no speech."""
    units = Segmentation.unlabelled(edges)
    frames = units.num_frames
    spoken = ~np.isin(units.unit_of_frame, pauses)
    voiced = np.arange(frames) < frames // 2
    prosody = Prosody(np.full(frames, f0), voiced, np.zeros(frames))
    level = TokenLevel("word", np.array([codes]), (8,), units)
    return CodedSound({"word": level}, {"word": units}, spoken, {"word": prosody})


ORIGINAL = sound([0, 20, 50, 100], [1, 2, 3], pauses=(2,))


def test_a_recording_agrees_with_itself() -> None:
    sums = compare_copy(ORIGINAL, ORIGINAL, 0.0)
    scores = code_scores(sums.codes["word"])
    assert scores == {"agreement": 1, "speech": 1, "edit_distance": 0}
    assert edge_f1(sums.edges["word"]) == {"f1": 1}
    assert contour_scores(sums.contour["word"]) == {"cents": 0}


def test_another_code_costs_its_time_and_an_edit() -> None:
    sums = compare_copy(ORIGINAL, sound([0, 20, 50, 100], [1, 4, 3]), 0.0)
    scores = code_scores(sums.codes["word"])
    assert scores["agreement"] == pytest.approx(0.7)
    assert scores["speech"] == pytest.approx(0.4)
    assert scores["edit_distance"] == pytest.approx(1 / 3)


def test_edges_agree_within_20_ms() -> None:
    sums = compare_copy(ORIGINAL, sound([0, 22, 53, 100], [1, 2, 3]), 0.0)
    assert edge_f1(sums.edges["word"]) == {"f1": 0.5}


def test_a_shifted_copy_is_aligned() -> None:
    sums = compare_copy(ORIGINAL, sound([0, 19, 49, 99], [1, 2, 3], f0=200.0), 0.01)
    assert code_scores(sums.codes["word"])["agreement"] == 1
    assert edge_f1(sums.edges["word"]) == {"f1": 1}
    assert contour_scores(sums.contour["word"])["cents"] == pytest.approx(1200)


def test_units_outside_the_common_stretch_are_no_edits() -> None:
    scores = code_scores(compare_copy(ORIGINAL, sound([0, 20, 70], [2, 3]), 0.30).codes["word"])
    assert scores == {"agreement": 1, "speech": 1, "edit_distance": 0}
