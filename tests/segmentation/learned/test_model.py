"""The boundary model: bundled and saved weights, and decoding."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.segmentation import find_pauses
from prosodytok.segmentation.learned.boundary_model import (
    BUNDLED,
    BoundaryModel,
    load_boundary_model,
    save_boundary_model,
    segment_learned,
)
from prosodytok.segmentation.learned.inputs import BoundaryInputs
from prosodytok.segmentation.learned.network import (
    BoundaryConfig,
    BoundaryNetwork,
    boundary_logits,
)
from prosodytok.segmentation.learned.unit_search import EVENTS, Prior
from prosodytok.types.audio import Audio
from prosodytok.types.errors import CheckpointError
from tests import synth

WORD = Prior(gain=1.0, bias=0.0, typical=25, longest=120, pause=0.1)
PHRASE = Prior(gain=1.0, bias=0.0, typical=250, longest=2000)
TINY = BoundaryConfig(dim=8, kernel=3, dilations=(1, 2), expansion=2)
SOUND = load(read_manifest(sample_manifest())[0].audio)


@pytest.fixture
def model() -> BoundaryModel:
    torch.manual_seed(0)
    return BoundaryModel(BoundaryNetwork(TINY), WORD, PHRASE)


def test_the_bundled_model_finds_words_in_phrases() -> None:
    prosody = extract(SOUND)
    hierarchy = segment_learned(SOUND, prosody)
    assert hierarchy.source == "learned"
    assert hierarchy.words.num_frames == prosody.num_frames
    assert 1.5 < len(hierarchy.words) / SOUND.duration < 6
    assert hierarchy.pauses is not None
    silent = find_pauses(prosody)[(hierarchy.words.boundaries[:-1] + 5)]
    assert (hierarchy.pauses == silent).mean() > 0.8
    again = segment_learned(SOUND, prosody)
    np.testing.assert_array_equal(again.words.boundaries, hierarchy.words.boundaries)


def test_units_do_not_depend_on_the_level() -> None:
    quiet = Audio(SOUND.samples * 0.05, SOUND.sample_rate)
    found = [segment_learned(a, extract(a)).words.boundaries for a in (SOUND, quiet)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("frames", [1, 2, 4, 8])
def test_units_move_with_the_sound(frames: int) -> None:
    shifted = Audio(SOUND.samples[160 * frames :], SOUND.sample_rate)
    expected, found = (segment_learned(a, extract(a)).words.boundaries for a in (SOUND, shifted))
    late = (expected > 50) & (expected < expected[-1] - 50)
    assert np.isin(expected[late], found + frames).mean() > 0.9


def test_the_bundled_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 3e6
    assert (BUNDLED / "MODEL_CARD.md").is_file()


@pytest.mark.parametrize(
    "sound", [synth.silence(0.5), synth.clipped(SOUND), synth.creak(), synth.noise(0.011)]
)
def test_units_cover_any_sound(sound: Audio) -> None:
    prosody = extract(sound)
    words = segment_learned(sound, prosody).words
    assert words.durations.sum() == prosody.num_frames


@given(st.integers(1, 400), st.integers(0, 99), st.floats(0.1, 10))
def test_any_logits_give_nested_units(frames: int, seed: int, size: float) -> None:
    logits = np.random.default_rng(seed).normal(0, size, (frames, len(EVENTS)))
    hierarchy = BoundaryModel(BoundaryNetwork(TINY), WORD, PHRASE).decode(logits)
    assert hierarchy.words.num_frames == hierarchy.phrases.num_frames == frames
    assert hierarchy.pauses is not None
    first = np.searchsorted(hierarchy.words.boundaries, hierarchy.phrases.boundaries[1:-1])
    assert not hierarchy.pauses[first].any()


def test_certain_edges_are_found_and_nested() -> None:
    logits = np.full((400, len(EVENTS)), -12.0)
    logits[[61, 120, 200, 300], 0] = 24.0
    logits[[201, 230], 2] = 12.0  # the second is not a word edge
    hierarchy = BoundaryModel(BoundaryNetwork(TINY), WORD, PHRASE).decode(logits)
    assert hierarchy.words.boundaries.tolist() == [0, 61, 120, 200, 300, 400]
    assert hierarchy.phrases.boundaries.tolist() == [0, 200, 400]
    assert hierarchy.pauses is not None
    assert not hierarchy.pauses.any()


def test_a_pause_belongs_to_the_phrase_before() -> None:
    logits = np.full((200, len(EVENTS)), -12.0)
    logits[[80, 120], 0] = 24.0
    logits[80:120, 3] = 12.0
    logits[120, 2] = 12.0
    hierarchy = BoundaryModel(BoundaryNetwork(TINY), WORD, PHRASE).decode(logits)
    assert hierarchy.words.boundaries.tolist() == [0, 80, 120, 200]
    assert hierarchy.pauses is not None
    assert hierarchy.pauses.tolist() == [False, True, False]
    assert hierarchy.phrases.boundaries.tolist() == [0, 120, 200]


def test_a_saved_model_is_the_same(model: BoundaryModel, tmp_path) -> None:
    save_boundary_model(model, tmp_path)
    again = load_boundary_model(tmp_path)
    inputs = BoundaryInputs(SOUND, extract(SOUND))
    found = [boundary_logits(m.network, inputs) for m in (model, again)]
    np.testing.assert_allclose(*found, atol=2e-2)  # weights are saved in half precision
    assert (again.word, again.phrase) == (WORD, PHRASE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 99}, "format 99"),
        ({"model": {"dim": 16}}, "not a whole boundary model"),
        ({"word": {"gain": -1}}, "not a whole boundary model"),
    ],
)
def test_damaged_models(model: BoundaryModel, tmp_path, change: dict, reason: str) -> None:
    save_boundary_model(model, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(CheckpointError, match=reason):
        load_boundary_model(tmp_path)


def test_a_folder_without_a_model(tmp_path) -> None:
    with pytest.raises(CheckpointError, match="not a whole boundary model"):
        load_boundary_model(tmp_path)
