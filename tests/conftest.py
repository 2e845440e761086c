import gc
import os
from pathlib import Path

# Before torch is imported: on a busy machine two threads wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from prosodytok.nn.network import ProsodyNetwork
from prosodytok.tokenizer import ProsodyTokenizer
from tests.nn.examples import small_network

# The time of an example depends on the machine.
settings.register_profile("prosodytok", deadline=None)
settings.load_profile("prosodytok")

# Collections among the many objects of torch and matplotlib take a tenth of the time of all tests.
gc.set_threshold(100_000)

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `shared_data` if the shared data are missing."""
    if SHARED_DATA.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason=f"no {SHARED_DATA}"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of `aligned`, `speech` and `tobi`, for tests marked `shared_data`."""
    return SHARED_DATA


@pytest.fixture(scope="session")
def network() -> ProsodyNetwork:
    """A small network with fitted codebooks."""
    return small_network().eval().requires_grad_(False)


@pytest.fixture(scope="session")
def tokenizer(network: ProsodyNetwork) -> ProsodyTokenizer:
    return ProsodyTokenizer.from_network(network, "tiny@00000000")


@pytest.fixture(scope="session")
def greedy(network: ProsodyNetwork) -> ProsodyTokenizer:
    """The same weights without code search, so that utterances are encoded in batches."""
    return ProsodyTokenizer.from_network(network, "tiny@00000000", search=False)
