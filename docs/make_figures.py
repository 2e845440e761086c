"""Draw the figure of README.md again: a bundled recording with its tokens, into docs/images."""

import subprocess
import sys
import tempfile
from pathlib import Path

from prosodytok.manifest import read_manifest
from prosodytok.samples import sample_manifest

IMAGES = Path(__file__).parent / "images"


def prosodytok(*args: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "prosodytok", *map(str, args)], check=True)


def main() -> None:
    utterance = read_manifest(sample_manifest())[0]
    figure = IMAGES / f"{utterance.id}.png"
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder, "tokens.jsonl")
        prosodytok("tokenize", utterance.audio, "--text", utterance.text or "", "--out", tokens)
        prosodytok("plot", utterance.audio, "--tokens", tokens, "--out", figure)
    print(figure)


if __name__ == "__main__":
    main()
