import pytest

from prosodytok.nn.network import ProsodyNetwork
from prosodytok.tokenizer import ProsodyTokenizer
from tests.nn.examples import small_network


@pytest.fixture(scope="session")
def network() -> ProsodyNetwork:
    """A small network with codebooks that have seen data."""
    return small_network().eval().requires_grad_(False)


@pytest.fixture(scope="session")
def tokenizer(network: ProsodyNetwork) -> ProsodyTokenizer:
    return ProsodyTokenizer(network, "tiny@00000000")


@pytest.fixture(scope="session")
def greedy(network: ProsodyNetwork) -> ProsodyTokenizer:
    """The same weights; the nearest codes are taken, and utterances are encoded together."""
    return ProsodyTokenizer(network, "tiny@00000000", search=False)
