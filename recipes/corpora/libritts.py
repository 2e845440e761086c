"""Manifests of LibriTTS or LibriTTS-R, from the unpacked folder.

    python recipes/corpora/libritts.py LibriTTS .cache/libritts

LibriTTS (Zen et al. 2019) and LibriTTS-R (Koizumi et al. 2023) contain PART/SPEAKER/CHAPTER/ID.wav
and ID.normalized.txt. Speakers of dev are left out of train; the original parts share none.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from manifests import Row, write_manifests

from prosodytok.types.errors import ManifestError

TRAIN = ["train-clean-100", "train-clean-360", "train-other-500"]


def rows(corpus: Path, parts: Sequence[str]) -> Iterator[Row]:
    """Utterances of parts; without a text file, an utterance has no transcript."""
    for part in parts:
        sounds = sorted((corpus / part).glob("*/*/*.wav"))
        if not sounds:
            raise ManifestError(f"{corpus / part}: no SPEAKER/CHAPTER/*.wav in this folder")
        for sound in sounds:
            speaker = sound.parent.parent.name
            row = {"audio": str(sound), "id": sound.stem, "speaker": speaker, "language": "en"}
            text = sound.with_suffix(".normalized.txt")
            if text.is_file():
                row["text"] = " ".join(text.read_text(encoding="utf-8").split())
            yield row | {"group": speaker}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder with train-clean-100, dev-clean, ...")
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", nargs="+", default=TRAIN, metavar="PART")
    parser.add_argument("--dev", nargs="+", default=["dev-clean"], metavar="PART")
    options = parser.parse_args()
    train, dev = (rows(options.corpus, parts) for parts in (options.train, options.dev))
    print(write_manifests(options.out, train, dev))


if __name__ == "__main__":
    main()
