"""The bundled self-supervised encoder: small, trained by BEST-RQ on 11 hours of speech."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.features.mel import STACK, STACKED_RATE, normalized_log_mel
from prosodytok.features.ssl.bestrq_network import BestRQConfig, BestRQNetwork
from prosodytok.inference import inference
from prosodytok.io.weights import check_format, load_network, read_config, reading, save_network
from prosodytok.types.audio import Audio
from prosodytok.types.errors import CheckpointError

Array = NDArray[np.float32]

#: The encoder inside the package.
BUNDLED = Path(__file__).parents[2] / "weights" / "bestrq"
#: Increased when old weights no longer fit the network or the log-mel features.
FORMAT = 1
#: Frames encoded at once (40 s), besides the context on both sides.
BLOCK_FRAMES = 1000


class BestRQEncoder:
    """Embeddings of a network trained by masked prediction of random-projection codes.

    Parameters
    ----------
    folder : path, optional
        A folder that `save_encoder` wrote, as ``recipes/bestrq/train.py --export`` does; the
        bundled one if none is given.

    Raises
    ------
    CheckpointError
        If its files are missing, damaged or of another version.

    References
    ----------
    C.-C. Chiu et al., "Self-supervised learning with random-projection quantizer for speech
    recognition", ICML 2022.
    """

    frame_rate = STACKED_RATE

    def __init__(self, folder: str | Path | None = None) -> None:
        self.name = "bestrq" if folder is None else f"bestrq:{folder}"
        self._network = bundled_encoder() if folder is None else load_encoder(folder)
        self.dim = self._network.embedding_dim

    def __call__(self, audio: Audio) -> Array:
        """Embed a sound: (S, dim) float32, 25 a second; see `SSLEncoder`.

        Long sounds are encoded in blocks that overlap by the receptive field, so the embeddings do
        not depend on the blocks.
        """
        return encode_blocks(self._network, normalized_log_mel(audio))


@cache
def bundled_encoder() -> BestRQNetwork:
    """The network inside the package, loaded once."""
    return load_encoder(BUNDLED)


def encode_blocks(network: BestRQNetwork, mel: Array, block_frames: int = BLOCK_FRAMES) -> Array:
    """Embed log-mel (4 S, 80) of any length in bounded memory: (S, dim) float32."""
    num_frames = len(mel) // STACK
    embeddings = np.empty((num_frames, network.embedding_dim), dtype=np.float32)
    for block in blocks(num_frames, block_frames):
        embeddings[block.start : block.end] = encode_part(network, mel, block.start, block.end)
    return embeddings


@inference()
def encode_part(network: BestRQNetwork, mel: Array, start: int, end: int) -> Array:
    """Frames `start` to `end` - 1 of the embedding of log-mel (4 S, 80): (., dim) float32."""
    left, right = max(0, start - network.context), min(end + network.context, len(mel) // STACK)
    inputs = mel[left * STACK : right * STACK].astype(np.float32, copy=False)
    window = network.embed(torch.from_numpy(inputs)[None])[0]
    embeddings: Array = window[start - left : end - left].numpy()
    return embeddings


def save_encoder(network: BestRQNetwork, folder: str | Path) -> None:
    """Write a network's weights, as float16, and its config into a folder."""
    save_network(network, folder, FORMAT, model=network.config)


def load_encoder(folder: str | Path) -> BestRQNetwork:
    """Load a network that `save_encoder` wrote, in float32 and ready to encode.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or of another version.
    """
    folder = Path(folder)
    missing = [n for n in ("config.json", "model.safetensors") if not (folder / n).is_file()]
    if missing:
        raise CheckpointError(
            f"{folder}: not a BEST-RQ encoder: it has no {' and no '.join(missing)}; "
            "recipes/bestrq/train.py CONFIG --export DIR writes both"
        )
    with reading(folder, "BEST-RQ encoder"):
        config = read_config(folder)
        check_format(config, folder, FORMAT)
        model = BestRQConfig.model_validate(config["model"])
        network, _ = load_network(lambda: BestRQNetwork(model), folder)
    return network.eval().requires_grad_(False)
