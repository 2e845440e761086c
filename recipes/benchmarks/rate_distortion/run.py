"""Compare prosody codes of many kinds on the same speech by rate and distortion.

    python recipes/benchmarks/rate_distortion/run.py ../shared/data [--checkpoint base]
        [--only NAME ...] [--every N] [--minutes M] [--retrain] [--kept-only]
        [--out runs/rate_distortion/results]

Peers are fitted to speech/train.jsonl alone (features cached by recipes/tokenizer/base.yaml) and
stored in runs/rate_distortion, from which later runs load them. All methods are measured on dev,
aligned and tobi, against plain Praat, with the same features, units and register. Writes
results.json, results.md, and rate_distortion.png and .pdf (dev only).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch
from evaluation_speech import CORPORA, Speech, read_corpus
from methods import Result, cached_peer_result, floors, our_results, peer_result
from peers import FAMILIES, Peer, TrainedPeer, make_peers
from peers.peer_files import load_or_fit, peer_path
from report import summarize, to_markdown, write_figure

from prosodytok import ProsodyTokenizer
from prosodytok.io.atomic import write_text
from prosodytok.training.config import load_config
from prosodytok.training.feature_cache import CachedUtterance, load_features

ROOT = Path(__file__).parents[3]
FITTED = ROOT / "runs" / "rate_distortion"
CACHE = ROOT / ".cache" / "rate_distortion"
TOKENIZER_CONFIG = ROOT / "recipes" / "tokenizer" / "base-2.yaml"
PACKAGES = ("prosodytok", "numpy", "torch", "vector-quantize-pytorch", "praat-parselmouth")


@cache
def training_speech(manifest: Path) -> Sequence[CachedUtterance]:
    """Cached features of the training speech of our tokenizer."""
    data = load_config(TOKENIZER_CONFIG).data
    return load_features(manifest.resolve(), data.cache, data.f0, data.segments)


def selected_peers(options: argparse.Namespace) -> list[Peer]:
    """Peers selected by the options, fitted or loaded."""
    peers = [p for p in make_peers(options.minutes) if _is_selected(p.name, options.only)]
    if options.kept_only:
        peers = [p for p in peers if peer_path(p, FITTED).is_file()]
    manifest = options.data / "speech" / "train.jsonl"
    for peer in peers:
        start = time.monotonic()
        if load_or_fit(peer, FITTED, lambda: training_speech(manifest), options.retrain):
            print(f"{peer.name}: fitted in {time.monotonic() - start:.0f} s", flush=True)
    return peers


def measure(
    speech: Sequence[Speech], peers: Sequence[Peer], tokenizer: ProsodyTokenizer | None
) -> list[Result]:
    """Results of all methods on one corpus."""
    results = our_results(tokenizer, speech) if tokenizer else []
    for peer in peers:
        family = FAMILIES[type(peer).__name__, peer.streams]
        if isinstance(peer, TrainedPeer):
            results.append(cached_peer_result(peer, family, speech, peer_path(peer, FITTED)))
        else:
            results.append(peer_result(peer, family, speech))
    return [*results, *floors(speech)]


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    tokenizer = None
    if _is_selected("ours", options.only):
        tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    peers = selected_peers(options)
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
    text = json.dumps(run, indent=1, allow_nan=False) + "\n"
    write_text(options.out / "results.json", text)
    write_text(options.out / "results.md", to_markdown(run))
    write_figure(run["corpora"]["dev"]["methods"], options.out)
    print(to_markdown(run))


def _is_selected(name: str, only: Sequence[str]) -> bool:
    return not only or any(part.lower() in name.lower() for part in only)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with speech/, aligned/ and tobi/")
    parser.add_argument("--checkpoint", default="base", help="checkpoint of our tokenizer")
    parser.add_argument(
        "--only", nargs="+", default=(), help="select methods by parts of their names"
    )
    parser.add_argument("--every", type=int, default=1, help="take every n-th utterance")
    parser.add_argument("--minutes", type=float, default=8.0, help="training time of a network")
    parser.add_argument("--retrain", action="store_true", help="fit stored peers again")
    parser.add_argument("--kept-only", action="store_true", help="use only peers fitted already")
    parser.add_argument("--out", type=Path, default=FITTED / "results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
