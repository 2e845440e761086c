"""The whole evaluation of a tokenizer on one or several corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prosodytok.evaluation.measure import SECOND, Measured
from prosodytok.evaluation.reference import SECOND_TRACKER
from prosodytok.evaluation.segmenting import summarize_edges
from prosodytok.evaluation.summary import Summary
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ConfigError, MissingExtraError

#: Raised when a key of evaluation.json changes its meaning.
VERSION = 1
#: What can be skipped.
EXTRAS = ("boundaries", "intervention", "leakage")


def read_corpora(manifests: Sequence[str | Path], every: int = 1) -> dict[str, list[Utterance]]:
    """Read manifests, each a corpus, named by its stem, or its folder too where two share one.

    Parameters
    ----------
    manifests : sequence of path
        The manifests.
    every : int
        Take every n-th utterance.

    Raises
    ------
    ConfigError
        If a manifest is given twice or `every` is not positive.
    ManifestError
        If a manifest is missing, empty, or does not follow the contract.
    """
    if every < 1:
        raise ConfigError(f"--every {every}: take every n-th utterance, n at least 1")
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
    """Read what to skip, comma-separated.

    Raises
    ------
    ConfigError
        If it is not one of `EXTRAS`.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not set(names) <= set(EXTRAS):
        raise ConfigError(f"--skip {text}: choose from {','.join(EXTRAS)}")
    return names


def evaluate(
    tokenizer: ProsodyTokenizer,
    corpora: Mapping[str, Sequence[Measured]],
    *,
    segments: str = "acoustic",
    left_out: Mapping[str, int] | None = None,
    skip: Sequence[str] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """Summarise what was measured, corpus by corpus.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The tokenizer that it was measured with.
    corpora : mapping of str to sequence of Measured
        At least one utterance each; with their sounds, where leakage is not skipped.
    segments : {"acoustic", "learned", "even", "given"}
        Where the units came from.
    left_out : mapping of str to int, optional
        Utterances of each corpus that failed.
    skip : sequence of str
        Any of `EXTRAS`.
    seed : int
        Of the bootstrap and of what these two draw.

    Returns
    -------
    dict
        What evaluation.json holds; docs/evaluation.md describes its keys. Where something could not
        be measured, NaN stands.
    """
    first = next(iter(corpora.values()))[0]
    return {
        "version": VERSION,
        "checkpoint": tokenizer.checkpoint,
        "segments": segments,
        "seed": seed,
        "second_tracker": SECOND_TRACKER if SECOND in first.errors else None,
        "corpora": {
            name: {
                "left_out": (left_out or {}).get(name, 0),
                **Summary(utterances, seed=seed).to_dict(),
                **_extras(tokenizer, utterances, skip, seed),
            }
            for name, utterances in corpora.items()
        },
    }


def _extras(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Measured], skip: Sequence[str], seed: int
) -> dict[str, Any]:
    """What is not to be skipped; a missing package is told in its place, and loses nothing else."""
    found: dict[str, Any] = {}
    if any(u.edges for u in utterances):
        speakers = [u.speaker for u in utterances]
        found["boundaries"] = summarize_edges([u.edges for u in utterances], speakers, seed)
    for name, work in {"intervention": _intervention, "leakage": _leakage}.items():
        if name not in skip:
            try:
                found[name] = work(tokenizer, utterances, seed)
            except MissingExtraError as error:
                found[name] = {"not_measured": str(error), "table": f"Not measured: {error}"}
    return found


# Imported only where they are wanted: they bring packages that nothing else here needs.
def _intervention(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Measured], seed: int
) -> dict[str, Any]:
    from prosodytok.evaluation.intervention import measure_intervention

    return measure_intervention(tokenizer, [u.tokens for u in utterances], seed=seed)


def _leakage(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Measured], seed: int
) -> dict[str, Any]:
    from prosodytok.evaluation.leakage import LeakageItem, measure_leakage

    items = [
        LeakageItem(u.id, u.speaker or "", u.sound.audio, u.sound.prosody, u.tokens)
        for u in utterances
        if u.sound is not None
    ]
    return measure_leakage(tokenizer, items, seed=seed)
