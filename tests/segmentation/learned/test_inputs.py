"""Inputs of the boundary network: relative to voiced speech, and the same wherever a sound lies."""

import numpy as np
import pytest
import torch

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.learned.inputs import INPUTS, BoundaryInputs
from prosodytok.segmentation.learned.network import (
    BoundaryConfig,
    BoundaryNetwork,
    boundary_logits,
)
from prosodytok.types.audio import Audio
from tests import synth

SOUND = load(read_manifest(sample_manifest())[0].audio)
TINY = BoundaryConfig(dim=8, kernel=3, dilations=(1, 2), expansion=2)


def inputs_of(audio: Audio) -> BoundaryInputs:
    return BoundaryInputs(audio, extract(audio))


def logits_of(audio: Audio) -> np.ndarray:
    torch.manual_seed(0)
    return boundary_logits(BoundaryNetwork(TINY), inputs_of(audio))


@pytest.fixture(scope="module")
def spoken() -> Audio:
    """A syllable with silence before and after."""
    voice = synth.modulated(synth.vowel(synth.glide(120, 150), 1.0))
    return synth.join(synth.silence(0.5), voice, synth.silence(0.3))


@pytest.mark.parametrize("frames", [1, 2, 4, 8, 13])
def test_a_shift_of_frames_shifts_the_logits(spoken, frames: int) -> None:
    shifted = Audio(spoken.samples[frames * 160 :], spoken.sample_rate)
    found, expected = logits_of(shifted), logits_of(spoken)[frames:]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_silence_after_the_sound_changes_no_logits(spoken) -> None:
    longer = synth.join(spoken, synth.silence(1.0))
    expected = logits_of(spoken)
    np.testing.assert_allclose(logits_of(longer)[: len(expected)], expected, atol=2e-3)


def test_the_level_changes_no_inputs(spoken) -> None:
    softer = Audio(spoken.samples * np.float32(0.25), spoken.sample_rate)
    loud, soft = (inputs_of(x).part(0, 150) for x in (spoken, softer))
    np.testing.assert_allclose(soft, loud, atol=1e-3)


@pytest.mark.parametrize("frames", [1, 433])
def test_inputs_do_not_depend_on_the_part(frames: int) -> None:
    inputs = inputs_of(Audio(SOUND.samples[: frames * 160], SOUND.sample_rate))
    assert len(inputs) == frames
    whole = inputs.part(-3, frames + 3)
    for first, last in ((0, 1), (frames // 3, frames // 2 + 1), (frames - 1, frames + 3)):
        np.testing.assert_allclose(inputs.part(first, last), whole[first + 3 : last + 3], atol=1e-4)


def test_parts_outside_the_sound_are_silent() -> None:
    inputs = inputs_of(synth.join(synth.vowel(synth.constant(120), 0.5), synth.silence(0.5)))
    late = inputs.part(85, 115)
    assert late.shape == (30, INPUTS)
    np.testing.assert_allclose(late[15:], late[:15], atol=1e-5)
    np.testing.assert_allclose(inputs.part(-15, 5)[:15], late[15:], atol=1e-5)


@pytest.mark.parametrize("sound", [synth.silence(0.2), synth.noise(0.2), synth.noise(0.005)])
def test_sounds_without_voice_have_finite_inputs(sound: Audio) -> None:
    inputs = inputs_of(sound)
    assert np.isfinite(inputs.part(-2, len(inputs) + 2)).all()


@pytest.mark.parametrize("block", [7, 64])
def test_long_sounds_in_blocks_are_the_same(block: int) -> None:
    inputs = inputs_of(SOUND)
    network = BoundaryNetwork(TINY)
    whole, parts = (boundary_logits(network, inputs, n) for n in (10_000, block))
    np.testing.assert_allclose(parts, whole, atol=1e-4)
