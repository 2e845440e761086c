"""Transfer of prosody between utterances with known results."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.tts import (
    Amounts,
    Plan,
    Reference,
    match_phrases,
    match_words,
    same_words,
    transfer,
)
from prosodytok.types import Segmentation
from prosodytok.types.errors import ConfigError, ProsodytokError, TokenError
from prosodytok.types.prosody import Prosody

ALL = Amounts()
RATE = 80.0  # of the plan, as hibari's; the reference has 100


def plan_of(labels, edges, f0=200.0):
    size = edges[-1]
    contour = np.broadcast_to(f0, size).astype(np.float32)
    prosody = Prosody(contour, np.ones(size, dtype=bool), np.full(size, -20.0), RATE)
    return Plan(Segmentation(np.array(edges), tuple(labels)), prosody)


def reference_of(labels, edges, phrases=None, f0=None, energy=None, has_words=True):
    size = edges[-1]
    f0 = np.linspace(100, 200, size) if f0 is None else f0
    energy = np.full(size, -30.0) if energy is None else energy
    words = Segmentation(np.array(edges), tuple(labels))
    phrases = Segmentation.unlabelled(phrases or [0, size])
    return Reference(Prosody(f0, np.ones(size, dtype=bool), energy), words, phrases, has_words)


PLAN = plan_of(["", "One", "two", "", "three", ""], [0, 20, 40, 60, 70, 100, 120])
SAME = reference_of(["", "one", "two", "", "three"], [0, 30, 70, 90, 150, 190], [0, 150, 190])

SAME_NAMES = reference_of(["Tom", "and", "Jo"], [0, 20, 40, 60])


def test_words_last_as_long_as_in_the_reference():
    got = transfer(PLAN, SAME, match_words(PLAN, SAME), ALL)
    # At 80 Hz: 400, 200, 600 and 400 ms between; the silence at both ends stays.
    assert got.words.durations.tolist() == [20, 32, 16, 48, 32, 20]
    assert got.words.labels == PLAN.words.labels


def test_f0_is_that_of_the_same_place_in_the_same_word():
    got = transfer(PLAN, SAME, match_words(PLAN, SAME), ALL)
    edges = got.words.boundaries
    middles = (edges[[1, 2, 4]] + edges[[2, 3, 5]]) // 2
    wanted = SAME.prosody.f0[[50, 80, 170]]
    np.testing.assert_allclose(got.prosody.f0[middles], wanted, rtol=0.01)


def test_amounts_of_zero_change_nothing():
    plan = replace(PLAN, prosody=replace(PLAN.prosody, f0=np.linspace(150, 250, 120)))
    got = transfer(plan, SAME, match_words(plan, SAME), Amounts(0, 0, 0))
    np.testing.assert_array_equal(got.words.boundaries, plan.words.boundaries)
    np.testing.assert_allclose(got.prosody.f0, plan.prosody.f0, rtol=1e-5)
    np.testing.assert_allclose(got.prosody.energy, plan.prosody.energy)


def test_half_of_f0_lies_half_way_in_semitones():
    match = match_words(PLAN, SAME)
    full, half = (transfer(PLAN, SAME, match, Amounts(f0=amount)) for amount in (1, 0.5))
    np.testing.assert_allclose(half.prosody.f0, np.sqrt(full.prosody.f0 * 200.0), rtol=1e-5)


def test_half_of_timing_lies_half_way():
    got = transfer(PLAN, SAME, match_words(PLAN, SAME), Amounts(duration=0.5))
    assert got.words.durations[1] == pytest.approx(np.sqrt(20 * 32), abs=1)
    assert got.words.durations[3] == pytest.approx((10 + 48) / 2, abs=1)


def test_the_louder_word_becomes_louder_and_the_mean_stays():
    energy = np.full(190, -30.0)
    energy[150:] += 6
    reference = replace(SAME, prosody=replace(SAME.prosody, energy=energy))
    got = transfer(PLAN, reference, match_words(PLAN, reference), ALL)
    edges = got.words.boundaries
    middles = (edges[[1, 2, 4]] + edges[[2, 3, 5]]) // 2
    np.testing.assert_allclose(got.prosody.energy[middles] + 20, [-2, -2, 4], atol=0.3)


def test_unvoiced_frames_of_the_reference_do_not_affect_f0():
    f0, voiced = np.full(190, 150.0), np.ones(190, dtype=bool)
    f0[40:50], voiced[40:50] = 400.0, False
    reference = replace(SAME, prosody=Prosody(f0, voiced, SAME.prosody.energy))
    got = transfer(PLAN, reference, match_words(PLAN, reference), ALL)
    np.testing.assert_allclose(got.prosody.f0, 150.0, rtol=1e-5)


def test_one_word_may_be_two_in_the_reference():
    plan = plan_of(["well-known", "dog"], [0, 40, 80])
    reference = reference_of(["Well", "known", "dog"], [0, 20, 60, 100])
    assert match_words(plan, reference).spans.tolist() == [[0, 60], [60, 100]]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["one", "too", "three"], "'too' where the text has 'two'"),
        (["one", "two"], "its end"),
        (["one", "two", "three", "four"], "continues after the text with 'four'"),
        (["", "", ""], "have no word labels"),
    ],
)
def test_other_words_are_refused_with_a_way_out(labels, reason):
    reference = reference_of(labels, [*range(0, 20 * len(labels) + 1, 20)])
    with pytest.raises(TokenError, match=reason) as caught:
        match_words(PLAN, reference)
    assert "--by phrase" in str(caught.value)


def test_a_sign_is_to_be_written_as_it_is_spoken():
    with pytest.raises(TokenError, match="'&': write it as it is spoken"):
        match_words(plan_of(["Tom", "&", "Jo"], [0, 20, 40, 60]), SAME_NAMES)


def test_of_units_without_labels_the_unvoiced_are_pauses():
    reference = reference_of(["", "", ""], [0, 30, 60, 90])
    voiced = reference.prosody.voiced.copy()
    voiced[30:57] = False
    reference = replace(reference, prosody=replace(reference.prosody, voiced=voiced))
    assert reference.spoken.tolist() == [0, 2]
    barely = replace(reference.prosody, voiced=np.arange(90) == 40)
    assert replace(reference, prosody=barely).spoken.tolist() == [1]


def test_missing_pauses_of_a_plan():
    reference = reference_of(["one", "", "two", "three"], [0, 30, 60, 90, 120])
    match = match_words(PLAN, reference)
    assert match.missing_pauses(PLAN) == {1}
    assert match_words(PLAN, SAME).missing_pauses(PLAN) == set()


def test_phrases_go_to_parts_that_end_at_a_pause():
    plan = plan_of(["a", "b", "c", "", "d", "e", "f"], [0, 10, 20, 30, 40, 50, 60, 70])
    reference = reference_of(
        ["u", "v", "w", "", "x", "y"], [0, 20, 40, 60, 100, 120, 140], [0, 100, 140]
    )
    match = match_phrases(plan, reference)
    assert match.units.tolist() == [[0, 2], [4, 6]]
    assert match.spans.tolist() == [[0, 60], [100, 140]]
    assert match.pauses.tolist() == [40]


def test_a_slow_phrase_is_slower_than_the_average():
    plan = plan_of(["a", "b", "", "c", "d"], [0, 20, 40, 50, 70, 90])
    reference = reference_of(["u", "v", "x", "y"], [0, 40, 80, 100, 120], [0, 80, 120])
    got = transfer(plan, reference, match_phrases(plan, reference), ALL)
    assert got.words.durations.tolist()[0] == round(20 * 40 / 30)
    assert got.words.durations.tolist()[3] == round(20 * 20 / 30)


def test_more_phrases_than_words_leave_some_out():
    plan = plan_of(["a"], [0, 40])
    reference = reference_of(["u", "v"], [0, 40, 80], [0, 40, 80])
    got = transfer(plan, reference, match_phrases(plan, reference), ALL)
    assert len(got.words) == 1


def test_phrases_alone_need_no_words():
    reference = reference_of(["", ""], [0, 100, 190], [0, 100, 190], has_words=False)
    match = match_phrases(PLAN, reference)
    assert match.units[-1, 1] == 4
    np.testing.assert_allclose(match.tempo, 1.0)


def test_every_unit_keeps_a_frame():
    reference = reference_of(["one", "two", "three"], [0, 1, 2, 3])
    got = transfer(PLAN, reference, match_words(PLAN, reference), Amounts(duration=3))
    assert got.words.durations.min() >= 1


@pytest.mark.parametrize("amount", [-0.1, float("nan"), float("inf"), 3.5])
def test_amounts_are_checked(amount):
    with pytest.raises(ConfigError, match="choose 0 to 3"):
        Amounts(f0=amount)


def test_same_words():
    words = Segmentation(np.array([0, 1, 2, 3]), ("", "Don't", "ask"))
    assert same_words(words, "dont  ASK!")
    assert not same_words(words, "do ask")


def test_a_plan_checks_its_length():
    with pytest.raises(ProsodytokError, match="120 frames"):
        Plan(Segmentation.unlabelled([0, 10]), PLAN.prosody)
