"""Manifests of Libriheavy, from its lhotse cuts and the sounds of Libri-Light.

    python recipes/corpora/libriheavy.py libriheavy librilight .cache/libriheavy --parts 100

Libriheavy (Kang et al. 2023) consists of ``libriheavy_cuts_{small,medium,large,dev,...}.jsonl.gz``;
each line is a cut of a recording ``download/librilight/SUBSET/SPEAKER/BOOK/*.flac``. The prefix
``download/librilight`` is replaced by the folder of the command line. Sounds are not changed:
manifests contain the offsets of utterances. Cuts without a recording are left out and counted as
missing, since the subsets are unpacked one by one. Speakers of dev are left out of train.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from manifests import Row, write_manifests

from prosodytok.types.errors import ManifestError

#: Folder of Libri-Light in the cuts.
PREFIX = "download/librilight/"


def rows(cuts: Path, sounds: Path, subsets: Sequence[str]) -> Iterator[Row]:
    """Utterances of subsets."""
    for subset in subsets:
        path = cuts / f"libriheavy_cuts_{subset}.jsonl.gz"
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    yield _row(line, sounds, f"{path}, line {number}")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise ManifestError(f"{path}: cannot be read ({error})") from error


def _row(line: str, sounds: Path, location: str) -> Row:
    try:
        return _read_cut(json.loads(line), sounds)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ManifestError(f"{location}: not a cut of Libriheavy ({error!r})") from error


def _read_cut(cut: dict[str, Any], sounds: Path) -> Row:
    (supervision,) = cut["supervisions"]
    source = cut["recording"]["sources"][0]["source"]
    # The first text is the book's, with case and punctuation; cuts for recognition have one text.
    text = supervision.get("text") or supervision["custom"]["texts"][0]
    return {
        "audio": str(sounds / source.removeprefix(PREFIX)),
        "id": cut["id"].replace("/", "-"),
        "speaker": supervision["speaker"],
        "language": "en",
        "text": " ".join(text.split()),
        "offset": cut["start"],
        "duration": cut["duration"],
        "group": supervision["speaker"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cuts", type=Path, help="folder with libriheavy_cuts_*.jsonl.gz")
    parser.add_argument("sounds", type=Path, help="folder of Libri-Light: small, medium, large")
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", nargs="+", default=["small", "medium", "large"])
    parser.add_argument("--dev", nargs="+", default=["dev"])
    parser.add_argument("--parts", type=int, default=1, help="number of manifests of train")
    options = parser.parse_args()
    train, dev = (
        rows(options.cuts, options.sounds, subsets) for subsets in (options.train, options.dev)
    )
    counts = write_manifests(options.out, train, dev, options.parts)
    print(counts)
    if missing := counts["missing"]:
        problem = f"{missing} utterances are left out: {options.sounds} lacks their recordings"
        print(f"incomplete: {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
