from dataclasses import replace

import numpy as np
import pytest
import torch

from prosodytok.nn.decoder import Decoded
from prosodytok.nn.distortion import frame_errors
from prosodytok.nn.tensors import TensorBatch, channels, make_batch
from tests.nn.examples import random_example


@pytest.fixture
def batch() -> TensorBatch:
    return make_batch([random_example(np.random.default_rng(0), 96)], 8)


def perfect(batch: TensorBatch) -> Decoded:
    f0, voiced, energy = channels(batch)
    return Decoded(f0, 100 * (voiced - 0.5), energy, batch.word_timing, batch.phrase_timing)


def test_perfect_decode_has_no_error(batch: TensorBatch) -> None:
    for error in frame_errors(batch, perfect(batch)):
        torch.testing.assert_close(error, torch.zeros(1, 96))


@pytest.mark.parametrize(
    ("semitones", "expected"),
    [(0.25, 0.0625 + 0.6 * 0.25**2 / 6), (1, 0.75 + 0.6 / 6), (-12, 11.75 + 0.6 * 10.5)],
)
def test_f0_error(batch: TensorBatch, semitones: float, expected: float) -> None:
    decoded = perfect(batch)
    off = replace(decoded, f0=decoded.f0 + semitones / batch.registers[0].f0_spread_st)
    error = frame_errors(batch, off)[0]
    torch.testing.assert_close(error, torch.full((1, 96), expected), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("decibels", "expected"), [(1.5, 0.375), (3, 1.5), (-10, 8.5)])
def test_energy_error(batch: TensorBatch, decibels: float, expected: float) -> None:
    decoded = perfect(batch)
    off = replace(decoded, energy=decoded.energy + decibels / batch.registers[0].energy_range_db)
    error = frame_errors(batch, off)[2]
    torch.testing.assert_close(error, torch.full((1, 96), expected), rtol=1e-3, atol=1e-5)


def test_several_decoded_rows_of_one_utterance(batch: TensorBatch) -> None:
    right, silent = perfect(batch), torch.zeros(1, 96)
    rows = replace(
        right,
        f0=torch.cat([right.f0, silent]),
        voicing=torch.cat([right.voicing, silent]),
        energy=torch.cat([right.energy, silent]),
    )
    for error in frame_errors(batch, rows):
        assert error.shape == (2, 96)
        assert error[0].sum() < 1e-3 < error[1].sum()
