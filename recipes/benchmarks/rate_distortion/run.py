"""Hold prosody tokens of every kind against each other on the same speech.

    python recipes/benchmarks/rate_distortion/run.py ../shared/data [--checkpoint base]
        [--only NAME ...] [--every N] [--minutes M] [--retrain] [--kept-only]
        [--out runs/rate_distortion/results]

Peers learn from speech/train.jsonl alone (the features that recipes/tokenizer/base.yaml caches) and
are kept in runs/rate_distortion: a later run only reads them. All methods are measured on dev,
aligned and tobi, against plain Praat, and get the same features, units and register. Writes
results.json, results.md, and rate_distortion.png and .pdf (of dev).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch
from corpora import CORPORA, Speech, read_corpus
from methods import Result, floors, kept_result, our_results, peer_result
from peers import FAMILIES, Peer, TrainedPeer, make_peers
from peers.store import path_of, ready
from report import summarize, to_markdown, write_figure, write_json

from prosodytok import ProsodyTokenizer
from prosodytok.training.config import load_config
from prosodytok.training.feature_cache import CachedUtterance, load_features

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "runs" / "rate_distortion"
CACHE = ROOT / ".cache" / "rate_distortion"
TOKENIZER_CONFIG = ROOT / "recipes" / "tokenizer" / "base.yaml"
PACKAGES = ("prosodytok", "numpy", "torch", "vector-quantize-pytorch", "praat-parselmouth")


@cache
def training_speech(manifest: Path) -> Sequence[CachedUtterance]:
    """Cached features of the training speech, the same that our tokenizer learns from."""
    data = load_config(TOKENIZER_CONFIG).data
    return load_features(manifest.resolve(), data.cache, data.f0, data.segments)


def chosen_peers(options: argparse.Namespace) -> list[Peer]:
    """Peers that are asked for, fitted or read."""
    found = [p for p in make_peers(options.minutes) if _asked(p.name, options.only)]
    if options.kept_only:
        found = [p for p in found if path_of(p, KEPT).is_file()]
    manifest = options.data / "speech" / "train.jsonl"
    for peer in found:
        start = time.monotonic()
        if ready(peer, KEPT, lambda: training_speech(manifest), options.retrain):
            print(f"{peer.name}: fitted in {time.monotonic() - start:.0f} s", flush=True)
    return found


def measure(
    speech: Sequence[Speech], peers: Sequence[Peer], tokenizer: ProsodyTokenizer | None
) -> list[Result]:
    """All methods on one corpus."""
    results = our_results(tokenizer, speech) if tokenizer else []
    for peer in peers:
        family = FAMILIES[type(peer).__name__, peer.streams]
        if isinstance(peer, TrainedPeer):
            results.append(kept_result(peer, family, speech, path_of(peer, KEPT)))
        else:
            results.append(peer_result(peer, family, speech))
    return [*results, *floors(speech)]


def main() -> None:
    """Command line."""
    options = _options()
    torch.set_num_threads(1)
    tokenizer = None
    if _asked("ours", options.only):
        tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    peers = chosen_peers(options)
    run = {
        "checkpoint": tokenizer.checkpoint if tokenizer else None,
        "versions": {name: version(name) for name in PACKAGES},
        "every": options.every,
        "corpora": {},
    }
    for corpus in CORPORA:
        speech = list(read_corpus(corpus, options.data, options.every, CACHE))
        seconds = sum(s.seconds for s in speech)
        results = measure(speech, peers, tokenizer)
        run["corpora"][corpus.name] = {
            "utterances": len(speech),
            "seconds": seconds,
            "methods": summarize(results, [s.speaker for s in speech], seconds),
        }
    options.out.mkdir(parents=True, exist_ok=True)
    write_json(run, options.out / "results.json")
    (options.out / "results.md").write_text(to_markdown(run), encoding="utf-8")
    write_figure(run["corpora"]["dev"]["methods"], options.out)
    print(to_markdown(run))


def _asked(name: str, only: Sequence[str]) -> bool:
    return not only or any(part.lower() in name.lower() for part in only)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with speech/, aligned/ and tobi/")
    parser.add_argument("--checkpoint", default="base", help="of our tokenizer")
    parser.add_argument(
        "--only", nargs="+", default=(), help="methods whose names hold one of these"
    )
    parser.add_argument("--every", type=int, default=1, help="take every n-th utterance")
    parser.add_argument("--minutes", type=float, default=8.0, help="of one core, for a network")
    parser.add_argument("--retrain", action="store_true", help="fit peers that are kept anew")
    parser.add_argument("--kept-only", action="store_true", help="leave out peers not fitted yet")
    parser.add_argument("--out", type=Path, default=KEPT / "results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
