from pathlib import Path

import numpy as np
import pytest
import torch

from prosodytok.features import align_frames, load_ssl
from prosodytok.features.ssl.bestrq import save_encoder
from prosodytok.features.ssl.bestrq_network import BestRQConfig, BestRQNetwork
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.training import embedding_cache
from prosodytok.training.feature_cache import CachedUtterance, load_features
from prosodytok.types.errors import CheckpointError
from tests.training.corpus import make_corpus

pytestmark = pytest.mark.slow

TINY = BestRQConfig(dim=8, kernel=3, dilations=(1,), expansion=2, outputs=(1,))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[CachedUtterance]]:
    """A corpus and its features."""
    corpus = make_corpus(tmp_path_factory.mktemp("speech"), 3)
    return corpus, load_features(corpus, corpus.parent / "cache", "praat", [], workers=1)


@pytest.fixture
def corpus(spoken: tuple[Path, list[CachedUtterance]]) -> Path:
    return spoken[0]


@pytest.fixture
def utterances(spoken: tuple[Path, list[CachedUtterance]]) -> list[CachedUtterance]:
    return spoken[1]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def embed(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, name: str = "mel", patch: int = 8
) -> list[CachedUtterance]:
    return embedding_cache.with_embeddings(utterances, corpus, cache, name, patch, workers=1)


@pytest.mark.parametrize("patch", [8, 4])
def test_each_network_step_has_its_embedding(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, patch: int
) -> None:
    """Independently of the order, each utterance gets those of its own audio."""
    sounds, encoder = {u.id: u.audio for u in read_manifest(corpus)}, load_ssl("mel")
    for utterance in embed(utterances[::-1], corpus, cache, patch=patch):
        steps = -(-utterance.prosody.num_frames // patch)
        own = align_frames(encoder(load(sounds[utterance.id])), 25.0, 100 / patch, steps)
        assert utterance.ssl.dtype == np.float16
        np.testing.assert_array_equal(utterance.ssl, own.astype(np.float16))
        assert utterance.example().ssl.shape == (steps, 320)


def test_embeddings_are_computed_once_and_come_back_the_same(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embed(utterances, corpus, cache)
    monkeypatch.delattr(embedding_cache, "parallel_map")
    again = embed(utterances, corpus, cache)
    for a, b in zip(first, again, strict=True):
        assert a.id == b.id
        np.testing.assert_array_equal(a.ssl, b.ssl)
    assert len(list(cache.glob("embeddings-*.npy"))) == 1


def test_other_weights_of_the_same_name_are_not_taken_for_them(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, tmp_path: Path
) -> None:
    found = []
    for seed in (0, 1, 0):
        torch.manual_seed(seed)
        save_encoder(BestRQNetwork(TINY).eval(), tmp_path / "encoder")
        embedding_cache._encoder.cache_clear()  # as in another process
        found.append(embed(utterances, corpus, cache, f"bestrq:{tmp_path / 'encoder'}")[0].ssl)
    assert len(list(cache.glob("embeddings-*.npy"))) == 2
    assert not np.array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_an_encoder_that_is_not_there_is_named(
    utterances: list[CachedUtterance], corpus: Path, cache: Path
) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        embed(utterances, corpus, cache, "bestrq:nowhere")
    assert not list(cache.glob("embeddings-*"))
