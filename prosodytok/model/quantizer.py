"""One level's quantizer: units in, codes and their embeddings out."""

from __future__ import annotations

from torch import Tensor, nn
from vector_quantize_pytorch import ResidualVQ

from prosodytok.model.config import LevelConfig


class LevelQuantizer(nn.Module):
    """Residual vector quantizer (SoundStream, Zeghidour et al., 2021) over a level's ragged units.

    Units come without padding, (M, D), so none can leak into the codebook's moving averages.
    """

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.codebook_sizes = config.codebook_sizes
        self.norm = nn.LayerNorm(dim)
        self.vq = ResidualVQ(
            dim=dim,
            codebook_size=config.codebook_sizes,
            codebook_dim=config.codebook_dim,
            kmeans_init=True,
            kmeans_iters=10,
            decay=config.decay,
            threshold_ema_dead_code=config.dead_code_threshold,
            rotation_trick=True,
        )

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Quantize units (M, D) into embeddings (M, D), codes (M, K) and the commitment loss."""
        quantized, codes, loss = self.vq(self.norm(units)[None])
        return quantized[0], codes[0], loss.sum()

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, K)."""
        embeddings: Tensor = self.vq.get_output_from_indices(codes[None])[0]
        return embeddings
