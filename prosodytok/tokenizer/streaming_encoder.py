"""From hops of prosody to the tokens of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.features.streaming_prosody import HOP, join_hops
from prosodytok.nn.batch import Example
from prosodytok.nn.causal_encoder import CausalEncoder, heard_frames
from prosodytok.nn.tensors import Batch
from prosodytok.segmentation.online import OnlineSegmenter, OnlineUnit, online_hierarchy
from prosodytok.tokenizer.prosody_tokenizer import ProsodyTokenizer
from prosodytok.types.errors import CheckpointError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.tokens import LEVELS, ProsodyTokens
from prosodytok.types.units import frames_to_seconds


@dataclass(frozen=True)
class StreamToken:
    """A token that has become known; its ``level`` is the name of its level.

    Parameters
    ----------
    codes : tuple of int
        One code of each of the level's codebooks.
    start, end : float
        Where its unit lies in the sound (s).
    heard : float
        How much of the sound had to be heard (s); no chunk that ends later gives it earlier.
    """

    codes: tuple[int, ...]
    start: float
    end: float
    heard: float
    level: str = field(init=False)


@dataclass(frozen=True)
class FrameToken(StreamToken):
    """80 ms of sound."""

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


class StreamCoder:
    """From hops of prosody to tokens, in one register."""

    def __init__(self, tokenizer: ProsodyTokenizer) -> None:
        encoder = tokenizer.network.encoder
        if not isinstance(encoder, CausalEncoder):
            raise CheckpointError(
                f"checkpoint {tokenizer.checkpoint!r} hears whole utterances: "
                f"a stream needs a causal one, such as 'stream'"
            )
        self._tokenizer, self._encoder, self._cells = tokenizer, encoder, encoder.cells
        self.register: Register | None = None
        self.hops: list[Prosody] = []
        self._before = self._cells.start()
        self._steps: list[Tensor] = []  # those that no frame token has been made of
        self._codes: dict[str, list[tuple[int, ...]]] = {name: [] for name in LEVELS}
        self._units: list[OnlineUnit] = []

    def begin(self, register: Register) -> None:
        """Fix the register; hops can come then."""
        self.register = register
        self._segmenter = OnlineSegmenter(register)
        self._phrase = 0  # where it begins

    def push(self, hop: Prosody, heard: float) -> list[StreamToken]:
        """Take the next hop."""
        assert self.register is not None
        frames = heard_frames(torch.from_numpy(normalize(hop, self.register)))
        self.hops.append(hop)
        self._steps.append(F.pad(frames, (0, 0, 0, HOP - len(frames))).flatten())
        tokens: list[StreamToken] = []
        if len(self._steps) > self._cells.lookahead:
            tokens.append(self._cell(heard))
        return tokens + self._close(self._segmenter.push(hop), heard)

    def finish(self, heard: float) -> list[StreamToken]:
        """What is left when no hop comes any more."""
        tokens: list[StreamToken] = []
        while self._steps:
            tokens.append(self._cell(heard))
        return tokens + self._close(self._segmenter.finish(), heard)

    def tokens(self) -> ProsodyTokens:
        """All tokens, of a stream that has finished."""
        prosody, hierarchy = join_hops(self.hops), online_hierarchy(self._units)
        example = self._tokenizer.example(prosody, hierarchy, register=self.register)
        codes = {name: np.array(codes) for name, codes in self._codes.items()}
        return self._tokenizer.tokens_of(example, codes)

    @torch.inference_mode()
    def _cell(self, heard: float) -> FrameToken:
        """The next frame token."""
        index = len(self._codes["frame"])
        missing = 1 + self._cells.lookahead - len(self._steps)  # where the sound has ended
        steps = F.pad(torch.stack(self._steps), (0, 0, 0, missing))
        x = self._cells.step(steps.to(self._before[0]), self._before)
        del self._steps[0]
        first = index * HOP
        span = _seconds(first, first + self.hops[index].num_frames)
        return FrameToken(self._nearest("frame", x), *span, heard)

    def _close(self, units: list[OnlineUnit], heard: float) -> list[StreamToken]:
        """Words that have ended, each followed by the phrase that ended with it."""
        tokens: list[StreamToken] = []
        for unit in units:
            self._units.append(unit)
            codes = self._unit("word", unit.start, unit.end)
            tokens.append(WordToken(codes, *_seconds(unit.start, unit.end), heard, unit.pause))
            if unit.ends_phrase:
                codes = self._unit("phrase", self._phrase, unit.end)
                tokens.append(PhraseToken(codes, *_seconds(self._phrase, unit.end), heard))
                self._phrase = unit.end
        return tokens

    @torch.inference_mode()
    def _unit(self, name: str, start: int, end: int) -> tuple[int, ...]:
        """Codes of a word or phrase, from its own frames."""
        assert self.register is not None
        first = start // HOP
        met = join_hops(self.hops[first : -(-end // HOP)])
        prosody = met.part(slice(start - first * HOP, end - first * HOP))
        whole = Segmentation.unlabelled([0, end - start])
        example = Example(prosody, Hierarchy(whole, whole, "acoustic"), self.register)
        batch = self._encoder.heard(Batch.of([example], HOP))
        return self._nearest(name, self._encoder.levels[name](batch))

    def _nearest(self, name: str, unit: Tensor) -> tuple[int, ...]:
        codes = self._tokenizer.network.quantizer(name).candidates(unit, 1)[0, 0].tolist()
        self._codes[name].append(tuple(codes))
        return self._codes[name][-1]


def _seconds(start: int, end: int) -> tuple[float, float]:
    return frames_to_seconds(start), frames_to_seconds(end)
