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
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, MissingExtraError

#: Incremented when a key of evaluation.json changes its meaning.
VERSION = 1
#: Measurements that can be skipped.
EXTRAS = ("boundaries", "intervention", "leakage")


@dataclass(frozen=True)
class CorpusEvaluation:
    """Evaluation on one corpus without `left_out` failures; None for what is not measured."""

    left_out: int
    summary: CorpusSummary
    boundaries: BoundaryScores | None = None
    intervention: Intervention | None = None
    leakage: Leakage | NotMeasured | None = None

    def to_dict(self) -> dict[str, Any]:
        """``corpora.NAME`` in evaluation.json, without skipped measurements."""
        fields = asdict(self)
        if self.intervention is not None:
            fields["intervention"] = self.intervention.to_dict()
        measured = {name: fields[name] for name in EXTRAS if fields[name] is not None}
        return {"left_out": self.left_out, **fields["summary"], **measured}


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


def parse_skip(text: str) -> list[str]:
    """Parse the comma-separated names of measurements to skip.

    Raises
    ------
    ConfigError
        If a name is not in `EXTRAS`.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not set(names) <= set(EXTRAS):
        raise ConfigError(f"--skip {text}: choose from {','.join(EXTRAS)}")
    return names


def evaluate(
    tokenizer: ProsodyTokenizer,
    corpora: Mapping[str, Sequence[Measurement]],
    *,
    segments: str = "acoustic",
    left_out: Mapping[str, int] | None = None,
    skip: Sequence[str] = (),
    seed: int = 0,
) -> Evaluation:
    """Evaluate measured utterances, corpus by corpus.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Tokenizer of the measurements.
    corpora : mapping of str to sequence of Measurement
        At least one utterance each; with their sounds, unless leakage is skipped.
    segments : {"acoustic", "learned", "even", "given"}
        Source of the units.
    left_out : mapping of str to int, optional
        Number of utterances of each corpus that failed.
    skip : sequence of str
        Any of `EXTRAS`.
    seed : int
        Random seed of the bootstrap, of the interventions and of the leakage probes.
    """
    return Evaluation(
        version=VERSION,
        checkpoint=tokenizer.checkpoint,
        segments=segments,
        seed=seed,
        second_tracker=SECOND_TRACKER,
        corpora={
            name: _evaluate_corpus(tokenizer, utterances, (left_out or {}).get(name, 0), skip, seed)
            for name, utterances in corpora.items()
        },
    )


def _evaluate_corpus(
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Measurement],
    left_out: int,
    skip: Sequence[str],
    seed: int,
) -> CorpusEvaluation:
    boundaries = intervention = leakage = None
    if any(u.edges for u in utterances):
        speakers = [u.speaker for u in utterances]
        boundaries = score_edges([u.edges for u in utterances], speakers, seed)
    if "intervention" not in skip:
        intervention = measure_intervention(tokenizer, [u.tokens for u in utterances], seed=seed)
    if "leakage" not in skip:
        leakage = _measure_leakage(tokenizer, utterances, seed)
    summary = summarize(utterances, seed=seed)
    return CorpusEvaluation(left_out, summary, boundaries, intervention, leakage)


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
