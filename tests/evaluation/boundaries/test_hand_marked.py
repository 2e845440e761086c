"""Scores of the bundled boundary model on hand-marked words and phrases."""

from pathlib import Path

import numpy as np
import pytest

from prosodytok import load
from prosodytok.evaluation.boundaries import BoundaryScores, count_edges, score_edges
from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest

#: TIMIT files of a higher RMS turn into noise at some point.
MAX_RMS = 0.1

pytestmark = pytest.mark.shared_data


def scores_on(manifest: Path, folder: str) -> BoundaryScores:
    """Scores by set of edges, tolerance and method, without the aligner, which is slow."""
    counts, speakers = [], []
    for utterance in read_manifest(manifest):
        if utterance.audio.parent.name != folder:
            continue
        audio = load(utterance.audio)
        if folder == "timit" and np.sqrt(np.mean(audio.samples**2)) > MAX_RMS:
            continue
        wordless = utterance.model_copy(update={"text": None})
        counts.append(count_edges(wordless, audio, extract(audio)))
        speakers.append(utterance.speaker)
    return score_edges(counts, speakers, seed=0)


@pytest.mark.slow
def test_words_of_timit(shared_data: Path) -> None:
    found = scores_on(shared_data / "aligned" / "aligned.jsonl", "timit")["word"]["50 ms"]
    trivial = max(found[m].f1.value for m in ("evenly spaced", "deepest dips"))
    assert found["learned"].utterances == 63
    assert found["learned"].f1.value >= max(0.68, trivial + 0.12)  # measured 0.688
    assert found["learned"].r_value.value >= 0.72  # measured 0.734


@pytest.mark.slow
def test_phrases_and_words_of_dutch_outside_the_training_data(shared_data: Path) -> None:
    found = scores_on(shared_data / "tobi" / "tobi.jsonl", "todi")
    words = found["word"]["50 ms"]
    assert words["learned"].f1.value >= words["deepest dips"].f1.value + 0.12
    assert found["phrase and speech"]["100 ms"]["learned"].f1.value >= 0.85  # 0.862


def test_phrases_of_canonical_tobi(shared_data: Path) -> None:
    found = scores_on(shared_data / "tobi" / "tobi.jsonl", "emur_ae")
    assert found["phrase and speech"]["100 ms"]["learned"].f1.value >= 0.90  # 1.0
