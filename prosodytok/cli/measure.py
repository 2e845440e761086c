"""Commands that measure a tokenizer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from prosodytok.cli.console import Run
from prosodytok.cli.options import Checkpoint, OutFolder, UnitRequest, audio_of
from prosodytok.cli.tokenizers import load_tokenizer


def evaluate(
    manifest: Annotated[
        list[Path], typer.Argument(metavar="MANIFEST...", help="Manifests, each a corpus.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        UnitRequest,
        typer.Option(help="Words from the sound, by rule or network, or as the manifest gives."),
    ] = UnitRequest.acoustic,
    every: Annotated[int, typer.Option(help="Take every n-th utterance.")] = 1,
    skip: Annotated[
        str,
        typer.Option(help="What to leave out, comma-separated: boundaries,intervention,leakage."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
) -> None:
    """Measure rate, distortion, codebook use, boundaries, intervention and leakage.

    Writes evaluation.json, evaluation.md, and rate_distortion.png and .pdf.

    [dim]prosodytok evaluate dev.jsonl --out results/ --skip leakage[/dim]
    """
    from prosodytok.evaluation import evaluate as summarise
    from prosodytok.evaluation import measure, parse_skip, read_corpora, write_evaluation

    skipped, corpora, run = parse_skip(skip), read_corpora(manifest, every), Run()
    tokenizer = load_tokenizer(checkpoint)
    work = partial(
        measure,
        tokenizer,
        units=segments.value,
        boundaries="boundaries" not in skipped,
        keep_sound="leakage" not in skipped,
    )
    measured = {
        name: list(run.each(utterances, audio_of, work, f"measuring {name}"))
        for name, utterances in corpora.items()
    }
    left_out = {name: len(corpora[name]) - len(found) for name, found in measured.items()}
    if any(measured.values()):
        evaluation = summarise(
            tokenizer,
            {name: found for name, found in measured.items() if found},
            segments=segments.value,
            left_out=left_out,
            skip=skipped,
            seed=seed,
        )
        write_evaluation(evaluation, out)
    run.finish()


def compare(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST.jsonl", help="A manifest of annotated speech.")
    ],
    out: OutFolder,
    checkpoint: Checkpoint = None,
    segments: Annotated[
        UnitRequest,
        typer.Option(help="Units of the tokens: the annotation's words, or found otherwise."),
    ] = UnitRequest.given,
    every: Annotated[int, typer.Option(help="Take every n-th utterance.")] = 1,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
) -> None:
    """Compare tokens with hand annotation: ToBI, ToDI, IViE, or what the manifest's tiers name.

    What codes and labels share, how well accents, boundaries and their types are told from codes
    alone beside raw prosody and baselines, and how much of F0 labels and tokens keep. Writes
    compare.json, and compare.md with figures of these and of what codes are.

    [dim]prosodytok compare tobi.jsonl --out comparison/[/dim]
    """
    from prosodytok.evaluation.compare import compare as against
    from prosodytok.evaluation.compare_report import write_comparison
    from prosodytok.evaluation.labelled import read_labelled
    from prosodytok.io.manifest import read_manifest

    utterances, run = read_manifest(manifest)[::every], Run()
    tokenizer = load_tokenizer(checkpoint)
    work = partial(read_labelled, tokenizer, units=segments.value)
    labelled = list(run.each(utterances, audio_of, work, "reading"))
    if labelled:
        found = against(tokenizer, labelled, segments=segments.value, seed=seed)
        write_comparison(found, out, tokenizer, labelled)
    run.finish()
