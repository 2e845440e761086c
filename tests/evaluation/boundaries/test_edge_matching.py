"""Agreement of edges, against brute force and numbers calculated by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from prosodytok import ProsodyTokenizer, load
from prosodytok.evaluation.boundaries import EdgeCounts, count_edges, match_edges, score_edges
from prosodytok.features import extract
from prosodytok.io import write_textgrid
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.learned.boundary_model import segment_learned

times = st.lists(st.integers(0, 200), max_size=15, unique=True).map(
    lambda x: np.array(sorted(x)) / 100
)


@given(times, times, st.sampled_from([0.0, 0.02, 0.05, 0.3]))
def test_number_of_pairs_is_maximal(reference, predicted, tolerance) -> None:
    counts = match_edges(reference, predicted, tolerance)
    assert (counts.reference, counts.predicted) == (reference.size, predicted.size)
    near = np.abs(reference[:, None] - predicted) <= tolerance + 1e-9
    best = maximum_bipartite_matching(csr_array(near), "column") if near.size else np.array([-1])
    assert counts.hits == (best >= 0).sum()


def test_perfect_edges() -> None:
    scores = match_edges([0.1, 0.5], [0.1, 0.5], 0.02).scores
    assert scores == {
        "precision": 1, "recall": 1, "f1": 1, "over_segmentation": 0, "r_value": 1
    }  # fmt: skip


def test_twice_as_many_predicted_as_reference_edges() -> None:
    """All reference edges, and as many others: F1 is 2/3, and R is lower."""
    scores = EdgeCounts(hits=10, reference=10, predicted=20).scores
    assert scores["f1"] == pytest.approx(2 / 3)
    assert scores["over_segmentation"] == 1
    assert scores["r_value"] == pytest.approx(1 - (1 + 1 / np.sqrt(2)) / 2)


def test_no_edges_have_no_score() -> None:
    assert np.isnan(match_edges([], [], 0.02).scores["f1"])


def test_predicted_edges_without_reference_have_no_infinite_score() -> None:
    found = score_edges([{"phrase": {100: {"m": EdgeCounts(0, 0, 1)}}}], ["a"], seed=0)
    scores = found["phrase"]["100 ms"]["m"]
    assert np.isnan(scores.over_segmentation.value)
    assert scores.f1.value == 0


def test_edges_of_utterances_are_pooled() -> None:
    rows = [
        {"word": {20: {"m": EdgeCounts(1, 2, 2)}, 50: {"m": EdgeCounts(2, 2, 2)}}},
        {"word": {20: {"m": EdgeCounts(0, 1, 3)}, 50: {"m": EdgeCounts(1, 1, 3)}}},
        {},
    ]
    found = score_edges(rows, ["a", "b", "c"], seed=0)
    assert found["word"]["20 ms"]["m"].recall.value == pytest.approx(1 / 3)
    assert found["word"]["50 ms"]["m"].precision.value == pytest.approx(3 / 5)
    assert found["word"]["50 ms"]["m"].utterances == 2
    assert "phrase" not in found


def test_found_units_are_compared_with_hand_marked_ones(tmp_path) -> None:
    """The units of the boundary model stand for hand-marked ones."""
    sample = read_manifest(sample_manifest())[0]
    audio = load(sample.audio)
    prosody = extract(audio)
    tokens = ProsodyTokenizer.from_pretrained().encode(prosody, segment_learned(audio, prosody))
    write_textgrid(tmp_path / "a.TextGrid", tokens)
    marked = sample.model_copy(
        update={"textgrid": tmp_path / "a.TextGrid", "tiers": {"words": "word"}}
    )
    counts = count_edges(marked, audio, prosody)
    assert set(counts) == {"word"}
    learned, even = (counts["word"][20][name] for name in ("learned", "evenly spaced"))
    assert learned.hits == learned.reference == learned.predicted
    assert even.hits < even.reference == even.predicted
    (tmp_path / "a.TextGrid").write_text("no TextGrid")
    assert count_edges(marked, audio, prosody) == count_edges(sample, audio, prosody) == {}
