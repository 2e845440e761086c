"""Draw the figures of README.md: each bundled recording with its tokens, into docs/images."""

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
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for utterance in read_manifest(sample_manifest()):
            tokens = Path(folder, f"{utterance.id}.jsonl")
            figure = IMAGES / f"{utterance.id}.png"
            prosodytok("tokenize", utterance.audio, "--text", utterance.text or "", "--out", tokens)
            prosodytok("plot", utterance.audio, "--tokens", tokens, "--out", figure)
            print(figure)


if __name__ == "__main__":
    main()
