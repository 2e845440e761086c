"""Lightning module: training steps, validation, and logged measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.evaluation.rate import usage_and_perplexity
from prosodytok.nn.batch import Decoded
from prosodytok.nn.decoder import VARIABLE_LEVELS
from prosodytok.nn.f0_shapes import ShapeQuantizer, shape_sums
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import TensorBatch, TensorDecoded, channels, make_batch, move, to_arrays
from prosodytok.training.config import TrainConfig
from prosodytok.training.data_module import SpeechDataModule
from prosodytok.training.distributed import mean_over_ranks, sum_over_ranks
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.losses import compute_losses, weighted_total
from prosodytok.training.unit_codes import fit_unit_codes
from prosodytok.types.errors import ConfigError, DeadCodebookError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import NO_NOISE
from prosodytok.types.tokens import LEVELS

#: Utterances in a batch when F0 shapes are fitted.
SHAPE_BATCH = 16


class ProsodyModule(lightning.LightningModule):
    """Training of a `ProsodyNetwork`, in one process or in several.

    The randomness of an update depends only on the seed, the number of the update and the rank.

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
        """Build the network, late enough for quantizers to detect distributed training."""
        if "network" not in self._modules:
            self.network = ProsodyNetwork(self.config.model, trainable=True)

    def on_fit_start(self) -> None:
        """Fit F0 shapes, and codes of units in their own time, to the training speech."""
        data: SpeechDataModule = self.trainer.datamodule  # type: ignore[attr-defined]
        levels = self.config.model.levels
        if any(level.f0_shape_cosines for level in levels):
            fit_f0_shapes(self.network, data.train_set)
        if any(level.own_time for level in levels):
            fit_unit_codes(
                self.network,
                data.train_set,
                data.copies,
                self.config.unit_codes,
                self.config.fit.seed,
            )

    def on_train_batch_start(self, *_: object) -> None:
        """Seed each update on its own, so that a resumed run equals an uninterrupted one."""
        seeds = np.random.SeedSequence([self.config.fit.seed, self.global_step, self.global_rank])
        torch.manual_seed(int(seeds.generate_state(1)[0]))

    def transfer_batch_to_device(
        self, batch: TensorBatch, device: torch.device, dataloader_idx: int
    ) -> TensorBatch:
        """Move a batch to the device of the network."""
        del dataloader_idx
        return move(batch, device)

    def training_step(self, batch: TensorBatch, _: int) -> Tensor:
        """Loss of one update, with phrases and words dropped at random."""
        rows = torch.multinomial(self._chances, len(batch.registers), replacement=True)
        encoded = self.network.encode(batch, self._subsets[rows].to(self.device))
        decoder, layout = self.network.decoder, batch.layout
        refined = decoder.fine(encoded.coarse, encoded.embeddings["frame"], layout)
        decoded = decoder.finish(refined, encoded.embeddings, layout)
        coarse = decoder.finish(encoded.coarse.channels, encoded.embeddings, layout)
        parts = compute_losses(batch, encoded, decoded, coarse)
        loss = weighted_total(parts, self.config.loss)
        *means, mean_loss = mean_over_ranks(torch.stack([*parts.values(), loss]))
        names = [f"train/{name}" for name in parts]
        self.log_dict(dict(zip(names, means, strict=True)), batch_size=1)
        self.log("loss", mean_loss, prog_bar=True, batch_size=1)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Reset the error sums and code counts."""
        self._errors = {name: ProsodyErrors() for name in LEVELS}
        self._counts = {name: [torch.zeros(size) for size in self._sizes(name)] for name in LEVELS}

    def validation_step(self, batch: TensorBatch, _: int) -> None:
        """Add up the errors of each prefix of levels, and count codes."""
        encoded = self.network.encode(batch)
        embeddings: dict[str, Tensor] = {}
        references = measured_prosodies(batch)
        for name in LEVELS:
            for counts, codes in zip(self._counts[name], encoded.codes[name].T, strict=True):
                counts += torch.bincount(codes.cpu(), minlength=len(counts))
            embeddings[name] = encoded.embeddings[name]
            decoded = self.network.decoder(embeddings, batch.layout)
            estimates = decoded_to_prosodies(decoded, batch)
            for reference, estimate in zip(references, estimates, strict=True):
                self._errors[name] += prosody_errors(reference, estimate)

    def on_validation_epoch_end(self) -> None:
        """Log errors and codebook use over all ranks; raise in all if a codebook is dead."""
        for name in LEVELS:
            sums = sum_over_ranks(torch.from_numpy(self._errors[name].sums), self.device)
            scores = ProsodyErrors(*sums.tolist()).scores
            totals = [sum_over_ranks(counts, self.device) for counts in self._counts[name]]
            books = [usage_and_perplexity(counts.cpu().numpy()) for counts in totals]
            usage = min(float(book["usage"]) for book in books)
            shares = [b["perplexity"] / n for b, n in zip(books, self._sizes(name), strict=True)]
            measures = {key: scores[key] for key in ("f0_mae", "f0_rmse", "vde", "energy_rmse")}
            measures |= {"usage": usage, "perplexity": float(min(shares))}
            self.log_dict({f"val/{name}/{k}": v for k, v in measures.items()}, sync_dist=True)
            self._check_usage(name, usage)
        self.log("dev_cents", scores["f0_mae"], prog_bar=True, sync_dist=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Save for how many validations each level has used too few codes."""
        checkpoint["starved"] = dict(self._starved)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore these counts, after checking that the network is the same."""
        if _shapes(checkpoint["state_dict"]) != _shapes(self.state_dict()):
            raise ConfigError(
                f"the config's model is not that of the checkpoint in {self.config.run}: resume "
                "with the `model:` of the start of the run, or name another folder as `run:`"
            )
        self._starved |= checkpoint.get("starved", {})

    def _sizes(self, name: str) -> tuple[int, ...]:
        return self.network.quantizer(name).codebook_sizes

    def _check_usage(self, name: str, usage: float) -> None:
        starved = usage < self.config.fit.min_usage
        self._starved[name] = self._starved[name] + 1 if starved else 0
        if self._starved[name] >= 2:
            raise DeadCodebookError(
                f"level {name!r} uses only {usage:.0%} of its codes: use smaller codebook_sizes, "
                "a higher dead_code_threshold or a lower learning_rate"
            )

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW, linear warm-up, cosine decay to a twentieth."""
        fit = self.config.fit

        def factor(step: int) -> float:
            if step < fit.warmup_steps:
                return (step + 1) / fit.warmup_steps
            progress = (step - fit.warmup_steps) / max(1, fit.steps - fit.warmup_steps)
            return 0.05 + 0.95 * (1 + math.cos(math.pi * min(1.0, progress))) / 2

        optimizer = torch.optim.AdamW(
            self.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def batch_to_decoded(batch: TensorBatch) -> TensorDecoded:
    """Ground truth as `Decoded`."""
    f0, voiced, energy = channels(batch)
    return Decoded(f0, voiced - 0.5, energy, batch.word_timing, batch.phrase_timing)


def measured_prosodies(batch: TensorBatch) -> list[Prosody]:
    """Ground truth of each utterance, to which no noise is added: it contains the noise."""
    registers = tuple(replace(r, noise_level_db=NO_NOISE) for r in batch.registers)
    return decoded_to_prosodies(batch_to_decoded(batch), replace(batch, registers=registers))


def decoded_to_prosodies(decoded: TensorDecoded, batch: TensorBatch) -> list[Prosody]:
    """Prosody of each utterance of a decoded batch, in its register."""
    utterances = zip(batch.layout.num_frames.tolist(), batch.registers, strict=True)
    arrays = to_arrays(decoded)
    return [arrays.prosody(row, n, register) for row, (n, register) in enumerate(utterances)]


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}


def _subsets(dropout: dict[str, float]) -> tuple[Tensor, Tensor]:
    present = [[name in subset.split("+") for name in VARIABLE_LEVELS] for subset in dropout]
    return torch.tensor(present), torch.tensor(list(dropout.values()))


def fit_f0_shapes(network: ProsodyNetwork, utterances: Sequence[CachedUtterance]) -> None:
    """Fit the F0 shapes of each level that has them and is not fitted yet (`nn.f0_shapes`)."""
    for level in network.config.levels:
        if not level.f0_shape_cosines:
            continue
        quantizer = cast(ShapeQuantizer, network.quantizer(level.name))
        if not quantizer.shapes.any():
            units, weights = _unit_sums(
                utterances, level.name, level.f0_shape_cosines, network.config.patch
            )
            quantizer.fit(units, weights)


def _unit_sums(
    utterances: Sequence[CachedUtterance], name: str, count: int, patch: int
) -> tuple[Tensor, Tensor]:
    """`shape_sums` of all units of a level, and the squared F0 spread (semitones) of each."""
    units, weights = [], []
    for start in range(0, len(utterances), SHAPE_BATCH):
        batch = make_batch([u.example() for u in utterances[start : start + SHAPE_BATCH]], patch)
        units.append(shape_sums(batch, name, count))
        spread = torch.tensor([register.f0_spread_st for register in batch.registers])
        counts = torch.tensor(batch.layout.maps[name].counts)
        weights.append(spread.square().repeat_interleave(counts))
    return torch.cat(units), torch.cat(weights)
