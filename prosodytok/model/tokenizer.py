"""`ProsodyTokenizer`: sound to prosody, prosody to tokens, tokens to prosody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from prosodytok.audio import Audio, load
from prosodytok.errors import ConfigError, SegmentationError, TokenError
from prosodytok.features import SSLEncoder, align_frames, extract, load_ssl
from prosodytok.features.normalize import Register
from prosodytok.features.opening import register_of_opening
from prosodytok.features.stream import extract_stream
from prosodytok.model.batch import (
    Batch,
    Example,
    Layout,
    batches_by_length,
    segmentations_of,
)
from prosodytok.model.config import ModelConfig
from prosodytok.model.decoder import Decoded
from prosodytok.model.network import ProsodyNetwork
from prosodytok.model.pretrained import DEFAULT, fingerprint, load_checkpoint
from prosodytok.model.search import Search
from prosodytok.model.timing import word_seconds
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Hierarchy, Segmentation, segment_acoustic
from prosodytok.segmentation.online import segment_online
from prosodytok.tokens.types import LEVELS, ProsodyTokens, TokenLevel
from prosodytok.units import FRAME_RATE, seconds_to_frames

#: Frames, padding included, that are decoded side by side.
FRAMES_AT_ONCE = 8_000


@dataclass(frozen=True)
class TokenizerOutput:
    """What a whole pass through the tokenizer gives.

    Parameters
    ----------
    prosody : Prosody
        What all levels of the tokens decode to.
    tokens : ProsodyTokens
        The tokens.
    loss : float
        How far the units lie from the codes that stand for them (commitment loss, all levels).
    metrics : dict of str to float
        Bits per second: ``bitrate``, and of each level and the boundaries by name.
    """

    prosody: Prosody
    tokens: ProsodyTokens
    loss: float
    metrics: dict[str, float]


class ProsodyTokenizer:
    """Learned phrase, word and frame tokens of prosody.

    Parameters
    ----------
    network : ProsodyNetwork
        Trained weights.
    checkpoint : str
        The name that tokens carry; tokens decode only with the checkpoint that made them.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker of `extract`.
    search : bool
        Choose codes by what they decode to (see `model.search`): better tokens, slower. A causal
        checkpoint takes the nearest codes: it knows nothing of what comes after.

    Examples
    --------
    >>> tokenizer = ProsodyTokenizer.from_pretrained()
    >>> prosody = tokenizer.extract(load("speech.wav"))
    >>> tokens = tokenizer.encode(prosody)
    >>> contour = tokenizer.decode(tokens, levels=["phrase", "word"])
    """

    def __init__(
        self, network: ProsodyNetwork, checkpoint: str, f0: str = "praat", search: bool = True
    ) -> None:
        self.network = network
        config = network.config
        self.causal = config.lookahead is not None
        if self.causal and f0 != "praat":
            raise ConfigError(f"a stream's F0 is praat's, and {checkpoint!r} knows no {f0!r}")
        self.search = search and not self.causal
        self.checkpoint = checkpoint
        self.f0 = f0
        self.ssl: SSLEncoder | None = load_ssl(config.ssl) if config.ssl else None

    @classmethod
    def from_pretrained(
        cls, name_or_folder: str | Path = DEFAULT, *, f0: str = "praat", search: bool = True
    ) -> ProsodyTokenizer:
        """Load a tokenizer; without an argument, the bundled one.

        Raises
        ------
        CheckpointError
            If there is no such checkpoint, or it is damaged.
        """
        return cls(*load_checkpoint(name_or_folder), f0=f0, search=search)

    @property
    def config(self) -> ModelConfig:
        """What the network is built from."""
        return self.network.config

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
        if self.search:  # each utterance has its own candidates to decode
            return [self._encode([example])[0][0] for example in examples]
        return self._encode(examples)[0]

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
        chosen = tokens if levels is None else tokens.select(levels)
        return self._decode([chosen]).prosody(0, tokens.num_frames, register or tokens.register)

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
        lengths = np.array([t.num_frames for t in utterances])
        order = np.argsort(lengths, kind="stable")
        prosodies: dict[int, Prosody] = {}
        for chunk in batches_by_length(lengths[order], FRAMES_AT_ONCE):
            rows = order[chunk].tolist()
            decoded = self._decode([chosen[i] for i in rows])
            for row, i in enumerate(rows):
                prosodies[i] = decoded.prosody(row, int(lengths[i]), utterances[i].register)
        return [prosodies[i] for i in range(len(utterances))]

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
        decoded = self._decode([tokens.select(["phrase", "word"])])
        return word_seconds(decoded.word_timing.numpy(), tokens.register)

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

    def codebook(self, level: str, index: int = 0) -> NDArray[np.float32]:
        """Vectors (C, D) of the C codes of a level's codebook, of which a level may have several.

        Raises
        ------
        TokenError
            If there is no such level or codebook.
        """
        books: list[Tensor] = self.network.quantizer(level).codebooks if level in LEVELS else []
        if not 0 <= index < len(books):
            raise TokenError(f"no codebook {index} of a level {level!r}")
        return books[index].detach().cpu().numpy().copy()

    def __call__(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> TokenizerOutput:
        """Encode and decode one utterance; parameters as in `encode`."""
        example = self.example(prosody, hierarchy, register=register, audio=audio)
        (tokens,), loss = self._encode([example])
        metrics = {name: bits / tokens.duration for name, bits in tokens.bits.items()}
        metrics["bitrate"] = tokens.bitrate
        return TokenizerOutput(self.decode(tokens), tokens, loss, metrics)

    @torch.inference_mode()
    def _encode(self, examples: Sequence[Example]) -> tuple[list[ProsodyTokens], float]:
        batch = Batch.of(examples, self.config.patch)
        choose = Search(self.network, batch, examples[0].hierarchy) if self.search else None
        encoded = self.network.encode(batch, choose=choose)
        maps = batch.layout.maps
        split = {n: torch.split(c, list(maps[n].counts)) for n, c in encoded.codes.items()}
        tokens = [
            self.tokens_of(example, {name: split[name][row].numpy().T for name in LEVELS})
            for row, example in enumerate(examples)
        ]
        return tokens, float(sum(encoded.commitment.values()))

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

    def tokens_of(self, example: Example, codes: dict[str, NDArray[np.int64]]) -> ProsodyTokens:
        """Put codes (K, N) of each level beside the units of an utterance."""
        segmentations = segmentations_of(example.hierarchy)
        levels = tuple(
            TokenLevel(
                level.name, codes[level.name], level.codebook_sizes, segmentations[level.name]
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

    @torch.inference_mode()
    def _decode(self, utterances: Sequence[ProsodyTokens]) -> Decoded:
        for tokens in utterances:
            self._check(tokens)
        layout = Layout.of([_hierarchy(tokens) for tokens in utterances], self.config.patch)
        codes = {
            name: torch.from_numpy(np.concatenate([t[name].codes for t in utterances], axis=1).T)
            for name in utterances[0].names
        }
        return self.network.decode(codes, layout)

    def _check(self, tokens: ProsodyTokens) -> None:
        if fingerprint(tokens.checkpoint) != fingerprint(self.checkpoint):
            raise TokenError(
                f"tokens of checkpoint {tokens.checkpoint!r} cannot be decoded with "
                f"{self.checkpoint!r}, whose codes mean something else: load the one that made them"
            )
        sizes: dict[str, tuple[int, ...]] = {c.name: c.codebook_sizes for c in self.config.levels}
        for level in tokens.levels:
            if level.codebook_sizes != sizes[level.name]:
                raise TokenError(
                    f"level {level.name!r} has codebooks {level.codebook_sizes}, and checkpoint "
                    f"{self.checkpoint!r} has {sizes[level.name]}"
                )


def _hierarchy(tokens: ProsodyTokens) -> Hierarchy:
    """The units that the tokens tell of; of a level that is not there, nothing is made up."""
    whole = Segmentation.unlabelled([0, tokens.num_frames])
    phrases = tokens["phrase"].segmentation if "phrase" in tokens else whole
    words = tokens["word"].segmentation if "word" in tokens else phrases
    return Hierarchy(phrases, words, "acoustic")
