from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.evaluation.reconstruction.prosody_errors import scores_of
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody

HALF = np.arange(100) < 50
REFERENCE = Prosody(np.full(100, 200.0), HALF, np.full(100, -20.0))
GLIDE = replace(REFERENCE, f0=np.geomspace(100, 200, 100))


def test_no_difference_is_no_error() -> None:
    scores = prosody_errors(GLIDE, GLIDE, GLIDE).scores
    assert scores.pop("f0_corr") == pytest.approx(1)
    assert set(scores.values()) == {0.0}


def test_a_semitone_is_a_hundred_cents_of_voiced_frames_only() -> None:
    f0 = np.where(HALF, 200 * 2 ** (1 / 12), 999.0)
    scores = prosody_errors(REFERENCE, replace(REFERENCE, f0=f0)).scores
    assert scores["f0_mae"] == pytest.approx(100, abs=0.01)
    assert scores["f0_rmse"] == pytest.approx(100, abs=0.01)
    assert scores["gpe"] == 0


def test_octaves_are_gross_and_left_out_where_the_second_tracker_disagrees() -> None:
    doubled = replace(REFERENCE, f0=np.where(np.arange(100) < 10, 400.0, 200.0))
    scores = prosody_errors(REFERENCE, doubled, second=doubled).scores
    assert scores["gpe"] == pytest.approx(0.2)
    assert scores["f0_mae"] == pytest.approx(240)
    assert scores["f0_rmse_agreed"] == scores["f0_mae_agreed"] == 0


def test_correlation_depends_on_movement_and_not_on_level() -> None:
    shifted, mirrored = (replace(GLIDE, f0=f0) for f0 in (1.5 * GLIDE.f0, GLIDE.f0[::-1]))
    assert prosody_errors(GLIDE, shifted).scores["f0_corr"] == pytest.approx(1)
    assert prosody_errors(GLIDE, mirrored).scores["f0_corr"] == pytest.approx(-1)


def test_flat_estimate_has_no_correlation_and_lowers_the_pooled_one() -> None:
    level = prosody_errors(GLIDE, replace(GLIDE, f0=np.full(100, 123.4)))
    assert np.isnan(level.scores["f0_corr"])
    total = level + prosody_errors(GLIDE, GLIDE)
    assert total.scores["f0_corr"] == pytest.approx(0.5**0.5)


def test_scores_of_many_samples_equal_the_single_ones() -> None:
    errors = [prosody_errors(GLIDE, replace(GLIDE, f0=f * GLIDE.f0)) for f in (1.1, 1.5)]
    both = scores_of(np.array([e.sums for e in errors]))
    for row, error in enumerate(errors):
        assert {k: v[row] for k, v in both.items()} == pytest.approx(error.scores, nan_ok=True)


def test_voicing_and_energy() -> None:
    wrong = replace(REFERENCE, voiced=np.arange(100) < 40, energy=np.full(100, -17.0))
    scores = prosody_errors(REFERENCE, wrong).scores
    assert scores["vde"] == pytest.approx(0.1)
    assert scores["ffe"] == pytest.approx(0.1)
    assert scores["energy_rmse"] == pytest.approx(3.0)


def test_utterances_are_pooled_before_division() -> None:
    off = prosody_errors(REFERENCE, replace(REFERENCE, f0=np.full(100, 200 * 2 ** (1 / 12))))
    total = off + prosody_errors(REFERENCE, REFERENCE)
    assert total.scores["f0_mae"] == pytest.approx(50, abs=0.01)


def test_no_voiced_frame_is_nan_and_not_zero() -> None:
    mute = replace(REFERENCE, voiced=np.zeros(100, bool))
    assert np.isnan(prosody_errors(mute, mute).scores["f0_mae"])
    assert np.isnan(ProsodyErrors().scores["vde"])


def test_lengths_must_match() -> None:
    short = Prosody(np.full(9, 200.0), np.ones(9, bool), np.zeros(9))
    with pytest.raises(ProsodytokError, match="100, 9 frames"):
        prosody_errors(REFERENCE, short)
