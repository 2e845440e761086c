"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer

from prosodytok.types.errors import ConfigError


class Tracker(StrEnum):
    """Pitch trackers."""

    praat = "praat"
    world = "world"
    harvest = "harvest"
    swift_f0 = "swift-f0"


class Format(StrEnum):
    """Export formats."""

    lm = "lm"
    textgrid = "textgrid"
    fastspeech2 = "fastspeech2"
    fastpitch = "fastpitch"
    parquet = "parquet"


class UnitRequest(StrEnum):
    """Sources of the units."""

    acoustic = "acoustic"
    learned = "learned"
    even = "even"
    given = "given"


class Device(StrEnum):
    """Devices of the network."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class By(StrEnum):
    """Granularity of the transfer."""

    word = "word"
    phrase = "phrase"


def stdout_for_dash(path: Path) -> Path:
    """The path, or that of the standard output for ``-``."""
    return Path("/dev/stdout") if str(path) == "-" else path


AudioArgument = Annotated[
    list[Path],
    typer.Argument(metavar="AUDIO...", help="Sound files, folders to search, or - for stdin."),
]
OneAudio = Annotated[
    Path,
    typer.Argument(
        metavar="AUDIO",
        help="A sound file, or - for stdin.",
        callback=lambda path: Path("/dev/stdin") if str(path) == "-" else path,
    ),
]
TokensArgument = Annotated[Path, typer.Argument(metavar="TOKENS.jsonl", help="A token file.")]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        help="A checkpoint folder, a bundled checkpoint's name, org/name on the Hugging Face Hub, "
        "or, to tokenize and decode, a folder of export-onnx.",
        show_default="bundled",
    ),
]
F0 = Annotated[Tracker, typer.Option(help="Pitch tracker.")]
_FITTED = {"metavar": "HZ", "min": 40, "max": 1000, "show_default": "fitted to the speaker"}
F0Floor = Annotated[float | None, typer.Option(help="Lowest F0, 40 to 1000.", **_FITTED)]
F0Ceiling = Annotated[float | None, typer.Option(help="Highest F0, 40 to 1000.", **_FITTED)]
#: The source of the words where no option names one.
OWN_UNITS = "learned; acoustic of a causal checkpoint or an ONNX export"
Segments = Annotated[
    Path | None,
    typer.Option(
        help="Source of the words: a TextGrid, a folder of TextGrids (ID.TextGrid, or "
        "SPEAKER/ID.TextGrid for SPEAKER/ID.wav) or a manifest (.jsonl); or the sound, by a "
        "trained network (learned) or by rule (acoustic); or units of one length (even).",
        show_default=OWN_UNITS,
    ),
]
WordsTier = Annotated[
    str | None, typer.Option(help="TextGrid tier that holds the words: its name or number.")
]
PhrasesTier = Annotated[
    str | None, typer.Option(help="TextGrid tier that marks phrases: its name or number.")
]
SilenceLabels = Annotated[
    str,
    typer.Option(
        metavar="L,L",
        help="Labels of silence in TextGrids, beside the known ones (sil, sp, <p:>, ...).",
    ),
]
Speakers = Annotated[
    str | None,
    typer.Option(
        metavar="RTTM",
        help="Turns of the speakers in each sound, each of which becomes an utterance: an RTTM "
        "file, a TextGrid (FILE or FILE:TIER), or a folder with ID.rttm or TextGrids.",
    ),
]
RegisterFrom = Annotated[
    Path | None,
    typer.Option(
        metavar="AUDIO_OR_TOKENS",
        help="Register of the speaker: measured in a sound, or in the utterances of each speaker "
        "of a manifest (.jsonl); or that of tokens.",
        show_default="of each utterance",
    ),
]
TokensId = Annotated[
    str | None,
    typer.Option(
        "--id",
        help="Utterance of the token file.",
        show_default="the only one, or the one named as the sound",
    ),
]
OutFile = Annotated[
    Path, typer.Option("--out", callback=stdout_for_dash, help="File to write; - is stdout.")
]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write into.")]
Levels = Annotated[
    str, typer.Option(help="Levels to use, comma-separated: any of phrase,word,frame.")
]
#: The file that names a recording, or a line of a manifest, in messages.
audio_of = attrgetter("audio")


def parse_labels(text: str) -> list[str]:
    """The labels in a list separated by commas."""
    return [label.strip() for label in text.split(",") if label.strip()]


def parse_levels(text: str) -> list[str] | None:
    """The levels named by an option; None for all."""
    from prosodytok.types import LEVELS

    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return None
    if not names or not set(names) <= set(LEVELS):
        raise ConfigError(f"--levels {text}: choose from {','.join(LEVELS)}")
    return names
