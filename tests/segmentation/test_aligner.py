import sys

import numpy as np
import pytest

from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.io.textgrid import read_textgrid
from prosodytok.samples import sample_manifest
from prosodytok.segmentation import aligner
from prosodytok.segmentation.aligner import align
from prosodytok.segmentation.letter_to_sound import letters_to_phones, normalize_word, split_words
from prosodytok.segmentation.transcript_units import hierarchy_from_transcript
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError, SegmentationError


@pytest.fixture(scope="module")
def sample():
    """A short sentence of real speech, and its text."""
    utterance = min(read_manifest(sample_manifest()), key=lambda u: u.duration)
    return load(utterance.audio), utterance.text


def test_every_word_is_found_in_order(sample):
    audio, text = sample
    words = align(audio, text).words
    assert [label for _, _, label in words] == text.split()
    times = np.array([(start, end) for start, end, _ in words])
    assert (times[:, 0] < times[:, 1]).all()
    assert (times[1:, 0] >= times[:-1, 1] - 1e-9).all()
    assert times.min() >= 0
    assert times.max() <= audio.duration


def test_phones_make_up_the_words(sample):
    alignment = align(*sample)
    assert {label for _, _, label in alignment.phones}.isdisjoint({"SIL", ""})
    starts = {start for start, _, _ in alignment.phones}
    ends = {end for _, end, _ in alignment.phones}
    assert {start for start, _, _ in alignment.words} <= starts
    assert {end for _, end, _ in alignment.words} <= ends


def test_alignment_does_not_depend_on_earlier_calls(sample):
    first = align(*sample)
    with pytest.raises(SegmentationError):
        align(Audio(np.zeros(16_000), 16_000), "quite another text")
    assert align(*sample) == first


def test_labels_keep_the_spelling_of_the_transcript(sample):
    audio, text = sample
    written = text.capitalize().replace(" ", ", ") + "!"
    alignment = align(audio, written)
    assert [label for _, _, label in alignment.words] == text.capitalize().split()
    assert [times[:2] for times in alignment.words] == [t[:2] for t in align(audio, text).words]


def test_words_missing_in_the_dictionary_are_aligned_by_rule(sample):
    audio, text = sample
    known = {label: (start, end) for start, end, label in align(audio, text).words}
    respelled = align(audio, text.replace("made", "meyd").replace("himself", "himsselph"))
    found = {label: (start, end) for start, end, label in respelled.words}
    np.testing.assert_allclose(found["meyd"], known["made"], atol=0.05)
    np.testing.assert_allclose(found["himsselph"], known["himself"], atol=0.05)


def test_alignment_in_an_audio_of_another_rate(sample):
    audio, text = sample
    times = [start for start, _, _ in align(audio, text).words]
    resampled = [start for start, _, _ in align(audio.resample(44_100), text).words]
    np.testing.assert_allclose(resampled, times, atol=0.05)


def test_hierarchy_covers_the_utterance(sample):
    audio, text = sample
    hierarchy = hierarchy_from_transcript(audio, text, 329)
    assert hierarchy.words.num_frames == 329
    assert [label for label in hierarchy.words.labels if label] == text.split()
    assert hierarchy.source == "transcript"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no words"),
        (" ... ", "no words"),
        ("chapter 16 of 1984", r"digits \(16, 1984\)"),
        ("he said привет", "no English pronunciation for привет"),
    ],
)
def test_texts_that_cannot_be_aligned(sample, text, problem):
    with pytest.raises(SegmentationError, match=problem):
        align(sample[0], text)


@pytest.mark.parametrize("num_samples", [1, 1600, 16_000])
def test_a_transcript_of_silence(num_samples):
    with pytest.raises(SegmentationError, match="does not fit the sound"):
        align(Audio(np.zeros(num_samples), 16_000), "this is a sentence that nobody said")


def test_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    aligner._decoder.cache_clear()
    with pytest.raises(MissingExtraError, match=r"prosodytok\[align\]"):
        align(Audio(np.zeros(16_000), 16_000), "hello")


def test_split_words():
    assert split_words("\u201cDon\u2019t,\u201d she said: well-known, e.g. O'Neill's!") == [
        *("Don't", "she", "said", "well", "known", "e", "g", "O'Neill's")
    ]


def test_normalize_word():
    assert normalize_word("Café") == "cafe"


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("ship", "SH IH P"),
        ("bridge", "B R IH JH"),
        ("stopped", "S T AA P D"),
        ("phantom's", "F AE N T AA M S"),
        ("nation", "N AE SH AH N"),
        ("ß", ""),
        ("привет", ""),
        ("'", ""),
    ],
)
def test_letters_to_phones(word, phones):
    assert letters_to_phones(word) == phones


@pytest.mark.shared_data
def test_words_are_near_those_marked_by_hand(shared_data):
    errors = []
    utterances = read_manifest(shared_data / "aligned" / "aligned.jsonl")
    for name in ("dr4-falr0_sa1", "dr5-ftlg0_si1743", "dr6-fapb0_sx343", "dr8-fbcg1_sx172"):
        utterance = next(u for u in utterances if u.id == name)
        found = align(load(utterance.audio), utterance.text).words
        marked = [e for e in read_textgrid(utterance.textgrid)[0].entries if e.label]
        errors += [abs(word[0] - mark.start) for word, mark in zip(found, marked, strict=True)]
    assert np.median(errors) < 0.03
    assert np.mean(np.array(errors) < 0.05) > 0.8


def test_given_pronunciations_override_the_dictionary(sample):
    """Invented words with the pronunciations of the true ones are aligned like these."""
    audio, text = sample
    true = align(audio, text)
    spoken, phones = {}, list(true.phones)
    for index, (start, end, _) in enumerate(true.words):
        spoken[f"ж{'ж' * index}"] = " ".join(p for s, e, p in phones if start <= s and e <= end)
    found = align(audio, " ".join(spoken), spoken)
    assert [label for _, _, label in found.words] == list(spoken)
    errors = [abs(a - b) for x, y in zip(found.words, true.words, strict=True)
             for a, b in zip(x[:2], y[:2], strict=True)]  # fmt: skip
    assert np.mean(errors) < 0.02
