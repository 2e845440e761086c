from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def checkpoint() -> Path:
    """A small checkpoint with both kinds of quantizers; see `make_tiny`."""
    return HERE / "tiny"


@pytest.fixture(scope="session")
def exported() -> Path:
    """Its export."""
    return HERE / "tiny-onnx"
