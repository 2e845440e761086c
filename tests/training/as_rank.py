"""`prosodytok train` that saves, for each rank, its last weights and its batches.

    python tests/training/as_rank.py CONFIG [--resume]

Lightning starts the other ranks with the same command line.
"""

import sys
import warnings
from pathlib import Path

import lightning
import torch

from prosodytok.nn.tensors import Batch
from prosodytok.training import trainer
from prosodytok.training.lightning_module import ProsodyModule

warnings.simplefilter("ignore")


class RecordingModule(ProsodyModule):
    def on_train_batch_end(self, _: object, batch: Batch, batch_idx: int) -> None:
        del batch_idx
        folder = Path(self.trainer.default_root_dir) / f"rank{self.global_rank}"
        folder.mkdir(exist_ok=True, parents=True)
        torch.save(self.network.state_dict(), folder / "weights.pt")
        torch.save(batch.frames, folder / f"frames{self.global_step}.pt")


trainer.ProsodyModule = RecordingModule
trainer.ValidationFigures = lambda _: lightning.Callback()
if __name__ == "__main__":
    trainer.train(sys.argv[1], resume="--resume" in sys.argv)
