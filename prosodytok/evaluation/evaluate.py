"""Evaluation of a tokenizer on one or several corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prosodytok.evaluation.boundaries import BoundaryScores, score_edges
from prosodytok.evaluation.intervention import Intervention, measure_intervention
from prosodytok.evaluation.leakage import Leakage, LeakageItem, NotMeasured, measure_leakage
from prosodytok.evaluation.reconstruction import CorpusSummary, Measurement, summarize
from prosodytok.evaluation.reconstruction.reference_prosody import SECOND_TRACKER
from prosodytok.evaluation.stability import Stability
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, MissingExtraError

#: Incremented when a key of evaluation.json changes its meaning.
VERSION = 1
#: The rooms of an evaluation: what can be measured.
ROOMS = ("reconstruction", "rate", "stability", "boundaries", "intervention", "leakage")


@dataclass(frozen=True)
class CorpusEvaluation:
    """Evaluation on one corpus without `left_out` failures; None for what is not measured."""

    left_out: int | None = None
    summary: CorpusSummary | None = None
    stability: Stability | None = None
    boundaries: BoundaryScores | None = None
    intervention: Intervention | None = None
    leakage: Leakage | NotMeasured | None = None

    def to_dict(self) -> dict[str, Any]:
        """``corpora.NAME`` in evaluation.json, without what is not measured."""
        fields = asdict(self)
        summary = fields.pop("summary") or {}
        if self.intervention is not None:
            fields["intervention"] = self.intervention.to_dict()
        measured = {name: value for name, value in fields.items() if value is not None}
        return {name: value for name, value in summary.items() if value is not None} | measured


@dataclass(frozen=True)
class Evaluation:
    """Evaluation of a tokenizer; see `evaluate`."""

    version: int
    checkpoint: str
    segments: str
    seed: int
    second_tracker: str
    corpora: dict[str, CorpusEvaluation]

    def to_dict(self) -> dict[str, Any]:
        """evaluation.json, with NaN where a value is undefined; see docs/evaluation.md."""
        corpora = {name: corpus.to_dict() for name, corpus in self.corpora.items()}
        return vars(self) | {"corpora": corpora}


def read_corpora(manifests: Sequence[str | Path], every: int = 1) -> dict[str, list[Utterance]]:
    """Read manifests; each is a corpus named by its stem, or its path where stems are shared.

    Parameters
    ----------
    manifests : sequence of path
        The manifests.
    every : int
        Read every n-th utterance.

    Raises
    ------
    ConfigError
        If a manifest is given twice or `every` is not positive.
    ManifestError
        If a manifest is missing, empty, or invalid.
    """
    if every < 1:
        raise ConfigError(f"--every {every}: must be at least 1")
    paths = [Path(m).resolve() for m in manifests]
    if len(set(paths)) < len(paths):
        raise ConfigError("a manifest is given twice")
    stems = Counter(path.stem for path in paths)
    names = [str(p.with_suffix("")) if stems[p.stem] > 1 else p.stem for p in paths]
    return {
        name: read_manifest(manifest)[::every]
        for name, manifest in zip(names, manifests, strict=True)
    }


def choose_rooms(only: str = "", skip: str = "") -> tuple[str, ...]:
    """The rooms to measure: all or `only` some, without those to `skip`.

    Both are comma-separated names.

    Raises
    ------
    ConfigError
        If a name is not in `ROOMS`, or none is left.
    """
    chosen, skipped = _parse_rooms("--only", only) or ROOMS, _parse_rooms("--skip", skip)
    rooms = tuple(room for room in ROOMS if room in chosen and room not in skipped)
    if not rooms:
        raise ConfigError(f"--skip {skip}: nothing is left to measure")
    return rooms


def _parse_rooms(option: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not set(names) <= set(ROOMS):
        raise ConfigError(f"{option} {text}: choose from {','.join(ROOMS)}")
    return names


def evaluate(
    tokenizer: ProsodyTokenizer,
    corpora: Mapping[str, Sequence[Measurement]],
    *,
    stability: Mapping[str, Stability] | None = None,
    segments: str | None = None,
    left_out: Mapping[str, int] | None = None,
    rooms: Sequence[str] = ROOMS,
    seed: int = 0,
) -> Evaluation:
    """Evaluate measured utterances, corpus by corpus.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Tokenizer of the measurements.
    corpora : mapping of str to sequence of Measurement
        At least one utterance each; with their sounds, if leakage is measured. Empty if stability
        alone is measured.
    stability : mapping of str to Stability, optional
        Stability of each corpus; see `summarize_stability`.
    segments : {"acoustic", "learned", "even", "given"}, optional
        Source of the units; by default the tokenizer's own.
    left_out : mapping of str to int, optional
        Number of utterances of each corpus that failed.
    rooms : sequence of str
        Any of `ROOMS`.
    seed : int
        Random seed of the bootstrap, of the interventions and of the leakage probes.
    """
    stable = stability or {}
    return Evaluation(
        version=VERSION,
        checkpoint=tokenizer.checkpoint,
        segments=segments or tokenizer.frontend.units,
        seed=seed,
        second_tracker=SECOND_TRACKER,
        corpora={
            name: CorpusEvaluation(
                (left_out or {}).get(name, 0) if name in corpora else None,
                stability=stable.get(name),
                **_measure_rooms(tokenizer, corpora.get(name, ()), rooms, seed),
            )
            for name in dict.fromkeys([*corpora, *stable])
        },
    )


def _measure_rooms(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Measurement], rooms: Sequence[str], seed: int
) -> dict[str, Any]:
    """Fields of `CorpusEvaluation` from measured utterances; none without any."""
    if not utterances:
        return {}
    found: dict[str, Any] = {"summary": summarize(utterances, rooms, seed=seed)}
    if "boundaries" in rooms and any(u.edges for u in utterances):
        speakers = [u.speaker for u in utterances]
        found["boundaries"] = score_edges([u.edges for u in utterances], speakers, seed)
    if "intervention" in rooms:
        tokens = [u.tokens for u in utterances]
        found["intervention"] = measure_intervention(tokenizer, tokens, seed=seed)
    if "leakage" in rooms:
        found["leakage"] = _measure_leakage(tokenizer, utterances, seed)
    return found


def _measure_leakage(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Measurement], seed: int
) -> Leakage | NotMeasured:
    """Leakage; a missing package is a reason, and does not stop the rest of the evaluation."""
    items = [
        LeakageItem(u.speaker or "", u.sound.audio, u.sound.prosody, u.tokens)
        for u in utterances
        if u.sound is not None
    ]
    try:
        return measure_leakage(tokenizer, items, seed=seed)
    except MissingExtraError as error:
        return NotMeasured(str(error))
