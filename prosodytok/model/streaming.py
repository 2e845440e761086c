"""`StreamingTokenizer`: tokens of a sound that still goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import soxr
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional as F

from prosodytok.audio import SAMPLE_RATE
from prosodytok.errors import AudioError, CheckpointError, TokenError
from prosodytok.features.normalize import Register, normalize
from prosodytok.features.opening import VOICED_FRAMES, estimate_opening
from prosodytok.features.stream import HOP, ProsodyStream, join_hops
from prosodytok.model.batch import Batch
from prosodytok.model.causal import CausalEncoder, heard_frames
from prosodytok.model.example import Example
from prosodytok.model.prosody_tokenizer import ProsodyTokenizer
from prosodytok.prosody import Prosody
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation
from prosodytok.segmentation.online import OnlineSegmenter, OnlineUnit, online_hierarchy
from prosodytok.tokens.types import LEVELS, ProsodyTokens
from prosodytok.units import frames_to_seconds, seconds_to_samples

#: The checkpoint that is used when none is named.
DEFAULT = "stream"
#: Sound is taken in blocks of this (s), so that nothing depends on the chunks it comes in.
BLOCK = 0.01


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


class StreamingTokenizer:
    """Tokenizes a sound while it is heard; the tokens are those of the whole sound.

    A frame token is known 140 ms after its 80 ms have ended, a word 0.33 s after it at most, as a
    rule; a phrase when the next begins. A token file has one register: unless it is given, it is
    guessed when half a second of voice has been heard, and tokens wait for it until then.

    Parameters
    ----------
    sample_rate : int
        Of the sound that will come (Hz); at another rate than 16 kHz tokens come later by what the
        resampler holds back, 40 ms from 22 to 48 kHz.
    checkpoint : ProsodyTokenizer, str or path
        A causal checkpoint; its name, its folder, or the tokenizer that was made of it.
    register : Register, optional
        The speaker's register, e.g. from earlier utterances: no token has to wait then.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or it is not causal.
    AudioError
        If the rate is no rate.

    Examples
    --------
    >>> stream = StreamingTokenizer(16_000)
    >>> for chunk in chunks:
    ...     for token in stream.push(chunk):
    ...         print(token.level, token.codes, token.start, token.end)
    >>> stream.finish()
    >>> stream.tokens
    """

    def __init__(
        self,
        sample_rate: int,
        checkpoint: ProsodyTokenizer | str | Path = DEFAULT,
        register: Register | None = None,
    ) -> None:
        if not isinstance(checkpoint, ProsodyTokenizer):
            checkpoint = ProsodyTokenizer.from_pretrained(checkpoint)
        self.tokenizer = checkpoint
        self._sound = _Sound(sample_rate)
        self._measure = ProsodyStream()
        self._coder = _Coder(checkpoint)
        self._waiting: list[Prosody] = []
        self._finished = False
        if register is not None:
            self._coder.begin(register)

    @property
    def register(self) -> Register | None:
        """The voice's register, as soon as it is fixed."""
        return self._coder.register

    def push(self, chunk: ArrayLike) -> list[StreamToken]:
        """Take a chunk of sound, and give the tokens that are known by it.

        Parameters
        ----------
        chunk : (N,) or (N, C) array_like
            Samples, nominally in [-1, 1]; channels are averaged. It may be empty.

        Raises
        ------
        AudioError
            If a sample is not finite, the array has another shape, or the stream has finished.
        """
        if self._finished:
            raise AudioError("the stream has finished: make another StreamingTokenizer")
        tokens = []
        for heard, samples in self._sound.push(chunk):
            tokens += self._hear(self._measure.push(samples), heard)
        return tokens

    def finish(self) -> list[StreamToken]:
        """End the stream, and give the rest of the tokens.

        Raises
        ------
        AudioError
            If there was no sound, or the stream has finished before.
        """
        if self._finished:
            raise AudioError("the stream has finished already")
        heard, samples = self._sound.finish()
        hops = [*self._measure.push(samples), *self._measure.finish()]
        tokens = self._hear(hops, heard)
        if self.register is None:
            tokens += self._begin(heard)
        self._finished = True
        return tokens + self._coder.finish(heard)

    def _hear(self, hops: list[Prosody], heard: float) -> list[StreamToken]:
        tokens = []
        for hop in hops:
            if self.register is not None:
                tokens += self._coder.push(hop, heard)
                continue
            self._waiting.append(hop)
            if sum(int(h.voiced.sum()) for h in self._waiting) >= VOICED_FRAMES:
                tokens += self._begin(heard)
        return tokens

    def _begin(self, heard: float) -> list[StreamToken]:
        waiting, self._waiting = self._waiting, []
        self._coder.begin(estimate_opening(join_hops(waiting)))
        return [token for hop in waiting for token in self._coder.push(hop, heard)]

    @property
    def prosody(self) -> Prosody:
        """What has been measured so far.

        Raises
        ------
        TokenError
            If nothing has been.
        """
        hops = [*self._coder.hops, *self._waiting]
        if not hops:
            raise TokenError("nothing has been measured yet: push more sound")
        return join_hops(hops)

    @property
    def tokens(self) -> ProsodyTokens:
        """All tokens, as `ProsodyTokenizer.encode` gives them.

        Raises
        ------
        TokenError
            If the stream has not finished.
        """
        if not self._finished:
            raise TokenError("the last units are still open: call finish() first")
        return self._coder.tokens()


class _Sound:
    """Chunks of any size, rate and number of channels to mono blocks at 16 kHz."""

    def __init__(self, sample_rate: int) -> None:
        if sample_rate < 1 / BLOCK:
            raise AudioError(f"a sample rate of {sample_rate} Hz carries no speech")
        self._rate = sample_rate
        self._block = seconds_to_samples(BLOCK, sample_rate)
        self._resampler = (
            None
            if sample_rate == SAMPLE_RATE
            else soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="float32")
        )
        self._chunks: list[NDArray[np.float32]] = []
        self._held = 0  # samples in them
        self._taken = 0

    def push(self, chunk: ArrayLike) -> list[tuple[float, NDArray[np.float32]]]:
        """Blocks that are whole by now, each with the time of sound at which it was (s)."""
        self._chunks.append(_mono(chunk))
        self._held += self._chunks[-1].size
        if self._held < self._block:
            return []
        samples = np.concatenate(self._chunks)
        whole = samples.size // self._block * self._block
        self._chunks, self._held = [samples[whole:]], samples.size - whole
        return [self._take(block) for block in samples[:whole].reshape(-1, self._block)]

    def finish(self) -> tuple[float, NDArray[np.float32]]:
        """What is left."""
        return self._take(np.concatenate([np.zeros(0, np.float32), *self._chunks]), last=True)

    def _take(
        self, samples: NDArray[np.float32], last: bool = False
    ) -> tuple[float, NDArray[np.float32]]:
        self._taken += samples.size
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, last=last)
        return self._taken / self._rate, samples


def _mono(chunk: ArrayLike) -> NDArray[np.float32]:
    samples = np.asarray(chunk, dtype=np.float32)
    if samples.ndim == 2 and samples.shape[1]:
        samples = samples.mean(axis=1)
    if samples.ndim != 1:
        raise AudioError(f"expected samples of shape (N,) or (N, C), got shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise AudioError("a sample is NaN or infinite")
    return samples


class _Coder:
    """From hops of prosody to tokens, in one register."""

    def __init__(self, tokenizer: ProsodyTokenizer) -> None:
        encoder = tokenizer.network.encoder
        if not isinstance(encoder, CausalEncoder):
            raise CheckpointError(
                f"checkpoint {tokenizer.checkpoint!r} hears whole utterances: "
                f"a stream needs a causal one, such as {DEFAULT!r}"
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
        prosody = join_hops(self.hops[first : -(-end // HOP)])
        own = slice(start - first * HOP, end - first * HOP)
        prosody = Prosody(prosody.f0[own], prosody.voiced[own], prosody.energy[own])
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
