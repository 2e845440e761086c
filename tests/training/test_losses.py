from dataclasses import replace

import numpy as np
import pytest
import torch

from prosodytok.nn.decoder import Coarse
from prosodytok.nn.encoder import Encoded
from prosodytok.nn.tensors import TensorBatch, make_batch
from prosodytok.training.config import LossConfig
from prosodytok.training.lightning_module import batch_to_decoded
from prosodytok.training.losses import compute_losses, weighted_total
from tests.nn.examples import random_example


@pytest.fixture
def batch() -> TensorBatch:
    rng = np.random.default_rng(0)
    return make_batch([random_example(rng, n) for n in (100, 203)], 8)


@pytest.fixture
def encoded() -> Encoded:
    """Encoder output without commitment loss; the losses use nothing else of it."""
    nothing = torch.zeros(())
    codes = {"word": torch.zeros(3, 1)}
    return Encoded({}, codes, {"word": nothing}, Coarse(nothing, nothing, nothing))


def test_the_ground_truth_costs_only_the_margin_of_voicing(
    batch: TensorBatch, encoded: Encoded
) -> None:
    truth = batch_to_decoded(batch)
    parts = compute_losses(batch, encoded, truth, truth)
    assert parts["f0"] == parts["energy"] == parts["timing"] == 0
    assert parts["voicing"] == pytest.approx(np.log(1 + np.exp(-0.5)), rel=1e-4)


def test_loss_of_a_semitone(batch: TensorBatch, encoded: Encoded) -> None:
    """Huber loss beyond its bend: 1 - 1/4 at a bend of 1/2, and 0.6 times 1/6 at one of 3."""
    truth = batch_to_decoded(batch)
    spread = torch.tensor([[r.f0_spread_st] for r in batch.registers])
    parts = compute_losses(batch, encoded, replace(truth, f0=truth.f0 + 1 / spread), truth)
    assert parts["f0"].item() == pytest.approx(0.85, rel=1e-3)
    assert parts["energy"] == parts["coarse_f0"] == 0


def test_coarse_losses_are_those_of_phrases_and_words(batch: TensorBatch, encoded: Encoded) -> None:
    truth = batch_to_decoded(batch)
    off = replace(truth, f0=truth.f0 + 1, voicing=-truth.voicing, energy=truth.energy + 1)
    fine, coarse = (compute_losses(batch, encoded, *pair) for pair in ((off, truth), (truth, off)))
    for name in ("f0", "f0_unvoiced", "voicing", "energy"):
        assert coarse[f"coarse_{name}"] == fine[name] > fine[f"coarse_{name}"] == coarse[name]


def test_padding_does_not_count(batch: TensorBatch, encoded: Encoded) -> None:
    truth = batch_to_decoded(batch)
    f0, energy = truth.f0.clone(), truth.energy.clone()
    f0[0, 100:], energy[0, 100:] = 99.0, 99.0
    padded = replace(truth, f0=f0, energy=energy)
    parts = compute_losses(batch, encoded, padded, padded)
    assert parts["f0"] == parts["f0_unvoiced"] == parts["energy"] == 0
    assert parts["coarse_f0"] == parts["coarse_f0_unvoiced"] == parts["coarse_energy"] == 0


def test_the_total_weighs_its_parts(batch: TensorBatch, encoded: Encoded) -> None:
    truth = batch_to_decoded(batch)
    parts = compute_losses(batch, encoded, truth, truth)
    voicing = parts["voicing"].item()
    weighed = weighted_total(parts, LossConfig(voicing=3.0, coarse=0.5)).item()
    assert weighed == pytest.approx(3 * voicing + 0.5 * 3 * voicing)
