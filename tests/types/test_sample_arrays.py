"""Arrays of any type and layout are the same sound, or an error."""

import numpy as np
import pytest
import torch

from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import check_rate, to_channels, to_float
from tests import synth

SOUND = synth.harmonics(synth.constant(200), 0.1).samples
RATE = 16_000


@pytest.mark.parametrize(
    "samples",
    [
        SOUND[None],
        SOUND[:, None],
        np.stack([SOUND] * 2),
        np.stack([SOUND] * 6, axis=1),
        SOUND.astype(np.float64),
        SOUND.astype(">f4"),
        np.repeat(SOUND, 2)[::2],
        SOUND.tolist(),
        torch.from_numpy(SOUND)[None],
        torch.from_numpy(SOUND.copy()).requires_grad_(),
        torch.from_numpy(SOUND).double(),
    ],
)
def test_one_sound_in_many_arrays(samples):
    np.testing.assert_allclose(Audio.from_array(samples, RATE).samples, SOUND, atol=1e-6)


@pytest.mark.parametrize(
    ("samples", "tolerance"),
    [
        ((SOUND * 2**15).astype(np.int16), 1e-4),
        ((SOUND * 2**15).astype(">i2"), 1e-4),
        ((SOUND.astype(np.float64) * 2**31).astype(np.int32), 1e-6),
        ((SOUND * 2**7).astype(np.int8), 1e-2),
        ((SOUND * 2**7 + 128).astype(np.uint8), 1e-2),
        ((SOUND * 2**15 + 2**15).astype(np.uint16), 1e-4),
        (torch.from_numpy((SOUND * 2**15).astype(np.int16)), 1e-4),
        (SOUND.astype(np.float16), 1e-3),
        (torch.from_numpy(SOUND).bfloat16(), 1e-2),
    ],
)
def test_integers_are_divided_by_their_full_scale(samples, tolerance):
    np.testing.assert_allclose(Audio.from_array(samples, RATE).samples, SOUND, atol=tolerance)
    np.testing.assert_allclose(Audio(samples, RATE).samples, SOUND, atol=tolerance)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (SOUND > 0, "numbers"),
        (SOUND.astype(complex), "numbers"),
        (SOUND.astype(object), "numbers"),
        (["a"], "numbers"),
        (None, "numbers"),
        (SOUND[None, None], "one sound at a time"),
        (np.zeros((80, 400)), "at most 32 channels"),
        (RATE, "samples first"),
        ([[0.1, 0.2], [0.3]], "no array of samples"),
        ([100, -200, 300], "64-bit"),
        ((SOUND * 2**15).astype(np.int64), "32768"),
        (np.ma.masked_array(SOUND, SOUND > 0), "masked"),
        (torch.from_numpy(SOUND).to_sparse(), "no array of samples"),
        (np.zeros((0, 2)), "empty"),
        (np.zeros((2, 0)), "empty"),
        (np.array([1e300, 0.0]), "infinite"),
    ],
)
def test_other_arrays_are_errors(samples, message):
    with pytest.raises(AudioError, match=message):
        Audio.from_array(samples, RATE)


@pytest.mark.parametrize("rate", [16_000.0, np.int32(16_000), np.float64(16e3), torch.tensor(16e3)])
def test_rates_of_any_type(rate):
    audio = Audio(SOUND, rate)
    assert type(audio.sample_rate) is int
    assert audio.sample_rate == RATE


@pytest.mark.parametrize("rate", [16_000.5, np.nan, "16000", None, True, SOUND, 500, [16_000]])
def test_other_rates_are_errors(rate):
    with pytest.raises(AudioError, match="sample_rate"):
        check_rate(rate)


def test_the_shorter_axis_is_channels():
    assert to_channels(np.zeros((3, 7))).shape == (7, 3)
    assert to_channels(np.zeros((7, 3))).shape == (7, 3)
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(to_channels(square), square)


def test_integers_as_floats_are_a_warning():
    loud = Audio.from_array(SOUND * 32768, RATE)
    assert "16-bit" in loud.warnings[0]
    assert loud.resample(8000).warnings == loud.warnings
    assert Audio.from_array(SOUND * 4, RATE).warnings == ()


def test_zeros_and_ones_of_any_integer_type_are_samples():
    np.testing.assert_array_equal(to_float([0, 1, -1]), [0, 1, -1])


def test_soft_samples_are_doubtful():
    (warning,) = Audio.from_array([1e-7, -2e-8], 16_000).warnings
    assert "only 1e-07" in warning
    assert Audio.from_array([0.0], 16_000).warnings == ()


def test_a_rate_beyond_floats():
    with pytest.raises(AudioError, match="sample_rate"):
        Audio.from_array([0.0], 10**400)
