"""Checkpoints to resume from: plain tensors and numbers, the newest only, never half of one."""

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
    """Writes beside and renames; reads no pickled objects, which could run anything.

    The file is what ``torch.save`` makes of state dicts: of the network with the moving averages of
    its codebooks, the optimizer, the schedule and the loops. It is read with
    ``weights_only=True``: tensors, numbers, texts, and containers of them.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint, or replace it at once."""
        del storage_options
        with atomic_path(path) as half_written:
            torch.save(checkpoint, half_written)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = "cpu", weights_only: bool | None = True
    ) -> dict[str, Any]:
        """Read a checkpoint.

        Raises
        ------
        CheckpointError
            If the file is damaged, or holds more than tensors and plain values.
        """
        del weights_only
        try:
            checkpoint: dict[str, Any] = torch.load(path, map_location, weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
            raise CheckpointError(
                f"{path}: not a checkpoint of `prosodytok train` to resume from: "
                f"{str(error).splitlines()[0]}"
            ) from error
        return checkpoint


class KeepLast(lightning.Callback):
    """Keeps the newest checkpoint: every so many updates, and after each validation.

    Parameters
    ----------
    path : Path
        Where it is kept.
    every : int
        Updates from one to the next.
    """

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
        """Keep an update, but for the last before a validation, which belongs to it."""
        del pl_module, outputs, batch
        last = batch_idx + 1 == trainer.num_training_batches
        if trainer.global_step % self.every == 0 and not last:
            trainer.save_checkpoint(self.path, weights_only=False)

    def on_train_epoch_end(self, trainer: lightning.Trainer, *_: object) -> None:
        """Keep what was validated."""
        trainer.save_checkpoint(self.path, weights_only=False)
