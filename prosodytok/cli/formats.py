"""Commands that write tokens and checkpoints for other tools."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prosodytok.cli.console import Run, path_for
from prosodytok.cli.options import (
    Checkpoint,
    Format,
    Levels,
    OutFolder,
    TokensArgument,
    parse_levels,
)
from prosodytok.cli.tokenizers import Tokenizers, read

if TYPE_CHECKING:
    from prosodytok.tts import FastSpeech2Utterance
    from prosodytok.types import ProsodyTokens


def export(
    tokens: TokensArgument,
    format: Annotated[Format, typer.Option(help="What to write.")],
    out: Annotated[Path, typer.Option("--out", help="File (lm, parquet) or folder to write.")],
    levels: Levels = "all",
    checkpoint: Checkpoint = None,
    with_words: Annotated[
        bool, typer.Option("--with-words", help="lm: each word before its tokens.")
    ] = False,
    phones: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="fastspeech2, fastpitch: a value a phone, of DIR/ID.TextGrid or "
            "DIR/SPEAKER/ID.TextGrid.",
        ),
    ] = None,
    speaker: Annotated[
        str, typer.Option(help="fastspeech2: who speaks, where --phones does not tell.")
    ] = "speaker",
    mel_rate: Annotated[
        float, typer.Option(min=1, help="fastspeech2, fastpitch: mel frames per second.")
    ] = 22050 / 256,
) -> None:
    """Write tokens for other tools.

    lm: a line ID<tab>tokens for each utterance. textgrid: a Praat TextGrid each, a tier a level.
    parquet: one table. fastspeech2: pitch, energy and duration of each phone (of each word without
    --phones) as github.com/ming024/FastSpeech2 reads them. fastpitch: likewise, as NVIDIA's
    FastPitch 1.0 does.

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

    tokenizers, names, run = Tokenizers(checkpoint), parse_levels(levels), Run()
    folder = PhoneFolder(phones) if phones else None

    def choose(utterance: ProsodyTokens) -> ProsodyTokens:
        return utterance if names is None else utterance.select(names)

    def to_line(utterance: ProsodyTokens) -> str:
        chosen = choose(utterance)
        vocabulary = ProsodyVocabulary.of(chosen)
        stream = to_text(vocabulary, chosen) if with_words else vocabulary.to_string(chosen)
        return f"{chosen.id}\t{stream}\n"

    def to_grid(utterance: ProsodyTokens) -> None:
        write_textgrid(path_for(out, utterance.id, ".TextGrid"), choose(utterance))

    def to_arrays(utterance: ProsodyTokens) -> FastSpeech2Utterance:
        chosen = choose(utterance)
        return fastspeech2_utterance(
            chosen,
            tokenizers.of(chosen).decode(chosen),
            folder.phones(chosen) if folder else None,
            speaker=(folder.speaker(chosen) if folder else None) or speaker,
            mel_rate=mel_rate,
        )

    each = partial(run.each, read(tokens), _id_of, what="exporting")
    if format is Format.lm:
        run.write(each(work=to_line), partial(_write_lines, out))
    elif format is Format.parquet:
        run.write(each(work=choose), partial(write_parquet, out))
    elif format is Format.fastspeech2:
        run.write(each(work=to_arrays), partial(write_fastspeech2, folder=out))
    elif format is Format.fastpitch:
        run.write(each(work=to_arrays), partial(write_fastpitch, folder=out))
    else:
        run.all(read(tokens), _id_of, to_grid, "exporting")
    run.finish()


def export_to_onnx(
    checkpoint: Annotated[
        str, typer.Argument(help="A bundled checkpoint's name or a checkpoint folder.")
    ],
    out: OutFolder,
) -> None:
    """Write a checkpoint as ONNX graphs, which make and read tokens without torch.

    Takes minutes. The folder is then a --checkpoint of tokenize and decode.

    [dim]prosodytok export-onnx base --out base-onnx[/dim]

    [dim]prosodytok tokenize clips/ --checkpoint base-onnx --out tokens.jsonl[/dim]
    """
    from prosodytok.tokenizer.onnx_export import export_onnx

    export_onnx(checkpoint, out)


def _write_lines(out: Path, lines: Iterable[str]) -> None:
    from prosodytok.io.atomic import atomic_path

    with atomic_path(out) as path, path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def _id_of(tokens: ProsodyTokens) -> str:
    return tokens.id
