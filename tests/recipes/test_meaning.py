"""The recipe that measures what codes mean: its pure functions."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "tokenizer"))

from meaning_data import evenly, in_half, resampled
from meaning_labels import ami_of_codes, group_codes, quantiles
from meaning_sound import movement_scores, movement_sums

from prosodytok import Prosody


def test_halves_share_no_key_and_are_of_one_size():
    keys = [f"scene{i % 9}" for i in range(50)]
    dev, unseen = (np.array(in_half(keys, half)) for half in ("dev", "unseen"))
    assert (dev != unseen).all()
    assert all(in_half(keys, "all"))
    names = np.array(keys)
    assert not set(names[dev]) & set(names[unseen])
    assert {len(set(names[dev])), len(set(names[unseen]))} == {4, 5}
    assert in_half(keys[::-1], "dev") == dev[::-1].tolist()


def test_evenly_spaced_items():
    assert evenly(range(10), 5) == [0, 2, 4, 6, 8]
    assert evenly("abc", 9) == list("abc")


def test_codes_are_grouped_by_their_vectors():
    vectors = np.repeat([[0.0, 0], [9, 0], [0, 9]], 4, axis=0) + np.linspace(0, 0.1, 12)[:, None]
    groups = group_codes(vectors, 3)
    assert [len(set(groups[i : i + 4])) for i in (0, 4, 8)] == [1, 1, 1]
    assert len(set(groups)) == 3
    assert len(set(group_codes(vectors[:2], 8))) == 2


def test_a_pause_code_is_a_group_of_its_own():
    vectors = np.array([[0.0], [0], [0.1], [5], [5.1]])
    groups = group_codes(vectors, 2, pauses=True)
    assert np.count_nonzero(groups == groups[0]) == 1
    assert len(set(groups[1:])) == 2


def test_ami_is_one_for_the_same_classes_and_zero_by_chance():
    labels = np.array(["none", "H*L", "L*H"] * 100)
    rng = np.random.default_rng(0)
    assert ami_of_codes(labels, np.array([2, 0, 1] * 100)) == pytest.approx(1)
    assert ami_of_codes(labels, rng.integers(8, size=300)) == pytest.approx(0, abs=0.03)


def test_quantiles_have_equal_shares():
    assert np.bincount(quantiles(np.random.default_rng(0).normal(size=80))).tolist() == [10] * 8


def test_an_interval_resamples_groups():
    values = np.repeat([0.0, 1.0], 50)
    apart = resampled(lambda rows: float(values[rows].mean()), np.arange(100))
    together = resampled(lambda rows: float(values[rows].mean()), np.repeat([0, 1], 50))
    assert apart.value == together.value == 0.5
    assert apart.high - apart.low < (together.high - together.low) / 3


def final(slope: float, voiced: int = 40) -> Prosody:
    """0.6 s: level F0, then 0.15 s with a slope (st/s), voiced to the end but for 20 frames."""
    semitones = slope * np.maximum(0, np.arange(40) - 24) / 100
    f0 = np.append(100 * 2 ** (semitones / 12), np.full(20, 100.0))
    return Prosody(f0, np.arange(60) < voiced, np.full(60, -30.0))


def test_final_movement_of_decoded_against_measured():
    pairs = [(20, 10), (-20, -10), (24, 2), (0, 0)]
    rows = [movement_sums(final(true), final(found)) for true, found in pairs]
    total = np.sum(rows, axis=0)[None]
    scores = {name: float(value[0]) for name, value in movement_scores(total).items()}
    assert scores["rises kept"] == 0.5
    assert scores["falls kept"] == 1
    true, found = np.array(pairs, dtype=float).T
    assert scores["final slope, decoded on measured"] == pytest.approx(
        np.polyfit(true, found, 1)[0], abs=1e-3
    )


def test_an_end_that_is_not_measured_is_left_out():
    assert movement_sums(final(10, voiced=8), final(10)) is None
    assert movement_sums(final(500), final(10)) is None
