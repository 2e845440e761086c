"""One level's quantizer: units in, codes and their embeddings out."""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional as F
from vector_quantize_pytorch import ResidualVQ

from prosodytok.nn.config import LevelConfig


class LevelQuantizer(nn.Module):
    """Residual vector quantizer (SoundStream, Zeghidour et al., 2021) over a level's ragged units.

    Units come without padding, (M, D), so none can leak into the codebook's moving averages. Built
    in a group of processes, the codebooks follow the units of all of them and stay the same in all:
    first vectors, moving averages and the replacement of dead codes.
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
            # Said here: the library asks once a process, and remembers an answer from before.
            sync_codebook=_among_others(),
        )

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Quantize units (M, D) into embeddings (M, D), codes (M, K) and the commitment loss.

        All in single precision, whatever the network around it works in: moving averages in half
        precision stand still.
        """
        with torch.autocast(units.device.type, enabled=False):
            quantized, codes, loss = self.vq(self.norm(units.float())[None])
        return quantized[0], codes[0], loss.sum()

    @property
    def codebooks(self) -> list[Tensor]:
        """Vectors (C, D) of each codebook's C codes."""
        return [layer.codebook for layer in self.vq.layers]

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, K)."""
        return self.vq.project_out(self._vectors(codes))  # type: ignore[no-any-return]

    def commitment(self, units: Tensor, codes: Tensor) -> Tensor:
        """How far units (M, D) lie from their codes (M, K): mean squared, in the codes' space."""
        return F.mse_loss(self.vq.project_in(self.norm(units)), self._vectors(codes))

    def _vectors(self, codes: Tensor) -> Tensor:
        books = zip(codes.unbind(-1), self.codebooks, strict=True)
        return torch.stack([book[code] for code, book in books]).sum(0)

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """Up to `count` codes (M, C, K) near each of the units (M, D), nearest first.

        Of several codebooks, a beam of `count` is kept from each to the next.
        """
        left = self.vq.project_in(self.norm(units))[:, None]  # what is left to say: (M, C, d)
        chosen: Tensor = left.new_zeros(left.shape[0], 1, 0, dtype=torch.long)
        for book in self.codebooks:
            kept = min(count, left.shape[1] * len(book))
            lengths = left.square().sum(-1, keepdim=True) + book.square().sum(1)
            distance = (lengths - 2 * left @ book.T).flatten(1)  # squared
            best = distance.topk(kept, largest=False).indices
            beam, code = best // len(book), best % len(book)
            chosen = torch.cat([_take(chosen, beam), code[..., None]], dim=-1)
            left = _take(left, beam) - book[code]
        return chosen


def _among_others() -> bool:
    return (
        distributed.is_available()
        and distributed.is_initialized()
        and distributed.get_world_size() > 1
    )


def _take(items: Tensor, beam: Tensor) -> Tensor:
    """Items (M, C, X) at the places (M, C') of a beam: (M, C', X)."""
    return items.gather(1, beam[..., None].expand(-1, -1, items.shape[-1]))
