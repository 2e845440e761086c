import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.config import ModelConfig
from prosodytok.nn.decoder import Curves
from prosodytok.nn.encoder import Encoder
from prosodytok.nn.layers import FrameConv
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import TensorBatch, channels, make_batch, num_units
from tests.nn.examples import random_example


@pytest.fixture
def batch() -> TensorBatch:
    rng = np.random.default_rng(0)
    return make_batch([random_example(rng, n) for n in (203, 120)], 8)


@pytest.fixture
def embeddings(network: ProsodyNetwork, batch: TensorBatch) -> dict[str, Tensor]:
    return network.encode(batch).embeddings


def without(embeddings: dict[str, Tensor], *names: str) -> dict[str, Tensor]:
    return {name: x for name, x in embeddings.items() if name not in names}


@pytest.mark.parametrize(("channels", "outputs", "width"), [(3, 5, 9), (4, 4, 1), (2, 1, 3)])
def test_frame_convolution_equals_torch(channels: int, outputs: int, width: int) -> None:
    torch.manual_seed(0)
    convolution, x = FrameConv(channels, outputs, width), torch.randn(2, 20, channels)
    weight, bias = convolution.weight, convolution.bias
    expected = F.conv1d(x.transpose(1, 2), weight, bias, padding=width // 2).transpose(1, 2)
    torch.testing.assert_close(convolution(x), expected)


@pytest.mark.parametrize("order", range(6))
def test_curves_are_cosines_over_the_unit(order: int) -> None:
    curves = Curves(1, 1)
    with torch.no_grad():
        curves.weights.weight.zero_()
        curves.weights.bias.copy_(F.one_hot(torch.tensor(order), 6))
    x = (torch.arange(16) + 0.5) / 16
    places = torch.stack([torch.sin(torch.pi * x), torch.cos(torch.pi * x), x], dim=-1)
    found = curves(torch.zeros(1, 1), torch.zeros(16, dtype=torch.long), places[None])
    torch.testing.assert_close(found[0, :, 0], torch.cos(order * torch.pi * x))


def test_curves_depend_on_their_own_unit() -> None:
    torch.manual_seed(0)
    curves, units = Curves(4, 2), torch.randn(2, 4)
    unit_of_frame = torch.tensor([0, 0, 1, 1, 1])
    places = torch.rand(1, 5, 3)
    both = curves(units, unit_of_frame, places)
    other = curves(torch.stack([units[0], units[1] + 1]), unit_of_frame, places)
    torch.testing.assert_close(both[0, :2], other[0, :2])
    assert not torch.isclose(both[0, 2:], other[0, 2:]).any()


def test_masked_levels_equal_missing_ones(
    network: ProsodyNetwork, batch: TensorBatch, embeddings: dict[str, Tensor]
) -> None:
    """Training masks levels per utterance; decoding omits them."""
    decoder = network.decoder
    for hidden, present in (
        (("word",), [[True, False]] * 2),
        (("phrase",), [[False, True]] * 2),
        (("phrase", "word"), [[False, False]] * 2),
    ):
        masked = decoder.coarse(embeddings, batch.layout, torch.tensor(present))
        left_out = decoder.coarse(without(embeddings, *hidden), batch.layout)
        torch.testing.assert_close(masked.channels, left_out.channels)


def test_levels_are_hidden_from_their_own_utterance(
    network: ProsodyNetwork, batch: TensorBatch, embeddings: dict[str, Tensor]
) -> None:
    present = torch.tensor([[True, True], [True, False]])
    mixed = network.decoder.coarse(embeddings, batch.layout, present).channels
    whole = network.decoder.coarse(embeddings, batch.layout).channels
    phrases = network.decoder.coarse(without(embeddings, "word"), batch.layout).channels
    torch.testing.assert_close(mixed, torch.stack([whole[0], phrases[1]]))
    assert not torch.allclose(whole[1], phrases[1])


def test_phrases_and_words_decode_to_the_coarse_streams(
    network: ProsodyNetwork, batch: TensorBatch, embeddings: dict[str, Tensor]
) -> None:
    decoded = network.decoder(without(embeddings, "frame"), batch.layout)
    coarse = network.encode(batch).coarse
    torch.testing.assert_close(
        torch.stack([decoded.f0, decoded.voicing, decoded.energy], dim=-1), coarse.channels
    )


def test_timing_is_predicted_from_its_levels(
    network: ProsodyNetwork, batch: TensorBatch, embeddings: dict[str, Tensor]
) -> None:
    def sizes(*hidden: str) -> tuple[int, int]:
        decoded = network.decoder(without(embeddings, *hidden), batch.layout)
        return len(decoded.word_timing), len(decoded.phrase_timing)

    words, phrases = (num_units(batch.layout.maps[name]) for name in ("word", "phrase"))
    assert sizes() == sizes("frame") == (words, phrases)
    assert sizes("word") == (0, phrases)
    assert sizes("phrase") == (0, 0)


def closed_loop(batch: TensorBatch, streams: Tensor) -> tuple[Tensor, Tensor]:
    """Decoded prosody and its error as inputs of the frame level, (B, T, 3) each."""
    encoder = Encoder(ModelConfig(dim=8))
    encoder.left = nn.Identity()  # no projection
    inputs = encoder.remainder(batch, streams)
    decoded, error = inputs.view(*streams.shape[:2], 6).chunk(2, dim=-1)
    return decoded, error


def test_error_of_a_perfect_decode_is_zero(
    batch: TensorBatch,
) -> None:
    f0, voiced, energy = channels(batch)
    decoded, error = closed_loop(batch, torch.stack([f0, 100 * (voiced - 0.5), energy], dim=-1))
    inside = batch.layout.mask.repeat_interleave(8, dim=1)
    torch.testing.assert_close(error, torch.zeros_like(error))
    torch.testing.assert_close(decoded, torch.stack(channels(batch), dim=-1) * inside)


def test_error_of_a_flat_decode(batch: TensorBatch) -> None:
    f0, voiced, energy = channels(batch)
    _, error = closed_loop(batch, torch.zeros(*f0.shape, 3))  # a logit of 0 is half voiced
    expected = torch.stack([f0, voiced - 0.5, energy], dim=-1)
    inside = batch.layout.mask.repeat_interleave(8, dim=1)
    torch.testing.assert_close(error, expected * inside)


def test_closed_loop_inputs_have_no_gradient(batch: TensorBatch) -> None:
    streams = torch.zeros(*channels(batch)[0].shape, 3, requires_grad=True)
    decoded, error = closed_loop(batch, streams)
    assert not decoded.requires_grad
    assert not error.requires_grad
