"""`Tokenizer`: a frontend and a backend. Needs no torch but for a backend in torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.sound import load
from prosodytok.nn.batch import Decoded, Example
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.layout import level_segmentations
from prosodytok.nn.receptive_field import decoder_reaches, encoder_reaches
from prosodytok.nn.timing import word_seconds
from prosodytok.tokenizer.backend import DEFAULT, Backend
from prosodytok.tokenizer.checkpoint_names import fingerprint, where_to_find
from prosodytok.tokenizer.frontend import Frontend, OfflineFrontend, make_frontend
from prosodytok.tokenizer.onnx_graphs import is_export
from prosodytok.tokenizer.windows import Window, group_by_length, windows
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError, SegmentationError, TokenError
from prosodytok.types.f0_range import F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import NO_NOISE, Register, denormalize
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.tokens import LEVELS, ProsodyTokens, TokenLevel
from prosodytok.types.units import FRAME_RATE, seconds_to_frames

#: First code of a word that is a pause, where the network codes pauses.
PAUSE_CODE = 0
#: Frames, padding included, that the network processes at once.
BATCH_FRAMES = 4_000


@dataclass(frozen=True)
class TokenizerOutput:
    """Output of `Tokenizer.__call__`.

    Parameters
    ----------
    prosody : Prosody
        Decoding of all levels of the tokens.
    tokens : ProsodyTokens
        The tokens.
    loss : float
        Commitment loss, summed over the levels.
    metrics : dict of str to float
        Bits per second: ``bitrate``, and those of each level and of the boundaries by name.
    """

    prosody: Prosody
    tokens: ProsodyTokens
    loss: float
    metrics: dict[str, float]


class Tokenizer:
    """Learned phrase, word and frame tokens of prosody.

    Its public name is `prosodytok.ProsodyTokenizer`.

    Parameters
    ----------
    frontend : Frontend
        From sound to prosody, register and units.
    backend : Backend
        The network with its weights.

    Examples
    --------
    >>> tokenizer = ProsodyTokenizer.from_pretrained()
    >>> audio = load("speech.wav")
    >>> prosody = tokenizer.extract(audio)
    >>> tokens = tokenizer.encode(prosody, audio=audio)
    >>> contour = tokenizer.decode(tokens, levels=["phrase", "word"])
    """

    def __init__(self, frontend: Frontend, backend: Backend) -> None:
        self.frontend, self.backend = frontend, backend
        self._encoder_reaches = encoder_reaches(backend.config)
        self._decoder_reaches = decoder_reaches(backend.config)

    @classmethod
    def from_pretrained(
        cls,
        name_or_folder: str | Path = DEFAULT,
        *,
        revision: str | None = None,
        f0: str = "praat",
        search: bool = True,
    ) -> Tokenizer:
        """Load a tokenizer; without an argument, the bundled one.

        The backend is ONNX for a folder that `export_onnx` wrote, else torch.

        Parameters
        ----------
        name_or_folder, revision
            A folder (of a checkpoint, or of an ONNX export), a bundled name, or a model of the
            Hugging Face Hub, ``org/name`` or ``org/name@revision``, in this order: see
            `load_checkpoint`.
        f0 : {"praat", "world", "harvest", "swift-f0"}
            Pitch tracker.
        search : bool
            Whether codes are chosen by analysis by synthesis (see `nn.code_search`): better tokens,
            slower.

        Raises
        ------
        CheckpointError
            If there is no such checkpoint, it is damaged, or cannot be downloaded.
        ConfigError
            If the checkpoint does not work with the pitch tracker.
        """
        if revision is None and is_export(name_or_folder):
            return cls.from_onnx(name_or_folder, f0=f0, search=search)
        from prosodytok.tokenizer.pretrained import load_checkpoint

        network, checkpoint = load_checkpoint(name_or_folder, revision)
        return cls.from_network(network, checkpoint, f0=f0, search=search)

    @classmethod
    def from_network(
        cls, network: Any, checkpoint: str, *, f0: str = "praat", search: bool = True
    ) -> Tokenizer:
        """Wrap a `ProsodyNetwork`; tokens carry the name `checkpoint`."""
        from prosodytok.tokenizer.torch_backend import TorchBackend

        return cls(make_frontend(network.config, f0), TorchBackend(network, checkpoint, search))

    @classmethod
    def from_onnx(
        cls, folder: str | Path, *, f0: str = "praat", search: bool = True, threads: int = 1
    ) -> Tokenizer:
        """Load a folder that `export_onnx` wrote, to run on a number of threads.

        Where no units are given, they are found by rule: the boundary network needs torch.

        Raises
        ------
        CheckpointError
            If it is not such a folder, or damaged.
        MissingExtraError
            If onnxruntime is not installed.
        """
        from prosodytok.tokenizer.onnx_backend import OnnxBackend

        backend = OnnxBackend.from_folder(folder, search=search, threads=threads)
        return cls(OfflineFrontend(backend.config, f0, "acoustic"), backend)

    @property
    def config(self) -> ModelConfig:
        """Configuration of the network."""
        return self.backend.config

    @property
    def checkpoint(self) -> str:
        """Name that tokens carry; tokens decode only with the checkpoint that made them."""
        return self.backend.checkpoint

    @property
    def network(self) -> Any:
        """The network in torch. Raises CheckpointError for an ONNX export."""
        return self.backend.network

    @property
    def device(self) -> Any:
        """The `torch.device` of the network."""
        return self.network.device

    def to(self, device: Any) -> Self:
        """Move the network to another device, such as ``"cuda"``, and return this tokenizer.

        The frontend runs on the CPU; inputs and outputs lie in its memory.

        Raises
        ------
        ConfigError
            If it is not a device (a dtype, for instance), or not available here.
        """
        from prosodytok.tokenizer.torch_backend import move_network

        move_network(self.network, device)
        return self

    def eval(self) -> Self:
        """Return this tokenizer, which never trains: for code written for modules of torch."""
        return self

    def push_to_hub(self, repo: str, *, license: str = "apache-2.0", private: bool = False) -> str:
        """Upload this tokenizer's weights and config to a repository of the Hugging Face Hub.

        The repository is created if it does not exist. A README.md with the metadata of a model
        card is written if there is none: describe the training speech there.

        Parameters
        ----------
        repo : str
            ``org/name``.
        license : str
            Licence of the weights, as the hub names it.
        private : bool
            Whether a new repository is private.

        Returns
        -------
        str
            URL of the commit.

        Raises
        ------
        CheckpointError
            If the hub refuses or cannot be reached.
        MissingExtraError
            If huggingface_hub is not installed.
        """
        from prosodytok.tokenizer.pretrained import push_checkpoint

        return push_checkpoint(self.network, repo, license=license, private=private)

    def codebook(self, level: str, index: int = 0) -> NDArray[np.float32]:
        """Vectors (C, D) of the C codes of a level's codebook.

        Raises
        ------
        TokenError
            If there is no such level or codebook.
        """
        books = self.network.quantizer(level).codebooks if level in LEVELS else []
        if not 0 <= index < len(books):
            raise TokenError(f"no codebook {index} of a level {level!r}")
        vectors: NDArray[np.float32] = books[index].detach().cpu().numpy().copy()
        return vectors

    def embed_codes(self, level: str, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embeddings (M, D) of a level's codes (M, K), the inputs of the decoder."""
        return self.backend.embed(level, codes)

    def __call__(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> TokenizerOutput:
        """Encode and decode one utterance, not in windows; parameters as in `encode`."""
        example = self.example(prosody, hierarchy, register=register, audio=audio)
        codes, loss = self.backend.encode_with_loss([self._network_example(example)])
        tokens = self.to_tokens(example, codes)
        metrics = {name: bits / tokens.duration for name, bits in tokens.bits.items()}
        metrics["bitrate"] = tokens.bitrate
        return TokenizerOutput(self.decode(tokens), tokens, loss, metrics)

    def extract(
        self,
        audio: Audio | str | Path,
        *,
        f0_floor: float | None = None,
        f0_ceiling: float | None = None,
    ) -> Prosody:
        """Measure F0, voicing and energy of a sound or a sound file.

        Parameters
        ----------
        audio : Audio or path
            The sound.
        f0_floor, f0_ceiling : float, optional
            Limits of the search for F0 (40 to 1000 Hz); by default they are fitted to the speaker.

        Raises
        ------
        AudioError
            If the file cannot be used, or the argument is no sound.
        ConfigError
            If a limit is out of range, or the floor is not below the ceiling.
        """
        if isinstance(audio, (str, Path)):
            audio = load(audio)
        if not isinstance(audio, Audio):
            raise AudioError(
                f"no sound but {type(audio).__name__}: pass Audio.from_array(samples, rate), "
                "or the path of a file"
            )
        return self.frontend.extract(audio, F0Range(f0_floor, f0_ceiling))

    def encode(
        self,
        prosody: Prosody,
        hierarchy: Hierarchy | None = None,
        *,
        register: Register | None = None,
        audio: Audio | None = None,
    ) -> ProsodyTokens:
        """Encode one utterance.

        Parameters
        ----------
        prosody : Prosody
            Output of `extract`, T frames.
        hierarchy : Hierarchy, optional
            Words and phrases over the same T frames. By default they are found: in `audio` by the
            boundary network, in the prosody alone by rule; for a causal checkpoint always by the
            rule of streams, and for an ONNX export always by rule.
        register : Register, optional
            The speaker's register, e.g. from other utterances; by default that of this one.
        audio : Audio, optional
            The sound, in which words are found; a checkpoint with self-supervised features needs
            it in any case.

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
        """Prepare one utterance for `encode_batch`; parameters and errors as in `encode`."""
        register = register or self.frontend.register(prosody)
        hierarchy = hierarchy or self.frontend.segment(prosody, register, audio)
        if hierarchy.words.num_frames != prosody.num_frames:
            raise SegmentationError(
                f"the segmentation covers {hierarchy.words.num_frames} frames and the prosody has "
                f"{prosody.num_frames}: do they belong to the same sound?"
            )
        register = replace(register, word_rate_hz=hierarchy.word_rate)
        if not self.config.codes_pauses:  # its decoder outputs the noise itself
            register = replace(register, noise_level_db=NO_NOISE)
        embeddings = self.frontend.embed(audio, prosody.num_frames)
        return Example(prosody, hierarchy, register, embeddings)

    def encode_batch(self, examples: Sequence[Example]) -> list[ProsodyTokens]:
        """Encode several utterances: the same tokens as one by one, faster."""
        parts = [windows(e.hierarchy.phrases, self._encoder_reaches) for e in examples]
        pieces = [
            (window, window.example(self._network_example(example), self.config.patch))
            for example, own in zip(examples, parts, strict=True)
            for window in own
        ]
        kept: list[dict[str, NDArray[np.int64]]] = [{}] * len(pieces)
        for rows in group_by_length([w.num_frames for w, _ in pieces], BATCH_FRAMES):
            group = [pieces[row] for row in rows]
            codes = self.backend.encode([example for _, example in group])
            for row, own_codes in zip(rows, _split_codes(group, codes), strict=True):
                kept[row] = own_codes
        found = iter(kept)
        return [
            self.to_tokens(example, _concatenate(list(islice(found, len(own)))))
            for example, own in zip(examples, parts, strict=True)
        ]

    def decode(
        self,
        tokens: ProsodyTokens,
        levels: Iterable[str] | None = None,
        *,
        register: Register | None = None,
    ) -> Prosody:
        """Decode tokens to F0, voicing and energy.

        Parameters
        ----------
        tokens : ProsodyTokens
            Tokens of this checkpoint.
        levels : iterable of str, optional
            The levels to decode, any subset; by default all that the tokens have.
        register : Register, optional
            The register of the result; by default the tokens' own.

        Raises
        ------
        TokenError
            If the tokens are another checkpoint's, or lack a level in `levels`.
        """
        (prosody,) = self.decode_batch(
            [replace(tokens, register=register or tokens.register)], levels
        )
        return prosody

    def decode_batch(
        self, utterances: Sequence[ProsodyTokens], levels: Iterable[str] | None = None
    ) -> list[Prosody]:
        """Decode several utterances, each in its own register: faster than one by one.

        Their tokens must have the same levels. Parameters and errors are those of `decode`.
        """
        names = None if levels is None else list(levels)
        chosen = [t if names is None else t.select(names) for t in utterances]
        for tokens in chosen:  # before any is decoded
            self._check(tokens)
        parts = [windows(t.levels[0].segmentation, self._decoder_reaches) for t in chosen]
        pieces = [
            (window, window.tokens(t))
            for t, own in zip(chosen, parts, strict=True)
            for window in own
        ]
        kept: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(pieces)
        for rows in group_by_length([w.num_frames for w, _ in pieces], BATCH_FRAMES):
            decoded = self._decode([pieces[row][1] for row in rows])
            channels = np.stack([decoded.f0, decoded.voicing, decoded.energy])
            for index, row in enumerate(rows):
                kept[row] = channels[:, index, pieces[row][0].kept_frames].copy()
        found = iter(kept)
        prosodies = []
        for tokens, own in zip(chosen, parts, strict=True):
            f0, voicing, energy = np.concatenate(list(islice(found, len(own))), axis=1)
            prosodies.append(denormalize(f0, voicing > 0, energy, tokens.register))
        return prosodies

    def decode_prefixes(self, tokens: ProsodyTokens) -> dict[str, Prosody]:
        """Decode each prefix of levels, coarse to fine: "phrase", "phrase + word", and so on."""
        return {name: self.decode(tokens, names) for name, names in tokens.prefixes.items()}

    def decode_durations(self, tokens: ProsodyTokens) -> NDArray[np.float64]:
        """Duration of each word in seconds, decoded from the codes alone, shape (N,).

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
        """Replace the boundaries of phrases and words by the durations in their codes.

        Phrase and word codes alone thus make a complete prosody. Frame tokens, whose grid belongs
        to the old timing, are left out.

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
        return replace(tokens, levels=levels, num_frames=int(edges[-1]), sound_duration=None)

    def to_tokens(self, example: Example, codes: Mapping[str, NDArray[np.int64]]) -> ProsodyTokens:
        """Tokens of an utterance from the codes (N, K) of each level."""
        segmentations = level_segmentations(example.hierarchy)
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
            f0_floor=example.prosody.f0_floor,
            f0_ceiling=example.prosody.f0_ceiling,
            warnings=example.prosody.warnings + example.hierarchy.warnings,
            sound_duration=example.prosody.sound_duration,
        )

    def _network_example(self, example: Example) -> Example:
        """The example as the network takes it: without labels, with pauses if it codes them."""
        hierarchy = example.hierarchy.unlabelled(pauses=self.config.codes_pauses)
        return replace(example, hierarchy=hierarchy)

    def _decode(self, utterances: Sequence[ProsodyTokens]) -> Decoded[NDArray[np.float32]]:
        codes = {
            name: np.concatenate([t[name].codes for t in utterances], axis=1).T
            for name in utterances[0].names
        }
        return self.backend.decode(codes, [self._hierarchy(tokens) for tokens in utterances])

    def _hierarchy(self, tokens: ProsodyTokens) -> Hierarchy:
        """The units of tokens; one stands for a missing phrase level, and phrases for words."""
        whole = Segmentation.unlabelled([0, tokens.num_frames])
        phrases = tokens["phrase"].segmentation if "phrase" in tokens else whole
        if "word" not in tokens:
            return Hierarchy(phrases, phrases, "acoustic")
        word = tokens["word"]
        pauses = word.codes[0] == PAUSE_CODE if self.config.codes_pauses else None
        return Hierarchy(phrases, word.segmentation, "acoustic", pauses).unlabelled(
            pauses=self.config.codes_pauses
        )

    def _check(self, tokens: ProsodyTokens) -> None:
        if fingerprint(tokens.checkpoint) != fingerprint(self.checkpoint):
            raise TokenError(
                f"tokens of checkpoint {tokens.checkpoint!r} cannot be decoded with "
                f"{self.checkpoint!r}, whose codes have other meanings: "
                + where_to_find(tokens.checkpoint)
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


#: The public name of the class.
ProsodyTokenizer = Tokenizer


def _split_codes(
    group: Sequence[tuple[Window, Example]], codes: Mapping[str, NDArray[np.int64]]
) -> list[dict[str, NDArray[np.int64]]]:
    """Codes (N, K) of each level's units that each window keeps."""
    found, first = [], dict.fromkeys(LEVELS, 0)
    for window, example in group:
        own = {}
        for name, units in level_segmentations(example.hierarchy).items():
            kept, start = window.kept_units(units), first[name]
            own[name] = codes[name][start + kept.start : start + kept.stop]
            first[name] += len(units)
        found.append(own)
    return found


def _concatenate(parts: Sequence[Mapping[str, NDArray[np.int64]]]) -> dict[str, NDArray[np.int64]]:
    return {name: np.concatenate([part[name] for part in parts]) for name in LEVELS}
