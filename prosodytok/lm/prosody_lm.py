"""`ProsodyLM`: text in, prosody tokens out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from torch import Tensor

from prosodytok.inference import inference
from prosodytok.lm.coarse_contours import coarse_contours
from prosodytok.lm.config import LMConfig
from prosodytok.lm.lm_utterance import PHRASE, LMUtterance, tokens_to_utterance, utterance_to_tokens
from prosodytok.lm.lm_weights import DEFAULT, load_lm
from prosodytok.lm.network import LMNetwork, Stage, StageBatch, collate_sequences, field_bits
from prosodytok.lm.sampling import Sampling
from prosodytok.lm.spelling import split_text, word_to_letters
from prosodytok.lm.stage_sequences import stage_sequence
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tokenizer.checkpoint_names import fingerprint, where_to_find
from prosodytok.types.errors import CheckpointError, ConfigError, TokenError, explain
from prosodytok.types.register import Register
from prosodytok.types.tokens import LEVELS, ProsodyTokens

#: Maximum number of words of one text.
MAX_WORDS = 1000
#: Voice features are clipped to this number of standard deviations of the training voices.
VOICE_LIMIT = 3.0


class ProsodyLM:
    """A language model of prosody: it generates tokens for a text, coarse to fine.

    Three stages follow each other: phrase beginnings, pauses and phrase codes; then the duration
    and the codes of each word and pause; then the frame codes, as AudioLM generates semantic, then
    coarse, then fine tokens (Borsos et al. 2022, "AudioLM: a language modeling approach to audio
    generation").

    Parameters
    ----------
    network : LMNetwork
        Trained weights.
    tokenizer : ProsodyTokenizer
        Tokenizer of the tokens; it decodes phrases and words for the frame stage.

    Raises
    ------
    CheckpointError
        If the network was trained on tokens of another tokenizer.

    Examples
    --------
    >>> lm = ProsodyLM.from_pretrained()
    >>> tokens = lm.generate("A learned prosody tokenizer, isn't it?", seed=1, top_p=0.9)
    >>> prosody = lm.tokenizer.decode(tokens)
    """

    def __init__(self, network: LMNetwork, tokenizer: ProsodyTokenizer) -> None:
        self.network = network.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        if fingerprint(self.config.tokenizer) != fingerprint(tokenizer.checkpoint):
            raise CheckpointError(
                f"the language model was trained on tokens of {self.config.tokenizer!r}, and the "
                f"tokenizer is {tokenizer.checkpoint!r}: {where_to_find(self.config.tokenizer)}"
            )

    @classmethod
    def from_pretrained(
        cls, name_or_folder: str | Path = DEFAULT, tokenizer: ProsodyTokenizer | None = None
    ) -> ProsodyLM:
        """Load a model; by default, the bundled one.

        The default tokenizer is the bundled one whose weights the config of the model names: not
        always the default of `ProsodyTokenizer.from_pretrained`. Use ``lm.tokenizer`` to make and
        decode tokens of the model.

        Raises
        ------
        CheckpointError
            If there is no such model, or it is damaged, or its tokenizer is missing.
        """
        network = load_lm(name_or_folder)
        return cls(network, tokenizer or ProsodyTokenizer.from_pretrained(network.config.tokenizer))

    @property
    def config(self) -> LMConfig:
        """Config of the network."""
        return self.network.config

    @inference()
    def generate(
        self,
        words: str | Sequence[str],
        *,
        language: str = "en",
        register: Register | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        levels: Iterable[str] = LEVELS,
    ) -> ProsodyTokens:
        """Generate tokens for a text.

        Parameters
        ----------
        words : str or sequence of str
            A text, or its words. Punctuation after a word is part of it (``"word,"``) and an input
            of the model; each word becomes one unit.
        language : str
            Language code, such as "en" or "de-AT"; for an unknown one only letters are used.
        register : Register, optional
            Register of the voice, including the word rate; by default the middle of the training
            voices.
        seed : int
            Random seed.
        temperature, top_k, top_p
            Sampling options; see `Sampling`. Temperature 0 is greedy.
        levels : iterable of str
            Levels of the result; without "frame" the frame stage does not run.

        Returns
        -------
        ProsodyTokens
            Tokens of the tokenizer that ``config.tokenizer`` names. Labels are the words as given,
            and ``""`` for the pauses between them.

        Raises
        ------
        TokenError
            If there are no words or more than 1000, a word has neither letter nor digit, or a level
            is unknown.
        ConfigError
            If temperature, top_k or top_p is out of range.
        """
        levels = _check_levels(levels)
        sampling = _sampling(temperature, top_k, top_p)
        random = torch.Generator().manual_seed(seed)
        register = register or Register(**self.config.register_default)
        utterance = LMUtterance(_check_words(words), language[:2], register)
        utterance = self._generate_phrases(utterance, sampling, random)
        durations, *codes = self._sample_stage("word", utterance, sampling, random).T
        utterance = replace(utterance, durations=durations, word_codes=np.stack(codes))
        if "frame" in levels:
            coarse = utterance_to_tokens(utterance, self.config)
            (contour,) = coarse_contours(self.tokenizer, [coarse])
            utterance = replace(utterance, contour=contour)
            frame_codes = self._sample_stage("frame", utterance, sampling, random).T
            utterance = replace(utterance, frame_codes=frame_codes)
        return utterance_to_tokens(utterance, self.config).select(levels)

    @inference()
    def bits(self, tokens: ProsodyTokens, language: str = "en") -> dict[str, NDArray[np.float64]]:
        """Negative log-likelihood (bits) of the tokens of an utterance.

        Parameters
        ----------
        tokens : ProsodyTokens
            All three levels, of the tokenizer that ``config.tokenizer`` names, with words as labels
            and ``""`` for pauses.
        language : str
            As for `generate`.

        Returns
        -------
        dict of str to (N, K) float64
            Bits of each token, by stage. ``"phrase"``: of the break before each word and at the
            end, and of the code of the phrase that begins there, NaN where none does;
            ``"word"``: of the duration and codes of each unit; ``"frame"``: of each frame code.

        Raises
        ------
        TokenError
            If the tokens do not fit (see `tokens_to_utterance`), or belong to another tokenizer.
        """
        (contour,) = coarse_contours(self.tokenizer, [tokens])
        utterance = replace(tokens_to_utterance(tokens, language), contour=contour)
        bits = {}
        for name, stage in self._stages.items():
            batch, fields = self._batch(name, utterance)
            stage_bits = field_bits(stage(batch, fields), fields).masked_fill(fields < 0, torch.nan)
            bits[name] = stage_bits[0].double().numpy()
        return bits

    @property
    def _stages(self) -> dict[str, Stage]:
        return dict(self.network.items())  # type: ignore[arg-type]

    def _batch(self, name: str, utterance: LMUtterance) -> tuple[StageBatch, Tensor]:
        sequence = stage_sequence(name, utterance, self.config)
        voice = register_to_voice(utterance.register, self.config)[None]
        return collate_sequences([sequence], [utterance.words], voice, self.config.alphabet)

    def _generate_phrases(
        self, utterance: LMUtterance, sampling: Sampling, random: torch.Generator
    ) -> LMUtterance:
        """Sample breaks and phrase codes; the first word begins a phrase, the end does not."""
        last = len(utterance.words)

        def no_phrase(position: int, earlier: list[int]) -> bool:
            if len(earlier) != 1:
                return False
            return position == last or (position > 0 and not earlier[0] & PHRASE)

        breaks, codes = self._sample_stage("phrase", utterance, sampling, random, no_phrase).T
        return replace(utterance, breaks=breaks, phrase_codes=codes[None, codes >= 0])

    def _sample_stage(
        self,
        name: str,
        utterance: LMUtterance,
        sampling: Sampling,
        random: torch.Generator,
        absent: Callable[[int, list[int]], bool] = lambda _position, _earlier: False,
    ) -> NDArray[np.int64]:
        """Sample the fields of a stage, (N, K), one by one; -1 where `absent` returns true."""
        stage = self._stages[name]
        batch, fields = self._batch(name, utterance)
        inputs = stage.encode_inputs(batch)
        previous = torch.zeros_like(inputs)
        for position, row in enumerate(fields[0]):
            window = slice(max(0, position + 1 - stage.receptive_field), position + 1)
            state = stage.transform(inputs[:, window], previous[:, window])[0, -1]
            for number in range(len(row)):
                earlier = row[:number]
                if not absent(position, earlier.tolist()):
                    row[number] = sampling.draw(stage.logits(state, earlier), random)
            previous[:, position + 1 : position + 2] = stage.embed_fields(row)
        return fields[0].numpy()


def register_to_voice(register: Register, config: LMConfig) -> Tensor:
    """Voice features for the network: (4,) float32, normalised and clipped."""
    values = (voice_features(register) - config.voice_mean) / config.voice_scale
    return torch.from_numpy(np.clip(values, -VOICE_LIMIT, VOICE_LIMIT)).float()


def voice_features(register: Register) -> NDArray[np.float64]:
    """Features of a register that bear on prosody: (4,), without the recording level."""
    return np.array(
        [
            np.log2(register.f0_median_hz),
            register.f0_spread_st,
            register.energy_range_db,
            np.log2(register.word_rate_hz),
        ]
    )


def _sampling(temperature: float, top_k: int | None, top_p: float | None) -> Sampling:
    try:
        return Sampling(temperature=temperature, top_k=top_k, top_p=top_p)
    except ValidationError as error:
        raise ConfigError(f"sampling options: {explain(error)}") from error


def _check_words(words: str | Sequence[str]) -> tuple[str, ...]:
    found = tuple(split_text(words) if isinstance(words, str) else words)
    mute = [word for word in found if not any(x.isalnum() for x in word_to_letters(word))]
    if not found:
        raise TokenError("the text has no words")
    if mute:
        raise TokenError(f"no letter or digit in {mute[0]!r}: append marks to the word before")
    if len(found) > MAX_WORDS:
        raise TokenError(f"{len(found)} words are more than {MAX_WORDS}: split the text")
    return found


def _check_levels(levels: Iterable[str]) -> list[str]:
    names = [levels] if isinstance(levels, str) else list(levels)
    unknown = [name for name in names if name not in LEVELS]
    if unknown or not names:
        raise TokenError(f"levels {names}: choose one or more of {', '.join(LEVELS)}")
    return names
