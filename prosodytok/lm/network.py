"""Network of the language model: three stages of one architecture, each a small transformer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.lm.config import VOICE_DIM, LMConfig
from prosodytok.lm.spelling import PAD, UNKNOWN, words_to_letter_ids
from prosodytok.lm.stage_sequences import StageSequence, StageSpec, stage_specs
from prosodytok.nn.layers import Stack


@dataclass(frozen=True)
class StageBatch:
    """Inputs of a stage for B utterances, padded to the longest of N positions.

    `spelling` (S,) has the letter ids of the X distinct words of all utterances, and `lengths` (X,)
    the number of ids of each (see `words_to_letter_ids`). For each position (B, N): its word, and
    the index of its letter in `spelling`; `conditions` (B, N, C) and `contour` (B, N, D) as in
    `StageSequence`; `mask` (B, N, 1), 0 on padding. `voice` (B, 4) has normalised features.
    """

    spelling: Tensor
    lengths: Tensor
    words: Tensor
    letters: Tensor
    conditions: Tensor
    contour: Tensor
    voice: Tensor
    mask: Tensor


def collate_sequences(
    sequences: Sequence[StageSequence],
    words: Sequence[Sequence[str]],
    voices: Tensor,
    alphabet: str,
) -> tuple[StageBatch, Tensor]:
    """Batch the sequences of one stage of B utterances: inputs, and fields (B, N, K).

    Parameters
    ----------
    sequences : sequence of StageSequence, length B
        Sequences of one stage.
    words : sequence of B sequences of str
        Words of each utterance.
    voices : (B, 4) float32
        Normalised voice features.
    alphabet : str
        Letters with an embedding.
    """
    rows = {text: row for row, text in enumerate(dict.fromkeys(("", *chain(*words))))}
    spelling, lengths = words_to_letter_ids(rows, alphabet)
    starts = lengths.cumsum(0) - lengths
    pairs = zip(sequences, words, strict=True)
    word_rows = [
        torch.tensor([0, *(rows[word] for word in texts)])[torch.from_numpy(x.words)]
        for x, texts in pairs
    ]
    letter_rows = [
        starts[row] + torch.from_numpy(x.letters)
        for x, row in zip(sequences, word_rows, strict=True)
    ]
    batch = StageBatch(
        spelling,
        lengths,
        _pad(word_rows, 0),
        _pad(letter_rows, 0),
        _pad([torch.from_numpy(x.conditions) for x in sequences], 0),
        _pad([torch.from_numpy(x.contour) for x in sequences], 0),
        voices,
        _pad([torch.ones(len(x), 1, dtype=torch.float32) for x in sequences], 0),
    )
    return batch, _pad([torch.from_numpy(x.fields) for x in sequences], -1)


def _pad(rows: list[Tensor], value: float) -> Tensor:
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


#: Width of a letter embedding.
LETTER_DIM = 64


class SummedEmbeddings(nn.Module):
    """Sum of the embeddings of several categories; -1 (none) has an embedding too."""

    def __init__(self, sizes: Sequence[int], dim: int) -> None:
        super().__init__()
        sizes = [size + 1 for size in sizes]
        starts = torch.tensor([1, *sizes]).cumsum(0)[:-1]
        self.register_buffer("starts", starts, persistent=False)
        self.table = nn.Embedding(sum(sizes), dim)
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, values: Tensor) -> Tensor:
        """Embed the first J <= C categories (..., J) as (..., D)."""
        starts: Tensor = self.starts[: values.shape[-1]]  # type: ignore[index]
        return self.table(values + starts).sum(-2)  # type: ignore[no-any-return]


class TransformerBlock(nn.Module):
    """Self-attention, then a feed-forward network; (B, N, D) to (B, N, D).

    Not `nn.TransformerEncoderLayer`: its fast path for inference gives other results with an
    attention bias for each head.
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
        """Transform x with a bias (H, N, N) of the attention scores."""
        split = self.attention(self.norms[0](x)).unflatten(-1, (3, self.heads, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = x + self.dropout(self.joined(attended.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.out(F.gelu(self.wide(self.norms[1](x)))))  # type: ignore[no-any-return]


class Stage(nn.Module):
    """Autoregressive model of the fields, given the earlier positions and earlier fields.

    The inputs (text, conditions, voice) pass through convolutions that are not causal; the fields
    enter a causal transformer with ALiBi attention (Press et al. 2022, "Train short, test long:
    attention with linear biases") in a limited window, so that texts may be longer than in
    training. The names of the submodules are those of the checkpoints.
    """

    def __init__(self, config: LMConfig, spec: StageSpec) -> None:
        super().__init__()
        dim, sizes = config.dim, list(spec.fields.values())
        self.heads, self.window = config.heads, config.window
        #: Receptive field of the transformer, in positions.
        self.receptive_field = config.layers * (config.window - 1) + 1
        self.letters = nn.Embedding(len(config.alphabet) + UNKNOWN + 1, LETTER_DIM)
        self.spelling = nn.ModuleList(
            nn.Conv1d(LETTER_DIM, width, 3, padding=1) for width in (LETTER_DIM, dim)
        )
        self.conditions = SummedEmbeddings(spec.conditions, dim)
        self.contour = nn.Linear(spec.contour, dim) if spec.contour else None
        self.voice = nn.Linear(VOICE_DIM, dim)
        self.context = Stack(dim, config.dilations)
        self.said = SummedEmbeddings(sizes, dim)  # of the fields; the name is in checkpoints
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(dim)
        self.hidden = nn.ModuleList(nn.Linear(dim, dim) for _ in sizes)
        self.output = nn.ModuleList(nn.Linear(dim, size) for size in sizes)

    def forward(self, batch: StageBatch, fields: Tensor) -> list[Tensor]:
        """Logits (B, N, V) of each field, given the earlier ones of fields (B, N, K)."""
        previous = F.pad(self.embed_fields(fields[:, :-1]), (0, 0, 1, 0))
        states = self.transform(self.encode_inputs(batch), previous)
        return [self.logits(states, fields[..., :number]) for number in range(fields.shape[-1])]

    def encode_inputs(self, batch: StageBatch) -> Tensor:
        """Encode text, conditions, voice and contour of each position: (B, N, D)."""
        letters = self._encode_letters(batch.spelling)
        words = torch.segment_reduce(letters, "max", lengths=batch.lengths)
        x = words[batch.words] + letters[batch.letters]
        x = x + self.conditions(batch.conditions) + self.voice(batch.voice)[:, None]
        if self.contour is not None:
            x = x + self.contour(batch.contour)
        return self.context(self.dropout(x), batch.mask)  # type: ignore[no-any-return]

    def embed_fields(self, fields: Tensor) -> Tensor:
        """Embed the first J <= K fields (..., J) as (..., D)."""
        return self.said(fields)  # type: ignore[no-any-return]

    def transform(self, inputs: Tensor, previous: Tensor) -> Tensor:
        """Causal states (B, N, D) from the inputs and the embedded fields one position before."""
        bias = attention_bias(inputs.shape[1], self.heads, self.window)
        x = self.dropout(inputs + previous)
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x)  # type: ignore[no-any-return]

    def logits(self, states: Tensor, earlier: Tensor) -> Tensor:
        """Logits (..., V) of the field after the earlier fields (..., J) of a position."""
        number = earlier.shape[-1]
        x = states + self.embed_fields(earlier) if number else states
        return self.output[number](self.dropout(F.gelu(self.hidden[number](x))))  # type: ignore[no-any-return]

    def _encode_letters(self, spelling: Tensor) -> Tensor:
        """Encode letters (S,) in the context of their word alone, (S, D)."""
        mask = (spelling != PAD).float()
        x = self.dropout(self.letters(spelling)).T
        for conv in self.spelling:
            x = F.gelu(conv((x * mask)[None])[0])
        letters: Tensor = (x * mask).T
        return letters


def attention_bias(count: int, heads: int, window: int) -> Tensor:
    """ALiBi of a causal window: (H, N, N), added to the attention scores."""
    position = torch.arange(count)
    distance = position[:, None] - position
    slopes = torch.exp2(-8 * torch.arange(1, heads + 1, dtype=torch.float32) / heads)
    bias = -slopes[:, None, None] * distance
    return bias.masked_fill((distance < 0) | (distance >= window), -math.inf)


class LMNetwork(nn.ModuleDict):
    """The stages "phrase", "word" and "frame"."""

    def __init__(self, config: LMConfig) -> None:
        super().__init__({name: Stage(config, spec) for name, spec in stage_specs(config).items()})
        self.config = config


def field_bits(logits: Sequence[Tensor], fields: Tensor) -> Tensor:
    """Bits of each field, (B, N, K); 0 where a field is -1."""
    losses = [
        F.cross_entropy(x.transpose(1, 2), fields[..., k], ignore_index=-1, reduction="none")
        for k, x in enumerate(logits)
    ]
    return torch.stack(losses, dim=-1) / math.log(2)
