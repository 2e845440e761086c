"""Words and phrases found in the sound by a trained network: no transcript, no language.

The network tells how likely a word or a phrase begins at each 20 ms; dynamic programming then takes
the edges that are likely and make units as long as words and phrases are, those of phrases among
those of words.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError
from safetensors.torch import load

from prosodytok.audio import Audio
from prosodytok.errors import CheckpointError
from prosodytok.prosody import Prosody
from prosodytok.saved import check_format, save_network
from prosodytok.segmentation.boundary_network import (
    EVENTS,
    STEP,
    BoundaryConfig,
    BoundaryNetwork,
    boundary_features,
    boundary_logits,
)
from prosodytok.segmentation.cut import best_cuts
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation

Floats = NDArray[np.floating]

#: The boundary model inside the package.
BUNDLED = Path(__file__).parent.parent / "weights" / "boundaries"
#: Raised when old weights no longer fit the network or what it hears.
FORMAT = 1


class Prior(BaseModel):
    """How edges of one level are chosen: what a likely one earns, and how long units are.

    Parameters
    ----------
    gain, bias : float
        A cut where the network says `logit` earns ``gain * (logit + bias)``.
    typical, longest : int
        Length of a unit that costs nothing, and the length that is exceeded only where there is no
        edge to take (frames); see `best_cuts`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    gain: float = Field(gt=0)
    bias: float
    typical: int = Field(gt=0)
    longest: int = Field(gt=0)


class BoundaryModel:
    """Finds words, syllable nuclei and phrases in a sound.

    Parameters
    ----------
    network : BoundaryNetwork
        Trained weights.
    word, phrase : Prior
        How edges are chosen.
    """

    def __init__(self, network: BoundaryNetwork, word: Prior, phrase: Prior) -> None:
        self.network = network.eval().requires_grad_(False)
        self.word, self.phrase = word, phrase

    def probabilities(self, audio: Audio, prosody: Prosody) -> dict[str, NDArray[np.float32]]:
        """How likely each frame begins a word, is a syllable's nucleus, or begins a phrase.

        Returns
        -------
        dict of str to (T,) float32
            ``"word"``, ``"nucleus"`` and ``"phrase"``; two frames (20 ms) share a value.
        """
        logits = boundary_logits(self.network, boundary_features(audio, prosody))
        likely = np.repeat(1 / (1 + np.exp(-logits)), STEP, axis=0)[: prosody.num_frames]
        return dict(zip(EVENTS, likely.T, strict=True))

    def __call__(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """Words and phrases of a sound, over the T frames of its prosody."""
        logits = boundary_logits(self.network, boundary_features(audio, prosody))
        return self.decode(logits, prosody.num_frames)

    def decode(self, logits: Floats, num_frames: int) -> Hierarchy:
        """Words and phrases from logits (S, 3) of steps of 20 ms; source ``"learned"``."""
        peaks = _peaks(logits[:, EVENTS.index("word")])
        edges = np.concatenate([[0], peaks * STEP, [num_frames]])
        word, phrase = (
            logits[np.minimum(edges // STEP, len(logits) - 1), EVENTS.index(name)]
            for name in ("word", "phrase")
        )
        edges, phrase = _choose(edges, word, phrase, self.word)
        starts, _ = _choose(edges, phrase, phrase, self.phrase)
        words = Segmentation.unlabelled(edges)
        return Hierarchy.from_words(words, np.searchsorted(edges, starts[:-1]).tolist(), "learned")


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
        Words, pauses and phrases that tile the T frames, all labels ``""``, edges on a grid of
        20 ms, source ``"learned"``.
    """
    return _bundled()(audio, prosody)


def save_boundary_model(model: BoundaryModel, folder: str | Path) -> None:
    """Write a model's weights, as float16, and its config into a folder, made if need be."""
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
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        check_format(config, folder, FORMAT)
        network = BoundaryNetwork(BoundaryConfig.model_validate(config["model"]))
        network.load_state_dict(load((folder / "model.safetensors").read_bytes()))
        word, phrase = (Prior.model_validate(config[name]) for name in ("word", "phrase"))
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: not a whole boundary model: {error}") from error
    return BoundaryModel(network, word, phrase)


@cache
def _bundled() -> BoundaryModel:
    return load_boundary_model()


def _peaks(logit: Floats) -> NDArray[np.int64]:
    """Steps after the first at which a logit is not below its neighbours'."""
    padded = np.pad(logit, 1, constant_values=-np.inf)
    peak = (logit >= padded[:-2]) & (logit > padded[2:])
    return np.flatnonzero(peak[1:]) + 1


def _choose(
    edges: NDArray[np.int64], logit: Floats, other: Floats, prior: Prior
) -> tuple[NDArray[np.int64], Floats]:
    """The edges that are kept, first and last among them, and another logit at these."""
    gains = prior.gain * (logit.astype(np.float64) + prior.bias)
    kept = [0, *best_cuts(edges, gains, prior.typical, prior.longest), len(edges) - 1]
    return edges[kept], other[kept]
