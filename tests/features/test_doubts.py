"""Sentences about what is doubtful."""

import numpy as np
import pytest

from prosodytok import Prosody, load
from prosodytok.features import extract
from prosodytok.features.doubts import doubts
from prosodytok.samples import sample_manifest
from prosodytok.types.f0_range import F0Range
from tests import synth


def prosody(f0: np.ndarray, voiced: np.ndarray | None = None) -> Prosody:
    voiced = np.ones(f0.size, dtype=bool) if voiced is None else voiced
    return Prosody(f0, voiced, np.full(f0.size, -20.0), f0_floor=75.0, f0_ceiling=500.0)


def test_speech_is_not_doubtful() -> None:
    for path in sample_manifest().parent.glob("*.flac"):
        assert extract(load(path)).warnings == ()


@pytest.mark.parametrize("audio", [synth.silence(1.0), synth.noise(1.0)])
def test_nearly_no_voice(audio) -> None:
    (sentence,) = extract(audio).warnings
    assert sentence == "nearly no voice: 0.00 of 1.00 s are voiced"


@pytest.mark.parametrize(
    ("f0_range", "limit"), [(F0Range(200.0, 500.0), "floor of 200"), (F0Range(60.0, 155.0), "155")]
)
def test_f0_at_a_limit(f0_range: F0Range, limit: str) -> None:
    f0 = np.clip(synth.vibrato(180, 2)(np.arange(200) / 100), f0_range.floor, f0_range.ceiling)
    found = Prosody(f0, f0 > 0, 0 * f0, f0_floor=f0_range.floor, f0_ceiling=f0_range.ceiling)
    (sentence,) = doubts(found)
    assert limit in sentence
    assert "--f0-" in sentence


def test_f0_of_too_wide_a_spread() -> None:
    f0 = 150 * 2 ** np.sin(np.arange(300) / 15)
    (sentence,) = doubts(prosody(f0))
    assert "spread of F0" in sentence


def test_a_stretch_at_a_limit_is_no_doubt() -> None:
    f0 = synth.vibrato(150)(np.arange(200) / 100)
    f0[:10] = 76
    assert doubts(prosody(f0)) == ()


def test_a_tone_is_no_voice() -> None:
    (sentence,) = extract(synth.harmonics(synth.constant(750), num_harmonics=1)).warnings
    assert sentence == "F0 stays at 750 Hz: is it a tone?"


def test_hum_in_pauses() -> None:
    f0, energy = synth.vibrato(120, 2)(np.arange(200) / 100), np.full(200, -20.0)
    assert doubts(Prosody(f0, f0 > 0, energy)) == ()
    f0[:60], energy[:60] = 50.4, -50.0
    sentence, *_ = doubts(Prosody(f0, f0 > 0, energy))
    assert sentence == "30% of F0 lies at 50 Hz, in soft sound: is it hum? Give --f0-floor"


def test_loud_sound_without_voice() -> None:
    f0 = synth.vibrato(120, 2)(np.arange(200) / 100)
    found = Prosody(f0, np.arange(200) < 20, np.full(200, -20.0), f0_floor=75.0, f0_ceiling=500.0)
    (sentence,) = doubts(found)
    assert sentence.startswith("10% of the loud sound is voiced")
    assert sentence.endswith("outside of 75 to 500 Hz?")
