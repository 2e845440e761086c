from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("prosodytok", deadline=None)
settings.load_profile("prosodytok")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `shared_data` where that speech is not beside the repository."""
    if SHARED_DATA.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason=f"no {SHARED_DATA}"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of `aligned`, `speech` and `tobi`; for tests marked `shared_data`."""
    return SHARED_DATA
