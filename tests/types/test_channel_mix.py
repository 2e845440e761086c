"""One signal from several channels."""

import numpy as np
import pytest

from prosodytok.types.channel_mix import ChannelMix, mix_whole
from tests import synth

RATE = 16_000
VOICE = synth.modulated(synth.harmonics(synth.glide(180, 110), 2.0)).samples
OTHER = synth.modulated(synth.harmonics(synth.glide(230, 310), 2.0), 3.0).samples
ZERO = np.zeros_like(VOICE)
HISS = np.random.default_rng(0).normal(0, 1e-4, VOICE.size).astype(np.float32)


def mix(*channels):
    return mix_whole(np.stack(channels, axis=1).astype(np.float32), RATE)


def delayed(samples, count):
    return np.concatenate([np.zeros(count, np.float32), samples[:-count]])


@pytest.mark.parametrize("copy", [-VOICE, HISS - VOICE, delayed(VOICE, 37), -0.9 * VOICE])
def test_channels_that_cancel_are_not_averaged(copy):
    mono, warnings = mix(VOICE, copy)
    assert any(np.array_equal(mono, x) for x in (VOICE, copy))
    assert "cancel" in warnings[0]


@pytest.mark.parametrize(
    "other", [VOICE, 0.3 * VOICE + HISS, OTHER, delayed(VOICE, 3), delayed(VOICE, 3200)]
)
def test_other_channels_are_averaged(other):
    mono, warnings = mix(VOICE, other)
    np.testing.assert_allclose(mono, (VOICE + other) / 2, atol=1e-7)
    assert warnings == ()


def test_turns_in_two_channels_are_kept():
    first = np.concatenate([VOICE, ZERO])
    second = np.concatenate([ZERO, OTHER])
    mono, warnings = mix(first, second)
    np.testing.assert_allclose(mono, (first + second) / 2, atol=1e-7)
    assert warnings == ()


def test_silent_channels_are_named():
    mono, warnings = mix(ZERO, ZERO + 0.2, VOICE, ZERO, ZERO, ZERO)
    assert warnings == ("of 6 channels these are silent: 1, 2, 4, 5, 6",)
    np.testing.assert_allclose(mono, (VOICE + 0.2) / 6, atol=1e-6)


def test_silence_and_one_channel_have_no_warning():
    assert mix(ZERO, ZERO)[1] == ()
    assert mix(VOICE)[1] == ()


def test_blocks_are_the_whole():
    samples = np.stack([VOICE, delayed(VOICE, 37)], axis=1)
    blocks = ChannelMix(2, RATE)
    for start in range(0, len(samples), 777):
        blocks.measure(samples[start : start + 777])
    np.testing.assert_array_equal(blocks.mix(samples), mix_whole(samples, RATE)[0])


def test_antiphase_is_found_in_the_first_block():
    samples = np.stack([VOICE, -VOICE], axis=1)[4000:4080]
    stream = ChannelMix(2, RATE)
    stream.measure(samples)
    np.testing.assert_array_equal(stream.mix(samples), samples[:, 0])
