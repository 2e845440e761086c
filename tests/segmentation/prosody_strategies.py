"""Random segmentations and prosodies, and synthetic prosody with known pauses and dips."""

import numpy as np
from hypothesis import strategies as st

from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Segmentation


@st.composite
def segmentations(draw):
    """Words of 1 to 700 frames and pauses."""
    durations = draw(st.lists(st.integers(1, 700), min_size=1, max_size=30))
    labels = draw(st.lists(st.sampled_from(["", "a"]), min_size=len(durations), max_size=30))
    return Segmentation(np.cumsum([0, *durations]), tuple(labels[: len(durations)]))


@st.composite
def prosodies(draw):
    """Parts of steady or noisy energy, voiced or unvoiced."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    part = st.tuples(
        st.integers(1, 300), st.booleans(), st.floats(-80, 0), st.sampled_from([0.0, 1.0, 20.0])
    )
    parts = draw(st.lists(part, min_size=1, max_size=8))
    voiced = np.concatenate([np.full(n, v) for n, v, _, _ in parts])
    energy = np.concatenate([random.normal(level, spread, n) for n, _, level, spread in parts])
    return Prosody(np.full(voiced.size, 120.0), voiced, energy)


def speech(*units, floor=-60.0):
    """Prosody of words, each one rise and fall of the energy, and pauses at the noise floor.

    Positive units are words of that many frames, negative ones pauses.
    """
    energy, voiced = [], []
    for length in units:
        shape = np.sin(np.pi * (np.arange(abs(length)) + 0.5) / abs(length))
        energy.append(-12.0 * (1 - shape) if length > 0 else np.full(-length, floor))
        voiced.append(np.full(abs(length), length > 0))
    power = 10 ** (np.concatenate(energy) / 10) + 10 ** (floor / 10)
    noise = np.random.default_rng(0).normal(0, 0.5, power.size)
    return Prosody(np.full(power.size, 120.0), np.concatenate(voiced), 10 * np.log10(power) + noise)
