"""Words and phrases found in the sound by a trained network, without transcript or language.

For each 10 ms the network predicts the start of a unit or a phrase, a syllable nucleus, and a
pause; `unit_search` finds the best nested units.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.weights import check_format, load_network, read_config, reading, save_network
from prosodytok.segmentation.learned.inputs import BoundaryInputs
from prosodytok.segmentation.learned.network import (
    BoundaryConfig,
    BoundaryNetwork,
    boundary_logits,
)
from prosodytok.segmentation.learned.unit_search import Prior, search_units
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy

#: The boundary model inside the package.
BUNDLED = Path(__file__).parents[2] / "weights" / "boundaries"
#: Increased when old weights no longer fit the network or its inputs.
FORMAT = 3


class BoundaryModel:
    """Finds words, syllable nuclei and phrases in a sound.

    Parameters
    ----------
    network : BoundaryNetwork
        Trained weights.
    word, phrase : Prior
        Parameters of the search.
    """

    def __init__(self, network: BoundaryNetwork, word: Prior, phrase: Prior) -> None:
        self.network = network.eval().requires_grad_(False)
        self.word, self.phrase = word, phrase

    def __call__(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """Words and phrases of a sound, over the T frames of its prosody."""
        return self.decode(boundary_logits(self.network, BoundaryInputs(audio, prosody)))

    def decode(self, logits: NDArray[np.floating]) -> Hierarchy:
        """Words, pauses and phrases from logits (T, 4) of frames; see `search_units`."""
        return search_units(logits, self.word, self.phrase)


def segment_learned(audio: Audio, prosody: Prosody) -> Hierarchy:
    """Find words and phrases with the bundled model.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames.

    Returns
    -------
    Hierarchy
        Words, pauses and phrases that tile the T frames, all labels ``""``, source ``"learned"``.
    """
    return _bundled()(audio, prosody)


def save_boundary_model(model: BoundaryModel, folder: str | Path) -> None:
    """Write a model's weights, as float16, and its config into a folder."""
    network = model.network
    parts = {"model": network.config, "word": model.word, "phrase": model.phrase}
    save_network(network, folder, FORMAT, **parts)


def load_boundary_model(folder: str | Path = BUNDLED) -> BoundaryModel:
    """Load a model that `save_boundary_model` wrote; without an argument, the bundled one.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or of another version.
    """
    folder = Path(folder)
    with reading(folder, "boundary model"):
        config = read_config(folder)
        check_format(config, folder, FORMAT)
        model = BoundaryConfig.model_validate(config["model"])
        network, _ = load_network(lambda: BoundaryNetwork(model), folder)
        word, phrase = (Prior.model_validate(config[name]) for name in ("word", "phrase"))
    return BoundaryModel(network, word, phrase)


@cache
def _bundled() -> BoundaryModel:
    return load_boundary_model()
