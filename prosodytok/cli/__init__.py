"""The command line: each command calls one or two functions of the library."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable

import typer

from prosodytok.cli import (
    display_commands,
    evaluation_commands,
    export_commands,
    speech_commands,
    token_commands,
    training_commands,
)
from prosodytok.cli.console import exit_code, print_error
from prosodytok.cli.kept_inputs import keep_inputs
from prosodytok.types.errors import OutputClosedError, ProsodytokError

#: Allocations between two garbage collections. Importing torch makes so many objects that Python's
#: default (700) costs a short command a tenth of its time.
GC_THRESHOLD = 100_000

app = typer.Typer(
    help="Speech to phrase, word and frame tokens of prosody, and back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

# In the order of `prosodytok --help`.
COMMANDS: dict[str, Callable[..., None]] = {
    "tokenize": token_commands.tokenize,
    "extract": token_commands.extract,
    "features": token_commands.features,
    "decode": token_commands.decode,
    "plot": display_commands.plot,
    "report": display_commands.report,
    "resynthesize": speech_commands.resynthesize,
    "say": speech_commands.say,
    "train": training_commands.train,
    "shards": training_commands.shards,
    "export": export_commands.export,
    "export-onnx": export_commands.export_to_onnx,
    "evaluate": evaluation_commands.evaluate,
    "compare": evaluation_commands.compare,
    "app": display_commands.serve_app,
    "demo": display_commands.demo,
}
for name, command in COMMANDS.items():
    app.command(name)(keep_inputs(command))


def main() -> None:
    """Run the command line; the exit status is 0, 1 if an input failed, or that of `exit_code`."""
    gc.set_threshold(GC_THRESHOLD)
    atexit.register(gc.freeze)  # else the last collection scans all objects of torch: 0.3 s
    try:
        app()
    except OutputClosedError:  # as by `| head`
        raise SystemExit(0) from None
    except (ProsodytokError, OSError) as error:
        print_error(error)
        raise SystemExit(exit_code(error)) from None
