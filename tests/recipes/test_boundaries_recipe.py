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
from prepare import phrase_starts, targets  # noqa: E402

from prosodytok.segmentation.learned.unit_search import EVENTS  # noqa: E402
from prosodytok.types import Segmentation  # noqa: E402


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
    events = targets(labels, 160)
    column = {name: events[:, i] for i, name in enumerate(EVENTS)}
    assert events.shape == (80, 4)
    assert np.flatnonzero(column["word"] == 1).tolist() == [10, 25, 40, 55, 75]
    assert column["word"][24] == column["word"][26] == 0.5
    assert np.flatnonzero(column["phrase"] == 1).tolist() == [25, 55]  # a comma, a pause
    assert np.flatnonzero(column["nucleus"] == 1).tolist() == [17, 34, 62]
    assert np.flatnonzero(np.diff(column["pause"])).tolist() == [9, 39, 54, 74]


def test_short_pauses_are_fractional_phrase_starts():
    units = Segmentation([0, 30, 40, 70, 75], ("a", "", "b", "c"))
    starts, probability = phrase_starts(units, "a b c")
    assert starts.tolist() == [40, 70]
    assert probability.tolist() == [0.5, 0.0]
