"""Speaker leakage: classification of the speaker from tokens, beside other views of the prosody.

Attackers classify the speakers of single utterances from tokens, and from the prosody behind them;
a speaker embedding does so from resynthesis (see `resynthesis_probe`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prosodytok.evaluation.leakage import speaker_features as features
from prosodytok.evaluation.leakage.resynthesis_probe import (
    LeakageItem,
    ResynthesisLeakage,
    measure_resynthesis,
)
from prosodytok.evaluation.leakage.speaker_probe import SpeakerProbe, probe_speakers
from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.tokenizer import ProsodyTokenizer

#: Speakers, and utterances of each, that the measurement needs.
MIN_SPEAKERS, MIN_UTTERANCES = 2, 4


@dataclass(frozen=True)
class Leakage:
    """Accuracy of speaker classification, by features and from resynthesis.

    `left_out` utterances have no speaker, or one with too few; `chance` is one over the number of
    speakers, `majority` the share of the most frequent one, `target` twice chance plus 5 points.
    """

    speakers: int
    utterances: int
    left_out: int
    chance: float
    majority: float
    target: float
    probes: dict[str, SpeakerProbe]
    resynthesis: ResynthesisLeakage


@dataclass(frozen=True)
class NotMeasured:
    """Measurement that was not possible, with the reason."""

    not_measured: str


def measure_leakage(
    tokenizer: ProsodyTokenizer, items: Sequence[LeakageItem], *, seed: int = 0
) -> Leakage | NotMeasured:
    """Classify speakers from tokens, and compare with chance and with raw F0.

    Speakers with fewer than four utterances are left out; `NotMeasured` if fewer than two remain.
    Raises `MissingExtraError` if scikit-learn or resemblyzer is not installed.
    """
    counts = Counter(item.speaker for item in items if item.speaker)
    names = sorted(name for name, count in counts.items() if count >= MIN_UTTERANCES)
    if len(names) < MIN_SPEAKERS:
        return NotMeasured(
            f"not measured: it takes {MIN_SPEAKERS} speakers with {MIN_UTTERANCES} "
            f"utterances each, and there are {len(names)}"
        )
    kept = [item for item in items if item.speaker in names]
    speakers = [item.speaker for item in kept]
    return Leakage(
        speakers=len(names),
        utterances=len(kept),
        left_out=len(items) - len(kept),
        chance=1 / len(names),
        majority=max(counts[name] for name in names) / len(kept),
        target=2 / len(names) + 0.05,
        probes={
            name: probe_speakers(values, speakers, seed=seed)
            for name, values in feature_views(tokenizer, kept).items()
        },
        resynthesis=measure_resynthesis(tokenizer, kept, seed=seed),
    )


def feature_views(
    tokenizer: ProsodyTokenizer, items: Sequence[LeakageItem]
) -> Mapping[str, Floats]:
    """Input features of the attackers by name, (N, D) each."""
    tokens, prosodies = [i.tokens for i in items], [i.prosody for i in items]
    names = tokens[0].names
    found = {f"{name} codes": features.code_histograms(tokens, name) for name in names}
    found["all codes"] = _join(found.values())
    pairs = [features.code_pairs(tokens, name) for name in names]
    found["all codes and pairs of codes"] = _join([found["all codes"], *pairs])
    units = {name: features.embeddings(tokenizer, tokens, name) for name in names}
    found |= {f"{name} embeddings": values for name, values in units.items()}
    found["all embeddings"] = _join(units.values())
    found["durations of units, no codes"] = features.durations(tokens)
    decoded = [tokenizer.decode(t) for t in tokens]
    for source, tracks in {"decoded": decoded, "measured": prosodies}.items():
        for stream, values in features.streams(tracks, tokens).items():
            found[f"{source} {stream}, register taken out"] = values
    found["raw F0 (Hz)"] = features.raw_f0(prosodies)
    found["register"] = features.registers(tokens)
    return found


def _join(values: Iterable[Floats]) -> Floats:
    return np.concatenate(list(values), axis=1)
