from dataclasses import replace

import numpy as np
import pytest
import torch

from prosodytok.nn.decoder import Coarse
from prosodytok.nn.network import Encoded
from prosodytok.nn.tensors import TensorBatch, make_batch
from prosodytok.training.config import LossConfig
from prosodytok.training.losses import losses, total
from prosodytok.training.module import batch_as_decoded
from tests.nn.examples import random_example


@pytest.fixture
def batch() -> TensorBatch:
    rng = np.random.default_rng(0)
    return make_batch([random_example(rng, n) for n in (100, 203)], 8)


@pytest.fixture
def encoded() -> Encoded:
    """What the losses do not look at, and no commitment."""
    nothing = torch.zeros(())
    codes = {"word": torch.zeros(3, 1)}
    return Encoded({}, codes, {"word": nothing}, Coarse(nothing, nothing, nothing))


def test_perfection_costs_nothing_but_certainty(batch: TensorBatch, encoded: Encoded) -> None:
    perfect = batch_as_decoded(batch)
    parts = losses(batch, encoded, perfect, perfect)
    assert parts["f0"] == parts["energy"] == parts["timing"] == 0
    assert parts["voicing"] == pytest.approx(np.log(1 + np.exp(-0.5)), rel=1e-4)


def test_what_a_semitone_costs(batch: TensorBatch, encoded: Encoded) -> None:
    """Huber over its bend: 1 - 1/4 at a bend of a half, and 0.6 times 1/6 at one of three."""
    perfect = batch_as_decoded(batch)
    spread = torch.tensor([[r.f0_spread_st] for r in batch.registers])
    parts = losses(batch, encoded, replace(perfect, f0=perfect.f0 + 1 / spread), perfect)
    assert parts["f0"].item() == pytest.approx(0.85, rel=1e-3)
    assert parts["energy"] == parts["coarse_f0"] == 0


def test_coarse_losses_are_those_of_phrases_and_words(batch: TensorBatch, encoded: Encoded) -> None:
    perfect = batch_as_decoded(batch)
    off = replace(perfect, f0=perfect.f0 + 1, voicing=-perfect.voicing, energy=perfect.energy + 1)
    fine, coarse = (losses(batch, encoded, *pair) for pair in ((off, perfect), (perfect, off)))
    for name in ("f0", "f0_unvoiced", "voicing", "energy"):
        assert coarse[f"coarse_{name}"] == fine[name] > fine[f"coarse_{name}"] == coarse[name]


def test_padding_does_not_count(batch: TensorBatch, encoded: Encoded) -> None:
    perfect = batch_as_decoded(batch)
    f0, energy = perfect.f0.clone(), perfect.energy.clone()
    f0[0, 100:], energy[0, 100:] = 99.0, 99.0
    padded = replace(perfect, f0=f0, energy=energy)
    parts = losses(batch, encoded, padded, padded)
    assert parts["f0"] == parts["f0_unvoiced"] == parts["energy"] == 0
    assert parts["coarse_f0"] == parts["coarse_f0_unvoiced"] == parts["coarse_energy"] == 0


def test_the_total_weighs_its_parts(batch: TensorBatch, encoded: Encoded) -> None:
    perfect = batch_as_decoded(batch)
    parts = losses(batch, encoded, perfect, perfect)
    voicing = parts["voicing"].item()
    weighed = total(parts, LossConfig(voicing=3.0, coarse=0.5)).item()
    assert weighed == pytest.approx(3 * voicing + 0.5 * 3 * voicing)
