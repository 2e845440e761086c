"""Changing one code of one unit: which units, and to which other code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch

from prosodytok.evaluation.bootstrap import Floats
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens

#: How the other code is chosen: as often as the corpus uses it, or the least like the unit's own.
CHOICES: tuple[Choice, ...] = ("random", "farthest")
Choice = Literal["random", "farthest"]


@dataclass(frozen=True)
class Swap:
    """One unit's code in one codebook, and others to put in its place.

    Parameters
    ----------
    utterance, unit : int
        Which unit of which utterance.
    codes : dict of str to int
        The other code by each way of choosing it.
    """

    utterance: int
    unit: int
    codes: dict[Choice, int]


def draw_swaps(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    level: str,
    book: int,
    most: int,
    rng: np.random.Generator,
) -> list[Swap]:
    """Draw units of a corpus, all equally likely and each at most once, and codes to put there.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Who made the tokens; how far codes are apart is how far their embeddings are.
    tokens : sequence of ProsodyTokens
        The corpus.
    level, book : str, int
        The level, and which of its codebooks.
    most : int
        How many to draw, where there are as many.
    rng : numpy Generator
        The source of chance.

    Returns
    -------
    list of Swap
        Sorted by utterance.
    """
    size = tokens[0][level].codebook_sizes[book]
    counts = np.array([len(t[level]) for t in tokens])
    used = np.bincount(np.concatenate([t[level].codes[book] for t in tokens]), minlength=size)
    # Where a level says the same everywhere, any other code is as good.
    weights = used if np.count_nonzero(used) > 1 else np.ones(size)
    apart = np.where(weights > 0, _distances(tokenizer, tokens[0], level, book), -1.0)
    chosen = np.sort(rng.choice(counts.sum(), size=min(most, counts.sum()), replace=False))
    utterances = np.searchsorted(np.cumsum(counts), chosen, side="right")
    units = chosen - (np.cumsum(counts) - counts)[utterances]
    found = []
    for utterance, unit in zip(utterances.tolist(), units.tolist(), strict=True):
        own = int(tokens[utterance][level].codes[book, unit])
        others = np.where(np.arange(size) == own, 0, weights)
        drawn = int(rng.choice(size, p=others / others.sum()))
        far = np.where(np.arange(size) == own, -1.0, apart[own])
        found.append(Swap(utterance, unit, {"random": drawn, "farthest": int(far.argmax())}))
    return found


def with_code(tokens: ProsodyTokens, level: str, book: int, unit: int, code: int) -> ProsodyTokens:
    """The same tokens with another code at one place."""
    codes = tokens[level].codes.copy()
    codes[book, unit] = code
    levels = tuple(replace(x, codes=codes) if x.name == level else x for x in tokens.levels)
    return replace(tokens, levels=levels)


@torch.inference_mode()
def _distances(tokenizer: ProsodyTokenizer, tokens: ProsodyTokens, level: str, book: int) -> Floats:
    """How far apart the codes of a codebook are as the decoder sees them, (size, size)."""
    sizes = tokens[level].codebook_sizes
    codes = np.zeros((sizes[book], len(sizes)), dtype=np.int64)
    codes[:, book] = np.arange(sizes[book])
    embeddings = torch.from_numpy(tokenizer.embed_codes(level, codes))
    return np.asarray(torch.cdist(embeddings, embeddings).numpy(), dtype=np.float64)
