"""Extraction of a corpus: same dataset with any number of workers and interruptions."""

import errno
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pyarrow import parquet

from prosodytok import ProsodyTokenizer
from prosodytok.corpus import (
    Outcome,
    Recording,
    corpus_extraction,
    shard_worker,
    tokenize_recording,
)
from prosodytok.corpus import extract as extract_corpus
from prosodytok.corpus.corpus_item import Item
from prosodytok.corpus.dataset import Shard
from prosodytok.corpus.encode import encode_together
from prosodytok.corpus.shard_worker import Prepared, Task
from prosodytok.corpus.worker_pool import WorkerPool
from prosodytok.io import row_to_tokens
from prosodytok.tokenizer.pretrained import load_checkpoint
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import CheckpointError, ConfigError, WorkerError
from tests.command import call
from tests.corpus.killed_task import KilledTask
from tests.corpus.test_archive import write_tar
from tests.synth import glide, harmonics, modulated, noise, write, write_annotated

pytestmark = pytest.mark.slow

Rows = list[dict[str, object]]
ROOT = Path(__file__).parents[2]
RANGE = range(6)

run_page = runpy.run_path(str(ROOT / "docs" / "make_figures.py"))["run"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six short sounds, two invalid files, and an archive of noise and a sound with a TextGrid."""
    folder = tmp_path_factory.mktemp("corpus")
    for number in RANGE:
        voice = modulated(harmonics(glide(120 + 20 * number, 180), 0.6))
        write(voice, folder / f"{number}.wav")
    for name in ("bad.wav", "worse.wav"):  # one shard without tokens
        (folder / name).write_bytes(b"no sound")
    sound, grid = write_annotated(folder / "kissa.wav", "kissa")
    hiss = write(noise(0.5), folder / "hiss.flac")
    files = [(path.name, path.read_bytes()) for path in (sound, grid, hiss)]
    metadata = {"speaker": "aino", "language": "fi", "tiers": {"words": "words"}}
    write_tar(folder / "z.tar", [*files, ("kissa.json", json.dumps(metadata).encode())])
    for path in (sound, grid, hiss):
        path.unlink()
    return folder


@pytest.fixture(scope="module")
def dataset(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dataset extracted by one process, with two utterances per shard."""
    out = tmp_path_factory.mktemp("dataset") / "out"
    assert call("extract", corpus, "--out", out, "--workers", 1, "--shard-size", 2) == 1
    return out


def rows(folder: Path) -> Rows:
    return [
        row for path in sorted(folder.iterdir()) for row in parquet.read_table(path).to_pylist()
    ]


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("data/[0-9]*.parquet"))


def test_a_dataset_holds_every_utterance_once(corpus: Path, dataset: Path) -> None:
    found = rows(dataset / "data")
    assert [row["id"] for row in found] == [*map(str, RANGE), "kissa", "hiss"]
    assert [path.name for path in shards(dataset)] == [f"{n:06d}.parquet" for n in (0, 1, 2, 4)]
    description = json.loads((dataset / "dataset.json").read_text())
    assert (description["complete"], description["written"], description["failed"]) == (True, 8, 2)
    kissa = found[-2]
    assert kissa["audio"] == str(corpus / "z.tar/kissa.wav")
    assert kissa["archive"] == str(corpus / "z.tar")
    assert (kissa["speaker"], kissa["language"], kissa["text"]) == ("aino", "fi", None)
    assert kissa["word_label"] == ["", "kissa", "löyly", ""]
    assert (found[0]["archive"], found[0]["source"]) == (None, "learned")


def test_rows_have_the_tokens_of_tokenize(dataset: Path) -> None:
    tokenizer = ProsodyTokenizer.from_pretrained()
    for row in rows(dataset / "data")[:2]:
        expected = tokenize_recording(
            tokenizer, Recording(str(row["id"]), Path(str(row["audio"])))
        ).tokens
        found = row_to_tokens(row)
        assert (found.id, found.audio, found.source) == (expected.id, expected.audio, "learned")
        for name in expected.names:
            np.testing.assert_array_equal(found[name].codes, expected[name].codes)


def test_failed_utterances_are_rows_with_the_reason(corpus: Path, dataset: Path) -> None:
    row, other = rows(dataset / "errors")
    assert (row["id"], row["error"], row["archive"]) == ("bad", "AudioError", None)
    assert other["id"] == "worse"
    assert row["audio"] == str(corpus / "bad.wav")
    assert "bad.wav: not a sound file" in str(row["reason"])


def interrupt(corpus: Path, out: Path) -> bytes:
    """Send Ctrl-C after the first shard; begin again where the extraction was faster."""
    for _ in range(5):
        with started(corpus, out, stderr=subprocess.PIPE) as process:
            wait_until(lambda: bool(shards(out)), process)
            os.killpg(process.pid, signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
        wait_until_gone(process.pid)
        if process.returncode == 130:
            return stderr
        shutil.rmtree(out)
    raise AssertionError("the extraction is never interrupted")


def test_two_interrupted_processes_write_the_same_dataset(
    corpus: Path, dataset: Path, tmp_path: Path
) -> None:
    """Interrupted by Ctrl-C, which a terminal sends to workers too, then by SIGKILL to all."""
    out = tmp_path / "out"
    stderr = interrupt(corpus, out)
    assert b"Traceback" not in stderr
    assert not [path for path in out.glob("*/*") if path.name.startswith(".")]
    assert not json.loads((out / "dataset.json").read_text())["complete"]

    kept = inodes(out)
    with started(corpus, out) as process:
        wait_until(lambda: len(shards(out)) > len(kept), process)
        os.killpg(process.pid, signal.SIGKILL)
    assert inodes(out).items() >= kept.items()

    kept = inodes(out)
    with started(corpus, out) as process:
        assert process.wait() == 1
    assert inodes(out).items() >= kept.items()
    assert content(out) == content(dataset)


def test_ray_writes_the_same_dataset(corpus: Path, dataset: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    with started(corpus, tmp_path / "out", "--ray", "local", "--workers", "1") as process:
        assert process.wait() == 1
    assert content(tmp_path / "out") == content(dataset)


def test_other_programs_read_the_dataset(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs the code of docs/extract.md."""
    datasets = pytest.importorskip("datasets")
    for package in ("polars", "duckdb"):
        pytest.importorskip(package)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    shutil.copytree(dataset, tmp_path / "tokens")
    monkeypatch.chdir(tmp_path)
    found = run_page(ROOT / "docs/extract.md", tmp_path)
    assert found["utterances"]["id"][:] == [row["id"] for row in rows(dataset / "data")]
    assert found["failures"]["id"][:] == ["bad", "worse"]
    assert found["utterances"][6]["word_label"] == ["", "kissa", "löyly", ""]
    assert len(found["counts"]) == 5
    assert [Path(audio).name for audio, _ in found["reasons"]] == ["bad.wav", "worse.wav"]
    assert found["table"].collect().height == 8


def started(
    corpus: Path, out: Path, *options: str, stderr: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "prosodytok", "extract", str(corpus), "--out", str(out)]
    command += ["--workers", "2", "--shard-size", "2", "--resume", *options]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=stderr)


def inodes(out: Path) -> dict[str, int]:
    """Inodes of the finished shards, which change when a shard is written again."""
    return {path.name: path.stat().st_ino for path in shards(out)}


def wait_until_gone(group: int) -> None:
    """Wait for multiprocessing's resource tracker, which ends after the other processes."""
    for _ in range(1000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError("processes were left")


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not holds() and process.poll() is None:
        time.sleep(0.005)


def test_an_utterance_that_kills_its_workers_is_left_out(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds = [tmp_path / f"{name}.wav" for name in ("fine", "always")]
    for path in sounds:
        path.symlink_to(corpus / "1.wav")
    monkeypatch.setattr(
        corpus_extraction, "WorkerPool", lambda task, n: WorkerPool(KilledTask.of(task), n)
    )
    outcomes: list[Outcome] = []
    summary = extract_corpus(sounds, tmp_path / "out", workers=1, on_outcome=outcomes.append)
    assert (summary.written, summary.failed) == (1, 1)
    assert [outcome.audio for outcome in outcomes] == list(map(str, sounds))
    (row,) = rows(tmp_path / "out/errors")
    assert row["id"] == "always"
    assert "SIGKILL" in str(row["reason"])


def test_an_utterance_that_cannot_be_encoded_does_not_fail_its_batch(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(tokenizer: ProsodyTokenizer, prepared: list[Prepared]) -> list[ProsodyTokens]:
        if any(source.id == "1" for source, _ in prepared):
            raise RuntimeError("out of memory")
        return encode_together(tokenizer, prepared)

    monkeypatch.setattr(shard_worker, "encode_together", encode)
    checkpoint = load_checkpoint("base")[1]
    work = shard_worker.Worker(Task(tmp_path, tmp_path, "base", checkpoint, "praat", True))
    outcomes: list[Outcome] = []
    sounds = [corpus / f"{name}.wav" for name in ("0", "bad", "1", "2")]
    work(Shard(0, [Item(Recording(path.stem, path)) for path in sounds]), outcomes.append)
    assert [outcome.audio for outcome in outcomes] == list(map(str, sounds))
    assert [row["id"] for row in rows(tmp_path / "data")] == ["0", "2"]
    assert [row["reason"] for row in rows(tmp_path / "errors")][1] == "out of memory"


def test_failed_utterances_are_retried(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    manifest, out = tmp_path / "m.jsonl", tmp_path / "out"
    manifest.write_text('{"audio": "a.wav"}\n{"audio": "b.wav"}')
    shutil.copy(corpus / "0.wav", tmp_path / "a.wav")
    command = ("extract", manifest, "--out", out, "--workers", 1, "--shard-size", 1)
    assert call(*command) == 1
    kept = inodes(out)
    shutil.copy(corpus / "1.wav", tmp_path / "b.wav")
    assert call(*command, "--resume") == 1
    assert "1 inputs failed before" in capfd.readouterr().err
    assert call(*command, "--retry-failed") == 0
    assert [row["id"] for row in rows(out / "data")] == ["a", "b"]
    assert inodes(out).items() > kept.items()


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left"), torch.AcceleratorError("CUDA error")]
)
def test_errors_of_the_machine_are_not_errors_of_an_utterance(
    error: Exception, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(*_: object) -> Prepared:
        raise error

    monkeypatch.setattr(shard_worker, "prepare", prepare)
    checkpoint = load_checkpoint("base")[1]
    work = shard_worker.Worker(Task(tmp_path, tmp_path, "base", checkpoint, "praat", True))
    with pytest.raises(type(error)):
        work(Shard(0, [Item(Recording("0", corpus / "0.wav"))]), print)
    assert not list(tmp_path.iterdir())


def test_repeated_deaths_mark_utterances_until_the_limit_of_the_shard(tmp_path: Path) -> None:
    items = [Item(Recording(str(n), Path(f"{n}.wav"))) for n in range(100)]
    pool = WorkerPool(Task(tmp_path, tmp_path, "base", "", "praat", True), 1)
    shard = pool._shard_to_repeat(Shard(0, items), 0, "SIGKILL")
    for death in range(19):
        shard = pool._shard_to_repeat(shard, death // 2, "SIGKILL")
    assert [bool(item.problem) for item in shard.items] == [True] * 9 + [False] * 91
    with pytest.raises(WorkerError, match="memory"):
        pool._shard_to_repeat(shard, 9, "SIGKILL")


def test_workers_are_spread_over_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    devices = [shard_worker.resolve_device("auto", n) for n in range(3)]
    assert devices == ["cuda:0", "cuda:1", "cuda:0"]
    assert shard_worker.resolve_device("cpu", 1) == "cpu"


def test_without_a_gpu_there_is_no_cuda(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert shard_worker.resolve_device("auto") == "cpu"
    with pytest.raises(ConfigError, match="--device cpu"):
        extract_corpus([corpus], tmp_path / "out", device="cuda")
    with pytest.raises(ConfigError, match="unknown device 'mps'"):
        extract_corpus([corpus], tmp_path / "out", device="mps")
    assert not (tmp_path / "out").exists()


def test_the_command_reports_a_missing_gpu(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert call("extract", corpus, "--out", tmp_path / "out", "--device", "cuda") == 2
    stderr = capfd.readouterr().err
    assert "torch finds no GPU here" in stderr
    assert "Traceback" not in stderr
    assert not (tmp_path / "out").exists()


def test_workers_that_cannot_start_are_an_error(tmp_path: Path) -> None:
    """The checkpoint does not exist."""
    task = Task(tmp_path, tmp_path, "gone", "gone@1", "praat", True)
    with WorkerPool(task, 1) as pool, pytest.raises(CheckpointError, match="gone"):
        list(pool.run([Shard(0, [])]))
    assert not pool.processes
