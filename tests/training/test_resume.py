"""After an interruption at any update, ``--resume`` gives the uninterrupted result bit for bit."""

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback

from prosodytok.training import train
from prosodytok.training.lightning_module import ProsodyModule
from prosodytok.types.errors import CheckpointError, ConfigError
from tests.training.tiny import LEVELS, QUIET_LIGHTNING, write_config

pytestmark = [pytest.mark.slow, *QUIET_LIGHTNING]
STEPS = 6
#: A threshold at which random codes are replaced in each update.
MODEL = {"levels": [level | {"dead_code_threshold": 3.0} for level in LEVELS]}
FIT = {"steps": STEPS, "validate_every": 3, "checkpoint_every": 1}


class Killed(Exception):
    """Simulated end of the process."""


@pytest.fixture(autouse=True)
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prosodytok.training.trainer.ValidationFigures", lambda _: Callback())


@pytest.fixture(scope="module")
def uninterrupted(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prosodytok.training.trainer.ValidationFigures", lambda _: Callback())
        train(write_config(folder, corpus, MODEL, FIT))
    return load(folder)


def load(folder: Path) -> dict[str, Any]:
    checkpoint: dict[str, Any] = torch.load(last(folder), weights_only=True)
    return checkpoint


def last(folder: Path) -> Path:
    return folder / "run/checkpoints/last.ckpt"


@pytest.mark.parametrize("step", range(1, STEPS))
def test_a_run_ended_at_any_update_resumes_as_if_it_had_not(
    corpus: Path,
    tmp_path: Path,
    uninterrupted: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    config = write_config(tmp_path, corpus, MODEL, FIT)
    with monkeypatch.context() as patch:
        patch.setattr(ProsodyModule, "on_before_optimizer_step", killer(step))
        with pytest.raises(Killed):
            train(config)
    assert load(tmp_path)["global_step"] == step
    train(config, resume=True)
    resumed = load(tmp_path)
    assert resumed["global_step"] == STEPS
    assert_same(resumed["state_dict"], uninterrupted["state_dict"])
    assert_same(resumed["optimizer_states"], uninterrupted["optimizer_states"])
    assert_same(resumed["lr_schedulers"], uninterrupted["lr_schedulers"])


def killer(step: int) -> Any:
    def kill(module: ProsodyModule, _: object) -> None:
        if module.global_step == step:
            raise Killed

    return kill


def assert_same(a: Any, b: Any) -> None:
    """Compare nested containers of tensors and numbers, to the last bit."""
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list):
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, torch.Tensor):
        torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)
    else:
        assert a == b


def test_starving_levels_are_remembered(corpus: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, corpus, None, {"min_usage": 1.0, "steps": 2})
    train(config)
    assert set(load(tmp_path)["starved"].values()) >= {1}


def test_a_run_that_has_begun_is_not_begun_again(
    corpus: Path, tmp_path: Path, uninterrupted: dict[str, Any]
) -> None:
    config = write_config(tmp_path, corpus, MODEL, FIT)
    last(tmp_path).parent.mkdir(parents=True)
    torch.save(uninterrupted, last(tmp_path))
    before = last(tmp_path).read_bytes()
    with pytest.raises(ConfigError, match=r"last\.ckpt: this run has begun.*--resume.*`run:`"):
        train(config)
    assert last(tmp_path).read_bytes() == before


def test_a_run_does_not_go_on_with_another_model(
    corpus: Path, tmp_path: Path, uninterrupted: dict[str, Any]
) -> None:
    last(tmp_path).parent.mkdir(parents=True)
    torch.save(uninterrupted, last(tmp_path))
    for change in ({"dim": 24}, {"fine_dilations": [1, 2]}):
        config = write_config(tmp_path, corpus, MODEL | change, FIT | {"steps": STEPS + 2})
        with pytest.raises(ConfigError, match="config's model is not that of the checkpoint"):
            train(config, resume=True)


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this ran",))


@pytest.mark.parametrize("content", ["pickle", "noise"])
def test_a_checkpoint_that_holds_objects_is_refused(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    config = write_config(tmp_path, corpus)
    last(tmp_path).parent.mkdir(parents=True)
    if content == "pickle":
        torch.save({"state_dict": Evil()}, last(tmp_path))
    else:
        last(tmp_path).write_bytes(b"noise" * 99)
    with pytest.raises(CheckpointError, match=r"last\.ckpt"):
        train(config, resume=True)
    assert "this ran" not in capsys.readouterr().out
