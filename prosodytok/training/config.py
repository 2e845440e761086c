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
    """Speech of the run.

    Parameters
    ----------
    train, dev : path
        Manifests (`prosodytok.io.manifest`), or a pattern of shards that `prosodytok shards` wrote
        (``shards/train-*.tar``). Shards of `train` are read batch by batch, those of `dev` are held
        in memory.
    cache : path
        Folder of extracted features.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker.
    segments : list
        Sources of the units, as in `Hierarchy.source`; each time an utterance is used, one of the
        sources that it has is drawn. Validation uses the first.
    balance : float
        A speaker group with S seconds of speech is drawn in proportion to S ** balance: 1 keeps
        the proportions of the corpus, 0 gives every group the same share. Not used with shards.
    copies : int
        Changed copies of each training utterance (see `training.changed_copies`), by which levels
        in their own time learn codes that do not depend on the recording. Not with shards.
    shuffle : int
        Utterances from shards that are held in memory and batched by length.
    workers : int
        Processes that read shards for each device; 0 reads in the training process.
    """

    train: Path
    dev: Path
    cache: Path
    f0: Literal["praat", "world", "harvest", "swift-f0"] = "praat"
    segments: list[UnitSource] = Field(default=["learned", "textgrid", "transcript"], min_length=1)
    balance: float = Field(default=0.7, ge=0, le=1)
    copies: int = Field(default=0, ge=0)
    shuffle: int = Field(default=2048, ge=1)
    workers: int = Field(default=0, ge=0)


class LossConfig(_Section):
    """Weights of the losses (see `compute_losses`); `coarse` multiplies the ``coarse_`` ones."""

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
        Speech in one update (s), all devices together.
    learning_rate, warmup_steps, weight_decay, gradient_clip : float
        AdamW with linear warm-up and cosine decay.
    validate_every : int
        Updates between two validations.
    checkpoint_every : int
        Updates between two checkpoints to resume from; each validation saves one too.
    level_dropout : dict
        Probability of each subset of phrase and word that the decoder receives; they sum to 1.
    min_usage : float
        The run ends when a level uses a smaller share of its codes in two validations in a row.
    seed : int
        Random seed.
    threads : int
        CPU threads of each process; 0 is the default of torch.
    accelerator : {"auto", "cpu", "gpu"}
        Kind of device; "auto" is a GPU where there is one.
    devices : int or "auto"
        Devices of each machine, one process each; "auto" is all GPUs, or one CPU process.
    num_nodes : int
        Number of machines.
    precision : {"32", "bf16-mixed", "16-mixed"}
        Precision of the network; quantizers and losses stay in single precision.
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


class UnitCodesConfig(_Section):
    """Fit of the codes of levels in their own time (see `training.unit_codes`).

    Parameters
    ----------
    steps, batch : int
        Updates of each level, and units in one of them.
    learning_rate : float
        Highest learning rate of AdamW.
    first : float
        Weight of the distortion by the first codes alone, beside that by all.
    descriptors : float
        Weight of the squared error of words' descriptors.
    consistency : float
        Weight of the cross-entropy of a changed copy's codes, to choose those of the original.
    entropy : float
        Weight of the entropy of the first codes' use, which is to be high.
    jitter : float
        Standard deviation (frames) of the random shifts of a copy's unit edges.
    """

    steps: int = Field(default=4000, ge=1)
    batch: int = Field(default=1024, ge=2)
    learning_rate: float = Field(default=2e-3, gt=0)
    first: float = Field(default=1.0, ge=0)
    descriptors: float = Field(default=1.0, ge=0)
    consistency: float = Field(default=4.0, ge=0)
    entropy: float = Field(default=0.2, ge=0)
    jitter: float = Field(default=1.2, ge=0)


class TrainConfig(_Section):
    """Config of a run; `run` is the folder of logs, checkpoints and the result."""

    run: Path
    data: DataConfig
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    unit_codes: UnitCodesConfig = UnitCodesConfig()
    fit: FitConfig = FitConfig()


def load_config(path: str | Path) -> TrainConfig:
    """Read a training config.

    A config may name another as ``base:`` and contain only the differences. Paths are relative to
    the file that contains them.

    Raises
    ------
    ConfigError
        If a file is missing, is not YAML, or has a wrong key or value; the message lists them.
    """
    try:
        return TrainConfig.model_validate(_read(Path(path)))
    except RecursionError as error:
        raise ConfigError(
            f"{path}: too deeply nested, or its anchors refer to each other"
        ) from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from error


def _read(path: Path, bases: int = 0) -> dict[str, Any]:
    if bases > MAX_BASES:
        raise ConfigError(f"{path}: more than {MAX_BASES} configs name each other as base")
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{path}: a config of more than {MAX_CONFIG_BYTES} bytes")
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: a training config must be a mapping of sections")
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
