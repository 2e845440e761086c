import numpy as np
import pytest
import torch

from model.examples import random_example
from prosodytok.model import Batch, ModelConfig, ProsodyNetwork, ProsodyTokenizer


@pytest.fixture(scope="session")
def network() -> ProsodyNetwork:
    """A small network with codebooks that have seen data."""
    torch.manual_seed(0)
    network = ProsodyNetwork(
        ModelConfig(
            dim=32,
            encoder_dilations=(1, 2),
            coarse_dilations=(1, 4),
            fine_dilations=(1,),
            frame_channels=8,
            frame_blocks=1,
        )
    )
    rng = np.random.default_rng(0)
    with torch.no_grad():
        network.encode(Batch.of([random_example(rng, 900) for _ in range(40)], 8))
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def tokenizer(network: ProsodyNetwork) -> ProsodyTokenizer:
    return ProsodyTokenizer(network, "tiny@00000000")


@pytest.fixture(scope="session")
def greedy(network: ProsodyNetwork) -> ProsodyTokenizer:
    """The same weights; the nearest codes are taken, and utterances are encoded together."""
    return ProsodyTokenizer(network, "tiny@00000000", search=False)
