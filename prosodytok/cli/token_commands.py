"""Commands from speech to tokens or prosody, and from tokens to prosody."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prosodytok.cli import options
from prosodytok.cli.command_inputs import Decoder, Tokenizers, load_tokenizer, read
from prosodytok.cli.console import OutputFolder, Run, print_error, print_warning
from prosodytok.types.f0_range import F0Range

if TYPE_CHECKING:
    from prosodytok.corpus import Recording


def tokenize(
    audio: options.AudioArgument,
    out: options.OutFile,
    segments: options.Segments = None,
    words_tier: options.WordsTier = None,
    phrases_tier: options.PhrasesTier = None,
    silence_labels: options.SilenceLabels = "",
    text: Annotated[
        str | None, typer.Option(help="Transcript of a single sound (English).")
    ] = None,
    text_file: Annotated[
        Path | None,
        typer.Option(
            help="Transcript of a single sound; for several, lines of ID<tab>text or ID|text."
        ),
    ] = None,
    speakers: options.Speakers = None,
    register_from: options.RegisterFrom = None,
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Tokenize speech: one JSON object per line, or a Parquet table with the suffix .parquet.

    [dim]prosodytok tokenize clips/ --out tokens.jsonl[/dim]

    [dim]prosodytok tokenize a.wav --text "She had your dark suit." --out tokens.jsonl[/dim]

    [dim]prosodytok tokenize talk.wav --speakers talk.rttm --out tokens.jsonl[/dim]
    """
    from prosodytok.corpus import (
        TurnRegisters,
        encode_all,
        find_recordings,
        limit_kernel_cache,
        read_registers,
        with_speakers,
        with_units,
    )
    from prosodytok.io import write_jsonl, write_parquet

    run, f0_range = Run(), F0Range(f0_floor, f0_ceiling)
    labels = options.parse_labels(silence_labels)
    recordings = with_units(
        find_recordings(audio, run.fail, print_error),
        segments=segments,
        words_tier=words_tier,
        phrases_tier=phrases_tier,
        silence_labels=labels,
        text=text,
        text_file=text_file,
    )
    recordings = [recording.with_f0_range(f0_range) for recording in recordings]
    if speakers is not None:
        recordings = with_speakers(recordings, speakers, print_warning, labels)
    limit_kernel_cache()
    tokenizer = load_tokenizer(checkpoint, f0)
    if register_from is not None:
        registers = read_registers(register_from, tokenizer.frontend, run.fail, f0_range)
        recordings = [registers.apply(recording) for recording in recordings]
    work = TurnRegisters(tokenizer, recordings).prepare
    prepared = run.each(recordings, options.audio_of, work, "tokenizing")
    tokens = run.watch(encode_all(tokenizer, prepared), lambda tokens: tokens)
    is_parquet = out.suffix.lower() == ".parquet"
    run.write(tokens, partial(write_parquet if is_parquet else write_jsonl, out))
    run.finish()


def extract(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="MANIFEST_OR_DIR...",
            help="A manifest (.jsonl), a folder, or .tar archives, as in shard-{000..009}.tar.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the dataset.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.", show_default="one per CPU")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use a Ray cluster; `local` starts one here."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after an interruption.")
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Continue, and repeat shards in which files failed."),
    ] = False,
    segments: Annotated[
        options.UnitRequest,
        typer.Option(
            help="Source of the words: the corpus (given), and where it has none the default of "
            "`tokenize`; or the sound."
        ),
    ] = options.UnitRequest.given,
    silence_labels: options.SilenceLabels = "",
    register_from: options.RegisterFrom = None,
    checkpoint: options.Checkpoint = None,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
    search: Annotated[
        bool, typer.Option(help="Choose codes by analysis by synthesis; faster without.")
    ] = True,
    device: Annotated[
        options.Device,
        typer.Option(help="Device of the network; `auto` uses a GPU if there is one."),
    ] = options.Device.auto,
    shard_size: Annotated[
        int | None, typer.Option(min=1, help="Utterances per shard.", show_default="128")
    ] = None,
) -> None:
    """Tokenize a corpus into a dataset of Parquet shards, with many processes, resumable.

    The dataset does not depend on the number of processes. See docs/extract.md.

    [dim]prosodytok extract corpus.jsonl --out tokens/ --workers 8[/dim]

    [dim]prosodytok extract 'shard-{000000..000123}.tar' --out tokens/ --ray auto --resume[/dim]
    """
    from prosodytok.corpus import SHARD_SIZE
    from prosodytok.corpus import extract as extract_corpus
    from prosodytok.tokenizer import DEFAULT

    run = Run()
    with run.corpus("extracting") as (on_start, on_outcome):
        summary = extract_corpus(
            inputs,
            out,
            segments=segments.value,
            silence_labels=options.parse_labels(silence_labels),
            checkpoint=checkpoint or DEFAULT,
            f0=f0.value,
            f0_range=F0Range(f0_floor, f0_ceiling),
            register_from=register_from,
            search=search,
            device=device.value,
            shard_size=shard_size or SHARD_SIZE,
            workers=workers,
            ray=ray,
            resume=resume,
            retry_failed=retry_failed,
            on_start=on_start,
            on_outcome=on_outcome,
            note=print_error,
        )
    run.add_earlier_failures(summary.failed, f"see {out / 'errors'}")
    run.finish()


def features(
    audio: options.AudioArgument,
    out: options.OutFolder,
    f0: options.F0 = options.Tracker.praat,
    f0_floor: options.F0Floor = None,
    f0_ceiling: options.F0Ceiling = None,
) -> None:
    """Measure F0, voicing and energy: one ID.npz per sound, 100 frames per second.

    Keys: time_s, f0_hz (interpolated through unvoiced frames), voiced, energy_db.
    """
    from prosodytok.corpus import find_recordings
    from prosodytok.features import extract
    from prosodytok.io.sound import load

    f0_range = F0Range(f0_floor, f0_ceiling)

    def work(recording: Recording) -> None:
        prosody = extract(load(recording.audio), f0.value, f0_range=f0_range)
        prosody.to_npz(out / f"{recording.id}.npz")
        print_warning(recording.audio, prosody.warnings)

    run = Run()
    run.all(find_recordings(audio, run.fail, print_error), options.audio_of, work, "measuring")
    run.finish()


def decode(
    tokens: options.TokensArgument,
    out: options.OutFolder,
    levels: options.Levels = "all",
    checkpoint: options.Checkpoint = None,
) -> None:
    """Decode tokens to F0, voicing and energy: npz files like those of `features`."""
    utterances, files = read(tokens), OutputFolder(out)
    decoder = Decoder(Tokenizers(checkpoint), utterances, options.parse_levels(levels))

    def work(index: int) -> None:
        decoder(index).to_npz(files.path(utterances[index].id, ".npz"))

    run = Run()
    run.all(range(len(utterances)), lambda index: utterances[index].id, work, "decoding")
    run.finish()
