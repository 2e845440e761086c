"""Speech of `meaning.py`: halves of the evaluation sets, with tokens and labels; its lines."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from prosodytok import ProsodyTokenizer
from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation.annotation.labelled_utterances import Labelled, read_labelled
from prosodytok.evaluation.reconstruction.measurement import part_of
from prosodytok.evaluation.stats.bootstrap import STANDARD_ERRORS, Interval
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.tokenizer import TokenizedUtterance
from prosodytok.types.errors import ProsodytokError

HALVES = ("dev", "unseen", "all")
SEGMENTS = ("acoustic", "learned")
MANIFESTS = {
    "todi": "tobi/tobi.jsonl",
    "derry": "tobi/tobi.jsonl",
    "timit": "aligned/aligned.jsonl",
    "expressive": "expressive/expressive.jsonl",
    "speech": "speech/dev.jsonl",
    "speechocean": "speech/dev.jsonl",
}
#: Sets that are a whole manifest; the others are parts of one.
WHOLE = ("expressive", "speech")
#: Sets of which only so many utterances are used, evenly spaced in the half.
MOST = {"derry": 240, "speech": 120}
#: TIMIT files above this RMS turn into noise at some point, and are left out.
MAX_RMS = 0.1
RESAMPLES = 300


def id_of(utterance: Utterance) -> str:
    """Name of an utterance."""
    return utterance.id


def scene_of(utterance: Utterance) -> str:
    """Scene of an expressive line: its id before the last underscore."""
    return utterance.id.rpartition("_")[0]


def speaker_of(utterance: Utterance) -> str:
    """Name of the speaker; "" if unknown."""
    return utterance.speaker or ""


#: What is never in both halves of a part of a manifest; utterances, if it is not here.
KEYS = {"fillets": scene_of, "timit": speaker_of}


@dataclass(frozen=True)
class Line:
    """A line of the table: a measure of a part, from one source, over a number of cases."""

    part: str
    measure: str
    source: str
    value: Interval
    cases: int


@dataclass
class Speech:
    """The evaluation sets with the tokens of a tokenizer, each read once."""

    tokenizer: ProsodyTokenizer
    data: Path
    segments: Literal["acoustic", "learned"] = "learned"
    half: str = "dev"
    notes: list[str] = field(default_factory=list)
    _utterances: dict[str, list[Utterance]] = field(default_factory=dict)
    _labelled: dict[tuple[str, str], list[Labelled]] = field(default_factory=dict)
    _tokens: dict[tuple[str, str], TokenizedUtterance | None] = field(default_factory=dict)

    def utterances(self, name: str) -> list[Utterance]:
        """The half of a set, without repeated or noisy recordings."""
        if name not in self._utterances:
            lines = read_manifest(self.data / MANIFESTS[name])
            parts: dict[str, list[Utterance]] = {}
            for utterance in lines:
                if name in (*WHOLE, part_of(utterance)):
                    parts.setdefault(part_of(utterance), []).append(utterance)
            kept = [u for part, own in parts.items() for u in half_of(part, own, self.half)]
            self._utterances[name] = evenly(kept, MOST.get(name, len(kept)))
            if len(kept) > len(self._utterances[name]):
                self.notes.append(f"{name}: {MOST[name]} of {len(kept)} utterances, evenly spaced.")
        return self._utterances[name]

    def labelled(self, name: str, units: str) -> list[Labelled]:
        """Annotated utterances of a half, with `units` ("given", or "found")."""
        if (name, units) not in self._labelled:
            source = self.segments if units == "found" else units
            found = []
            for utterance in self.utterances(name):
                try:
                    found.append(read_labelled(self.tokenizer, utterance, source))
                except ProsodytokError as error:
                    print(f"{utterance.id}: left out: {error}", file=sys.stderr)
            self._labelled[name, units] = found
        return self._labelled[name, units]

    def tokenized(
        self, utterances: Iterable[Utterance]
    ) -> list[tuple[Utterance, TokenizedUtterance]]:
        """Utterances with their tokens on found units."""
        found = []
        for utterance in utterances:
            place = (str(utterance.audio), utterance.id)
            if place not in self._tokens:
                self._tokens[place] = self._tokenize(utterance)
            tokenized = self._tokens[place]
            if tokenized is not None:
                found.append((utterance, tokenized))
        return found

    def _tokenize(self, utterance: Utterance) -> TokenizedUtterance | None:
        try:
            return tokenize_recording(self.tokenizer, Recording.of(utterance, self.segments))
        except ProsodytokError as error:
            print(f"{utterance.id}: left out: {error}", file=sys.stderr)
            return None


def half_of(part: str, utterances: Iterable[Utterance], half: str) -> list[Utterance]:
    """The usable utterances of a half of a part."""
    own = usable(utterances)
    chosen = in_half([KEYS.get(part, id_of)(u) for u in own], half)
    return [u for u, kept in zip(own, chosen, strict=True) if kept]


def usable(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Utterances without repeated sound files, and without TIMIT files that turn into noise."""
    seen, kept = set(), []
    for utterance in utterances:
        samples = utterance.load().samples
        noise = part_of(utterance) == "timit" and np.sqrt(np.mean(samples**2)) > MAX_RMS
        content = hashlib.sha256(samples.tobytes()).digest()
        if content not in seen and not noise:
            kept.append(utterance)
        seen.add(content)
    return kept


def in_half(keys: Iterable[str], half: str) -> list[bool]:
    """Whether each key is in a half; the distinct keys alternate in the order of their checksums.

    Equal keys are in one half, and the halves differ by at most one key.
    """
    keys = list(keys)
    ordered = sorted(set(keys), key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    side = {key: HALVES[rank % 2] for rank, key in enumerate(ordered)}
    return [half == "all" or side[key] == half for key in keys]


def evenly(items: Sequence, most: int) -> list:
    """At most so many items, evenly spaced."""
    count = min(most, len(items))
    return [items[i * len(items) // count] for i in range(count)]


def resampled(
    statistic: Callable[[np.ndarray], float], groups: Sequence[object], seed: int = 0
) -> Interval:
    """A statistic of rows of cases, with 1.96 standard errors of a bootstrap over groups.

    Symmetric, since statistics of information are biased where cases are repeated.
    """
    names = np.unique([str(group) for group in groups], return_inverse=True)[1]
    cases = [np.flatnonzero(names == index) for index in range(names.max() + 1)]
    rng = np.random.default_rng(seed)
    value = statistic(np.arange(len(names)))
    samples = [
        statistic(np.concatenate([cases[i] for i in rng.integers(len(cases), size=len(cases))]))
        for _ in range(RESAMPLES)
    ]
    margin = STANDARD_ERRORS * float(np.std(samples))
    return Interval(value, value - margin, value + margin)
