"""The command line: every command is a call or two of the library."""

from __future__ import annotations

from collections.abc import Callable

import typer

from prosodytok.cli import evaluation, formats, look, speak, tokens, train
from prosodytok.cli.console import exit_code, say_error
from prosodytok.types.errors import ProsodytokError

app = typer.Typer(
    help="Speech to phrase, word and frame tokens of prosody, and back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

# In the order of `prosodytok --help`.
COMMANDS: dict[str, Callable[..., None]] = {
    "tokenize": tokens.tokenize,
    "extract": tokens.extract,
    "features": tokens.features,
    "decode": tokens.decode,
    "plot": look.plot,
    "report": look.report,
    "resynthesize": speak.resynthesize,
    "say": speak.say,
    "train": train.train,
    "shards": train.shards,
    "export": formats.export,
    "export-onnx": formats.export_to_onnx,
    "evaluate": evaluation.evaluate,
    "compare": evaluation.compare,
    "app": look.serve_app,
    "demo": look.demo,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command line: exit 0, or as `exit_code` says; 1 when some inputs failed."""
    try:
        app()
    except (ProsodytokError, OSError) as error:
        say_error(error)
        raise SystemExit(exit_code(error)) from None
