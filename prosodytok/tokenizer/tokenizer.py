"""A tokenizer but for its network: sound to prosody, prosody to tokens, tokens to prosody.

Nothing here needs torch. `ProsodyTokenizer` brings a network in torch, `OnnxTokenizer` one in ONNX.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.features import SSLEncoder, align_frames, extract, load_ssl
from prosodytok.features.initial_register import register_of_opening
from prosodytok.features.streaming_prosody import extract_stream
from prosodytok.io.sound import load
from prosodytok.nn.batch import Example
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.decoded import DecodedArrays
from prosodytok.nn.layout import segmentations_of
from prosodytok.nn.receptive_field import decoder_reaches, encoder_reaches
from prosodytok.nn.timing import word_seconds
from prosodytok.segmentation import segment_acoustic
from prosodytok.segmentation.online import segment_online
from prosodytok.tokenizer.windows import Window, side_by_side, windows
from prosodytok.types import Hierarchy, Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, SegmentationError, TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, denormalize
from prosodytok.types.tokens import LEVELS, ProsodyTokens, TokenLevel
from prosodytok.types.units import FRAME_RATE, seconds_to_frames

#: Frames, padding included, that go through the network side by side.
FRAMES_AT_ONCE = 4_000


class Tokenizer(ABC):
    """Learned phrase, word and frame tokens of prosody, whatever runs the network.

    Parameters
    ----------
    config : ModelConfig
        What the network is built from.
    checkpoint : str
        The name that tokens carry; tokens decode only with the checkpoint that made them.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker of `extract`.
    search : bool
        Choose codes by what they decode to (see `model.search`): better tokens, slower. A causal
        checkpoint takes the nearest codes: it knows nothing of what comes after.
    """

    def __init__(
        self, config: ModelConfig, checkpoint: str, f0: str = "praat", search: bool = True
    ) -> None:
        self.config = config
        self.causal = config.lookahead is not None
        if self.causal and f0 != "praat":
            raise ConfigError(f"a stream's F0 is praat's, and {checkpoint!r} knows no {f0!r}")
        self.checkpoint = checkpoint
        self.f0 = f0
        self.search = search and not self.causal
        self.ssl: SSLEncoder | None = load_ssl(config.ssl) if config.ssl else None
        self._encoder_reaches = encoder_reaches(config)
        self._decoder_reaches = decoder_reaches(config)

    @abstractmethod
    def _encode_codes(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        """Codes (M, K) of each level, utterances one after the other."""

    @abstractmethod
    def _decode_codes(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> DecodedArrays[NDArray[np.float32]]:
        """What codes (M, K) of any subset of levels decode to, utterances one after the other."""

    def extract(self, audio: Audio | str | Path) -> Prosody:
        """Measure F0, voicing and energy of a sound or a sound file.

        Raises
        ------
        AudioError
            If the file cannot be used.
        """
        audio = audio if isinstance(audio, Audio) else load(audio)
        return extract_stream(audio) if self.causal else extract(audio, self.f0)

    def encode(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> ProsodyTokens:
        """Turn one utterance into tokens.

        Parameters
        ----------
        prosody : Prosody
            What `extract` measured, T frames.
        hierarchy : Hierarchy, optional
            Words and phrases over the same T frames; found in the prosody itself when not given.
        register : Register, optional
            The speaker's register, e.g. from other utterances; by default that of this one.
        audio : Audio, optional
            The sound; only a checkpoint with self-supervised features needs it.

        Raises
        ------
        SegmentationError
            If the hierarchy covers another number of frames.
        ConfigError
            If the checkpoint needs the sound and it is not given.
        """
        return self.encode_batch(
            [self.example(prosody, hierarchy, register=register, audio=audio)]
        )[0]

    def example(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> Example:
        """Make ready one utterance for `encode_batch`; parameters and errors as in `encode`."""
        register = register or self._register(prosody)
        hierarchy = hierarchy or self._segment(prosody, register)
        if hierarchy.words.num_frames != prosody.num_frames:
            raise SegmentationError(
                f"the segmentation covers {hierarchy.words.num_frames} frames and the prosody has "
                f"{prosody.num_frames}: do they belong to the same sound?"
            )
        seconds = prosody.num_frames / prosody.frame_rate
        register = register.with_word_rate(len(hierarchy.words), seconds)
        return Example(prosody, hierarchy, register, self._embed(audio, prosody.num_frames))

    def _register(self, prosody: Prosody) -> Register:
        return register_of_opening(prosody) if self.causal else Register.estimate(prosody)

    def _segment(self, prosody: Prosody, register: Register) -> Hierarchy:
        return segment_online(prosody, register) if self.causal else segment_acoustic(prosody)

    def encode_batch(self, examples: Sequence[Example]) -> list[ProsodyTokens]:
        """Turn utterances into tokens: the same tokens as one by one."""
        patch = self.config.patch
        cut = [windows(e.hierarchy.phrases, self._encoder_reaches) for e in examples]
        pieces = [
            (window, window.example(example, patch))
            for example, parts in zip(examples, cut, strict=True)
            for window in parts
        ]
        lengths = [window.num_frames for window, _ in pieces]
        encoded = iter(side_by_side(pieces, lengths, FRAMES_AT_ONCE, self._encode_windows))
        tokens = []
        for example, parts in zip(examples, cut, strict=True):
            codes = list(islice(encoded, len(parts)))
            whole = {name: np.concatenate([c[name] for c in codes]) for name in LEVELS}
            tokens.append(self.tokens_of(example, whole))
        return tokens

    def decode(
        self,
        tokens: ProsodyTokens,
        levels: Iterable[str] | None = None,
        *,
        register: Register | None = None,
    ) -> Prosody:
        """Turn tokens back into F0, voicing and energy.

        Parameters
        ----------
        tokens : ProsodyTokens
            Tokens of this checkpoint.
        levels : iterable of str, optional
            The levels to listen to, any subset; all that the tokens have when not given.
        register : Register, optional
            The voice to speak in; the tokens' own when not given.

        Raises
        ------
        TokenError
            If the tokens are another checkpoint's, or lack a level that is asked for.
        """
        (prosody,) = self.decode_batch(
            [replace(tokens, register=register or tokens.register)], levels
        )
        return prosody

    def decode_batch(
        self, utterances: Sequence[ProsodyTokens], levels: Iterable[str] | None = None
    ) -> list[Prosody]:
        """Decode utterances side by side, each in its own register: faster than one by one.

        Their tokens must have the same levels. Parameters and errors are those of `decode`.
        """
        names = None if levels is None else list(levels)
        chosen = [t if names is None else t.select(names) for t in utterances]
        for tokens in chosen:  # before work is spent on any
            self._check(tokens)
        cut = [windows(t.levels[0].segmentation, self._decoder_reaches) for t in chosen]
        pieces = [(t, window) for t, parts in zip(chosen, cut, strict=True) for window in parts]
        lengths = [window.num_frames for _, window in pieces]
        streams = iter(side_by_side(pieces, lengths, FRAMES_AT_ONCE, self._decode_windows))
        prosodies = []
        for tokens, parts in zip(chosen, cut, strict=True):
            f0, voicing, energy = np.concatenate(list(islice(streams, len(parts))), axis=1)
            prosodies.append(denormalize(f0, voicing > 0, energy, tokens.register))
        return prosodies

    def decode_prefixes(self, tokens: ProsodyTokens) -> dict[str, Prosody]:
        """Decode each prefix of levels, coarse to fine: "phrase", "phrase + word", and so on."""
        return {name: self.decode(tokens, names) for name, names in tokens.prefixes.items()}

    def decode_durations(self, tokens: ProsodyTokens) -> NDArray[np.float64]:
        """Durations in seconds that the codes themselves say for each word, shape (N,).

        Raises
        ------
        TokenError
            If the tokens lack the phrase or the word level, or are another checkpoint's.
        """
        chosen = tokens.select(["phrase", "word"])
        self._check(chosen)
        timing = []
        for window in windows(chosen["phrase"].segmentation, ()):
            part = window.tokens(chosen)
            kept = window.kept_units(part["word"].segmentation)
            timing.append(self._decode([part]).word_timing[kept])
        return word_seconds(np.concatenate(timing), tokens.register)

    def retime(self, tokens: ProsodyTokens) -> ProsodyTokens:
        """Lay phrases and words out by the durations that their codes say.

        The result has no boundaries but what the codes carry: phrase and word codes alone make a
        complete prosody. Frame tokens, which stand on a grid of the old timing, are left out.

        Raises
        ------
        TokenError
            As `decode_durations`.
        """
        seconds = self.decode_durations(tokens)
        frames = np.maximum(1, [seconds_to_frames(float(s)) for s in seconds])
        edges = np.append(0, np.cumsum(frames))
        word, phrase = tokens["word"], tokens["phrase"]
        starts = np.searchsorted(word.segmentation.boundaries, phrase.segmentation.boundaries)
        levels = (
            replace(phrase, segmentation=replace(phrase.segmentation, boundaries=edges[starts])),
            replace(word, segmentation=replace(word.segmentation, boundaries=edges)),
        )
        return replace(tokens, levels=levels, num_frames=int(edges[-1]))

    def _encode_windows(
        self, pieces: list[tuple[Window, Example]]
    ) -> list[dict[str, NDArray[np.int64]]]:
        """Codes (N, K) of each level's units that windows keep."""
        codes = self._encode_codes([example for _, example in pieces])
        found, first = [], dict.fromkeys(LEVELS, 0)
        for window, example in pieces:
            own = {}
            for name, units in segmentations_of(example.hierarchy).items():
                kept, start = window.kept_units(units), first[name]
                own[name] = codes[name][start + kept.start : start + kept.stop]
                first[name] += len(units)
            found.append(own)
        return found

    def _embed(self, audio: Audio | None, num_frames: int) -> NDArray[np.float32] | None:
        if self.ssl is None:
            return None
        if audio is None:
            raise ConfigError(
                f"checkpoint {self.checkpoint!r} listens to the sound too ({self.ssl.name}): "
                "pass audio=, not only its prosody"
            )
        steps = -(-num_frames // self.config.patch)
        return align_frames(
            self.ssl(audio), self.ssl.frame_rate, FRAME_RATE / self.config.patch, steps
        )

    def tokens_of(self, example: Example, codes: Mapping[str, NDArray[np.int64]]) -> ProsodyTokens:
        """Put codes (N, K) of each level beside the units of an utterance."""
        segmentations = segmentations_of(example.hierarchy)
        levels = tuple(
            TokenLevel(
                level.name, codes[level.name].T, level.codebook_sizes, segmentations[level.name]
            )
            for level in self.config.levels
        )
        return ProsodyTokens(
            levels,
            example.register,
            example.prosody.num_frames,
            checkpoint=self.checkpoint,
            source=example.hierarchy.source,
        )

    def _decode_windows(
        self, pieces: list[tuple[ProsodyTokens, Window]]
    ) -> list[NDArray[np.float32]]:
        """Streams (3, T) of the frames that windows keep: F0, voicing logit and energy."""
        decoded = self._decode([window.tokens(tokens) for tokens, window in pieces])
        streams = np.stack([decoded.f0, decoded.voicing, decoded.energy])
        return [
            streams[:, row, window.kept_frames].copy() for row, (_, window) in enumerate(pieces)
        ]

    def _decode(self, utterances: Sequence[ProsodyTokens]) -> DecodedArrays[NDArray[np.float32]]:
        codes = {
            name: np.concatenate([t[name].codes for t in utterances], axis=1).T
            for name in utterances[0].names
        }
        return self._decode_codes(codes, [_hierarchy(tokens) for tokens in utterances])

    def _check(self, tokens: ProsodyTokens) -> None:
        if fingerprint(tokens.checkpoint) != fingerprint(self.checkpoint):
            raise TokenError(
                f"tokens of checkpoint {tokens.checkpoint!r} cannot be decoded with "
                f"{self.checkpoint!r}, whose codes mean something else: load the one that made them"
            )
        if tokens.frame_rate != FRAME_RATE:
            raise TokenError(
                f"tokens of {tokens.frame_rate} frames a second, and prosody has {FRAME_RATE}: "
                "place their units on frames of 10 ms"
            )
        sizes: dict[str, tuple[int, ...]] = {c.name: c.codebook_sizes for c in self.config.levels}
        for level in tokens.levels:
            if level.codebook_sizes != sizes[level.name]:
                raise TokenError(
                    f"level {level.name!r} has codebooks {level.codebook_sizes}, and checkpoint "
                    f"{self.checkpoint!r} has {sizes[level.name]}"
                )


def fingerprint(checkpoint: str) -> str:
    """The part of a checkpoint's name that tells its weights."""
    return checkpoint.rpartition("@")[2]


def _hierarchy(tokens: ProsodyTokens) -> Hierarchy:
    """The units that the tokens tell of; of a level that is not there, nothing is made up."""
    whole = Segmentation.unlabelled([0, tokens.num_frames])
    phrases = tokens["phrase"].segmentation if "phrase" in tokens else whole
    words = tokens["word"].segmentation if "word" in tokens else phrases
    return Hierarchy(phrases, words, "acoustic")
