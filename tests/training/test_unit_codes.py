"""Codes of units in their own time: descriptors, the fit, and what it must not do."""

from pathlib import Path

import numpy as np
import pytest
import torch

from prosodytok import ProsodyTokenizer
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.unit_points import GRIDS, unit_points
from prosodytok.training import train
from prosodytok.training.changed_copies import load_copies
from prosodytok.training.config import UnitCodesConfig
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.unit_codes import fit_unit_codes
from prosodytok.training.unit_pairs import unit_pairs
from prosodytok.training.word_descriptors import DESCRIPTORS, describe_words
from prosodytok.types.errors import ConfigError
from tests.nn.examples import own_time_config, random_hierarchy, random_prosody
from tests.training.corpus import make_corpus
from tests.training.tiny import LEVELS, QUIET_LIGHTNING, write_config

pytestmark = QUIET_LIGHTNING

FEW = UnitCodesConfig(steps=30, batch=64)
OWN_TIME = [
    LEVELS[0] | {"own_time": True, "hidden": 8},
    LEVELS[1] | {"codebook_sizes": [8, 4], "own_time": True, "hidden": 8},
    LEVELS[2],
]


def word(contour: np.ndarray) -> np.ndarray:
    """Points of a voiced word of this F0 in the middle of flat speech."""
    flat = np.zeros(60)
    f0 = np.concatenate([flat, contour, flat])
    frames = np.stack([f0, np.ones(f0.size), np.full(f0.size, -0.1)], axis=1)
    return unit_points(frames, np.array([60]), np.array([60 + contour.size]), GRIDS["word"])[0]


def test_descriptors_tell_tunes_apart() -> None:
    time = np.linspace(0, 1, 40)
    tunes = [np.zeros(40), time, -time, np.sin(np.pi * time), np.full(40, 2.0)]
    found = describe_words(torch.from_numpy(np.stack([word(tune) for tune in tunes])))
    flat, rise, fall, arch, high = (dict(zip(DESCRIPTORS, row, strict=True)) for row in found)
    assert rise["movement"] > 0.5 > -0.5 > fall["movement"]
    assert abs(arch["movement"]) < 0.05
    assert arch["bend"] > 0.5 > abs(flat["bend"])
    assert high["height"] == pytest.approx(2.0, abs=1e-3)
    assert high["peak"] == pytest.approx(2.0, abs=0.1)
    assert arch["prominence"] > flat["prominence"]


def utterances(count: int, frames: int = 600) -> list[CachedUtterance]:
    rng = np.random.default_rng(0)
    return [
        CachedUtterance(str(i), "a", random_prosody(rng, frames), (random_hierarchy(rng, frames),))
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def fitted() -> ProsodyNetwork:
    torch.manual_seed(0)
    network = ProsodyNetwork(own_time_config(), trainable=True)
    fit_unit_codes(network, utterances(30), {}, FEW, seed=0)
    return network


def test_codebooks_are_fitted_and_frozen(fitted: ProsodyNetwork) -> None:
    for name, sizes in (("phrase", (4,)), ("word", (8, 8))):
        level = fitted.encoder.levels[name]
        assert tuple(len(book) for book in level.quantizer.codebooks) == sizes
        assert all(book.any() for book in level.quantizer.codebooks)
        assert not any(p.requires_grad for p in level.encoder.parameters())


def test_the_first_word_codebook_divides_descriptors_alone(fitted: ProsodyNetwork) -> None:
    first, second = fitted.quantizer("word").codebooks
    described = len(DESCRIPTORS)
    assert not first[1:, described:].any()
    assert not second[:, :described].any()


def test_a_fitted_level_is_not_fitted_again(fitted: ProsodyNetwork) -> None:
    before = [book.clone() for book in fitted.quantizer("word").codebooks]
    fit_unit_codes(fitted, utterances(30), {}, FEW, seed=1)
    for old, new in zip(before, fitted.quantizer("word").codebooks, strict=True):
        torch.testing.assert_close(new, old, rtol=0, atol=0)


def test_too_few_units_are_an_error() -> None:
    network = ProsodyNetwork(own_time_config(), trainable=True)
    with pytest.raises(ConfigError, match="too few for 4 codes"):
        fit_unit_codes(network, utterances(1, frames=90), {}, FEW, seed=0)


def test_copies_are_paired_with_their_originals() -> None:
    speech = utterances(2)
    copies = {"0": (speech[0].prosody,) * 2}
    pairs = unit_pairs(speech, copies, "word", jitter=0.0, seed=0)
    words = [int(u.hierarchies[0].spoken.sum()) for u in speech]
    assert len(pairs.points) == 2 * words[0] + words[1]
    long = pairs.points[:, -1] > pairs.points[:, -1].min()  # copies have two frames at least
    torch.testing.assert_close(pairs.points[long], pairs.changed[long])


@pytest.mark.slow
def test_changed_copies_are_extracted_once_and_are_other_sounds(tmp_path: Path) -> None:
    manifest = make_corpus(tmp_path / "speech", 4)
    first = load_copies(manifest, tmp_path / "cache", "praat", 2, workers=1)
    for sound in (tmp_path / "speech").rglob("*.wav"):
        sound.unlink()
    again = load_copies(manifest, tmp_path / "cache", "praat", 2, workers=1)
    assert {name: len(own) for name, own in again.items()} == {f"u{i}": 2 for i in range(4)}
    for name, own in first.items():
        assert not np.array_equal(own[0].energy, own[1].energy)
        for a, b in zip(own, again[name], strict=True):
            np.testing.assert_allclose(a.f0, b.f0, rtol=1e-6)


@pytest.mark.slow
def test_training_fits_codes_first(tmp_path: Path) -> None:
    manifest = make_corpus(tmp_path / "speech")
    path = write_config(tmp_path, manifest, {"levels": OWN_TIME}, {"steps": 2}, copies=1)
    path.write_text(path.read_text() + "unit_codes: {steps: 5, batch: 16}\n")
    tokenizer = ProsodyTokenizer.from_pretrained(train(path))
    prosody = tokenizer.extract(manifest.parent / "speaker0/u0.wav")
    tokens = tokenizer.encode(prosody)
    assert (tokens["word"].codes[0] == 0).any()
    assert tokens.register.noise_level_db < tokens.register.energy_level_db
    assert tokenizer.decode(tokens).num_frames == prosody.num_frames
