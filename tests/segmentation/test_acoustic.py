import dataclasses

import numpy as np
import pytest
from hypothesis import given

from prosodytok.features.extract import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.io.textgrid import read_textgrid
from prosodytok.segmentation.acoustic import LONGEST_WORD, find_pauses, segment_acoustic
from prosodytok.types.prosody import Prosody
from tests.segmentation.prosody_strategies import prosodies, speech


@given(prosodies())
def test_units_cover_any_prosody(prosody):
    hierarchy = segment_acoustic(prosody)
    assert hierarchy.words.num_frames == prosody.num_frames
    assert hierarchy.words.durations.sum() == prosody.num_frames
    assert np.isin(hierarchy.phrases.boundaries, hierarchy.words.boundaries).all()
    assert set(hierarchy.words.labels) == {""}
    assert hierarchy.source == "acoustic"


@given(prosodies())
def test_length_of_words_is_limited(prosody):
    words = segment_acoustic(prosody).words
    middles = (words.boundaries[:-1] + words.boundaries[1:]) // 2
    spoken = ~find_pauses(prosody)[middles]
    assert (words.durations[spoken] <= LONGEST_WORD + 1).all()


@given(prosodies())
def test_pauses_are_units_of_their_own(prosody):
    changes = np.flatnonzero(np.diff(find_pauses(prosody))) + 1
    edges = segment_acoustic(prosody).words.boundaries
    assert np.isin(changes, edges).all()


@given(prosodies())
def test_segmentation_is_deterministic(prosody):
    first, second = segment_acoustic(prosody), segment_acoustic(prosody)
    np.testing.assert_array_equal(first.words.boundaries, second.words.boundaries)


@pytest.mark.parametrize("floor", [-60.0, -40.0, -30.0, -20.0])
def test_pauses_are_found_over_any_noise_floor(floor):
    prosody = speech(-50, 40, 40, -30, 40, 40, 40, -60, floor=floor)
    edges = np.flatnonzero(np.diff(find_pauses(prosody))) + 1
    np.testing.assert_allclose(edges, [50, 130, 160, 280], atol=3)


def test_short_silences_are_stop_closures():
    assert not find_pauses(speech(40, -8, 40, -8, 40)).any()


def test_short_voiced_runs_in_noise_do_not_end_a_pause():
    prosody = speech(40, -60, 40)
    voiced = prosody.voiced.copy()
    voiced[70:73] = True
    assert find_pauses(dataclasses.replace(prosody, voiced=voiced))[45:95].all()


def test_word_boundaries_are_at_dips():
    prosody = speech(-40, 30, 45, 35, -40, 40, 50, -40)
    expected = [0, 40, 70, 115, 150, 190, 230, 280, 320]
    np.testing.assert_allclose(segment_acoustic(prosody).words.boundaries, expected, atol=4)


def test_phrases_end_after_long_pauses_only():
    prosody = speech(-40, 40, 40, -40, 40, -16, 40, -30)
    np.testing.assert_allclose(segment_acoustic(prosody).phrases.boundaries, [0, 160, 286], atol=4)


def test_units_do_not_depend_on_the_level():
    prosody = speech(-40, 40, 30, -40, 40, 50, -40)
    quieter = dataclasses.replace(prosody, energy=prosody.energy - 32)
    np.testing.assert_array_equal(
        segment_acoustic(quieter).words.boundaries, segment_acoustic(prosody).words.boundaries
    )


def test_whispered_speech_has_words():
    prosody = speech(-40, 40, 40, 40, -40)
    whispered = dataclasses.replace(prosody, voiced=np.zeros_like(prosody.voiced))
    np.testing.assert_allclose(
        segment_acoustic(whispered).words.boundaries, [0, 40, 80, 120, 160, 200], atol=4
    )


@pytest.mark.parametrize("num_frames", [1, 2, 100, 2000])
def test_silence_is_one_unit(num_frames):
    silence = Prosody(np.full(num_frames, 150.0), np.zeros(num_frames), np.full(num_frames, -60.0))
    hierarchy = segment_acoustic(silence)
    assert hierarchy.words.boundaries.tolist() == [0, num_frames]
    assert hierarchy.phrases.boundaries.tolist() == [0, num_frames]


@pytest.mark.parametrize("num_frames", [1, 5, 100, 3000])
def test_a_drone_is_divided_evenly(num_frames):
    drone = Prosody(np.full(num_frames, 150.0), np.ones(num_frames), np.full(num_frames, -10.0))
    durations = segment_acoustic(drone).words.durations
    assert durations.max() - durations.min() <= 1
    assert segment_acoustic(drone).phrases.durations.max() <= 500


def test_three_hours_are_segmented():
    minute = speech(*([45, 35, -20, 40, 30, 30, -50] * 24))
    hours = Prosody(*(np.tile(x, 180) for x in (minute.f0, minute.voiced, minute.energy)))
    hierarchy = segment_acoustic(hours)
    assert hours.num_frames >= 3 * 3600 * 100
    assert len(hierarchy.words) == pytest.approx(7 * 24 * 180, rel=0.05)
    assert len(hierarchy.phrases) == pytest.approx(2 * 24 * 180, rel=0.05)


@pytest.mark.shared_data
def test_edges_are_nearer_to_words_than_even_ones(shared_data):
    found = even = 0
    for utterance in read_manifest(shared_data / "aligned" / "aligned.jsonl")[:80:5]:
        audio = load(utterance.audio)
        if np.sqrt(np.mean(audio.samples**2)) > 0.1:  # 17 of the files are partly noise
            continue
        hierarchy = segment_acoustic(extract(audio))
        words = read_textgrid(utterance.textgrid)[0].entries
        reference = {round(t * 100) for w in words if w.label for t in (w.start, w.end)}
        edges = hierarchy.words.boundaries
        found += _near(edges, reference)
        even += _near(np.linspace(0, hierarchy.words.num_frames, edges.size), reference)
    assert found > 1.25 * even  # many words begin before their voice does


@pytest.mark.shared_data
def test_units_come_at_the_rate_of_words(shared_data):
    utterances = read_manifest(shared_data / "speech" / "dev.jsonl")[::40]
    hierarchies = [segment_acoustic(extract(load(u.audio))) for u in utterances]
    seconds = sum(h.words.num_frames for h in hierarchies) / 100
    assert 2.3 < sum(len(h.words) for h in hierarchies) / seconds < 3.5
    assert 0.2 < sum(len(h.phrases) for h in hierarchies) / seconds < 0.7


def _near(edges, reference):
    """Number of inner edges within 50 ms of a reference edge."""
    distances = np.abs(np.subtract.outer(edges[1:-1], sorted(reference)))
    return int((distances.min(axis=1) <= 5).sum())
