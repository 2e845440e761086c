"""`prosodytok train`: from a config to a checkpoint, resumable at any time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger
from torch.utils.data import DataLoader

from prosodytok.errors import CheckpointError
from prosodytok.model.batch import Batch, batches_by_length
from prosodytok.model.pretrained import save_checkpoint
from prosodytok.segmentation import Source
from prosodytok.training.config import TrainConfig, load_config
from prosodytok.training.data import (
    BalancedBatches,
    CachedUtterance,
    UtteranceDataset,
    load_features,
)
from prosodytok.training.embeddings import with_embeddings
from prosodytok.training.figures import ValidationFigures
from prosodytok.training.module import ProsodyModule, epoch_seed
from prosodytok.units import FRAME_RATE


class SpeechData(lightning.LightningDataModule):
    """Cached features as loaders; one epoch is the stretch between two validations."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        self.batch_frames = int(config.fit.batch_seconds * FRAME_RATE)
        self.train_set: list[CachedUtterance] = []
        self.dev_set: list[CachedUtterance] = []

    def setup(self, stage: str) -> None:
        """Read the features, extracting them first where they are not cached."""
        del stage
        data = self.config.data
        self.train_set = self._load(data.train, data.segments)
        self.dev_set = self._load(data.dev, data.segments[:1])
        self.dev_set.sort(key=lambda u: u.prosody.num_frames)

    def train_dataloader(self) -> DataLoader[Any]:
        """New batches for each epoch; the same ones when a run is resumed there."""
        fit = self.config.fit
        epoch = self.trainer.current_epoch if self.trainer else 0
        batches = BalancedBatches(
            self.train_set,
            min(fit.validate_every, fit.steps),
            self.batch_frames,
            self.config.data.balance,
            seed=epoch_seed(self.config, epoch),
        )
        return self._loader(self.train_set, batches)

    def val_dataloader(self) -> DataLoader[Any]:
        """Every utterance of dev once."""
        lengths = np.array([u.prosody.num_frames for u in self.dev_set])
        chunks = batches_by_length(lengths, self.batch_frames)
        indices = [[(i, 0) for i in range(c.start, c.stop)] for c in chunks]
        return self._loader(self.dev_set, indices)

    def _load(self, manifest: Path, segments: Sequence[Source]) -> list[CachedUtterance]:
        data, model = self.config.data, self.config.model
        utterances = load_features(manifest, data.cache, data.f0, segments)
        if model.ssl is None:
            return utterances
        return with_embeddings(utterances, manifest, data.cache, model.ssl, model.patch)

    def _loader(self, utterances: list[CachedUtterance], batches: Any) -> DataLoader[Any]:
        collate = partial(Batch.of, patch=self.config.model.patch)
        dataset = UtteranceDataset(utterances, stream=self.config.model.lookahead is not None)
        return DataLoader(dataset, batch_sampler=batches, collate_fn=collate)


def train(config_path: str | Path, *, resume: bool = False) -> Path:
    """Train a tokenizer as a config says.

    Parameters
    ----------
    config_path : path
        A YAML file; see `TrainConfig`.
    resume : bool
        Go on from the run's last checkpoint.

    Returns
    -------
    Path
        The folder of the finished checkpoint, ``<run>/checkpoint``, which
        ``ProsodyTokenizer.from_pretrained`` takes.

    Raises
    ------
    ConfigError
        If the config or its manifests cannot be used.
    CheckpointError
        If there is nothing to resume from.
    DeadCodebookError
        If a level stops using its codes.
    """
    config = load_config(config_path)
    last = config.run / "checkpoints" / "last.ckpt"
    if resume and not last.is_file():
        raise CheckpointError(f"{last}: nothing to resume from; run without --resume first")
    if config.fit.threads:
        torch.set_num_threads(config.fit.threads)
    lightning.seed_everything(config.fit.seed, verbose=False)
    module, data = ProsodyModule(config), SpeechData(config)
    trainer(config).fit(module, data, ckpt_path=str(last) if resume else None, weights_only=False)
    save_checkpoint(module.network, config.run / "checkpoint")
    return config.run / "checkpoint"


def trainer(config: TrainConfig) -> lightning.Trainer:
    """The Lightning trainer of a config: CPU or one GPU, TensorBoard, checkpoints, clipping."""
    fit = config.fit
    # Without a monitor the newest is kept, whether or not it is the best: what resuming needs.
    checkpoints = ModelCheckpoint(
        dirpath=config.run / "checkpoints",
        filename="last",
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    return lightning.Trainer(
        accelerator="auto",
        devices=1,
        default_root_dir=config.run,
        logger=TensorBoardLogger(config.run, name="tensorboard", version=""),
        callbacks=[
            checkpoints,
            LearningRateMonitor("step"),
            ValidationFigures(config.run / "figures"),
            TQDMProgressBar(refresh_rate=10),
        ],
        max_steps=fit.steps,
        max_epochs=-1,
        gradient_clip_val=fit.gradient_clip,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        log_every_n_steps=10,
        enable_model_summary=False,
    )
