"""`prosodytok train` that leaves, of each rank, its last weights and what it was given.

    python tests/training/as_rank.py CONFIG [--resume]

Lightning starts the other ranks by this same command line.
"""

import sys
import warnings
from pathlib import Path

import lightning
import torch

from prosodytok.nn.tensors import Batch
from prosodytok.training import run
from prosodytok.training.module import ProsodyModule

warnings.simplefilter("ignore")


class Kept(ProsodyModule):
    def on_train_batch_end(self, _: object, batch: Batch, batch_idx: int) -> None:
        del batch_idx
        folder = Path(self.trainer.default_root_dir) / f"rank{self.global_rank}"
        folder.mkdir(exist_ok=True, parents=True)
        torch.save(self.network.state_dict(), folder / "weights.pt")
        torch.save(batch.frames, folder / f"frames{self.global_step}.pt")


run.ProsodyModule = Kept
run.ValidationFigures = lambda _: lightning.Callback()
if __name__ == "__main__":
    run.train(sys.argv[1], resume="--resume" in sys.argv)
