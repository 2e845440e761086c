"""The network: three stages of one build, each a small transformer over its own items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.lm.config import VOICE, LMConfig
from prosodytok.lm.items import Items, Kind, kinds
from prosodytok.lm.text import PAD, UNKNOWN, spell
from prosodytok.nn.layers import Stack


@dataclass(frozen=True)
class Told:
    """The items of B utterances as a stage takes them, padded to the longest.

    Parameters
    ----------
    spelling : (S,) int64
        Letters of the X different words of all utterances; see `spell`.
    lengths : (X,) int64
        How many each word has.
    words : (B, N) int64
        The word of each item.
    letters : (B, N) int64
        The place in `spelling` where it stands.
    conditions : (B, N, C) int64
        See `Items`.
    contour : (B, N, D) float32
        See `Items`.
    voice : (B, 4) float32
        The voices, normalised.
    mask : (B, N, 1) float32
        1 on items, 0 on padding.
    """

    spelling: Tensor
    lengths: Tensor
    words: Tensor
    letters: Tensor
    conditions: Tensor
    contour: Tensor
    voice: Tensor
    mask: Tensor


def batch_of(
    items: Sequence[Items], words: Sequence[Sequence[str]], voices: Tensor, alphabet: str
) -> tuple[Told, Tensor]:
    """What a stage is told of B utterances, and what it says of them: fields (B, N, K).

    Parameters
    ----------
    items : sequence of Items, length B
        One stage's.
    words : sequence of B sequences of str
        The words of each utterance.
    voices : (B, 4) float32
        Normalised voices.
    alphabet : str
        The letters that are known.
    """
    rows = {text: row for row, text in enumerate(dict.fromkeys(("", *chain(*words))))}
    spelling, lengths = spell(rows, alphabet)
    starts = lengths.cumsum(0) - lengths
    own = [
        torch.tensor([0, *(rows[word] for word in of)])[torch.from_numpy(x.words)]
        for x, of in zip(items, words, strict=True)
    ]
    places = [starts[row] + torch.from_numpy(x.letters) for x, row in zip(items, own, strict=True)]
    told = Told(
        spelling,
        lengths,
        _padded(own, 0),
        _padded(places, 0),
        _padded([torch.from_numpy(x.conditions) for x in items], 0),
        _padded([torch.from_numpy(x.contour) for x in items], 0),
        voices,
        _padded([torch.ones(len(x), 1) for x in items], 0),
    )
    return told, _padded([torch.from_numpy(x.fields) for x in items], -1)


def _padded(rows: list[Tensor], value: float) -> Tensor:
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


#: Width of a letter.
LETTER_DIM = 64


class Categories(nn.Module):
    """The sum of one embedding for each of several small numbers; -1 is a value too."""

    def __init__(self, sizes: Sequence[int], dim: int) -> None:
        super().__init__()
        sizes = [size + 1 for size in sizes]
        starts = torch.tensor([1, *sizes]).cumsum(0)[:-1]
        self.register_buffer("starts", starts, persistent=False)
        self.table = nn.Embedding(sum(sizes), dim)
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, values: Tensor) -> Tensor:
        """Embed the first J <= C numbers (..., J) as (..., D)."""
        starts: Tensor = self.starts[: values.shape[-1]]  # type: ignore[index]
        return self.table(values + starts).sum(-2)  # type: ignore[no-any-return]


class Block(nn.Module):
    """A transformer block: attention, then two layers; (B, N, D) to (B, N, D).

    Not torch's own: its fast path for inference gave other results under a bias for each head.
    """

    def __init__(self, config: LMConfig) -> None:
        super().__init__()
        dim = config.dim
        self.heads = config.heads
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(2))
        self.attention = nn.Linear(dim, 3 * dim)
        self.joined = nn.Linear(dim, dim)
        self.wide = nn.Linear(dim, config.hidden)
        self.out = nn.Linear(config.hidden, dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Transform x under a bias (H, N, N) of the attention's scores."""
        split = self.attention(self.norms[0](x)).unflatten(-1, (3, self.heads, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        heard = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = x + self.dropout(self.joined(heard.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.out(F.gelu(self.wide(self.norms[1](x)))))  # type: ignore[no-any-return]


class Stage(nn.Module):
    """Says the fields of items, each given all items before it and its own earlier fields.

    What is known from the start (text, conditions, voice) passes through convolutions that see both
    ways; what has been said enters a causal transformer whose attention fades with distance (Press
    et al. 2022, "Train short, test long: attention with linear biases", ALiBi) and ends at a
    window, so that texts may be longer than those of training.
    """

    def __init__(self, config: LMConfig, kind: Kind) -> None:
        super().__init__()
        dim, sizes = config.dim, list(kind.fields.values())
        self.heads, self.window = config.heads, config.window
        #: Items, itself included, that can change what is said of one.
        self.reach = config.layers * (config.window - 1) + 1
        self.letters = nn.Embedding(len(config.alphabet) + UNKNOWN + 1, LETTER_DIM)
        self.spelling = nn.ModuleList(
            nn.Conv1d(LETTER_DIM, width, 3, padding=1) for width in (LETTER_DIM, dim)
        )
        self.conditions = Categories(kind.conditions, dim)
        self.contour = nn.Linear(kind.contour, dim) if kind.contour else None
        self.voice = nn.Linear(VOICE, dim)
        self.context = Stack(dim, config.dilations)
        self.said = Categories(sizes, dim)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(dim)
        self.hidden = nn.ModuleList(nn.Linear(dim, dim) for _ in sizes)
        self.output = nn.ModuleList(nn.Linear(dim, size) for size in sizes)

    def forward(self, told: Told, fields: Tensor) -> list[Tensor]:
        """Logits (B, N, V) of each field, given the fields (B, N, K) before it."""
        known, states = self.know(told), self.after(fields[:, :-1])
        heard = self.listen(known, states)
        return [self.logits(heard, fields[..., :number]) for number in range(fields.shape[-1])]

    def know(self, told: Told) -> Tensor:
        """What is known of each item before anything is said: (B, N, D)."""
        letters = self._read(told.spelling)
        words = torch.segment_reduce(letters, "max", lengths=told.lengths)
        x = words[told.words] + letters[told.letters]
        x = x + self.conditions(told.conditions) + self.voice(told.voice)[:, None]
        if self.contour is not None:
            x = x + self.contour(told.contour)
        return self.context(self.dropout(x), told.mask)  # type: ignore[no-any-return]

    def after(self, fields: Tensor) -> Tensor:
        """What each item hears of the one before, (B, N, D), from all but the last's fields."""
        return F.pad(self.said(fields), (0, 0, 1, 0))

    def listen(self, known: Tensor, states: Tensor) -> Tensor:
        """What each item makes of itself and those before it, (B, N, D)."""
        bias = attention_bias(known.shape[1], self.heads, self.window)
        x = self.dropout(known + states)
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x)  # type: ignore[no-any-return]

    def logits(self, heard: Tensor, earlier: Tensor) -> Tensor:
        """Logits (..., V) of the field that follows an item's earlier fields (..., J)."""
        number = earlier.shape[-1]
        x = heard + self.said(earlier) if number else heard
        return self.output[number](self.dropout(F.gelu(self.hidden[number](x))))  # type: ignore[no-any-return]

    def _read(self, spelling: Tensor) -> Tensor:
        """Letters (S,) in their surroundings, (S, D): they see none of other words."""
        mask = (spelling != PAD).float()
        x = self.dropout(self.letters(spelling)).T
        for conv in self.spelling:
            x = F.gelu(conv((x * mask)[None])[0])
        letters: Tensor = (x * mask).T
        return letters


def attention_bias(count: int, heads: int, window: int) -> Tensor:
    """ALiBi of a causal window: (H, N, N), to be added to the scores of attention."""
    place = torch.arange(count)
    back = place[:, None] - place
    slopes = torch.exp2(-8 * torch.arange(1, heads + 1) / heads)
    bias = -slopes[:, None, None] * back
    return bias.masked_fill((back < 0) | (back >= window), -math.inf)


class LMNetwork(nn.ModuleDict):
    """The stages "phrase", "word" and "frame"."""

    def __init__(self, config: LMConfig) -> None:
        super().__init__({name: Stage(config, kind) for name, kind in kinds(config).items()})
        self.config = config


def field_bits(logits: Sequence[Tensor], fields: Tensor) -> Tensor:
    """Bits of each field, (B, N, K); 0 where there is nothing to say."""
    losses = [
        F.cross_entropy(x.transpose(1, 2), fields[..., k], ignore_index=-1, reduction="none")
        for k, x in enumerate(logits)
    ]
    return torch.stack(losses, dim=-1) / math.log(2)
