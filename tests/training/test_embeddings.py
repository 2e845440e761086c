from pathlib import Path

import numpy as np
import pytest
import torch

from prosodytok.audio import Audio, load
from prosodytok.errors import CheckpointError
from prosodytok.features import align_frames, load_ssl
from prosodytok.features.bestrq import save_encoder
from prosodytok.features.bestrq_network import BestRQConfig, BestRQNetwork
from prosodytok.manifest import read_manifest
from prosodytok.training import embeddings
from prosodytok.training.data import CachedUtterance, load_features
from training.corpus import make_corpus

TINY = BestRQConfig(dim=8, kernel=3, dilations=(1,), expansion=2, outputs=(1,))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "speech", 3)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def utterances(corpus: Path, cache: Path) -> list[CachedUtterance]:
    return load_features(corpus, cache, "praat", [], workers=1)


def embed(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, name: str = "mel", patch: int = 8
) -> list[CachedUtterance]:
    return embeddings.with_embeddings(utterances, corpus, cache, name, patch, workers=1)


@pytest.mark.parametrize("patch", [8, 4])
def test_each_network_step_has_its_embedding(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, patch: int
) -> None:
    """Whatever the order: each utterance gets those of its own sound."""
    sounds, encoder = {u.id: u.audio for u in read_manifest(corpus)}, load_ssl("mel")
    for utterance in embed(utterances[::-1], corpus, cache, patch=patch):
        steps = -(-utterance.prosody.num_frames // patch)
        own = align_frames(encoder(load(sounds[utterance.id])), 25.0, 100 / patch, steps)
        assert utterance.ssl.dtype == np.float16
        np.testing.assert_array_equal(utterance.ssl, own.astype(np.float16))
        assert utterance.example().ssl.shape == (steps, 320)


def test_embeddings_are_computed_once_and_come_back_the_same(
    utterances: list[CachedUtterance], corpus: Path, cache: Path
) -> None:
    first = embed(utterances, corpus, cache)
    for sound in corpus.parent.rglob("*.wav"):
        sound.unlink()
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
        embeddings._encoder.cache_clear()  # as in another process
        found.append(embed(utterances, corpus, cache, f"bestrq:{tmp_path / 'encoder'}")[0].ssl)
    assert len(list(cache.glob("embeddings-*.npy"))) == 2
    assert not np.array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


class CountsThreads:
    """An encoder whose embeddings tell how many threads torch would wake."""

    name, frame_rate, dim = "threads", 12.5, 1

    def __call__(self, audio: Audio) -> np.ndarray:
        num_frames = max(1, round(audio.duration * 12.5))
        return np.full((num_frames, 1), torch.get_num_threads(), dtype=np.float32)


def test_workers_use_one_thread(
    utterances: list[CachedUtterance], corpus: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of this process are not there in those that it forks: waiting for them hangs."""
    monkeypatch.setattr(embeddings, "load_ssl", lambda _: CountsThreads())
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert set(embed(utterances, corpus, cache, "threads")[0].ssl.flatten()) == {1}
    finally:
        torch.set_num_threads(threads)


def test_an_encoder_that_is_not_there_is_named(
    utterances: list[CachedUtterance], corpus: Path, cache: Path
) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        embed(utterances, corpus, cache, "bestrq:nowhere")
    assert not list(cache.glob("embeddings-*"))
