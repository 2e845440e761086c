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

from prosodytok.lm.config import LMConfig
from prosodytok.lm.contour import contours
from prosodytok.lm.items import Items, frame_items, phrase_items, word_items
from prosodytok.lm.network import LMNetwork, Stage, Told, batch_of, field_bits
from prosodytok.lm.pretrained import DEFAULT, load_lm
from prosodytok.lm.sampling import Sampling
from prosodytok.lm.script import PHRASE, Script, script_of, tokens_of
from prosodytok.lm.text import letters_of, split_text
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import CheckpointError, ConfigError, TokenError, explain
from prosodytok.types.register import Register
from prosodytok.types.tokens import LEVELS, ProsodyTokens

#: Words of one text; a longer one is to be spoken part by part.
MOST_WORDS = 1000
#: What is told of a voice is kept within so many standard deviations of the training voices.
VOICE_LIMIT = 3.0

ITEMS: dict[str, Callable[[Script, LMConfig], Items]] = {
    "phrase": phrase_items,
    "word": word_items,
    "frame": frame_items,
}


class ProsodyLM:
    """A language model of prosody: it says tokens of a text, coarse to fine.

    First where phrases begin and pauses are, with the phrases' codes; then the duration and the
    codes of each word and pause; then the frame codes: a stage each, as AudioLM says semantic, then
    coarse, then fine tokens (Borsos et al. 2022, "AudioLM: a language modeling approach to audio
    generation").

    Parameters
    ----------
    network : LMNetwork
        Trained weights.
    tokenizer : ProsodyTokenizer
        The one whose tokens it says: the frame stage is told what phrases and words decode to.

    Raises
    ------
    CheckpointError
        If it learned the tokens of another tokenizer.

    Examples
    --------
    >>> lm = ProsodyLM.from_pretrained()
    >>> tokens = lm.generate("A learned prosody tokenizer, isn't it?", seed=1, top_p=0.9)
    >>> prosody = lm.tokenizer.decode(tokens)
    """

    def __init__(self, network: LMNetwork, tokenizer: ProsodyTokenizer) -> None:
        self.network = network.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        if self.config.tokenizer != tokenizer.checkpoint:
            raise CheckpointError(
                f"the language model says tokens of {self.config.tokenizer!r}, and the tokenizer "
                f"is {tokenizer.checkpoint!r}"
            )

    @classmethod
    def from_pretrained(
        cls, name_or_folder: str | Path = DEFAULT, tokenizer: ProsodyTokenizer | None = None
    ) -> ProsodyLM:
        """Load a model; without an argument, the bundled one.

        The tokenizer is by default the bundled one of the name that the model knows.

        Raises
        ------
        CheckpointError
            If there is no such model, or it is damaged, or its tokenizer is missing.
        """
        network = load_lm(name_or_folder)
        return cls(network, tokenizer or ProsodyTokenizer.from_pretrained(network.config.tokenizer))

    @property
    def config(self) -> LMConfig:
        """What the network is built from."""
        return self.network.config

    @torch.inference_mode()
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
        """Say how a text could be spoken.

        Parameters
        ----------
        words : str or sequence of str
            A text, or its words. Punctuation that follows a word belongs to it (``"word,"``) and is
            read; spoken or not, each word becomes one unit.
        language : str
            Its code, as in "en", "de-AT"; of an unknown one the model reads the letters alone.
        register : Register, optional
            The voice to say it for, in which its word rate sets the tempo; the middle of the
            training voices when not given.
        seed : int
            The same seed says the same tokens.
        temperature, top_k, top_p
            How tokens are drawn; see `Sampling`. Temperature 0 takes the likeliest.
        levels : iterable of str
            Levels that the tokens shall have; without "frame" the frame stage does not run.

        Returns
        -------
        ProsodyTokens
            Tokens of the tokenizer that ``config.tokenizer`` names, which decodes them. Labels are
            the words as given, and ``""`` for the pauses between them.

        Raises
        ------
        TokenError
            If there are no words or more than 1000, a word has neither letter nor digit, or a level
            is unknown.
        ConfigError
            If temperature, top_k or top_p is out of range.
        """
        wanted = _checked_levels(levels)
        sampling = _sampling(temperature, top_k, top_p)
        random = torch.Generator().manual_seed(seed)
        register = register or Register(**self.config.register_default)
        script = Script(_checked_words(words), language[:2], register)
        script = self._plan(script, sampling, random)
        said = self._say("word", script, sampling, random).T
        script = replace(script, durations=said[0], units=said[1:])
        if "frame" in wanted:
            (contour,) = contours(self.tokenizer, [tokens_of(script, self.config)])
            script = replace(script, contour=contour)
            script = replace(script, cells=self._say("frame", script, sampling, random).T)
        return tokens_of(script, self.config).select(wanted)

    @torch.inference_mode()
    def bits(self, tokens: ProsodyTokens, language: str = "en") -> dict[str, NDArray[np.float64]]:
        """How unexpected the model finds the tokens of an utterance.

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
            Bits of each token that a stage says. ``"phrase"``: of the break before each word and at
            the end, and of the code of the phrase that begins there, NaN where none does;
            ``"word"``: of each unit's duration and codes; ``"frame"``: of each cell's code.

        Raises
        ------
        TokenError
            If the tokens cannot be read (see `script_of`), or are another tokenizer's.
        """
        (contour,) = contours(self.tokenizer, [tokens])
        script = replace(script_of(tokens, language), contour=contour)
        bits = {}
        for name, stage in self._stages.items():
            told, fields = self._told(name, script)
            own = field_bits(stage(told, fields), fields).masked_fill(fields < 0, torch.nan)
            bits[name] = own[0].double().numpy()
        return bits

    @property
    def _stages(self) -> dict[str, Stage]:
        return dict(self.network.items())  # type: ignore[arg-type]

    def _told(self, name: str, script: Script) -> tuple[Told, Tensor]:
        items = ITEMS[name](script, self.config)
        voice = voice_of(script.register, self.config)[None]
        return batch_of([items], [script.words], voice, self.config.alphabet)

    def _plan(self, script: Script, sampling: Sampling, random: torch.Generator) -> Script:
        """Say breaks and phrases; the text's end begins no phrase, and its first word does."""
        last = len(script.words)

        def absent(item: int, said: list[int]) -> bool:
            return len(said) == 1 and (item == last or (item > 0 and not said[0] & PHRASE))

        breaks, phrases = self._say("phrase", script, sampling, random, absent).T
        return replace(script, breaks=breaks, phrases=phrases[None, phrases >= 0])

    def _say(
        self,
        name: str,
        script: Script,
        sampling: Sampling,
        random: torch.Generator,
        absent: Callable[[int, list[int]], bool] = lambda _item, _said: False,
    ) -> NDArray[np.int64]:
        """Draw the fields of a stage, (N, K), item by item; -1 where `absent` says so."""
        stage = self._stages[name]
        told, fields = self._told(name, script)
        known = stage.know(told)
        states = torch.zeros_like(known)
        for item, row in enumerate(fields[0]):
            near = slice(max(0, item + 1 - stage.reach), item + 1)
            heard = stage.listen(known[:, near], states[:, near])[0, -1]
            for number in range(len(row)):
                earlier = row[:number]
                if not absent(item, earlier.tolist()):
                    row[number] = sampling.draw(stage.logits(heard, earlier), random)
            states[:, item + 1 : item + 2] = stage.said(row)
        return fields[0].numpy()


def voice_of(register: Register, config: LMConfig) -> Tensor:
    """What a stage is told of the voice: (4,) float32, normalised and within limits."""
    values = (measures_of(register) - config.voice_mean) / config.voice_scale
    return torch.from_numpy(np.clip(values, -VOICE_LIMIT, VOICE_LIMIT)).float()


def measures_of(register: Register) -> NDArray[np.float64]:
    """What of a voice matters to its prosody: (4,). The level of the recording does not."""
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
        raise ConfigError(f"tokens cannot be drawn so: {explain(error)}") from error


def _checked_words(words: str | Sequence[str]) -> tuple[str, ...]:
    found = tuple(split_text(words) if isinstance(words, str) else words)
    mute = [word for word in found if not any(x.isalnum() for x in letters_of(word))]
    if not found:
        raise TokenError("there are no words to say")
    if mute:
        raise TokenError(f"no letter or digit in {mute[0]!r}: write marks behind the word before")
    if len(found) > MOST_WORDS:
        raise TokenError(f"{len(found)} words, and at most {MOST_WORDS} can be said at once")
    return found


def _checked_levels(levels: Iterable[str]) -> list[str]:
    wanted = [levels] if isinstance(levels, str) else list(levels)
    unknown = [name for name in wanted if name not in LEVELS]
    if unknown or not wanted:
        raise TokenError(f"levels {wanted}: there are {', '.join(LEVELS)}, and one is needed")
    return wanted
