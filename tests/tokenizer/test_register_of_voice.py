"""The register is that of the voice: silence, a click and a cut change it within bounds."""

from pathlib import Path

import numpy as np
import pytest

from prosodytok import Audio, ProsodyTokenizer, load
from prosodytok.samples import sample_manifest
from prosodytok.types import Register
from prosodytok.types.errors import AudioError
from prosodytok.types.units import hz_to_semitones

SAMPLES = sorted(sample_manifest().parent.glob("*.flac"))
#: Bounds of the changes: median F0 and spread (semitones), level and range (dB), rate (ratio).
SAME, SIMILAR = (0.1, 0.1, 0.1, 0.0, 1.1), (1.0, 1.0, 1.0, 0.0, 1.3)


@pytest.fixture(scope="module")
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


def register(tokenizer: ProsodyTokenizer, samples: np.ndarray) -> Register:
    return tokenizer.example(tokenizer.extract(Audio(samples, 16_000))).register


def with_click(samples: np.ndarray) -> np.ndarray:
    spoiled = np.concatenate([samples, np.zeros(4000, dtype=np.float32)])
    spoiled[-2000:-1984] = 1.0
    return spoiled


CHANGES = {
    "silence after": (lambda x: np.concatenate([x, np.zeros(16_000)]), SAME),
    "silence before": (lambda x: np.concatenate([np.zeros(16_000), x]), SAME),
    "click": (with_click, SAME),
    "end cut": (lambda x: x[:-4800], SIMILAR),
    "start cut": (lambda x: x[4800:], SIMILAR),
}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize(("change", "bounds"), CHANGES.values(), ids=CHANGES)
def test_the_register_is_that_of_the_voice(
    tokenizer: ProsodyTokenizer, path: Path, change, bounds: tuple[float, ...]
) -> None:
    samples = load(path).samples
    one, two = register(tokenizer, samples), register(tokenizer, change(samples))
    median, spread, level, depth, rate = bounds
    assert abs(hz_to_semitones(two.f0_median_hz, one.f0_median_hz)) <= median
    assert abs(two.f0_spread_st - one.f0_spread_st) <= spread
    assert abs(two.energy_level_db - one.energy_level_db) <= level
    assert abs(two.energy_range_db - one.energy_range_db) <= depth
    assert 1 / rate <= two.word_rate_hz / one.word_rate_hz <= rate


def test_an_array_is_no_sound(tokenizer: ProsodyTokenizer) -> None:
    with pytest.raises(AudioError, match="from_array"):
        tokenizer.extract(np.zeros(1000))
