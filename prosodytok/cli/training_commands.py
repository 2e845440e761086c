"""Commands that train: `train` and `shards`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prosodytok.cli.options import OutFolder
from prosodytok.types.errors import ConfigError, require


def train(
    config: Annotated[Path, typer.Argument(help="YAML file, e.g. recipes/tokenizer/base.yaml.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the last checkpoint.")
    ] = False,
) -> None:
    """Train a tokenizer. The last line printed is the folder of the checkpoint."""
    for module in ("lightning", "tensorboard", "webdataset", "yaml"):
        require(module, "train")
    from prosodytok.training import is_first_process
    from prosodytok.training import train as run_training

    folder = run_training(config, resume=resume)
    if is_first_process():
        print(folder)


def shards(
    config: Annotated[Path, typer.Argument(help="Training config that uses the features.")],
    manifests: Annotated[list[Path], typer.Argument(metavar="MANIFEST...", help="Manifests.")],
    out: OutFolder,
    size: Annotated[int, typer.Option(min=1, help="Utterances per shard.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    part: Annotated[
        str,
        typer.Option(metavar="I/N", help="Write every N-th shard only, starting with the I-th."),
    ] = "0/1",
) -> None:
    """Extract features for `train` into shards, for speech that does not fit into memory.

    A repeated call continues an interrupted one. Failed utterances are listed in .failed.txt files.
    """
    for module in ("lightning", "webdataset", "yaml"):
        require(module, "train")
    from prosodytok.training import load_config, write_shards

    index, _, parts = part.partition("/")
    if not (index.isdecimal() and parts.isdecimal() and int(index) < int(parts)):
        raise ConfigError(f"--part {part}: expected I/N, e.g. 0/8 up to 7/8")
    settings = load_config(config)
    failed = False
    for manifest in manifests:
        written = write_shards(
            settings, manifest, out, size=size, workers=workers, part=(int(index), int(parts))
        )
        failed |= any(path.with_suffix(".failed.txt").is_file() for path in written)
        print(f"{manifest}: {len(written)} shard(s) in {out}")
    if failed:
        raise typer.Exit(1)
