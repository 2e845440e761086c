"""Checkpoints of language models: a folder with ``model.safetensors`` and ``config.json``."""

from __future__ import annotations

from pathlib import Path

from prosodytok.io.weights import check_format, load_network, read_config, reading, save_network
from prosodytok.lm.config import LMConfig
from prosodytok.lm.network import LMNetwork
from prosodytok.types.errors import CheckpointError

#: Folder of the bundled models, and name of the default one.
BUNDLED = Path(__file__).parent.parent / "weights"
DEFAULT = "lm"
#: Raised when old weights no longer fit the network.
FORMAT = 2


def save_lm(network: LMNetwork, folder: str | Path) -> None:
    """Write weights, in half precision, and config into a folder, created if missing."""
    save_network(network, folder, FORMAT, model=network.config)


def load_lm(name_or_folder: str | Path = DEFAULT) -> LMNetwork:
    """Load a network, in single precision.

    Parameters
    ----------
    name_or_folder : str or path
        Name of a bundled model, or a folder that `save_lm` wrote.

    Raises
    ------
    CheckpointError
        If there is no such model, or its files are missing, damaged or of another version.
    """
    candidates = (Path(name_or_folder), BUNDLED / name_or_folder)
    folder = next((x for x in candidates if (x / "config.json").is_file()), None)
    if folder is None:
        raise CheckpointError(
            f"no language model {str(name_or_folder)!r}: neither a folder with config.json and "
            f"model.safetensors, nor a bundled one ({DEFAULT})"
        )
    with reading(folder, "language model"):
        config = read_config(folder)
        check_format(config, folder, FORMAT)
        model = LMConfig.model_validate(config["model"])
        network, _ = load_network(lambda: LMNetwork(model), folder)
    return network
