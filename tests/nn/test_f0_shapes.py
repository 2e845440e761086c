"""F0 shapes against brute force, frame by frame."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from prosodytok.nn.batch import Example
from prosodytok.nn.config import LevelConfig
from prosodytok.nn.f0_shapes import UNVOICED_WEIGHT, ShapeQuantizer, shape_sums
from prosodytok.nn.tensors import make_batch
from prosodytok.types.errors import ConfigError
from prosodytok.types.register import normalize
from tests.nn.examples import random_example

J, CODES = 5, 12


def quantizer(shapes: torch.Tensor) -> ShapeQuantizer:
    made = ShapeQuantizer(
        16, LevelConfig(name="word", codebook_sizes=(len(shapes),), f0_shape_cosines=J)
    )
    made.shapes.copy_(shapes)
    return made.requires_grad_(False)


@pytest.fixture
def examples() -> list[Example]:
    """Examples of several lengths, so that some are padded."""
    return [random_example(np.random.default_rng(seed), 150 + 37 * seed) for seed in range(3)]


def errors(example: Example, shapes: np.ndarray) -> np.ndarray:
    """Squared error of every shape in every word, frame by frame."""
    f0, voiced, _ = normalize(example.prosody, example.register).T
    edges = example.hierarchy.words.boundaries
    rows = []
    for start, end in pairwise(edges):
        way = (np.arange(end - start) + 0.5) / (end - start)
        courses = shapes @ np.cos(np.pi * np.arange(J)[:, None] * way)
        weight = voiced[start:end] + UNVOICED_WEIGHT
        rows.append((weight * (courses - f0[start:end]) ** 2).sum(axis=1))
    return np.array(rows)


def test_candidates_are_the_shapes_with_the_least_error(examples: list[Example]) -> None:
    shapes = torch.randn(CODES, J, generator=torch.Generator().manual_seed(0))
    made = quantizer(shapes)
    units = shape_sums(make_batch(examples, 8), "word", J)
    expected = np.concatenate([errors(e, shapes.numpy()) for e in examples])
    order = expected.argsort(axis=1)
    np.testing.assert_array_equal(made.candidates(units, 4)[..., 0], order[:, :4])
    np.testing.assert_array_equal(made(units)[1][:, 0], order[:, 0])
    assert made.candidates(units, 99).shape == (len(units), CODES, 1)
    weight = units[:, 1 + J].sum().item()
    assert made.commitment(units, made(units)[1]).item() == pytest.approx(
        expected.min(axis=1).sum() / weight, rel=1e-3
    )


def test_fit_recovers_planted_shapes() -> None:
    """Every word has one of three shapes plus noise, at any length."""
    rng = np.random.default_rng(0)
    planted = np.array([[1.0, 0, 0, 0, 0], [-1, 1, 0, 0, 0], [0, -1, -1, 0, 0]])
    units = []
    for index in range(300):
        frames = rng.integers(20, 60)
        way = (np.arange(frames) + 0.5) / frames
        course = np.cos(np.pi * np.arange(J)[:, None] * way)
        f0 = planted[index % 3] @ course + rng.normal(0, 0.05, frames)
        units.append([f0 @ f0, *(course @ f0), *(course @ course.T).ravel()])
    torch.manual_seed(0)
    made = quantizer(torch.zeros(6, J))
    made.fit(torch.tensor(np.array(units), dtype=torch.float32), torch.ones(300))
    for shape in planted:
        nearest = np.abs(made.shapes.numpy() - shape).max(axis=1).min()
        assert nearest < 0.05


def test_fit_needs_voiced_units(examples: list[Example]) -> None:
    units = shape_sums(make_batch(examples[:1], 8), "phrase", J)
    made = quantizer(torch.zeros(CODES, J))
    made.fit(units, torch.ones(len(units)))
    assert torch.isfinite(made.shapes).all()
    with pytest.raises(ConfigError, match="voiced"):
        made.fit(units * 0, torch.ones(len(units)))
