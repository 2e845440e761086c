"""Prosody tokens as embeddings for the encoder or decoder of an acoustic model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from prosodytok.sequences.alphabet import Alphabet
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, TokenError
from prosodytok.types.tokens import ProsodyTokens, TokenLevel

#: Cosines of the position in a unit, as in the decoder of the tokenizer.
COSINES = 4
#: Of random numbers, so that they depend on no default of torch.
CPU: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}
Array = NDArray[np.float64]
#: For each pair of span and unit: index of the span, index of the unit, share of the span.
Pairs: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], Array]


class ProsodyConditioner(nn.Module):
    """Embeds the tokens of a batch as one vector for each phone or frame.

    Each codebook of each level has an embedding; those of a level are summed, and so are the
    levels. A span (phone or frame) has the codes of the phrase and of the word at its centre, and
    the mean of the frame tokens that it overlaps, weighted by the overlap. With `timing`, the
    duration of the phrase and of the word, and the position of the span in them, are embedded too.

    For classifier-free guidance (Ho and Salimans, 2022), levels are dropped in training, each
    independently and all at once. A learned vector replaces a level that is dropped or missing; the
    sum of these vectors is the null condition.

    Parameters
    ----------
    codebook_sizes : mapping of str to sequence of int
        Sizes of the K codebooks of each level that is used, such as
        ``{"phrase": (64,), "word": (32, 32), "frame": (320,)}``.
    dim : int
        Dimension D of the vectors.
    level_dropout : float
        Probability of dropping a level of an utterance in training.
    condition_dropout : float
        Probability of dropping all levels of an utterance in training.
    timing : bool
        Whether durations and positions are embedded beside codes.

    Raises
    ------
    TokenError
        If a level is unknown or has no codes.
    ConfigError
        If a dropout rate is not from 0 to 1.

    Examples
    --------
    >>> conditioner = ProsodyConditioner.of(tokens, dim=256, condition_dropout=0.1)
    >>> phones = Segmentation([0, 12, 20, 31], ("HH", "AY", ""))
    >>> embeddings = conditioner([tokens], [phones.boundaries])  # (1, 3, 256)
    """

    def __init__(
        self,
        codebook_sizes: Mapping[str, Sequence[int]],
        dim: int,
        *,
        level_dropout: float = 0.0,
        condition_dropout: float = 0.0,
        timing: bool = True,
    ) -> None:
        super().__init__()
        for rate in (level_dropout, condition_dropout):
            if not 0 <= rate <= 1:
                raise ConfigError(f"a dropout rate must be from 0 to 1, not {rate}")
        alphabet = Alphabet({name: tuple(sizes) for name, sizes in codebook_sizes.items()})
        self.codebook_sizes = dict(alphabet.codebook_sizes)
        self.dim, self.timing = dim, timing
        self.level_dropout, self.condition_dropout = level_dropout, condition_dropout
        self.codes = nn.ModuleDict(
            {
                name: nn.ModuleList(nn.Embedding(size, dim) for size in sizes)
                for name, sizes in self.codebook_sizes.items()
            }
        )
        timed = [name for name in self.codebook_sizes if timing and name != "frame"]
        self.places = nn.ModuleDict({name: nn.Linear(1 + COSINES, dim) for name in timed})
        self.null = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(dim)) for name in self.codebook_sizes}
        )

    @classmethod
    def of(cls, tokens: ProsodyTokens, dim: int, **options: Any) -> ProsodyConditioner:
        """Conditioner for the levels and codebooks of these tokens, with further parameters."""
        return cls({level.name: level.codebook_sizes for level in tokens.levels}, dim, **options)

    @torch.no_grad()
    def warm_start(self, tokenizer: ProsodyTokenizer) -> None:
        """Initialize with the codebook vectors of the tokenizer, which keeps their similarities.

        One random projection per level, the same for residual codebooks, preserves sums. Call it
        before training.

        Raises
        ------
        TokenError
            If the tokenizer has other codebooks.
        """
        for name, sizes in self.codebook_sizes.items():
            books = [torch.from_numpy(tokenizer.codebook(name, k)) for k in range(len(sizes))]
            if (found := tuple(map(len, books))) != sizes:
                raise TokenError(
                    f"level {name!r}: the tokenizer has codebooks of sizes {found}, and the "
                    f"conditioner {sizes}"
                )
            width = books[0].shape[1]
            projection = torch.randn(width, self.dim, **CPU) / (books[0].std() * width**0.5)
            for embedding, vectors in zip(self._books(name), books, strict=True):
                embedding.weight.copy_(vectors @ projection)

    def forward(
        self,
        utterances: Sequence[ProsodyTokens],
        spans: Sequence[ArrayLike],
        levels: Collection[str] | None = None,
    ) -> Tensor:
        """Embed the tokens of B utterances.

        Parameters
        ----------
        utterances : sequence of ProsodyTokens, length B
            Tokens of any levels; missing levels are null.
        spans : sequence of (T_b + 1,) arrays, length B
            Increasing edges of the phones or frames of each utterance, in (fractional) frames of
            its prosody grid (10 ms): `Segmentation.boundaries` of its phones, or `frame_spans`.
            Spans beyond the utterance have its first or last units.
        levels : collection of str, optional
            Subset of levels to use; all by default. ``()`` is the null condition.

        Returns
        -------
        (B, T, D)
            T is the largest T_b; 0 on padding. On the device of the weights, in their dtype.

        Raises
        ------
        TokenError
            If tokens have other codebooks, a level is unknown, there are not as many spans as
            utterances, or spans do not increase.
        """
        edges = _check_spans(utterances, spans)
        used = self._draw_levels(utterances, levels)
        longest = max(edge.size for edge in edges) - 1
        embedded = [
            self._embed_level(name, utterances, edges, used[name], longest)
            for name in self.codebook_sizes
        ]
        return torch.stack(embedded).sum(dim=0).view(len(edges), longest, self.dim)

    def _draw_levels(
        self, utterances: Sequence[ProsodyTokens], levels: Collection[str] | None
    ) -> dict[str, NDArray[np.bool_]]:
        """Mask (B,) of the utterances at each level, after dropout."""
        if unknown := set(levels or ()) - set(self.codebook_sizes):
            raise TokenError(f"no level {sorted(unknown)}; there are {[*self.codebook_sizes]}")
        count = len(utterances)
        any_level = self._keep(self.condition_dropout, count)
        return {
            name: np.array([(levels is None or name in levels) and name in t for t in utterances])
            & any_level
            & self._keep(self.level_dropout, count)
            for name in self.codebook_sizes
        }

    def _keep(self, dropout: float, count: int) -> NDArray[np.bool_]:
        if not self.training or dropout == 0:
            return np.ones(count, dtype=bool)
        return (torch.rand(count, **CPU) >= dropout).numpy()

    def _embed_level(
        self,
        name: str,
        utterances: Sequence[ProsodyTokens],
        edges: Sequence[Array],
        used: NDArray[np.bool_],
        longest: int,
    ) -> Tensor:
        """Embeddings of a level for the whole batch, (B * longest, D)."""
        null: Tensor = self.null[name]
        total = null.new_zeros(len(edges) * longest, self.dim)
        for row, (tokens, row_edges) in enumerate(zip(utterances, edges, strict=True)):
            out = slice(row * longest, row * longest + row_edges.size - 1)
            total[out] = self._embed_units(tokens[name], row_edges) if used[row] else null
        return total

    def _embed_units(self, level: TokenLevel, edges: Array) -> Tensor:
        """Embeddings of the spans of one utterance at one level, (T_b, D)."""
        if level.codebook_sizes != self.codebook_sizes[level.name]:
            raise TokenError(
                f"level {level.name!r} has codebooks of sizes {level.codebook_sizes}, and the "
                f"conditioner {self.codebook_sizes[level.name]}"
            )
        weight: Tensor = self.null[level.name]
        codes = torch.from_numpy(level.codes).to(weight.device)
        books = zip(self._books(level.name), codes, strict=True)
        units = torch.stack([book(c) for book, c in books]).sum(dim=0)
        span, unit, share = (_overlapping if level.name == "frame" else _at_centre)(level, edges)
        rows, picked = (torch.from_numpy(index).to(weight.device) for index in (span, unit))
        parts = units[picked] * torch.from_numpy(share).to(weight)[:, None]
        embedded = weight.new_zeros(edges.size - 1, self.dim).index_add(0, rows, parts)
        if level.name in self.places:
            place = torch.from_numpy(_places(level, edges, unit)).to(weight)
            embedded = embedded + self.places[level.name](place)
        return embedded

    def _books(self, name: str) -> list[nn.Embedding]:
        return [book for book in self.codes[name].children() if isinstance(book, nn.Embedding)]


def frame_spans(tokens: ProsodyTokens, rate: float) -> Array:
    """Edges of the frames of an acoustic model, for `ProsodyConditioner`.

    Parameters
    ----------
    tokens : ProsodyTokens
        Tokens of the utterance.
    rate : float
        Frame rate (Hz), such as ``22050 / 256`` of a mel spectrogram or 12.5 of Mimi.

    Returns
    -------
    (T + 1,) float64
        Edges in frames of the prosody grid; T is the duration times `rate`, rounded up.
    """
    count = int(np.ceil(tokens.duration * rate - 1e-6))
    return np.arange(count + 1, dtype=np.float64) * (tokens.frame_rate / rate)


def _check_spans(utterances: Sequence[ProsodyTokens], spans: Sequence[ArrayLike]) -> list[Array]:
    edges = [np.asarray(row, dtype=np.float64) for row in spans]
    if not edges or len(edges) != len(utterances):
        raise TokenError(f"spans of {len(edges)} utterances for {len(utterances)}")
    for number, row in enumerate(edges):
        if row.ndim != 1 or row.size < 2 or not (np.diff(row) > 0).all():
            raise TokenError(f"utterance {number}: edges of spans must increase, two at least")
    return edges


def _at_centre(level: TokenLevel, edges: Array) -> Pairs:
    """The unit at the centre of each span."""
    count = edges.size - 1
    unit = level.segmentation.unit_at((edges[:-1] + edges[1:]) / 2)
    return np.arange(count), unit, np.ones(count)


def _overlapping(level: TokenLevel, edges: Array) -> Pairs:
    """All units that each span overlaps, with their share of the span."""
    pieces = np.union1d(edges, level.segmentation.boundaries)
    pieces = pieces[(pieces >= edges[0]) & (pieces <= edges[-1])]
    middles, lengths = (pieces[:-1] + pieces[1:]) / 2, np.diff(pieces)
    span = np.searchsorted(edges, middles, side="right") - 1
    return span, level.segmentation.unit_at(middles), lengths / np.diff(edges)[span]


def _places(level: TokenLevel, edges: Array, unit: NDArray[np.int64]) -> Array:
    """Log-duration (octaves re 250 ms) of the unit of each span, and cosines of its position."""
    starts, durations = level.segmentation.boundaries[:-1][unit], level.segmentation.durations[unit]
    position = np.clip(((edges[:-1] + edges[1:]) / 2 - starts) / durations, 0, 1)
    cosines = np.cos(np.pi * np.arange(1, COSINES + 1) * position[:, None])
    return np.column_stack([np.log2(durations / 25), cosines])
