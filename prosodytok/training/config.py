"""A training run as a YAML file: the data, the model, and how to fit it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from prosodytok.io.limits import MAX_BASES, MAX_CONFIG_BYTES
from prosodytok.nn.config import ModelConfig
from prosodytok.types import UnitSource
from prosodytok.types.errors import ConfigError, explain


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataConfig(_Section):
    """Where speech comes from.

    Parameters
    ----------
    train, dev : path
        Manifests (DESIGN.md, section 5), or shards that `prosodytok shards` wrote, as a pattern
        (``shards/train-*.tar``). Those of `train` are streamed, those of `dev` kept in memory.
    cache : path
        Where extracted features are kept.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker.
    segments : list
        Ways in which utterances are cut, as `Hierarchy.source` names them; one of those that an
        utterance has is drawn each time. Validation takes the first.
    balance : float
        Utterances of a speaker group with S seconds are drawn in proportion to S ** balance:
        1 takes the corpus as it is, 0 gives every group the same share. Shards are taken as they
        are.
    shuffle : int
        Utterances of a stream that are held in memory to make batches of like length of.
    workers : int
        Processes of each device that read a stream; with 0 it reads for itself.
    """

    train: Path
    dev: Path
    cache: Path
    f0: Literal["praat", "world", "harvest", "swift-f0"] = "praat"
    segments: list[UnitSource] = Field(default=["acoustic", "textgrid", "transcript"], min_length=1)
    balance: float = Field(default=0.7, ge=0, le=1)
    shuffle: int = Field(default=2048, ge=1)
    workers: int = Field(default=0, ge=0)


class LossConfig(_Section):
    """Weights of the losses (see `training.losses`); `coarse` multiplies those of the prefix."""

    f0: float = 1.0
    f0_unvoiced: float = 0.02
    f0_squared: float = 0.0
    voicing: float = 2.0
    energy: float = 0.2
    coarse: float = 1.0
    timing: float = 0.05
    commitment: float = 0.25


class FitConfig(_Section):
    """Optimisation.

    Parameters
    ----------
    steps : int
        Updates.
    batch_seconds : float
        Speech in one update (s), over all devices.
    learning_rate, warmup_steps, weight_decay, gradient_clip : float
        AdamW with linear warm-up and cosine decay.
    validate_every : int
        Updates between two validations.
    checkpoint_every : int
        Updates between two checkpoints to resume from; each validation leaves one too.
    level_dropout : dict
        Probability of each subset of phrase and word that the decoder is shown; they sum to 1.
    min_usage : float
        A level that uses a smaller share of its codes in two validations in a row ends the run.
    seed : int
        Seed of everything random.
    threads : int
        CPU threads of each process; 0 leaves the choice to torch.
    accelerator : {"auto", "cpu", "gpu"}
        What to compute on; "auto" takes a GPU where there is one.
    devices : int or "auto"
        Devices of each machine, a process each; "auto" takes all GPUs, and one CPU process.
    num_nodes : int
        Machines.
    precision : {"32", "bf16-mixed", "16-mixed"}
        Of the network; quantizers and losses stay in single precision.
    """

    steps: int = Field(default=3000, ge=1)
    batch_seconds: float = Field(default=128.0, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup_steps: int = Field(default=100, ge=1)
    weight_decay: float = Field(default=0.01, ge=0)
    gradient_clip: float = Field(default=1.0, gt=0)
    validate_every: int = Field(default=250, ge=1)
    checkpoint_every: int = Field(default=100, ge=1)
    level_dropout: dict[str, float] = {"phrase+word": 0.8, "phrase": 0.15, "": 0.05}
    min_usage: float = Field(default=0.2, ge=0, le=1)
    seed: int = Field(default=0, ge=0)
    threads: int = Field(default=0, ge=0)
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    devices: Annotated[int, Field(ge=1)] | Literal["auto"] = 1
    num_nodes: int = Field(default=1, ge=1)
    precision: Literal["32", "bf16-mixed", "16-mixed"] = "32"

    @field_validator("precision", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value  # YAML reads 32 as a number


class TrainConfig(_Section):
    """The whole run; `run` is the folder that logs, checkpoints and the result go to."""

    run: Path
    data: DataConfig
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    fit: FitConfig = FitConfig()


def load_config(path: str | Path) -> TrainConfig:
    """Read a training config.

    A config may name another as ``base:`` and hold only what differs. Paths are relative to the
    file that holds them.

    Raises
    ------
    ConfigError
        If a file is missing, is not YAML, or has a wrong key or value; the message names each.
    """
    try:
        return TrainConfig.model_validate(_read(Path(path)))
    except RecursionError as error:
        raise ConfigError(f"{path}: too deeply nested, or its parts name each other") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from error


def _read(path: Path, bases: int = 0) -> dict[str, Any]:
    if bases > MAX_BASES:
        raise ConfigError(f"{path}: more than {MAX_BASES} configs name each other as base")
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{path}: a config of more than {MAX_CONFIG_BYTES} bytes")
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: a training config is a mapping of sections")
    for section, key in (("data", "train"), ("data", "dev"), ("data", "cache"), (None, "run")):
        holder = values.get(section) if section else values
        if isinstance(holder, dict) and isinstance(holder.get(key), str):
            try:
                holder[key] = str((path.parent / holder[key]).resolve())
            except ValueError as error:  # NUL, or a surrogate
                raise ConfigError(f"{path}: {key} is not a path ({error})") from error
    base = values.pop("base", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigError(f"{path}: base is {type(base).__name__}, and must name a file")
    return _merge(_read(path.parent / base, bases + 1), values)


def _merge(base: dict[str, Any], diff: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in diff.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merge(base[key], value) if both else value
    return merged
