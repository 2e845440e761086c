"""The Lightning module: steps, validation, and what is logged."""

from __future__ import annotations

import math
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.evaluation.rate import usage_and_perplexity
from prosodytok.nn.decoder import UNITS, Decoded
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import Batch
from prosodytok.training import ranks
from prosodytok.training.config import TrainConfig
from prosodytok.training.losses import losses, total
from prosodytok.training.shapes import fit_shapes
from prosodytok.types.errors import ConfigError, DeadCodebookError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import LEVELS


class ProsodyModule(lightning.LightningModule):
    """Fits a `ProsodyNetwork`, in one process or in several that agree.

    What is random in an update follows from the seed and the update's number alone.

    Validation logs, for each prefix of levels, the errors of `prosody_errors` as
    ``val/<deepest level>/<measure>``, and for each level ``usage`` and ``perplexity``.
    """

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        self._subsets, self._chances = _subsets(config.fit.level_dropout)
        self._errors: dict[str, ProsodyErrors] = {}
        self._counts: dict[str, list[Tensor]] = {}
        self._starved: dict[str, int] = dict.fromkeys(LEVELS, 0)

    def configure_model(self) -> None:
        """Build the network: only now quantizers can see whether they are among others."""
        if "network" not in self._modules:
            self.network = ProsodyNetwork(self.config.model)

    def on_fit_start(self) -> None:
        """Find the F0 shapes of levels that have them, in the training speech."""
        if any(level.cosines for level in self.config.model.levels):
            fit_shapes(self.network, self.trainer.datamodule.train_set)  # type: ignore[attr-defined]

    def on_train_batch_start(self, *_: object) -> None:
        """Seed each update on its own: a resumed run ends as an unbroken one."""
        seeds = np.random.SeedSequence([self.config.fit.seed, self.global_step, self.global_rank])
        torch.manual_seed(int(seeds.generate_state(1)[0]))

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """One update's loss, with phrases and words dropped at random."""
        rows = torch.multinomial(self._chances, len(batch.registers), replacement=True)
        encoded = self.network.encode(batch, self._subsets[rows].to(self.device))
        decoder, layout = self.network.decoder, batch.layout
        streams = decoder.fine(encoded.coarse, encoded.embeddings["frame"], layout)
        decoded = decoder.finish(streams, encoded.embeddings, layout)
        coarse = decoder.finish(encoded.coarse.streams, encoded.embeddings, layout)
        parts = losses(batch, encoded, decoded, coarse)
        loss = total(parts, self.config.loss)
        together = ranks.average(torch.stack([*parts.values(), loss]))
        names = [*(f"train/{name}" for name in parts), "loss"]
        self.log_dict(dict(zip(names[:-1], together[:-1], strict=True)), batch_size=1)
        self.log("loss", together[-1], prog_bar=True, batch_size=1)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Start counting."""
        self._errors = {name: ProsodyErrors() for name in LEVELS}
        self._counts = {name: [torch.zeros(size) for size in self._sizes(name)] for name in LEVELS}

    def validation_step(self, batch: Batch, _: int) -> None:
        """Count errors of each prefix of levels, and codes."""
        encoded = self.network.encode(batch)
        embeddings: dict[str, Tensor] = {}
        references = to_prosodies(batch_as_decoded(batch), batch)
        for name in LEVELS:
            for counts, codes in zip(self._counts[name], encoded.codes[name].T, strict=True):
                counts += torch.bincount(codes.cpu(), minlength=len(counts))
            embeddings[name] = encoded.embeddings[name]
            estimates = to_prosodies(self.network.decoder(embeddings, batch.layout), batch)
            for reference, estimate in zip(references, estimates, strict=True):
                self._errors[name] += prosody_errors(reference, estimate)

    def on_validation_epoch_end(self) -> None:
        """Log the errors and codebook use of all ranks; stop, all at once, when a level starves."""
        for name in LEVELS:
            sums = ranks.total(torch.from_numpy(self._errors[name].sums), self.device)
            scores = ProsodyErrors(*sums.tolist()).scores
            books = [
                usage_and_perplexity(ranks.total(c, self.device).cpu().numpy())
                for c in self._counts[name]
            ]
            usage = min(float(book["usage"]) for book in books)
            shares = [b["perplexity"] / n for b, n in zip(books, self._sizes(name), strict=True)]
            measures = {key: scores[key] for key in ("f0_mae", "f0_rmse", "vde", "energy_rmse")}
            measures |= {"usage": usage, "perplexity": float(min(shares))}
            self.log_dict({f"val/{name}/{k}": v for k, v in measures.items()}, sync_dist=True)
            self._watch(name, usage)
        self.log("dev_cents", scores["f0_mae"], prog_bar=True, sync_dist=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep for how long levels have starved."""
        checkpoint["starved"] = dict(self._starved)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on counting, with the same network."""
        if _shapes(checkpoint["state_dict"]) != _shapes(self.state_dict()):
            raise ConfigError(
                f"the config's model is not that of the checkpoint in {self.config.run}: resume "
                "with the `model:` that the run was begun with, or name another folder as `run:`"
            )
        self._starved |= checkpoint.get("starved", {})

    def _sizes(self, name: str) -> tuple[int, ...]:
        return self.network.quantizer(name).codebook_sizes

    def _watch(self, name: str, usage: float) -> None:
        starved = usage < self.config.fit.min_usage
        self._starved[name] = self._starved[name] + 1 if starved else 0
        if self._starved[name] >= 2:
            raise DeadCodebookError(
                f"level {name!r} uses only {usage:.0%} of its codes: smaller codebook_sizes, "
                "a higher dead_code_threshold or a lower learning_rate help"
            )

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW, linear warm-up, cosine decay to a twentieth."""
        fit = self.config.fit

        def factor(step: int) -> float:
            if step < fit.warmup_steps:
                return (step + 1) / fit.warmup_steps
            done = (step - fit.warmup_steps) / max(1, fit.steps - fit.warmup_steps)
            return 0.05 + 0.95 * (1 + math.cos(math.pi * min(1.0, done))) / 2

        optimizer = torch.optim.AdamW(
            self.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def batch_as_decoded(batch: Batch) -> Decoded:
    """The batch's own prosody in the form the decoder gives: what perfection would say."""
    f0, voiced, energy = batch.streams
    return Decoded(f0, voiced - 0.5, energy, batch.word_timing, batch.phrase_timing)


def to_prosodies(decoded: Decoded, batch: Batch) -> list[Prosody]:
    """Each utterance of a decoded batch, in its register."""
    utterances = zip(batch.layout.num_frames.tolist(), batch.registers, strict=True)
    arrays = decoded.arrays()
    return [arrays.prosody(row, n, register) for row, (n, register) in enumerate(utterances)]


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}


def _subsets(dropout: dict[str, float]) -> tuple[Tensor, Tensor]:
    present = [[name in subset.split("+") for name in UNITS] for subset in dropout]
    return torch.tensor(present), torch.tensor(list(dropout.values()))
