"""Quantizer of one level: units to codes and their embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional as F

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.distortion import perceptual_cost
from prosodytok.nn.tensors import TensorBatch, TensorDecoded

#: Candidates for each unit in the search for codes, by level.
NUM_CANDIDATES = {"phrase": 1, "word": 2, "frame": 2}


class Quantizer(Protocol):
    """A module that quantizes the units of one level.

    Attributes
    ----------
    codebook_sizes : tuple of int
        Codes in each of K codebooks.
    num_candidates : int
        Candidates for each unit in the search for codes (see `nn.code_search`).
    """

    codebook_sizes: tuple[int, ...]
    num_candidates: int

    def __call__(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (M, D) and nearest codes (M, K) of units (M, .), and the commitment loss."""

    @property
    def codebooks(self) -> list[Tensor]:
        """Vectors (C, D) of the C codes of each codebook."""

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, K)."""

    def commitment(self, units: Tensor, codes: Tensor) -> Tensor:
        """Mean squared distance of units from their codes (M, K)."""

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """Up to `count` codes (M, C, K) near each of the units, nearest first."""

    def frame_cost(self, batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
        """Cost of each frame that the search for codes minimises, (C, B, T)."""


class LevelQuantizer(nn.Module):
    """Residual vector quantizer over a level's ragged units.

    Units have no padding, (M, D), so none enters the codebook's moving averages. With `trainable`
    the codebooks are those of vector-quantize-pytorch: built in a group of processes, they follow
    the units of all processes and stay the same in all. Without, they are read-only and that
    library is not imported; names and shapes of the state are the same.

    References
    ----------
    N. Zeghidour et al., "SoundStream: an end-to-end neural audio codec", TASLP 2021.
    """

    def __init__(self, dim: int, config: LevelConfig, trainable: bool = False) -> None:
        super().__init__()
        self.codebook_sizes = config.codebook_sizes
        self.num_candidates = NUM_CANDIDATES[config.name]
        self.trainable = trainable
        self.norm = nn.LayerNorm(dim)
        self.vq = trainable_vq(dim, config) if trainable else FixedVQ(dim, config)

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Quantize units (M, D) into embeddings (M, D), codes (M, K) and the commitment loss.

        In training, trainable codebooks are updated; never in half precision, in which moving
        averages do not move.
        """
        with torch.autocast(units.device.type, enabled=False):
            units = units if units.dtype == torch.float64 else units.float()
            if self.training and self.trainable:
                quantized, codes, loss = self.vq(self.norm(units)[None])
                return quantized[0], codes[0], loss.sum()
            codes = self.candidates(units, 1)[:, 0]
            return self.embed(codes), codes, self.commitment(units, codes)

    @property
    def codebooks(self) -> list[Tensor]:
        """Vectors (C, D) of the C codes of each codebook."""
        return [cast(Tensor, layer.codebook) for layer in self.vq.layers]

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, K)."""
        return self.vq.project_out(sum_vectors(self.codebooks, codes))  # type: ignore[no-any-return]

    def commitment(self, units: Tensor, codes: Tensor) -> Tensor:
        """Mean squared distance of units (M, D) from their codes (M, K), in the codes' space."""
        return F.mse_loss(self.vq.project_in(self.norm(units)), sum_vectors(self.codebooks, codes))

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """Up to `count` codes (M, C, K) near each of the units (M, D), nearest first.

        With several codebooks, a beam of `count` is kept from each to the next.
        """
        residual = self.vq.project_in(self.norm(units))[:, None]  # (M, C, d)
        chosen: Tensor = residual.new_zeros(residual.shape[0], 1, 0, dtype=torch.long)
        for book in self.codebooks:
            kept = min(count, residual.shape[1] * len(book))
            distance = squared_distances(residual, book).flatten(1)
            best = distance.topk(kept, largest=False).indices
            beam, code = best // len(book), best % len(book)
            chosen = torch.cat([_take(chosen, beam), code[..., None]], dim=-1)
            residual = _take(residual, beam) - book[code]
        return chosen

    def frame_cost(self, batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
        """Cost of each frame: errors of F0, voicing and energy."""
        return perceptual_cost(batch, decoded)


def squared_distances(vectors: Tensor, book: Tensor) -> Tensor:
    """Squared distances (..., C) of vectors (..., d) from those of a codebook (C, d)."""
    lengths = vectors.square().sum(-1, keepdim=True) + book.square().sum(1)
    return lengths - 2 * vectors @ book.T


def sum_vectors(codebooks: Sequence[Tensor], codes: Tensor) -> Tensor:
    """Sum (M, d) of the vectors of codes (M, K), one of each of K codebooks (C, d)."""
    books = zip(codes.unbind(-1), codebooks, strict=True)
    return torch.stack([book[code] for code, book in books]).sum(0)


class FixedVQ(nn.Module):
    """Codebooks and projections for look-up alone.

    The state has the names and shapes of vector-quantize-pytorch's ResidualVQ.
    """

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        inner = config.codebook_dim
        same = inner == dim
        self.project_in = nn.Identity() if same else nn.Linear(dim, inner)
        self.project_out = nn.Identity() if same else nn.Linear(inner, dim)
        self.layers = nn.ModuleList(_FixedLayer(size, inner) for size in config.codebook_sizes)


class _FixedLayer(nn.Module):
    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self._codebook = _FixedCodebook(size, dim)

    @property
    def codebook(self) -> Tensor:
        """Vectors (C, D)."""
        return self._codebook.embed[0]


class _FixedCodebook(nn.Module):
    """The vectors, and the moving averages from which training goes on."""

    embed: Tensor

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("initted", torch.tensor(False))
        self.register_buffer("cluster_size", torch.ones(1, size))
        self.register_buffer("embed_avg", torch.zeros(1, size, dim))
        self.register_buffer("embed", torch.zeros(1, size, dim))


def trainable_vq(dim: int, config: LevelConfig) -> Any:
    """The ResidualVQ of vector-quantize-pytorch, which is imported for training alone."""
    from vector_quantize_pytorch import ResidualVQ

    return ResidualVQ(
        dim=dim,
        codebook_size=config.codebook_sizes,
        codebook_dim=config.codebook_dim,
        kmeans_init=True,
        kmeans_iters=10,
        decay=config.decay,
        threshold_ema_dead_code=config.dead_code_threshold,
        rotation_trick=True,
        # Set explicitly, because the library caches the first result for the whole process.
        sync_codebook=_is_distributed(),
    )


def _is_distributed() -> bool:
    return (
        distributed.is_available()
        and distributed.is_initialized()
        and distributed.get_world_size() > 1
    )


def _take(items: Tensor, beam: Tensor) -> Tensor:
    """Items (M, C, X) at the indices (M, C') of a beam: (M, C', X)."""
    return items.gather(1, beam[..., None].expand(-1, -1, items.shape[-1]))
