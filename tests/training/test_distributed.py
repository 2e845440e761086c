"""Training in two CPU processes equals training in one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from lightning import Callback
from torch import Tensor

from prosodytok.training import train
from prosodytok.training.distributed import Rank
from tests.training.tiny import LEVELS, QUIET_LIGHTNING, write_config

pytestmark = [pytest.mark.slow, *QUIET_LIGHTNING]


def run(config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).with_name("as_rank.py")), str(config), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def weights(config: Path, rank: int) -> dict[str, Tensor]:
    path = config.parent / f"run/rank{rank}/weights.pt"
    return torch.load(path, weights_only=True)


def last(folder: Path) -> dict[str, Tensor]:
    checkpoint = torch.load(folder / "run/checkpoints/last.ckpt", weights_only=True)
    return checkpoint["state_dict"]


def levels(threshold: float) -> dict[str, list[dict[str, object]]]:
    return {"levels": [level | {"dead_code_threshold": threshold} for level in LEVELS]}


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_ranks_share_a_batch(count: int) -> None:
    shares = [Rank(index, count).share([1, 2, 3, 4, 5]) for index in range(count)]
    assert sorted(item for share in shares for item in share) == [1, 2, 3, 4, 5]


def test_with_fewer_items_than_ranks_no_share_is_empty() -> None:
    assert [Rank(index, 3).share(["a", "b"]) for index in range(3)] == [["a"], ["b"], ["a"]]


def test_ranks_stay_the_same_until_a_dead_codebook_ends_them_all(
    corpus: Path, tmp_path: Path
) -> None:
    """K-means at the start and, with this threshold, codes replaced in each update."""
    fit = {"devices": 2, "steps": 20, "min_usage": 1.0}
    model = levels(5.0)
    model["levels"][0] |= {"codebook_sizes": [256]}  # more than there are phrases
    config = write_config(tmp_path, corpus, model, fit)
    result = run(config)
    assert result.returncode == 1
    assert "uses only" in result.stderr
    first, second = weights(config, 0), weights(config, 1)
    assert first.keys() == second.keys()
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=0, atol=0, msg=name)
    for step in (1, 4):  # their speech differs
        frames = [torch.load(tmp_path / f"run/rank{r}/frames{step}.pt") for r in (0, 1)]
        assert frames[0].shape != frames[1].shape or not torch.equal(*frames)
    assert not (tmp_path / "run/rank0/frames5.pt").exists()
    assert not (tmp_path / "run/checkpoint").exists()


def test_two_ranks_train_like_one(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one checkpoint, without random draws (level dropout, replaced codes)."""
    monkeypatch.setattr("prosodytok.training.trainer.ValidationFigures", lambda _: Callback())
    fit = {"level_dropout": {"phrase+word": 1.0}}
    train(write_config(tmp_path / "one", corpus, levels(0.0), fit | {"steps": 2}))
    start = last(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    fit |= {"steps": 8}
    train(write_config(tmp_path / "one", corpus, levels(0.0), fit), resume=True)
    two = write_config(tmp_path / "two", corpus, levels(0.0), fit | {"devices": 2})
    assert run(two, "--resume").returncode == 0
    one, two = last(tmp_path / "one"), last(tmp_path / "two")
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-4, atol=1e-4, msg=name)
    assert max(float((one[n].float() - v.float()).abs().max()) for n, v in start.items()) > 1e-2
