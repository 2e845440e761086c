"""Stability of tokens: a recording and changed copies of it are tokenized and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np

from prosodytok.corpus import Recording, prepare, tokenize_recording
from prosodytok.evaluation.stability.babble_voices import BabbleVoices
from prosodytok.evaluation.stability.code_agreement import Mask
from prosodytok.evaluation.stability.copy_comparison import CodedSound, CopySums, compare_copy
from prosodytok.evaluation.stability.given_units import units_of_copy
from prosodytok.evaluation.stability.kmeans_yardstick import (
    NO_YARDSTICK,
    KMeansYardstick,
    unit_features,
)
from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.features.sound_changes import (
    CHANGES,
    CUT,
    NEEDS_OTHERS,
    Change,
    ChangedSound,
)
from prosodytok.io.manifest import Utterance
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tokenizer.utterance import TokenizedUtterance, tokenize_utterance
from prosodytok.types import Hierarchy, ProsodyTokens, TokenLevel, UnitRequest
from prosodytok.types.errors import USAGE_ERRORS, AudioError, ProsodytokError
from prosodytok.types.f0_range import FITTED, F0Range

#: Applies a function to utterances, as `map` does.
Each = Callable[
    [Callable[[Utterance], Floats | None], Sequence[Utterance]], Iterable[Floats | None]
]


@dataclass(frozen=True)
class UtteranceStability:
    """A recording compared with its copies.

    Parameters
    ----------
    speaker : str or None
        The speaker, if known.
    tokens : ProsodyTokens
        Tokens of the recording.
    codebooks : mapping of str to TokenLevel
        Codes of the recording; see `CodedSound`.
    spoken : (T,) bool
        Its frames in units that are no pauses.
    copies : dict of str to CopySums
        By the name of the change.
    failures : dict of str to str
        Why a copy could not be tokenized, by the name of the change.
    """

    speaker: str | None
    tokens: ProsodyTokens
    codebooks: Mapping[str, TokenLevel]
    spoken: Mask
    copies: dict[str, CopySums]
    failures: dict[str, str]


@dataclass(frozen=True)
class StabilitySuite:
    """Measures the stability of the tokens of utterances, one by one.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The tokenizer.
    units : {"acoustic", "learned", "even", "given"}, optional
        Source of the words, by default the tokenizer's own. Given words of a copy are those of the
        original.
    f0_range : F0Range
        The range in which F0 is searched, where the manifest has none.
    voices : BabbleVoices
        Other speech for a babble; without any, changes that need it are left out.
    yardstick : KMeansYardstick
        Codes that are measured beside the tokens.
    changes : mapping of str to Change
        The changes, by name.
    seed : int
        Random seed of noise and rooms.
    """

    tokenizer: ProsodyTokenizer
    units: UnitRequest | None = None
    f0_range: F0Range = FITTED
    voices: BabbleVoices = field(default_factory=BabbleVoices)
    yardstick: KMeansYardstick = NO_YARDSTICK
    changes: Mapping[str, Change] = field(default_factory=lambda: CHANGES)
    seed: int = 0

    def beside(
        self, drawn: Sequence[Utterance], corpus: Sequence[Utterance], each: Each = map
    ) -> StabilitySuite:
        """The suite with the babble and the yardstick of a corpus.

        Parameters
        ----------
        drawn : sequence of Utterance
            The utterances that are to be measured.
        corpus : sequence of Utterance
            All utterances; the yardstick is fitted to those that are not measured.
        each : callable
            Replaces `map`, for example to show progress.
        """
        measured = {utterance.id for utterance in drawn}
        others = [utterance for utterance in corpus if utterance.id not in measured]
        order = np.random.default_rng(self.seed).permutation(len(others))
        features = each(self.features, [others[index] for index in order])
        return replace(
            self,
            voices=BabbleVoices.draw(corpus, self.seed),
            yardstick=KMeansYardstick.fit((f for f in features if f is not None), self.seed),
        )

    def measure(self, utterance: Utterance) -> UtteranceStability:
        """Tokenize an utterance and its changed copies, and compare them.

        Each copy is tokenized as a recording of its own, with its own units, register and range of
        F0. A copy that cannot be tokenized is one of the `failures`.

        Raises
        ------
        AudioError, SegmentationError
            If the sound or its words cannot be used, or no copy can be tokenized; the message names
            the file.
        """
        recording = Recording.of(utterance, self.units).with_f0_range(self.f0_range)
        original = tokenize_recording(self.tokenizer, recording)
        if original.audio.duration <= CUT:
            raise AudioError(f"{recording.audio}: not longer than the {CUT} s that are cut off")
        coded = self._coded(original)
        others = self.voices.beside(utterance)
        copies: dict[str, CopySums] = {}
        failures: dict[str, str] = {}
        for name, change in self.changes.items():
            if name in NEEDS_OTHERS and not others:
                continue
            try:
                changed = change(original.audio, others, self._rng(utterance, name))
                copy = self._tokenize_copy(changed, recording, original.example.hierarchy)
                copies[name] = compare_copy(coded, copy, changed.offset)
            except ProsodytokError as error:
                if isinstance(error, USAGE_ERRORS):
                    raise
                failures[name] = str(error)
        if not copies:
            reasons = "; ".join(dict.fromkeys(failures.values()))
            raise AudioError(f"{recording.audio}: no changed copy can be tokenized: {reasons}")
        return UtteranceStability(
            utterance.speaker, original.tokens, coded.codebooks, coded.spoken, copies, failures
        )

    def features(self, utterance: Utterance) -> Floats | None:
        """Features of the units of an utterance, for `KMeansYardstick.fit`; None if it fails."""
        recording = Recording.of(utterance, self.units).with_f0_range(self.f0_range)
        try:
            return unit_features(prepare(self.tokenizer, recording)[1])
        except (ProsodytokError, OSError) as error:
            if isinstance(error, USAGE_ERRORS):
                raise
            return None  # reported where it is measured

    def _rng(self, utterance: Utterance, change: str) -> np.random.Generator:
        """Randomness that depends neither on other utterances nor on other changes."""
        return np.random.default_rng([self.seed, crc32(f"{utterance.id} {change}".encode())])

    def _tokenize_copy(
        self, changed: ChangedSound, recording: Recording, original: Hierarchy
    ) -> CodedSound:
        units = units_of_copy(recording.units, original, changed.offset)
        return self._coded(
            tokenize_utterance(changed.audio, self.tokenizer, units, f0_range=recording.f0_range)
        )

    def _coded(self, utterance: TokenizedUtterance) -> CodedSound:
        return CodedSound.of(utterance, self.tokenizer, self.yardstick)


def draw_evenly(utterances: Sequence[Utterance], count: int) -> list[Utterance]:
    """At most `count` utterances, at equal distances."""
    indices = np.linspace(0, len(utterances), min(count, len(utterances)), endpoint=False)
    return [utterances[int(index)] for index in indices]
