"""The second tracker does not decide outside the range of F0."""

from __future__ import annotations

import numpy as np
import pytest

from prosodytok.features.pitch import second_tracker
from prosodytok.features.pitch.pitch import Pitch
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from tests.synth import constant, harmonics

ALL = F0Range(40, 1000)


@pytest.mark.parametrize(
    ("second_hz", "f0_range", "changed"),
    [(1700.0, ALL, False), (100.0, F0Range(120, 1000), False), (100.0, ALL, True)],
)
def test_f0_outside_the_range_is_not_used(
    monkeypatch: pytest.MonkeyPatch, second_hz: float, f0_range: F0Range, changed: bool
) -> None:
    def swift_f0(
        samples: np.ndarray, sample_rate: int, num_frames: int, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        del samples, sample_rate, level
        return np.full(num_frames, second_hz), np.ones(num_frames)

    monkeypatch.setattr(second_tracker, "swift_f0", swift_f0)
    audio: Audio = harmonics(constant(100), 1.0)
    f0 = np.full(100, 100.0)
    f0[40:60] = 200.0  # an octave error of a tracker
    pitch = Pitch(f0, np.ones(100, bool), np.ones(100))
    found = second_tracker.confirm(pitch, audio, f0_range)
    assert found.voiced.all()
    expected = 100.0 if changed else 200.0
    np.testing.assert_allclose(found.f0[45:55], expected, rtol=0.01)
