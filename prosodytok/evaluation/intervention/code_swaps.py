"""Replacements of one code of one unit: choice of the units and of the other codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch

from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.inference import inference
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens

#: Choice of the other code: drawn by its frequency in the corpus, or the most distant one.
Choice = Literal["random", "farthest"]
CHOICES: tuple[Choice, ...] = ("random", "farthest")


@dataclass(frozen=True)
class Swap:
    """A unit of an utterance, both by index, and for each choice another code in one codebook."""

    utterance: int
    unit: int
    codes: dict[Choice, int]


@dataclass(frozen=True)
class Codebook:
    """A codebook (index from 0) of a level in the tokens of a corpus."""

    tokenizer: ProsodyTokenizer
    tokens: Sequence[ProsodyTokens]
    level: str
    index: int

    def apply(self, swap: Swap, code: int) -> ProsodyTokens:
        """The tokens of the utterance of a swap with `code` at its unit."""
        tokens = self.tokens[swap.utterance]
        codes = tokens[self.level].codes.copy()
        codes[self.index, swap.unit] = code
        levels = (replace(x, codes=codes) if x.name == self.level else x for x in tokens.levels)
        return replace(tokens, levels=tuple(levels))


def draw_swaps(codebook: Codebook, max_changes: int, rng: np.random.Generator) -> list[Swap]:
    """Draw up to `max_changes` units of a corpus, without replacement, and other codes for them.

    The units are sorted by utterance; distances of codes are those of the tokenizer's embeddings.
    """
    tokens, level, book = codebook.tokens, codebook.level, codebook.index
    size = tokens[0][level].codebook_sizes[book]
    counts = np.array([len(t[level]) for t in tokens])
    used = np.bincount(np.concatenate([t[level].codes[book] for t in tokens]), minlength=size)
    # If the corpus has one code only, all others are equally likely.
    weights = used if np.count_nonzero(used) > 1 else np.ones(size)
    distances = np.where(weights > 0, _distances(codebook), -1.0)
    chosen = np.sort(rng.choice(counts.sum(), size=min(max_changes, counts.sum()), replace=False))
    utterances = np.searchsorted(np.cumsum(counts), chosen, side="right")
    units = chosen - (np.cumsum(counts) - counts)[utterances]
    found = []
    for utterance, unit in zip(utterances.tolist(), units.tolist(), strict=True):
        own = int(tokens[utterance][level].codes[book, unit])
        others = np.where(np.arange(size) == own, 0, weights)
        drawn = int(rng.choice(size, p=others / others.sum()))
        farthest = int(np.where(np.arange(size) == own, -1.0, distances[own]).argmax())
        found.append(Swap(utterance, unit, {"random": drawn, "farthest": farthest}))
    return found


@inference()
def _distances(codebook: Codebook) -> Floats:
    """Distances of the embeddings of a codebook's codes, (size, size)."""
    sizes = codebook.tokens[0][codebook.level].codebook_sizes
    size = sizes[codebook.index]
    codes = np.zeros((size, len(sizes)), dtype=np.int64)
    codes[:, codebook.index] = np.arange(size)
    embeddings = torch.from_numpy(codebook.tokenizer.embed_codes(codebook.level, codes))
    return np.asarray(torch.cdist(embeddings, embeddings).numpy(), dtype=np.float64)
