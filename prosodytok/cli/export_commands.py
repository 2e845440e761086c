"""Commands that export tokens and checkpoints for other tools."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prosodytok.cli import options
from prosodytok.cli.command_inputs import Tokenizers, read
from prosodytok.cli.console import OutputFolder, Run

if TYPE_CHECKING:
    from prosodytok.tts import FastSpeech2Utterance
    from prosodytok.types import ProsodyTokens


def export(
    tokens: options.TokensArgument,
    format: Annotated[options.Format, typer.Option(help="Format to write.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            callback=options.stdout_for_dash,
            help="File (lm, parquet; - is stdout) or folder to write.",
        ),
    ],
    levels: options.Levels = "all",
    checkpoint: options.Checkpoint = None,
    with_words: Annotated[
        bool, typer.Option("--with-words", help="lm: put each word before its tokens.")
    ] = False,
    phones: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="fastspeech2, fastpitch: one value per phone, from DIR/ID.TextGrid or "
            "DIR/SPEAKER/ID.TextGrid.",
        ),
    ] = None,
    speaker: Annotated[
        str,
        typer.Option(help="fastspeech2: name of the speaker, unless --phones has speaker folders."),
    ] = "speaker",
    mel_rate: Annotated[
        float, typer.Option(min=1, help="fastspeech2, fastpitch: mel frames per second.")
    ] = 22050 / 256,
) -> None:
    """Write tokens for other tools.

    lm: one line ID<tab>tokens per utterance. textgrid: one Praat TextGrid per utterance, one tier
    per level. parquet: one table. fastspeech2: pitch, energy and duration of each phone (of each
    word without --phones) in the layout of github.com/ming024/FastSpeech2. fastpitch: the same in
    the layout of NVIDIA's FastPitch 1.0.

    [dim]prosodytok export tokens.jsonl --format fastspeech2 --phones TextGrid/ --out LJ/[/dim]
    """
    from prosodytok.io import write_parquet, write_textgrid
    from prosodytok.sequences import ProsodyVocabulary, to_text
    from prosodytok.tts import (
        PhoneFolder,
        fastspeech2_utterance,
        write_fastpitch,
        write_fastspeech2,
    )

    tokenizers, names, run = Tokenizers(checkpoint), options.parse_levels(levels), Run()
    folder, files = PhoneFolder(phones) if phones else None, OutputFolder(out)

    def choose(utterance: ProsodyTokens) -> ProsodyTokens:
        return utterance if names is None else utterance.select(names)

    def to_line(utterance: ProsodyTokens) -> str:
        chosen = choose(utterance)
        vocabulary = ProsodyVocabulary.of(chosen)
        stream = to_text(vocabulary, chosen) if with_words else vocabulary.to_string(chosen)
        return f"{chosen.id}\t{stream}\n"

    def to_grid(utterance: ProsodyTokens) -> None:
        write_textgrid(files.path(utterance.id, ".TextGrid"), choose(utterance))

    def to_arrays(utterance: ProsodyTokens) -> FastSpeech2Utterance:
        chosen = choose(utterance)
        return fastspeech2_utterance(
            chosen,
            tokenizers.of(chosen).decode(chosen),
            folder.phones(chosen) if folder else None,
            speaker=(folder.speaker(chosen) if folder else None) or speaker,
            mel_rate=mel_rate,
        )

    each = partial(run.each, read(tokens), attrgetter("id"), what="exporting")
    if format is options.Format.lm:
        run.write(each(work=to_line), partial(_write_lines, out))
    elif format is options.Format.parquet:
        run.write(each(work=choose), partial(write_parquet, out))
    elif format is options.Format.fastspeech2:
        run.write(each(work=to_arrays), partial(write_fastspeech2, folder=out))
    elif format is options.Format.fastpitch:
        run.write(each(work=to_arrays), partial(write_fastpitch, folder=out))
    else:
        run.all(read(tokens), attrgetter("id"), to_grid, "exporting")
    run.finish()


def export_to_onnx(
    checkpoint: Annotated[
        str, typer.Argument(help="A bundled checkpoint's name or a checkpoint folder.")
    ],
    out: options.OutFolder,
) -> None:
    """Export a checkpoint as ONNX graphs, to encode and decode tokens without torch.

    Takes minutes. Pass the folder as --checkpoint to tokenize and decode.

    [dim]prosodytok export-onnx base --out base-onnx[/dim]

    [dim]prosodytok tokenize clips/ --checkpoint base-onnx --out tokens.jsonl[/dim]
    """
    from prosodytok.tokenizer.onnx_export import export_onnx

    export_onnx(checkpoint, out)


def _write_lines(out: Path, lines: Iterable[str]) -> None:
    from prosodytok.io.atomic import open_output

    with open_output(out) as file:
        for line in lines:
            file.write(line.encode())
