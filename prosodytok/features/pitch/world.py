"""The trackers of World: DIO and Harvest."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, in_blocks, limits, pad_to_grid
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range


@dataclass(frozen=True)
class WorldTracker:
    """World's DIO refined by StoneMask, or Harvest: every second of its 5 ms frames.

    References
    ----------
    M. Morise, H. Kawahara, H. Katayose, "Fast and reliable F0 estimation method based on the period
    extraction of vocal fold vibration of singing voice and speech", AES 35th conference, 2009.
    M. Morise, "Harvest: a high-performance fundamental frequency estimator from speech signals",
    Interspeech 2017.
    """

    f0_range: F0Range = DEFAULT_RANGE
    harvest: bool = False

    @property
    def name(self) -> str:
        """``"harvest"`` or ``"world"``."""
        return "harvest" if self.harvest else "world"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`."""
        return in_blocks(self._track, audio)

    def _track(self, samples: NDArray[np.float32], sample_rate: int, num_frames: int) -> Pitch:
        world = import_world()
        floor, ceiling = limits(self.f0_range)
        padded = pad_to_grid(samples, sample_rate, num_frames).astype(np.float64)
        padded -= padded.mean()
        find = world.harvest if self.harvest else world.dio
        f0, times = find(padded, sample_rate, f0_floor=floor, f0_ceil=ceiling, frame_period=5.0)
        if not self.harvest:
            f0 = world.stonemask(padded, f0, times, sample_rate)
        f0 = f0[1::2][:num_frames]
        return Pitch(f0, f0 > 0)


def import_world() -> Any:
    """Import pyworld without its deprecation warning about pkg_resources."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import pyworld

    return pyworld
