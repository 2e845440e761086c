"""`prosodytok train`: a training run from config to checkpoint, resumable at any time."""

from __future__ import annotations

import warnings
from pathlib import Path

import lightning
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import LearningRateMonitor, TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.utilities import rank_zero_only

from prosodytok.tokenizer.pretrained import save_checkpoint
from prosodytok.training.config import TrainConfig, load_config
from prosodytok.training.data_module import SpeechDataModule
from prosodytok.training.lightning_module import ProsodyModule
from prosodytok.training.resume_checkpoint import PlainCheckpointIO, SaveLastCheckpoint
from prosodytok.training.validation_figures import ValidationFigures
from prosodytok.types.errors import CheckpointError, ConfigError


def train(config_path: str | Path, *, resume: bool = False) -> Path:
    """Train a tokenizer.

    With several devices, each process calls it: Lightning starts the other processes of this
    machine with the same command line, or torchrun or SLURM start all.

    Parameters
    ----------
    config_path : path
        A YAML file; see `TrainConfig`.
    resume : bool
        Continue from the run's last checkpoint; the result equals that of an uninterrupted run.
        Without it, a run that has a checkpoint is an error.

    Returns
    -------
    Path
        Folder of the finished checkpoint, ``<run>/checkpoint``, for
        ``ProsodyTokenizer.from_pretrained``; the first process writes it.

    Raises
    ------
    ConfigError
        If the config or its manifests cannot be used, or do not belong to the run.
    CheckpointError
        If there is no checkpoint to resume from.
    WorkerError
        If a process that extracts features is killed.
    DeadCodebookError
        If a level uses too few of its codes.
    """
    config = load_config(config_path)
    last = _last(config)
    if resume and not last.is_file():
        raise CheckpointError(f"{last}: nothing to resume from; run without --resume first")
    if last.is_file() and not resume:
        raise ConfigError(
            f"{last}: this run has begun: continue with --resume, or name another folder as `run:`"
        )
    if config.fit.threads:
        torch.set_num_threads(config.fit.threads)
    lightning.seed_everything(config.fit.seed, verbose=False)
    module, data = ProsodyModule(config), SpeechDataModule(config)
    with warnings.catch_warnings():
        # Advice of Lightning that does not apply here, and a coming change of a name in torch.
        warnings.filterwarnings("ignore", ".*`IterableDataset` has `__len__` defined.*")
        warnings.filterwarnings("ignore", ".*`broadcast_buffers` is deprecated.*")
        make_trainer(config).fit(
            module, data, ckpt_path=str(last) if resume else None, weights_only=True
        )
    if is_first_process():
        save_checkpoint(module.network, config.run / "checkpoint")
    return config.run / "checkpoint"


def is_first_process() -> bool:
    """Whether this is the process of a run that writes files and prints."""
    return int(getattr(rank_zero_only, "rank", 0)) == 0


def make_trainer(config: TrainConfig) -> lightning.Trainer:
    """Lightning trainer of a config; ConfigError without its devices or precision."""
    fit = config.fit
    # Buffers need no broadcast: quantizers keep theirs equal in all processes.
    distributed = DDPStrategy(broadcast_buffers=False)
    try:
        return lightning.Trainer(
            accelerator=fit.accelerator,
            devices=fit.devices,
            num_nodes=fit.num_nodes,
            strategy="auto" if (fit.devices, fit.num_nodes) == (1, 1) else distributed,
            precision=fit.precision,
            plugins=[PlainCheckpointIO()],
            default_root_dir=config.run,
            logger=TensorBoardLogger(config.run, name="tensorboard", version=""),
            callbacks=[
                SaveLastCheckpoint(_last(config), fit.checkpoint_every),
                LearningRateMonitor("step"),
                ValidationFigures(config.run / "figures"),
                TQDMProgressBar(refresh_rate=10),
            ],
            enable_checkpointing=False,
            max_steps=fit.steps,
            max_epochs=-1,
            gradient_clip_val=fit.gradient_clip,
            num_sanity_val_steps=0,
            reload_dataloaders_every_n_epochs=1,
            use_distributed_sampler=False,
            log_every_n_steps=10,
            enable_model_summary=False,
        )
    except (ValueError, RuntimeError, MisconfigurationException) as error:
        raise ConfigError(
            f"fit: accelerator {fit.accelerator}, devices {fit.devices}, precision "
            f"{fit.precision} are not available here: {error}"
        ) from error


def _last(config: TrainConfig) -> Path:
    return config.run / "checkpoints" / "last.ckpt"
