"""The boundary recipe: pronunciations, targets and phrases."""

# ruff: noqa: RUF001 (letters of the phonetic alphabet)

import sys
from pathlib import Path

import numpy as np
import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "boundaries"
sys.path.insert(0, str(RECIPE))

from align_words import Labels  # noqa: E402
from espeak_pronunciations import ARPABET, ipa_to_arpabet  # noqa: E402
from prepare import events_of, frames_of, phrase_starts  # noqa: E402
from training_speech import BATCH, LENGTH, Corpus, draw, targets  # noqa: E402

from prosodytok.segmentation.learned.unit_search import EVENTS  # noqa: E402
from prosodytok.training.changed_copies import change  # noqa: E402
from prosodytok.types import Segmentation  # noqa: E402
from tests import synth  # noqa: E402


@pytest.mark.parametrize(
    ("ipa", "arpabet"),
    [
        ("bənˈaxbaɾtə", "B AH N AA HH B AA R T AH"),
        ("tsˈaɪt", "T S AY T"),
        ("(en)dʒˈɑːz(de)", "JH AA Z"),
        ("vʌɭnʲˈistyx", "V AH L N IY S T IY HH"),
        ("", ""),
    ],
)
def test_ipa_maps_to_english_phones(ipa, arpabet):
    assert ipa_to_arpabet(ipa) == arpabet


def test_the_aligner_accepts_all_phones():
    decoder = pytest.importorskip("pocketsphinx").Decoder(lm=None, loglevel="FATAL")
    for index, phones in enumerate(ARPABET.values()):
        decoder.add_word(f"test{index}", phones, True)
        assert decoder.lookup_word(f"test{index}") == phones


def test_targets_mark_edges_nuclei_pauses_and_phrases():
    words = [(0.2, 0.5, "one"), (0.5, 0.8, "two"), (1.1, 1.5, "three")]
    phones = [(0.3, 0.4, "AH"), (0.4, 0.5, "N"), (0.6, 0.8, "UW"), (1.2, 1.3, "IY")]
    labels = Labels("a", "a.wav", "g", "One, two, three.", "aligned", words, phones)
    marks = targets(events_of(labels, 160), 160)
    column = {name: marks[:, i] for i, name in enumerate(EVENTS)}
    assert marks.shape == (160, 4)
    assert np.flatnonzero(column["word"] == 1).tolist() == [20, 50, 80, 110, 150]
    assert 0.5 < column["word"][49] == column["word"][51] < 1
    assert np.flatnonzero(column["phrase"] == 1).tolist() == [50, 110]  # a comma, a pause
    assert np.flatnonzero(column["nucleus"] > 0.9)[::2].tolist() == [34, 69, 124]
    assert np.flatnonzero(np.diff(column["pause"])).tolist() == [19, 79, 109, 149]


def test_targets_follow_the_tempo():
    events = {"word": [20, 50], "nucleus": [], "phrase": [(50, 0.5)], "pause": [(0, 20)]}
    marks = targets(events, 75, tempo=1.5)
    assert np.flatnonzero(marks[:, EVENTS.index("word")] == 1).tolist() == [30]
    assert marks[:, EVENTS.index("pause")].sum() == 30


@pytest.mark.parametrize("seed", range(6))
def test_changed_copies_have_the_same_frames(seed):
    audio = synth.modulated(synth.vowel(synth.constant(120), 0.8))
    copy = change(audio, [synth.noise(0.5)], np.random.default_rng(seed))
    assert np.abs(copy.duration - audio.duration) < 0.01
    assert frames_of(copy, 80).shape == frames_of(audio, 80).shape


def test_batches_are_pairs_of_sequences():
    rng = np.random.default_rng(0)
    frames = frames_of(synth.vowel(synth.constant(120), 0.8)).astype(np.float16)
    events = {"word": [20, 50], "nucleus": [35], "phrase": [(50, 1.0)], "pause": [(0, 20)]}
    corpus = Corpus([frames, frames], np.array([0, len(frames)]), ["g"], [events])
    inputs, marks = draw(corpus, rng, corpus.probabilities)
    assert inputs.shape[:2] == marks.shape[:2] == (BATCH, LENGTH)
    assert inputs.isfinite().all()
    assert (marks[: BATCH // 2] == marks[BATCH // 2 :]).all()
    assert {-1.0, 1.0} <= set(marks.unique().tolist())


def test_short_pauses_are_fractional_phrase_starts():
    units = Segmentation([0, 30, 40, 70, 75], ("a", "", "b", "c"))
    starts, probability = phrase_starts(units, "a b c")
    assert starts.tolist() == [40, 70]
    assert probability.tolist() == [0.5, 0.0]
