"""Regenerate `tiny` and its export `tiny-onnx`: python -m tests.tokenizer.onnx.make_tiny

Both are kept because an export takes too long for a test that runs often; the slow
tests make exports of their own.
"""

from pathlib import Path

import numpy as np
import torch

from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch
from prosodytok.tokenizer import save_checkpoint
from prosodytok.tokenizer.onnx_export import export_onnx
from tests.nn.examples import random_example

HERE = Path(__file__).parent
LEVELS = (
    LevelConfig(name="phrase", codebook_sizes=(8, 6), codebook_dim=4, moments=2),
    LevelConfig(name="word", codebook_sizes=(16, 8), codebook_dim=4, own_time=True, hidden=8),
    LevelConfig(name="frame", codebook_sizes=(32,), codebook_dim=4, moments=1),
)


def make_network() -> ProsodyNetwork:
    """A small network with pooled and own-time levels, and initialised codebooks."""
    torch.manual_seed(0)
    few = {"encoder_dilations": (1,), "coarse_dilations": (2,), "fine_dilations": (1,)}
    config = ModelConfig(dim=16, frame_channels=4, frame_blocks=0, levels=LEVELS, **few)
    network = ProsodyNetwork(config, trainable=True)
    for book in network.quantizer("word").codebooks:
        book.normal_()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        network.encode(make_batch([random_example(rng, 900) for _ in range(10)], 8))
    return network


if __name__ == "__main__":
    save_checkpoint(make_network(), HERE / "tiny")
    export_onnx(HERE / "tiny", HERE / "tiny-onnx")
