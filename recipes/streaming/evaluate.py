"""Errors of a causal checkpoint compared with the offline one.

    OMP_NUM_THREADS=1 python recipes/streaming/evaluate.py ../shared/data/speech/dev.jsonl --every 4

For each set of levels: F0 MAE and RMSE on the frames where SwiftF0 agrees, voicing error, energy
and bit rate, with 95 % bootstrap intervals over speakers. Also the streaming features alone against
the reference, a lower bound of the errors of tokens.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import torch
from rich.progress import track

from prosodytok import ProsodyTokenizer, load
from prosodytok.evaluation import ProsodyErrors, error_intervals, measure_reference, prosody_errors
from prosodytok.evaluation.markdown import format_interval
from prosodytok.io.manifest import read_manifest

#: Sets of levels to decode.
SUBSETS = (("phrase",), ("word",), ("phrase", "word"), ("frame",), ("phrase", "word", "frame"))
#: Printed measures, and their factors.
MEASURES = {"f0_mae": 1, "f0_rmse_agreed": 1, "f0_rmse": 1, "vde": 100, "energy_rmse": 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--checkpoints", nargs="+", default=["stream", "base"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizers = {name: ProsodyTokenizer.from_pretrained(name) for name in options.checkpoints}
    errors: dict[str, list[ProsodyErrors]] = defaultdict(list)
    bits: dict[str, float] = defaultdict(float)
    utterances = read_manifest(options.manifest)[:: options.every]
    seconds = 0.0
    for utterance in track(utterances, "tokenizing"):
        audio = load(utterance.audio)
        truth = measure_reference(audio)
        seconds += truth.prosody.num_frames / 100
        for name, tokenizer in tokenizers.items():
            prosody = tokenizer.extract(audio)
            tokens = tokenizer.encode(prosody)
            row = f"{name}: features, no tokens"
            errors[row].append(prosody_errors(truth.prosody, prosody, truth.second))
            for levels in SUBSETS:
                row = f"{name}: {' + '.join(levels)}"
                decoded = tokenizer.decode(tokens, levels)
                errors[row].append(prosody_errors(truth.prosody, decoded, truth.second))
                bits[row] += sum(tokens.select(levels).bits.values())
    print(f"{len(utterances)} utterances, {seconds / 60:.1f} min\n")
    print("| | bit/s | " + " | ".join(MEASURES) + " |")
    print("| --- " * (2 + len(MEASURES)) + "|")
    for row, found in errors.items():
        scores = error_intervals(found, [utterance.speaker for utterance in utterances])
        cells = [format_interval(scores[name], factor, 1) for name, factor in MEASURES.items()]
        print(f"| {row} | {bits[row] / seconds:.1f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
