import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lightning import Callback
from numpy.typing import NDArray
from torch.utils.data import DataLoader
from typer.testing import CliRunner

from prosodytok.cli import app
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.nn.config import ModelConfig
from prosodytok.training import load_config, shard_writer, train, write_shards
from prosodytok.training.data_module import SpeechDataModule
from prosodytok.training.distributed import SINGLE_PROCESS, Rank
from prosodytok.training.feature_cache import load_features
from prosodytok.training.lightning_module import ProsodyModule
from prosodytok.training.shard_batches import ShardBatches
from prosodytok.training.shard_format import FeatureSpec, find_shards, read_shard
from prosodytok.types.errors import ConfigError
from tests.training.test_resume import Killed, killer
from tests.training.tiny import QUIET_LIGHTNING, write_config

pytestmark = [pytest.mark.slow, *QUIET_LIGHTNING]


@pytest.fixture(scope="module")
def config(corpus: Path) -> Path:
    model = {"ssl": "mel", "ssl_dim": 320}
    return write_config(corpus.parent, corpus, model, train=str(corpus.parent / "s/train-*.tar"))


@pytest.fixture(scope="module")
def spec(config: Path) -> FeatureSpec:
    return FeatureSpec.from_config(load_config(config))


@pytest.fixture(scope="module")
def shards(config: Path, corpus: Path) -> list[Path]:
    """Four shards of thirteen utterances, one of them without audio."""
    return write_shards(load_config(config), corpus, corpus.parent / "s", size=4, workers=1)


def shard_batches(
    shards: list[Path], spec: FeatureSpec, rank: Rank = SINGLE_PROCESS, start: int = 0
) -> ShardBatches:
    return ShardBatches(shards, spec, ModelConfig(), 5, 600, 4, (0, 0), start, rank)


def fingerprints(batches: object) -> list[tuple[float, ...]]:
    return [tuple(batch.frames.sum((1, 2)).tolist()) for batch in batches]


def test_shards_hold_the_features_of_the_manifest(
    shards: list[Path], spec: FeatureSpec, corpus: Path
) -> None:
    assert [path.name for path in shards] == [f"train-{n:06d}.tar" for n in range(4)]
    read = {u.id: u for shard in shards for u in read_shard(shard, spec)}
    kept = load_features(corpus, corpus.parent / "cache", "praat", ["acoustic"], workers=1)
    assert read.keys() == {u.id for u in kept}
    assert [u.id for u in read.values()] != [u.id for u in kept]  # they are shuffled
    for utterance in kept:
        other = read[utterance.id]
        np.testing.assert_array_equal(other.prosody.f0, utterance.prosody.f0)
        np.testing.assert_array_equal(other.prosody.voiced, utterance.prosody.voiced)
        np.testing.assert_array_equal(other.prosody.energy, utterance.prosody.energy)
        for a, b in zip(other.hierarchies, utterance.hierarchies, strict=True):
            np.testing.assert_array_equal(a.words.boundaries, b.words.boundaries)
            np.testing.assert_array_equal(a.phrases.boundaries, b.phrases.boundaries)
            assert a.source == b.source
        assert other.group == utterance.group
        assert other.ssl.shape == (-(-utterance.prosody.num_frames // 8), 320)


def test_nothing_in_a_shard_is_pickled(shards: list[Path]) -> None:
    with tarfile.open(shards[0]) as tar:
        assert {Path(name).suffix for name in tar.getnames()} == {".json", ".safetensors"}


def test_what_is_there_is_not_written_again(shards: list[Path], config: Path, corpus: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shards}
    shards[1].unlink()
    again = write_shards(load_config(config), corpus, shards[0].parent, size=4, workers=1)
    assert again == shards
    changed = [path for path in again if path.stat().st_mtime_ns != before[path]]
    assert changed == [shards[1]]


def test_parts_are_written_apart(
    config: Path, corpus: Path, tmp_path: Path, spec: FeatureSpec
) -> None:
    settings = load_config(config)
    parts = [
        write_shards(settings, corpus, tmp_path, size=4, workers=1, part=(i, 2)) for i in (0, 1)
    ]
    assert [path.stem[-1] for part in parts for path in part] == ["0", "2", "1", "3"]
    assert sum(1 for part in parts for path in part for _ in read_shard(path, spec)) == 12


def test_other_features_do_not_go_beside(config: Path, corpus: Path, shards: list[Path]) -> None:
    with pytest.raises(ConfigError, match=r"train\.json: the folder has shards"):
        write_shards(load_config(config), corpus, shards[0].parent, size=5)


def test_features_made_otherwise_are_refused(shards: list[Path], spec: FeatureSpec) -> None:
    with pytest.raises(ConfigError, match=r"train-000000\.tar.*write the shards again"):
        list(read_shard(shards[0], replace(spec, ssl=None)))


@pytest.mark.parametrize("content", [b"", b"no tar" * 200, "half"])
def test_a_damaged_shard_is_named(
    shards: list[Path], spec: FeatureSpec, tmp_path: Path, content: bytes | str
) -> None:
    whole = shards[0].read_bytes()
    path = tmp_path / "train-000000.tar"
    path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(ConfigError, match=r"train-000000\.tar: not a whole shard"):
        list(read_shard(path, spec))


def test_an_utterance_that_fails_unforeseen_is_left_out(
    corpus: Path, spec: FeatureSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_u1(utterance: Utterance, *_: object, **__: object) -> NDArray[np.float16]:
        if utterance.id == "u1":
            raise RuntimeError("boom")
        return np.zeros((1, 1), np.float16)

    monkeypatch.setattr(shard_writer, "embed", fail_at_u1)
    shard_writer._write(tmp_path / "s.tar", read_manifest(corpus)[:2], spec=spec)
    assert (tmp_path / "s.failed.txt").read_text() == "u1\tRuntimeError: boom\n"
    assert [u.id for u in read_shard(tmp_path / "s.tar", spec)] == ["u0"]


@pytest.mark.parametrize("content", [b"{", b"\xff", b""])
def test_a_damaged_description_is_named(
    config: Path, corpus: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "train.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"train\.json: not written by `prosodytok shards`"):
        write_shards(load_config(config), corpus, tmp_path)


def test_causal_models_get_initial_registers_from_shards_too(
    shards: list[Path], spec: FeatureSpec, corpus: Path, tmp_path: Path
) -> None:
    utterances = [u for path in shards for u in read_shard(path, spec)]
    whole, initial = (
        {u.example(initial=part).register.f0_median_hz for u in utterances}
        for part in (False, True)
    )
    batches = ShardBatches(shards, spec, ModelConfig(lookahead=1), 5, 600, 4, (0, 0))
    drawn = {register.f0_median_hz for batch in batches for register in batch.registers}
    assert drawn & whole
    assert drawn & initial
    assert drawn <= whole | initial
    data = SpeechDataModule(load_config(write_config(tmp_path, corpus, {"lookahead": 1})))
    data.shards = shards
    assert data.train_dataloader().dataset.model.encoder == "causal"


def test_no_shards_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such shards"):
        find_shards(tmp_path / "train-*.tar")


def test_batches_are_of_all_shards(shards: list[Path], spec: FeatureSpec) -> None:
    batches = list(shard_batches(shards, spec))
    assert len(batches) == 5
    assert all(b.frames.shape[0] * b.frames.shape[1] * 8 <= 600 or len(b.registers) == 1
               for b in batches)  # fmt: skip
    seen = {u for batch in fingerprints(shard_batches(shards * 3, spec)) for u in batch}
    assert len(seen) > 4  # more than one shard


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("start", [1, 2, 4])
def test_an_epoch_goes_on_from_any_batch(
    shards: list[Path], spec: FeatureSpec, start: int, workers: int
) -> None:
    whole, rest = (
        DataLoader(shard_batches(shards, spec, start=s), batch_size=None, num_workers=workers)
        for s in (0, start)
    )
    assert fingerprints(rest) == fingerprints(whole)[start:]


def test_ranks_read_different_shards(shards: list[Path], spec: FeatureSpec) -> None:
    first, second = (fingerprints(shard_batches(shards, spec, Rank(i, 2))) for i in (0, 1))
    assert len(first) == len(second) == 5
    shared = {round(u, 3) for b in first for u in b} & {round(u, 3) for b in second for u in b}
    assert not shared


def test_too_few_shards_are_an_error(shards: list[Path], spec: FeatureSpec) -> None:
    with pytest.raises(ConfigError, match=r"4 shards like .* are too few for 5"):
        next(iter(shard_batches(shards, spec, Rank(0, 5))))


def test_training_reads_shards_and_resumes_within_an_epoch(
    shards: list[Path], corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosodytok.training.trainer.ValidationFigures", lambda _: Callback())
    fit = {"steps": 6, "validate_every": 6, "checkpoint_every": 2}
    speech = {"train": str(corpus.parent / "s/train-*.tar"), "dev": str(shards[0]), "shuffle": 4}
    straight, broken = (
        write_config(tmp_path / name, corpus, {"ssl": "mel", "ssl_dim": 320}, fit, **speech)
        for name in ("straight", "broken")
    )
    with monkeypatch.context() as patch:
        patch.setattr(ProsodyModule, "on_before_optimizer_step", killer(5))
        with pytest.raises(Killed):
            train(broken)
    resumed = train(broken, resume=True) / "model.safetensors"
    assert resumed.read_bytes() == (train(straight) / "model.safetensors").read_bytes()


def test_the_command_reports_what_it_wrote_and_what_failed(
    config: Path, corpus: Path, tmp_path: Path
) -> None:
    arguments = ["shards", str(config), str(corpus), "--out", str(tmp_path), "--workers", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert result.output == f"{corpus}: 1 shard(s) in {tmp_path}\n"
    (failed,) = tmp_path.glob("*.failed.txt")
    assert "broken.wav" in failed.read_text()
    assert json.loads((tmp_path / "train.json").read_text())["utterances_per_shard"] == 1000
