"""Checkpoint to resume training from: tensors and plain values, newest only, written atomically."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import lightning
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from prosodytok.io.atomic import atomic_path
from prosodytok.types.errors import CheckpointError


class PlainCheckpointIO(TorchCheckpointIO):
    """Atomic writes, and reads with ``weights_only=True``.

    Pickled objects are refused: they could run arbitrary code. A file is ``torch.save`` of the
    state dicts of the network (with the moving averages of its codebooks), the optimizer, the
    schedule and the loops.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint, or replace it in one step."""
        del storage_options
        with atomic_path(path) as temporary:
            torch.save(checkpoint, temporary)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = "cpu", weights_only: bool | None = True
    ) -> dict[str, Any]:
        """Read a checkpoint; CheckpointError if it has more than tensors and plain values."""
        del weights_only
        try:
            checkpoint: dict[str, Any] = torch.load(path, map_location, weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
            raise CheckpointError(
                f"{path}: not a checkpoint of `prosodytok train` to resume from: "
                f"{str(error).splitlines()[0]}"
            ) from error
        return checkpoint


class SaveLastCheckpoint(lightning.Callback):
    """Saves the newest checkpoint to a file every `every` updates and after each validation."""

    def __init__(self, path: Path, every: int) -> None:
        self.path, self.every = path, every

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: object,
        batch: object,
        batch_idx: int,
    ) -> None:
        """Save, except before a validation, which saves afterwards."""
        del pl_module, outputs, batch
        last = batch_idx + 1 == trainer.num_training_batches
        if trainer.global_step % self.every == 0 and not last:
            trainer.save_checkpoint(self.path, weights_only=False)

    def on_train_epoch_end(self, trainer: lightning.Trainer, *_: object) -> None:
        """Save after a validation."""
        trainer.save_checkpoint(self.path, weights_only=False)
