from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from prosodytok.io.manifest import read_manifest
from prosodytok.training import feature_cache
from prosodytok.training.balanced_batches import BalancedBatches
from prosodytok.training.feature_cache import CachedUtterance, extract_utterance, load_features
from prosodytok.types.errors import CheckpointError, ConfigError
from tests.nn.examples import random_hierarchy, random_prosody
from tests.training.corpus import make_corpus

pytestmark = pytest.mark.slow


def utterances(frames: dict[str, list[int]]) -> list[CachedUtterance]:
    rng = np.random.default_rng(0)
    return [
        CachedUtterance(f"{group}{i}", group, random_prosody(rng, n), (random_hierarchy(rng, n),))
        for group, lengths in frames.items()
        for i, n in enumerate(lengths)
    ]


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.5), (1.0, 0.9)])
def test_balance_weighs_groups(balance: float, share: float) -> None:
    corpus = utterances({"big": [100] * 90, "small": [100] * 10})
    batches = BalancedBatches(corpus, 100, 2000, balance, seed=0)
    groups = [corpus[i].group for batch in batches for i, _ in batch]
    assert np.mean([group == "big" for group in groups]) == pytest.approx(share, abs=0.04)


def test_a_seed_draws_the_same_batches_and_another_does_not() -> None:
    corpus = utterances({"a": [60, 80, 100] * 10})
    first, again, other = (list(BalancedBatches(corpus, 5, 500, 1.0, s)) for s in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == 5


def test_features_are_extracted_once_and_come_back_the_same(tmp_path: Path) -> None:
    manifest = make_corpus(tmp_path / "speech")
    first = load_features(manifest, tmp_path / "cache", "praat", [], workers=1)
    for sound in (tmp_path / "speech").rglob("*.wav"):
        sound.unlink()
    again = load_features(manifest, tmp_path / "cache", "praat", [], workers=1)
    assert [u.id for u in first] == [f"u{i}" for i in range(12)]
    assert {u.group for u in first} == {"speaker0", "speaker1", "speaker2"}
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.prosody.f0, b.prosody.f0)
        np.testing.assert_array_equal(
            a.hierarchies[0].words.boundaries, b.hierarchies[0].words.boundaries
        )


def test_files_that_fail_are_named_beside_the_cache(tmp_path: Path) -> None:
    load_features(make_corpus(tmp_path / "speech"), tmp_path / "cache", "praat", [], workers=1)
    (failed,) = (tmp_path / "cache").rglob("failed.txt")
    (line,) = failed.read_text().splitlines()
    assert "broken.wav" in line


def test_a_corpus_without_speech_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    (tmp_path / "m.jsonl").write_text('{"audio": "a.wav"}\n')
    with pytest.raises(ConfigError, match=r"failed\.txt"):
        load_features(tmp_path / "m.jsonl", tmp_path / "cache", "praat", [], workers=1)


def test_features_are_extracted_by_spawned_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forks of a process with threads can deadlock."""
    monkeypatch.setattr(feature_cache, "extract", None)
    manifest = make_corpus(tmp_path / "speech", 1)
    assert load_features(manifest, tmp_path / "cache", "praat", [], workers=1)


def test_any_exception_fails_only_that_utterance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But usage errors, which all utterances would share, are raised."""
    utterance = read_manifest(make_corpus(tmp_path, 1))[0]
    monkeypatch.setattr(feature_cache, "extract", failing(RuntimeError("boom\nat line 3")))
    assert extract_utterance(utterance, "praat", ()) == "u0\tRuntimeError: boom at line 3"
    monkeypatch.setattr(feature_cache, "extract", failing(CheckpointError("nowhere")))
    with pytest.raises(CheckpointError, match="nowhere"):
        extract_utterance(utterance, "praat", ())


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
