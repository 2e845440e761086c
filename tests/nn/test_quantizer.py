import pytest
import torch
from torch import Tensor

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.quantizer import LevelQuantizer

DIM = 24


def quantizer(*sizes: int) -> LevelQuantizer:
    """A quantizer initialised on random units."""
    torch.manual_seed(0)
    config = LevelConfig(name="word", codebook_sizes=sizes, codebook_dim=6)
    made = LevelQuantizer(DIM, config, trainable=True)
    made(torch.randn(400, DIM))
    return made.eval().requires_grad_(False)


def by_library(made: LevelQuantizer, units: Tensor) -> tuple[Tensor, Tensor]:
    """Embeddings and codes of units by vector-quantize-pytorch."""
    quantized, codes, _ = made.vq(made.norm(units)[None])
    return quantized[0], codes[0]


@pytest.fixture
def units() -> Tensor:
    return torch.randn(50, DIM, generator=torch.Generator().manual_seed(1))


def distances(made: LevelQuantizer, units: Tensor, codes: Tensor) -> Tensor:
    """Distances in the codebook space between units (M, D) and codes (M, C, K): (M, C)."""
    books = [layer.codebook[codes[..., k]] for k, layer in enumerate(made.vq.layers)]
    return (made.vq.project_in(made.norm(units))[:, None] - torch.stack(books).sum(0)).norm(dim=-1)


def test_the_first_candidate_of_one_codebook_is_the_nearest_code(units: Tensor) -> None:
    made = quantizer(32)
    candidates = made.candidates(units, 5)
    assert candidates.shape == (50, 5, 1)
    torch.testing.assert_close(candidates[:, 0], by_library(made, units)[1])
    far = distances(made, units, candidates)
    assert (far.diff(dim=1) >= 0).all()
    assert all(len(set(row)) == 5 for row in candidates[..., 0].tolist())


def test_a_beam_of_one_is_the_greedy_residual_code(units: Tensor) -> None:
    made = quantizer(16, 16)
    torch.testing.assert_close(made.candidates(units, 1)[:, 0], by_library(made, units)[1])


def test_a_beam_as_wide_as_the_codebooks_finds_the_best_pairs(units: Tensor) -> None:
    """Against brute force; the greedy pair is not always the best."""
    made = quantizer(5, 7)
    pairs = torch.cartesian_prod(torch.arange(5), torch.arange(7)).expand(50, -1, -1)
    order = distances(made, units, pairs).argsort(dim=1)
    candidates = made.candidates(units, 35)
    torch.testing.assert_close(candidates, pairs.gather(1, order[..., None].expand(-1, -1, 2)))
    assert (candidates[:, 0] != by_library(made, units)[1]).any()


def test_number_of_candidates(units: Tensor) -> None:
    assert quantizer(5).candidates(units, 9).shape == (50, 5, 1)
    assert quantizer(5, 7).candidates(units, 99).shape == (50, 35, 2)


@pytest.mark.parametrize("sizes", [(32,), (5, 7)])
def test_embeddings_are_those_of_the_library(sizes: tuple[int, ...], units: Tensor) -> None:
    made = quantizer(*sizes)
    quantized, codes = by_library(made, units)
    embedded = made.embed(codes)
    torch.testing.assert_close(embedded, made.vq.get_output_from_indices(codes[None])[0])
    torch.testing.assert_close(embedded, quantized)


@pytest.mark.parametrize("sizes", [(32,), (5, 7)])
def test_codebooks_without_the_library_are_the_same(sizes: tuple[int, ...], units: Tensor) -> None:
    made = quantizer(*sizes)
    config = LevelConfig(name="word", codebook_sizes=sizes, codebook_dim=6)
    fixed = LevelQuantizer(DIM, config).eval()
    fixed.load_state_dict(made.state_dict())
    assert fixed.state_dict().keys() == made.state_dict().keys()
    for one, other in zip(fixed(units), made(units), strict=True):
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(fixed(units)[1], by_library(made, units)[1])


def test_commitment_is_the_squared_distance_from_the_chosen_codes(units: Tensor) -> None:
    made = quantizer(16, 16)
    codes = made.candidates(units, 3)
    for choice in codes.unbind(1):
        expected = distances(made, units, choice[:, None]).square().mean() / 6
        torch.testing.assert_close(made.commitment(units, choice), expected)
