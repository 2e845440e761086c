"""`StreamingTokenizer`: tokens of audio that arrives over time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from numpy.typing import ArrayLike

from prosodytok.features.audio_chunks import AudioChunks
from prosodytok.features.initial_register import VOICED_FRAMES, predict_register
from prosodytok.features.streaming_prosody import ProsodyStream, join_hops
from prosodytok.tokenizer.streaming_encoder import StreamingEncoder, StreamToken
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types.errors import AudioError, TokenError
from prosodytok.types.f0_range import F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

#: The bundled causal checkpoint.
DEFAULT_CAUSAL = "stream"


class StreamingTokenizer:
    """Tokenizes audio as it arrives; the tokens are those of the whole utterance.

    A frame token is emitted 140 ms after the end of its 80 ms, a word usually at most 0.33 s after
    its end, a phrase when the next one begins. A token file has one register: unless it is given,
    it is estimated after half a second of voice, and no token is emitted before.

    Parameters
    ----------
    sample_rate : int
        Sample rate of the audio (Hz). At another one than 16 kHz tokens are later by the
        look-ahead of the resampler, 5 ms from 8 kHz on.
    checkpoint : Tokenizer, str or path
        A causal checkpoint: its name, its folder, or a tokenizer.
    register : Register, optional
        The speaker's register, e.g. from earlier utterances; tokens are then emitted at once.
    f0_floor, f0_ceiling : float, optional
        Limits of the search for F0 (40 to 1000 Hz); by default they are fitted to the speaker.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or it is not causal.
    AudioError
        If the sample rate is out of range.
    ConfigError
        If a limit is out of range, or the floor is not below the ceiling.

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
        checkpoint: Tokenizer | str | Path = DEFAULT_CAUSAL,
        register: Register | None = None,
        *,
        f0_floor: float | None = None,
        f0_ceiling: float | None = None,
    ) -> None:
        if not isinstance(checkpoint, Tokenizer):
            checkpoint = Tokenizer.from_pretrained(checkpoint)
        self.tokenizer = checkpoint
        self._chunks = AudioChunks(sample_rate)
        self._measure = ProsodyStream(F0Range(f0_floor, f0_ceiling))
        self._encoder = StreamingEncoder(checkpoint)
        self._waiting: list[Prosody] = []
        self._voiced = 0  # frames of the waiting hops
        self._finished = False
        self._duration: float | None = None  # of the whole stream (s)
        if register is not None:
            self._encoder.begin(register)

    @property
    def register(self) -> Register | None:
        """The register, as soon as it is fixed."""
        return self._encoder.register

    def push(self, chunk: ArrayLike) -> list[StreamToken]:
        """Take a chunk of audio; return the tokens that are complete.

        Parameters
        ----------
        chunk : (N,), (N, C) or (C, N) array_like
            Samples, as `Audio.from_array` takes them; the first chunk whose shape is clear decides
            which axis is channels, for all. It may be empty.

        Raises
        ------
        AudioError
            If a sample is not finite, the array has another shape or type, or the stream has
            finished.
        """
        if self._finished:
            raise AudioError("the stream has finished: make another StreamingTokenizer")
        tokens = []
        for consumed, samples in self._chunks.push(chunk):
            tokens += self._encode(self._measure.push(samples), consumed)
        return tokens

    def finish(self) -> list[StreamToken]:
        """End the stream; return the remaining tokens.

        Raises
        ------
        AudioError
            If there was no audio, or the stream has finished before.
        """
        if self._finished:
            raise AudioError("the stream has finished already")
        consumed, samples = self._chunks.finish()
        self._duration = consumed
        hops = [*self._measure.push(samples), *self._measure.finish()]
        tokens = self._encode(hops, consumed)
        if self.register is None:
            tokens += self._begin(consumed)
        self._finished = True
        return tokens + self._encoder.finish(consumed)

    def _encode(self, hops: list[Prosody], consumed: float) -> list[StreamToken]:
        tokens = []
        for hop in hops:
            if self.register is not None:
                tokens += self._encoder.push(hop, consumed)
                continue
            self._waiting.append(hop)
            self._voiced += int(hop.voiced.sum())
            if self._voiced >= VOICED_FRAMES:
                tokens += self._begin(consumed)
        return tokens

    def _begin(self, consumed: float) -> list[StreamToken]:
        waiting, self._waiting = self._waiting, []
        self._encoder.begin(predict_register(join_hops(waiting)))
        return [token for hop in waiting for token in self._encoder.push(hop, consumed)]

    @property
    def prosody(self) -> Prosody:
        """The prosody measured so far.

        Raises
        ------
        TokenError
            If nothing has been measured.
        """
        hops = [*self._encoder.hops, *self._waiting]
        if not hops:
            raise TokenError("nothing has been measured yet: push more sound")
        return join_hops(hops)

    @property
    def tokens(self) -> ProsodyTokens:
        """All tokens, as `Tokenizer.encode` returns them.

        Raises
        ------
        TokenError
            If the stream has not finished.
        """
        if not self._finished:
            raise TokenError("the last units are still open: call finish() first")
        tokens = self._encoder.tokens()
        warnings = self._chunks.warnings + tokens.warnings
        return replace(tokens, sound_duration=self._duration, warnings=warnings)
