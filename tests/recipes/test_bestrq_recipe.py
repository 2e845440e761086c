"""The BEST-RQ recipe on synthetic sound: training, resuming, export and probes."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from prosodytok.features import load_ssl
from tests import synth

RECIPE = Path(__file__).parents[2] / "recipes/bestrq"
MODULES = ("train", "masked_prediction", "mel_corpus", "probe_targets", "probe")


@pytest.fixture(autouse=True)
def recipe_modules(monkeypatch):
    """Make the modules of the recipe importable, as for a script in its folder."""
    monkeypatch.syspath_prepend(RECIPE)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def train(monkeypatch):
    monkeypatch.setattr(importlib.import_module("mel_corpus"), "HELD_OUT", 10)
    return importlib.import_module("train")


@pytest.fixture
def recipe(tmp_path):
    """Function that writes the config of a tiny run on 40 synthetic utterances, with changes."""
    rows = []
    for i in range(40):
        sound = synth.modulated(synth.harmonics(synth.vibrato(90 + 7 * i), 1.0 + i / 50))
        synth.write(sound, tmp_path / f"{i}.flac")
        rows.append(json.dumps({"audio": f"{i}.flac"}))
    (tmp_path / "train.jsonl").write_text("\n".join(rows), encoding="utf-8")
    config = {
        "run": "run",
        "manifest": "train.jsonl",
        "cache": "cache",
        "model": {"dim": 16, "kernel": 3, "dilations": [1, 2], "expansion": 2, "outputs": [2]},
        "num_codebooks": 2,
        "codebook_size": 16,
        "steps": 60,
        "batch_seconds": 8,
        "warmup_steps": 5,
        "learning_rate": 0.01,
        "save_every": 20,
    }

    def write(**changes):
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump(config | changes), encoding="utf-8")
        return path

    return write


def log_of(folder):
    return [json.loads(line) for line in (folder / "run/log.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.usefixtures("capsys")
def test_training_resumes_and_exports(train, recipe, tmp_path):
    train.fit(train.read_config(recipe(steps=40)))
    train.fit(train.read_config(recipe()))
    rows = log_of(tmp_path)
    assert [row["step"] for row in rows] == [20, 40, 60]
    assert rows[-1]["held_out_loss"] < rows[0]["held_out_loss"] < np.log(16)
    assert rows[-1]["perplexity"] > 4
    assert train.export(train.read_config(recipe()), tmp_path / "encoder") == 60
    encoder = load_ssl(f"bestrq:{tmp_path / 'encoder'}")
    assert encoder(synth.noise(1.0)).shape == (25, 16)


def test_masks_cover_the_expected_share(train, recipe):
    config = train.read_config(recipe())
    model = train.BestRQ(config, torch.randn(500, 320))
    mask = model.mask(torch.zeros(50, 400, 80), torch.Generator().manual_seed(0))
    assert mask.shape == (50, 100)
    # A frame is unmasked if no span of 8 frames starts at it or at the 7 before it.
    assert abs(mask[:, 8:].float().mean() - (1 - 0.93**8)) < 0.03


def test_targets_are_fixed_and_local(train, recipe):
    config = train.read_config(recipe())
    sample = torch.randn(500, 320, generator=torch.Generator().manual_seed(0))
    first, second = train.BestRQ(config, sample), train.BestRQ(config, sample)
    mel = torch.randn(2, 80, 80, generator=torch.Generator().manual_seed(1))
    codes = first.targets(mel)
    assert codes.shape == (2, 20, 2)
    torch.testing.assert_close(second.targets(mel), codes)
    changed = mel.clone()
    changed[:, 40:44] += torch.randn(80)
    different = (first.targets(changed) != codes).any(dim=-1)
    assert different[:, 10].all()
    assert not different[:, :10].any()
    assert not different[:, 11:].any()


def test_the_learning_rate_decays_to_the_limit_of_steps_or_minutes(train, recipe):
    config = train.read_config(recipe(steps=100, minutes=10, warmup_steps=10))
    rates = [train.schedule(config, step, 0.0) for step in range(101)]
    assert max(rates) == max(rates[5:15])
    assert rates[0] == 0.1
    assert rates[100] == pytest.approx(0)
    assert train.schedule(config, 50, 10.0) == pytest.approx(0)


def test_configs_inherit_from_a_base(train, recipe, tmp_path):
    recipe()
    diff = tmp_path / "diff.yaml"
    diff.write_text("base: config.yaml\nmodel: {dim: 24}\nsteps: 7\n", encoding="utf-8")
    config = train.read_config(diff)
    assert (config.steps, config.model.dim, config.model.kernel) == (7, 24, 3)
    assert config.manifest == tmp_path / "train.jsonl"


def test_crops_come_from_one_utterance(train):
    starts = np.array([0, 400, 1200, 1300, 2500])
    mel = np.repeat(np.arange(4), np.diff(starts))[:, None] * np.ones((1, 80), np.float16)
    corpus = train.Corpus(mel.astype(np.float16), starts)
    batches = corpus.batches(np.arange(4), seconds=8.0, crop_seconds=6.0, seed=0)
    for _ in range(20):
        batch = next(batches)
        assert (batch == batch[:, :1]).all()
        assert batch.shape[1] % 4 == 0
        assert batch.shape[1] <= 600


def test_the_bootstrap_resamples_speakers():
    probe = importlib.import_module("probe")
    truth = np.array([0.0, 1.0, 0.0, 1.0])
    score = probe.Score(truth, truth, np.array(["a", "a", "b", "b"]))
    wrong = probe.Score(truth, np.array([0.0, 1.0, 1.0, 0.0]), score.speakers)
    drawn = probe.bootstrap(probe.accuracy, [score, wrong])
    assert (drawn[:, 0] == 1).all()
    # All predictions for speaker b are wrong: accuracy is 0.5 with both drawn, else 0 or 1.
    assert set(np.unique(drawn[:, 1])) == {0.0, 0.5, 1.0}
