from dataclasses import replace

import numpy as np
import pytest
import torch
from model.examples import random_example

from prosodytok.model import Batch
from prosodytok.model.network import Encoded
from prosodytok.training.config import LossConfig
from prosodytok.training.losses import losses, total
from prosodytok.training.module import batch_as_decoded

NOTHING = Encoded({}, {}, {"word": torch.zeros(())})


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(0)
    return Batch.of([random_example(rng, n) for n in (100, 203)], 8)


def test_perfection_costs_nothing_but_certainty(batch: Batch) -> None:
    parts = losses(batch, NOTHING, batch_as_decoded(batch))
    assert parts["f0"] == parts["energy"] == parts["timing"] == 0
    assert parts["voicing"] == pytest.approx(np.log(1 + np.exp(-0.5)), rel=1e-4)


def test_a_semitone_costs_three_quarters_at_a_bend_of_a_half(batch: Batch) -> None:
    """Huber: delta * (|x| - delta / 2), doubled so that large errors count as semitones."""
    perfect = batch_as_decoded(batch)
    spread = torch.tensor([[r.f0_spread_st] for r in batch.registers])
    parts = losses(batch, NOTHING, replace(perfect, f0=perfect.f0 + 1 / spread))
    assert parts["f0"].item() == pytest.approx(0.75, rel=1e-3)
    assert parts["energy"] == 0


def test_padding_does_not_count(batch: Batch) -> None:
    perfect = batch_as_decoded(batch)
    f0, energy = perfect.f0.clone(), perfect.energy.clone()
    f0[0, 100:], energy[0, 100:] = 99.0, 99.0
    parts = losses(batch, NOTHING, replace(perfect, f0=f0, energy=energy))
    assert parts["f0"] == parts["f0_unvoiced"] == parts["energy"] == 0


def test_the_total_weighs_its_parts(batch: Batch) -> None:
    parts = losses(batch, NOTHING, batch_as_decoded(batch))
    weights = LossConfig(voicing=3.0)
    assert total(parts, weights).item() == pytest.approx(3 * parts["voicing"].item())
