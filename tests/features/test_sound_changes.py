"""Changed copies of a sound."""

import numpy as np
import pytest

from prosodytok.features.sound_changes import BABBLE_SPEAKERS, CHANGES
from prosodytok.types.audio import Audio

RATE = 16_000


@pytest.fixture(scope="module")
def hiss() -> Audio:
    noise = np.random.default_rng(1).standard_normal(2 * RATE)
    return Audio(0.1 * noise * np.sin(np.pi * np.arange(noise.size) / noise.size) ** 2, RATE)


@pytest.mark.parametrize("name", CHANGES)
def test_a_copy_is_aligned_with_the_original_after_its_offset(name: str, hiss: Audio) -> None:
    rng = np.random.default_rng(0)
    others = [Audio(rng.standard_normal(RATE), RATE)] * BABBLE_SPEAKERS
    copy = CHANGES[name](hiss, others, rng)
    changed = copy.audio.resample(RATE).samples
    original = hiss.samples[round(copy.offset * RATE) :]
    length = 2 * max(changed.size, original.size)
    spectrum = np.fft.rfft(changed, length) * np.conj(np.fft.rfft(original, length))
    assert np.fft.irfft(spectrum, length).argmax() in {0, 1, length - 1}


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_mp3_works_at_every_rate(rate: int, hiss: Audio) -> None:
    copy = CHANGES["MP3, 32 kbit/s"](hiss.resample(rate), [], np.random.default_rng(0))
    assert copy.audio.sample_rate == rate
    assert copy.audio.duration == pytest.approx(2.0, abs=1e-3)


def test_noise_has_the_stated_ratio(hiss: Audio) -> None:
    copy = CHANGES["white noise, 20 dB"](hiss, [], np.random.default_rng(0))
    noise = copy.audio.samples - hiss.samples
    ratio = 10 * np.log10(np.mean(hiss.samples**2) / np.mean(noise**2))
    assert ratio == pytest.approx(20.0, abs=0.2)
