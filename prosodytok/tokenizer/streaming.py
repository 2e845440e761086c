"""`StreamingTokenizer`: tokens of a sound that still goes on."""

from __future__ import annotations

from pathlib import Path

from numpy.typing import ArrayLike

from prosodytok.features.audio_chunks import SoundBlocks
from prosodytok.features.initial_register import VOICED_FRAMES, estimate_opening
from prosodytok.features.streaming_prosody import ProsodyStream, join_hops
from prosodytok.tokenizer.prosody_tokenizer import ProsodyTokenizer
from prosodytok.tokenizer.streaming_encoder import StreamCoder, StreamToken
from prosodytok.types.errors import AudioError, TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

#: The checkpoint that is used when none is named.
DEFAULT = "stream"


class StreamingTokenizer:
    """Tokenizes a sound while it is heard; the tokens are those of the whole sound.

    A frame token is known 140 ms after its 80 ms have ended, a word 0.33 s after it at most, as a
    rule; a phrase when the next begins. A token file has one register: unless it is given, it is
    guessed when half a second of voice has been heard, and tokens wait for it until then.

    Parameters
    ----------
    sample_rate : int
        Of the sound that will come (Hz). At another rate than 16 kHz tokens come later by what the
        resampler hears ahead, 5 ms from 8 kHz on.
    checkpoint : ProsodyTokenizer, str or path
        A causal checkpoint; its name, its folder, or the tokenizer that was made of it.
    register : Register, optional
        The speaker's register, e.g. from earlier utterances: no token has to wait then.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or it is not causal.
    AudioError
        If no speech is recorded at the rate.

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
        self._sound = SoundBlocks(sample_rate)
        self._measure = ProsodyStream()
        self._coder = StreamCoder(checkpoint)
        self._waiting: list[Prosody] = []
        self._voiced = 0  # frames of those that wait
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
            self._voiced += int(hop.voiced.sum())
            if self._voiced >= VOICED_FRAMES:
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
