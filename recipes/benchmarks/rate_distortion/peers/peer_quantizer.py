"""Residual vector quantizer of the networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from vector_quantize_pytorch import ResidualVQ

#: Codes used less often than this share of the average are reset.
DEAD = 0.1
#: Dimensions of the codebooks: low-dimensional codes are used more evenly (Yu et al., 2022,
#: "Vector-quantized image modeling with improved VQGAN").
CODEBOOK_DIM = 16


class Quantizer(nn.Module):
    """Residual VQ with moving-average codebooks (van den Oord et al., 2017; SoundStream, 2021).

    `batch_units` latents of D dimensions in a training batch set the threshold of dead codes.
    """

    def __init__(self, dim: int, codebook_sizes: Sequence[int], batch_units: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.vq = ResidualVQ(
            dim=dim,
            codebook_size=tuple(codebook_sizes),
            codebook_dim=CODEBOOK_DIM,
            kmeans_init=True,
            kmeans_iters=5,
            decay=0.99,
            threshold_ema_dead_code=DEAD * batch_units / max(codebook_sizes),
            rotation_trick=True,
        )

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Latents (B, N, D) to embeddings (B, N, D), codes (B, N, K) and the commitment loss."""
        embeddings, codes, loss = self.vq(self.norm(latents))
        return embeddings, codes, loss.sum()

    @torch.no_grad()
    def initialize(self, latents: Tensor) -> None:
        """Initialise the codebooks by k-means on latents (B, N, D), in the first forward call."""
        self.train()
        self(latents.flatten(0, 1)[None])

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (B, N, D) of codes (B, N, K)."""
        embeddings: Tensor = self.vq.get_output_from_indices(codes)
        return embeddings
