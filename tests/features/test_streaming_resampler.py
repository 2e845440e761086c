"""The streaming resampler: no delay, no aliases, and a look-ahead of 5 ms."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from prosodytok import load
from prosodytok.features.audio_chunks import AudioChunks
from prosodytok.features.streaming_resampler import HALF_LENGTH, MIN_HALF_LENGTH, Resampler
from prosodytok.samples import sample_manifest
from prosodytok.types.audio import SAMPLE_RATE

#: The last two need more filter phases than are computed.
RATES = [8000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 44_101, 7999]
rates = pytest.mark.parametrize("rate", RATES)


def resample(samples: NDArray[np.float32], rate: int, size: int) -> NDArray[np.float32]:
    resampler = Resampler(rate)
    parts = [resampler.push(samples[i : i + size]) for i in range(0, samples.size, size)]
    return np.concatenate([*parts, resampler.finish()])


def sine(hz: float, rate: int, seconds: float = 0.5) -> NDArray[np.float32]:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def inner(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the edges, which are affected by the padding."""
    return samples[400:-400]


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=6))
@pytest.mark.parametrize("rate", [*RATES, SAMPLE_RATE])
def test_blocks_do_not_depend_on_the_chunks(rate: int, cuts: list[int]) -> None:
    samples = np.random.default_rng(0).normal(size=3000).astype(np.float32)
    found = []
    for chunks in ([samples], np.split(samples, sorted(cuts)), np.split(samples, 3000)):
        blocks = AudioChunks(rate)
        parts = [part for chunk in chunks for _, part in blocks.push(chunk)]
        found.append(np.concatenate([*parts, blocks.finish()[1]]))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
    assert found[0].size == np.ceil(3000 * SAMPLE_RATE / rate)


@rates
def test_chunks_of_one_sample_change_nothing(rate: int) -> None:
    samples = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    assert np.array_equal(resample(samples, rate, 1), resample(samples, rate, 1000))


@rates
@pytest.mark.parametrize("hz", [100, 1000, 3000])
def test_a_sine_is_not_shifted(rate: int, hz: int) -> None:
    found = resample(sine(hz, rate), rate, 500)
    # Times at odd rates are off by 10 ns: 2e-4 rad at 3 kHz.
    expected = sine(hz, SAMPLE_RATE, seconds=0.6)[: found.size]
    np.testing.assert_allclose(inner(found), inner(expected), atol=3e-4)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000])
def test_an_impulse_is_not_shifted(rate: int) -> None:
    samples = np.zeros(rate, dtype=np.float32)
    samples[rate // 2] = 1
    found = resample(samples, rate, rate // 100)
    assert np.argmax(found) == SAMPLE_RATE // 2
    around = found[SAMPLE_RATE // 2 - 60 : SAMPLE_RATE // 2 + 61]
    np.testing.assert_allclose(around, around[::-1], atol=1e-6)


@pytest.mark.parametrize("rate", [*RATES, 1000, 4000])
def test_look_ahead_is_5_ms(rate: int) -> None:
    ahead = max(HALF_LENGTH, MIN_HALF_LENGTH / rate)
    assert ahead == 0.005 or rate < 8000
    resampler, given = Resampler(rate), 0
    samples = sine(rate / 8, rate)
    for received in range(100, samples.size, 100):
        given += resampler.push(samples[received - 100 : received]).size
        # The last output may be between two input samples.
        assert given / SAMPLE_RATE >= received / rate - ahead - 1 / rate
    changed = samples.copy()
    changed[rate // 4 :] = 0
    same = int((rate // 4 / rate - ahead) * SAMPLE_RATE)
    one, other = (resample(sound, rate, 100)[:same] for sound in (samples, changed))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize("hz", [8100, 10_000])
def test_aliases_are_suppressed(rate: int, hz: int) -> None:
    assert np.abs(inner(resample(sine(hz, rate), rate, 500))).max() < 2e-4


def test_constant_signals_are_unchanged() -> None:
    for level in (0.0, 0.25):
        found = resample(np.full(8820, level, dtype=np.float32), 44_100, 441)
        np.testing.assert_allclose(inner(found), level, atol=1e-6)


@pytest.mark.parametrize(
    ("rate", "least_db"), [(8000, 30), (22_050, 60), (44_100, 60), (48_000, 60)]
)
def test_speech_against_soxr(rate: int, least_db: float) -> None:
    """At 8 kHz the transition bands differ: they start at 3.5 kHz here, at 3.7 kHz in soxr."""
    speech = load(sample_manifest().parent / "austen-0890.flac").samples[:48_000]
    there = soxr.resample(speech, SAMPLE_RATE, rate)
    found, expected = resample(there, rate, 999), soxr.resample(there, rate, SAMPLE_RATE)
    error = np.mean((found[:47_000] - expected[:47_000]) ** 2) / np.mean(expected**2)
    assert -10 * np.log10(error) > least_db


@pytest.mark.parametrize(("samples", "expected"), [(0, 0), (1, 1), (3, 1), (4, 2)])
def test_short_sounds(samples: int, expected: int) -> None:
    assert resample(np.ones(samples, dtype=np.float32), 48_000, 1).size == expected
