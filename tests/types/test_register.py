"""The register: estimation, normalisation and its inverse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.types import DEFAULT_F0, Register, denormalize, normalize
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody

registers = st.builds(
    Register,
    f0_median_hz=st.floats(60, 400),
    f0_spread_st=st.floats(1, 8),
    energy_level_db=st.floats(-60, 0),
    energy_range_db=st.floats(15, 60),
)


def utterance(median=200.0, semitones=3.0, level=-20.0, num_frames=400):
    t = np.linspace(0, 20, num_frames)
    voiced = np.sin(3 * t) > -0.5
    energy = np.where(voiced, level, level - 40)
    return Prosody(median * 2 ** (semitones * np.sin(t) / 12), voiced, energy)


@given(registers)
def test_denormalize_inverts_normalize(register):
    prosody = utterance()
    numbers = normalize(prosody, register)
    back = denormalize(numbers[:, 0], numbers[:, 1] > 0.5, numbers[:, 2], register)
    np.testing.assert_allclose(back.f0, prosody.f0, rtol=1e-4)
    np.testing.assert_array_equal(back.voiced, prosody.voiced)
    np.testing.assert_allclose(back.energy, prosody.energy, atol=1e-3)


def test_normalization_removes_the_voice():
    low, high = utterance(100, level=-40), utterance(250, level=-10)
    one, two = normalize(low, Register.estimate(low)), normalize(high, Register.estimate(high))
    np.testing.assert_allclose(one, two, atol=1e-4)


def test_estimate_of_a_known_voice():
    register = Register.estimate(utterance(200, 3, -20))
    assert register.f0_median_hz == pytest.approx(200, rel=0.05)
    assert register.f0_spread_st == pytest.approx(3, rel=0.1)
    assert register.energy_level_db == pytest.approx(-20.5)
    assert register.energy_range_db == 40


def test_estimate_is_robust_to_octave_errors():
    clean = utterance()
    f0 = clean.f0.copy()
    f0[100:110] *= 2
    wrong = Register.estimate(Prosody(f0, clean.voiced, clean.energy))
    assert wrong.f0_median_hz == pytest.approx(Register.estimate(clean).f0_median_hz, rel=0.02)


def test_utterances_of_one_speaker_are_pooled():
    both = Register.estimate(utterance(150), utterance(150, level=-30))
    assert both.f0_median_hz == pytest.approx(Register.estimate(utterance(150)).f0_median_hz)
    assert both.energy_level_db == pytest.approx(-20.5)


def test_unvoiced_sounds_get_the_defaults():
    register = Register.estimate(Prosody([120.0] * 5, [False] * 5, [-30.0] * 5))
    assert register.f0_median_hz == DEFAULT_F0
    assert register.f0_spread_st == Register().f0_spread_st
    assert register.energy_level_db == -30


def test_few_voiced_frames_give_a_median_only():
    register = Register.estimate(Prosody([100.0, 400.0], [True, False], [-30.0, -30.0]))
    assert register.f0_median_hz == 100
    assert register.f0_spread_st == Register().f0_spread_st


def test_spread_of_a_monotone_is_not_zero():
    flat = Prosody([100.0] * 50, [True] * 50, [-30.0] * 50)
    register = Register.estimate(flat)
    assert register.f0_spread_st == 1
    assert np.isfinite(normalize(flat, register)).all()


def test_word_rate():
    assert Register().with_word_rate(6, 2.0).word_rate_hz == 3


def test_dict_and_back():
    register = Register(100, 2, -30, 50, 4)
    assert Register.from_dict(register.to_dict()) == register
    assert Register.from_dict({"f0_median_hz": 99, "of_a_later_version": 1.0}).f0_median_hz == 99


@pytest.mark.parametrize(
    "values",
    [
        {"f0_median_hz": 0},
        {"f0_spread_st": -1},
        {"word_rate_hz": np.nan},
        {"word_rate_hz": 1e-300},
        {"energy_level_db": -1e300},
    ],
)
def test_impossible_registers_are_refused(values):
    with pytest.raises(TokenError, match="out of range for any voice"):
        Register(**values)
