"""From hops of prosody to tokens, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.features.streaming_prosody import HOP, join_all_hops, join_hops
from prosodytok.nn.batch import Example
from prosodytok.nn.causal_encoder import mask_unvoiced_f0
from prosodytok.nn.tensors import make_batch
from prosodytok.segmentation.online import OnlineSegmenter, OnlineUnit, online_hierarchy
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types.errors import CheckpointError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.tokens import LEVELS, ProsodyTokens
from prosodytok.types.units import frames_to_seconds


@dataclass(frozen=True)
class StreamToken:
    """A token of a stream; ``level`` is the name of its level.

    Parameters
    ----------
    codes : tuple of int
        One code of each of the level's codebooks.
    start, end : float
        Start and end of its unit (s).
    consumed : float
        Audio consumed before emission (s).
    """

    codes: tuple[int, ...]
    start: float
    end: float
    consumed: float
    level: str = field(init=False)

    @property
    def heard(self) -> float:
        """Former name of `consumed`."""
        return self.consumed


@dataclass(frozen=True)
class FrameToken(StreamToken):
    """80 ms of audio."""

    level: Literal["frame"] = field(default="frame", init=False)


@dataclass(frozen=True)
class WordToken(StreamToken):
    """A word-like unit that has ended, or a pause."""

    pause: bool
    level: Literal["word"] = field(default="word", init=False)


@dataclass(frozen=True)
class PhraseToken(StreamToken):
    """A phrase that has ended, with the pause after it."""

    level: Literal["phrase"] = field(default="phrase", init=False)


class StreamingEncoder:
    """Encodes hops of prosody in one register.

    Parameters
    ----------
    tokenizer : Tokenizer
        A tokenizer with a causal network.

    Raises
    ------
    CheckpointError
        If its network is not causal.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        if tokenizer.config.encoder != "causal":
            raise CheckpointError(
                f"checkpoint {tokenizer.checkpoint!r} needs whole utterances: "
                f"streaming needs a causal one, such as 'stream'"
            )
        self._tokenizer, self._encoder = tokenizer, tokenizer.network.encoder
        self._frames = self._encoder.levels["frame"]
        self.register: Register | None = None
        self.hops: list[Prosody] = []
        self._state = self._frames.start()
        self._steps: list[Tensor] = []  # without a frame token so far
        self._codes: dict[str, list[tuple[int, ...]]] = {name: [] for name in LEVELS}
        self._units: list[OnlineUnit] = []

    def begin(self, register: Register) -> None:
        """Set the register; required before the first hop."""
        self.register = register
        self._segmenter = OnlineSegmenter(register)
        self._phrase_start = 0

    def push(self, hop: Prosody, consumed: float) -> list[StreamToken]:
        """Take the next hop; return the tokens that are complete."""
        assert self.register is not None
        frames = mask_unvoiced_f0(torch.from_numpy(normalize(hop, self.register)))
        self.hops.append(hop)
        self._steps.append(F.pad(frames, (0, 0, 0, HOP - len(frames))).flatten())
        tokens: list[StreamToken] = []
        if len(self._steps) > self._frames.lookahead:
            tokens.append(self._next_frame_token(consumed))
        return tokens + self._close(self._segmenter.push(hop), consumed)

    def finish(self, consumed: float) -> list[StreamToken]:
        """The remaining tokens, after the last hop."""
        tokens: list[StreamToken] = []
        while self._steps:
            tokens.append(self._next_frame_token(consumed))
        return tokens + self._close(self._segmenter.finish(), consumed)

    def tokens(self) -> ProsodyTokens:
        """All tokens of a finished stream."""
        prosody, hierarchy = join_all_hops(self.hops), online_hierarchy(self._units)
        example = self._tokenizer.example(prosody, hierarchy, register=self.register)
        codes = {name: np.array(codes) for name, codes in self._codes.items()}
        return self._tokenizer.to_tokens(example, codes)

    def _next_frame_token(self, consumed: float) -> FrameToken:
        index = len(self._codes["frame"])
        missing = 1 + self._frames.lookahead - len(self._steps)  # beyond the end of the audio
        with self._tokenizer.network.inference():
            steps = F.pad(torch.stack(self._steps), (0, 0, 0, missing))
            x = self._frames.step(steps.to(self._state[0]), self._state)
            codes = self._nearest("frame", x)
        del self._steps[0]
        first = index * HOP
        span = _seconds(first, first + self.hops[index].num_frames)
        return FrameToken(codes, *span, consumed)

    def _close(self, units: list[OnlineUnit], consumed: float) -> list[StreamToken]:
        """Words that have ended, each followed by the phrase that ended with it."""
        tokens: list[StreamToken] = []
        for unit in units:
            self._units.append(unit)
            codes = self._unit("word", unit.start, unit.end)
            span = _seconds(unit.start, unit.end)
            tokens.append(WordToken(codes, *span, consumed, unit.pause))
            if unit.ends_phrase:
                codes = self._unit("phrase", self._phrase_start, unit.end)
                span = _seconds(self._phrase_start, unit.end)
                tokens.append(PhraseToken(codes, *span, consumed))
                self._phrase_start = unit.end
        return tokens

    def _unit(self, name: str, start: int, end: int) -> tuple[int, ...]:
        """Codes of a word or phrase, from its own frames."""
        assert self.register is not None
        first = start // HOP
        overlapping = join_hops(self.hops[first : -(-end // HOP)])
        prosody = overlapping.part(slice(start - first * HOP, end - first * HOP))
        whole = Segmentation.unlabelled([0, end - start])
        example = Example(prosody, Hierarchy(whole, whole, "acoustic"), self.register)
        with self._tokenizer.network.inference():
            inputs = self._encoder.causal_inputs(make_batch([example], HOP, self._tokenizer.device))
            return self._nearest(name, self._encoder.levels[name](inputs))

    def _nearest(self, name: str, unit: Tensor) -> tuple[int, ...]:
        codes = self._tokenizer.network.quantizer(name).candidates(unit, 1)[0, 0].tolist()
        self._codes[name].append(tuple(codes))
        return self._codes[name][-1]


def _seconds(start: int, end: int) -> tuple[float, float]:
    return frames_to_seconds(start), frames_to_seconds(end)
