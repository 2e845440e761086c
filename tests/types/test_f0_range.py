"""Ranges of F0."""

from __future__ import annotations

import pytest

from prosodytok.types.errors import ConfigError
from prosodytok.types.f0_range import FITTED, F0Range


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ((39.9, None), "floor is 39.9 Hz: give 40 to 1000"),
        ((None, 1000.5), "ceiling is 1000.5 Hz"),
        ((float("nan"), None), "floor is nan"),
        ((300.0, 300.0), "300 Hz is not below"),
    ],
)
def test_limits_are_checked(limits: tuple[float | None, float | None], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        F0Range(*limits)


def test_limits_that_are_fitted_take_a_default() -> None:
    assert F0Range(60, None).fill(F0Range(75, 500)) == F0Range(60, 500)
    assert FITTED.fill(FITTED) == FITTED


def test_a_fitted_limit_never_contradicts_a_given_one() -> None:
    assert F0Range(50, None).fit(F0Range(60, 300)) == F0Range(50, 300)
    assert F0Range(500, None).fit(F0Range(60, 300)) == F0Range(500, 1000)
    assert F0Range(None, 50).fit(F0Range(60, 300)) == F0Range(40, 50)


def test_a_default_must_fit() -> None:
    with pytest.raises(ConfigError, match="not below"):
        F0Range(600, None).fill(F0Range(75, 500))
