"""Commands that evaluate a tokenizer: `evaluate` and `compare`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from prosodytok.cli.command_inputs import load_tokenizer
from prosodytok.cli.console import Run
from prosodytok.cli.options import (
    OWN_UNITS,
    Checkpoint,
    F0Ceiling,
    F0Floor,
    OutFolder,
    UnitRequest,
    audio_of,
)
from prosodytok.types.f0_range import F0Range

if TYPE_CHECKING:
    from prosodytok import types
    from prosodytok.evaluation import Measurement
    from prosodytok.evaluation.stability import Stability, StabilitySuite
    from prosodytok.io.manifest import Utterance

Tokenized = TypeVar("Tokenized")


def evaluate(
    manifest: Annotated[
        list[Path], typer.Argument(metavar="MANIFEST...", help="Manifests; each is a corpus.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        UnitRequest | None,
        typer.Option(
            help="Source of the words: the sound, by rule or network, or the manifest.",
            show_default=OWN_UNITS,
        ),
    ] = None,
    f0_floor: F0Floor = None,
    f0_ceiling: F0Ceiling = None,
    every: Annotated[int, typer.Option(help="Read every n-th utterance.")] = 1,
    only: Annotated[
        str,
        typer.Option(
            metavar="ROOM,ROOM",
            help="What to measure, comma-separated: reconstruction, rate, stability, boundaries, "
            "intervention, leakage.",
            show_default="all",
        ),
    ] = "",
    skip: Annotated[
        str, typer.Option(metavar="ROOM,ROOM", help="What not to measure, of the same names.")
    ] = "",
    stability_utterances: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Utterances of each corpus whose stability is measured."
        ),
    ] = 40,
    seed: Annotated[int, typer.Option(help="Random seed of the intervals and probes.")] = 0,
) -> None:
    """Measure distortion, rate, stability, boundaries, intervention and leakage.

    Writes evaluation.json and evaluation.md, rate_distortion.png and .pdf, and for each corpus
    CORPUS-stability.png and .pdf.

    [dim]prosodytok evaluate dev.jsonl --out results/ --skip leakage[/dim]
    [dim]prosodytok evaluate dev.jsonl --out results/ --only stability[/dim]
    """
    from prosodytok.evaluation import choose_rooms, measure, read_corpora, write_evaluation
    from prosodytok.evaluation import evaluate as evaluate_tokens
    from prosodytok.evaluation.stability import StabilitySuite, draw_evenly

    rooms, corpora, run = choose_rooms(only, skip), read_corpora(manifest, every), Run()
    tokenizer = load_tokenizer(checkpoint)
    f0_range = F0Range(f0_floor, f0_ceiling)
    alone = rooms == ("stability",)
    units: types.UnitRequest | None = segments.value if segments else None
    work = partial(
        measure,
        tokenizer,
        units=units,
        f0_range=f0_range,
        boundaries="boundaries" in rooms,
        keep_sound="leakage" in rooms,
    )
    measured: dict[str, list[Measurement]] = {
        name: _read(run, utterances, work, f"measuring {name}")
        for name, utterances in corpora.items()
        if not alone
    }
    stability: dict[str, Stability] = {}
    if "stability" in rooms:
        suite = StabilitySuite(tokenizer, units, f0_range, seed=seed)
        for name, whole in read_corpora(manifest).items():
            usable = corpora[name] if alone else _measured(corpora[name], measured[name])
            drawn = draw_evenly(usable, stability_utterances)
            found = _measure_stability(run, suite, drawn, whole, warn=alone)
            stability |= {name: found} if found else {}
    left_out = {name: len(corpora[name]) - len(found) for name, found in measured.items()}
    if any(measured.values()) or stability:
        evaluation = evaluate_tokens(
            tokenizer,
            {name: found for name, found in measured.items() if found},
            stability=stability,
            segments=units,
            left_out=left_out,
            rooms=rooms,
            seed=seed,
        )
        write_evaluation(evaluation, out)
    run.finish()


def _measured(utterances: Sequence[Utterance], found: Sequence[Measurement]) -> list[Utterance]:
    """The utterances that could be measured; the others are reported already."""
    ids = {measurement.id for measurement in found}
    return [utterance for utterance in utterances if utterance.id in ids]


def _measure_stability(
    run: Run,
    suite: StabilitySuite,
    drawn: Sequence[Utterance],
    corpus: Sequence[Utterance],
    *,
    warn: bool,
) -> Stability | None:
    """Stability of the utterances drawn from a corpus, without those that fail; None if all do.

    What is doubtful about them is printed if `warn`.
    """
    from prosodytok.evaluation.stability import summarize_stability

    if not drawn:
        return None
    suite = suite.beside(
        drawn, corpus, lambda work, items: run.each(items, audio_of, work, "fitting k-means")
    )
    found = run.each(drawn, audio_of, suite.measure, "tokenizing changed copies")
    measured = []
    for utterance in run.watch(found, attrgetter("tokens")) if warn else found:
        measured.append(utterance)
        if utterance.failures:
            reasons = "; ".join(f"{change}: {why}" for change, why in utterance.failures.items())
            run.fail(utterance.tokens.audio, f"changed copies that failed: {reasons}")
    if not measured:
        return None
    left_out = len(drawn) - len(measured)
    return summarize_stability(measured, suite.yardstick, left_out=left_out, seed=suite.seed)


def compare(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST.jsonl", help="A manifest of annotated speech.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        UnitRequest,
        typer.Option(help="Units of the tokens: the annotated words, or another source."),
    ] = UnitRequest.given,
    f0_floor: F0Floor = None,
    f0_ceiling: F0Ceiling = None,
    every: Annotated[int, typer.Option(help="Read every n-th utterance.")] = 1,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
) -> None:
    """Compare tokens with hand annotation: ToBI, ToDI, IViE, or tiers named by the manifest.

    Measures the information that codes and labels share, classification of accents, boundaries and
    their types from codes beside raw prosody and baselines, and F0 reconstructed from labels and
    from tokens. Writes compare.json, and compare.md with figures.

    [dim]prosodytok compare tobi.jsonl --out comparison/[/dim]
    """
    from prosodytok.evaluation import write_comparison
    from prosodytok.evaluation.annotation.compare import compare as compare_tokens
    from prosodytok.evaluation.annotation.labelled_utterances import read_labelled
    from prosodytok.io.manifest import read_manifest

    utterances, run = read_manifest(manifest)[::every], Run()
    tokenizer = load_tokenizer(checkpoint)
    f0_range = F0Range(f0_floor, f0_ceiling)
    work = partial(read_labelled, tokenizer, units=segments.value, f0_range=f0_range)
    labelled = _read(run, utterances, work, "reading")
    if labelled:
        found = compare_tokens(tokenizer, labelled, segments=segments.value, seed=seed)
        write_comparison(found, out, tokenizer, labelled)
    run.finish()


def _read(
    run: Run, utterances: Sequence[Utterance], work: Callable[[Utterance], Tokenized], what: str
) -> list[Tokenized]:
    """The results of all utterances that can be used; what is doubtful is printed."""
    return list(run.watch(run.each(utterances, audio_of, work, what), attrgetter("tokens")))
