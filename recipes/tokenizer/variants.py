"""Train variants that the library does not support: other blocks, quantizers and frame rates.

    python recipes/tokenizer/variants.py gru recipes/tokenizer/brief-gru.yaml

Each variant replaces one part of the network and keeps the rest, the training and the bit rate.
Results are in RESULTS.md; the checkpoints cannot be loaded elsewhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import lightning
import torch
from torch import Tensor, nn
from vector_quantize_pytorch import FSQ

from prosodytok.nn import decoder, encoder, layout
from prosodytok.nn.config import LevelConfig
from prosodytok.training import trainer
from prosodytok.types import Hierarchy, Segmentation

#: Steps of FSQ in each dimension, for about as many codes as the levels of base.yaml.
FSQ_STEPS = {"phrase": [8, 8], "word": [8, 5, 5, 5], "frame": [8, 8, 5]}


class Recurrent(nn.Module):
    """Bidirectional GRUs with residual connections in place of a stack, one per two blocks."""

    def __init__(self, dim: int, dilations: Iterable[int]) -> None:
        super().__init__()
        count = -(-len(tuple(dilations)) // 2)
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(count))
        self.layers = nn.ModuleList(
            nn.GRU(dim, dim // 2, batch_first=True, bidirectional=True) for _ in range(count)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + layer(norm(x) * mask)[0]
        return x


class Attention(nn.Module):
    """Transformer layers in place of a stack, one per two blocks."""

    def __init__(self, dim: int, dilations: Iterable[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                dim, 6, 2 * dim, 0.0, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(-(-len(tuple(dilations)) // 2))
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        if self.layers:
            x = x + _positions(x.shape[1], x.shape[2])
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=mask[..., 0] == 0)
        return x


class FiniteScalar(nn.Module):
    """Finite scalar quantization (Mentzer et al., 2024) in place of a residual quantizer."""

    def __init__(self, dim: int, config: LevelConfig, _: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fsq = FSQ(levels=FSQ_STEPS[config.name], dim=dim)
        self.codebook_sizes = (self.fsq.codebook_size,)

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Quantize units (M, D) into embeddings (M, D), codes (M, 1) and a loss of 0."""
        quantized, codes = self.fsq(self.norm(units)[None])
        return quantized[0], codes[0][:, None].long(), units.new_zeros(())


def use_blocks(block: type[nn.Module]) -> None:
    """Replace the blocks of encoder and decoder."""
    encoder.Stack = decoder.Stack = block  # type: ignore[misc,assignment]


def use_fsq() -> None:
    """Replace the quantizers by FSQ."""
    encoder.LevelQuantizer = FiniteScalar  # type: ignore[misc,assignment]


def use_frame_tokens_of(frames: int) -> None:
    """Set the number of frames (10 ms) per frame token."""

    def level_segmentations(hierarchy: Hierarchy) -> dict[str, Segmentation]:
        grid = Segmentation.grid(hierarchy.words.num_frames, frames)
        return {"phrase": hierarchy.phrases, "word": hierarchy.words, "frame": grid}

    layout.level_segmentations = level_segmentations


VARIANTS = {
    "gru": partial(use_blocks, Recurrent),
    "transformer": partial(use_blocks, Attention),
    "fsq": use_fsq,
    "6hz": partial(use_frame_tokens_of, 16),
    "25hz": partial(use_frame_tokens_of, 4),
}


def _positions(steps: int, dim: int) -> Tensor:
    positions = torch.arange(steps)[:, None]
    rates = torch.exp(-torch.arange(0, dim, 2) * (9.2 / dim))
    return torch.cat([torch.sin(positions * rates), torch.cos(positions * rates)], dim=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=sorted(VARIANTS))
    parser.add_argument("config", type=Path)
    options = parser.parse_args()
    VARIANTS[options.variant]()
    # Figures are drawn of tokens, which have but one grid and one kind of codes.
    trainer.ValidationFigures = lambda _: lightning.Callback()  # type: ignore[misc,assignment]
    print(trainer.train(options.config))


if __name__ == "__main__":
    main()
