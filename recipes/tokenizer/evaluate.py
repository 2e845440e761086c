"""Measure a checkpoint on a manifest: rate, distortion of each prefix of levels, codebook use.

    python recipes/tokenizer/evaluate.py ../shared/data/speech/dev.jsonl [--checkpoint base]
        [--segments acoustic|given] [--out results.json]

The reference is DESIGN.md's: plain Praat without the octave guard, 75 to 500 Hz. SwiftF0 is the
second tracker. Beside the tokens stand a flat voice (median F0, always voiced, mean energy) and
SwiftF0 itself. Intervals are 95 % bootstraps that resample speakers where the manifest has at least
five, else utterances.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from prosodytok import Prosody, ProsodyTokenizer, ProsodyTokens
from prosodytok.audio import load
from prosodytok.corpus import Source, segment
from prosodytok.errors import ProsodytokError
from prosodytok.evaluation import ProsodyErrors, codebook_use, prosody_errors
from prosodytok.features import extract
from prosodytok.manifest import Utterance, read_manifest

MEASURES = ("f0_mae", "f0_rmse_agreed", "f0_rmse", "gpe", "vde", "ffe", "energy_rmse")
RESAMPLES = 1000


@dataclass(frozen=True)
class Measured:
    """One utterance: errors of each method, its tokens, and errors of its decoded durations."""

    speaker: str
    errors: dict[str, ProsodyErrors]
    tokens: ProsodyTokens
    octaves_off: np.ndarray


def measure(tokenizer: ProsodyTokenizer, utterance: Utterance, given: bool) -> Measured:
    """Tokenize, decode every prefix, and compare."""
    audio = load(utterance.audio)
    reference = extract(audio, guard=False)
    second = extract(audio, "swift-f0")
    prosody = tokenizer.extract(audio)
    source = Source.of(utterance) if given else Source(utterance.id, utterance.audio)
    tokens = tokenizer.encode(prosody, segment(source, audio, prosody))
    estimates = {
        "flat voice": flat(reference),
        "SwiftF0": second,
        **tokenizer.decode_prefixes(tokens),
    }
    errors = {k: prosody_errors(reference, e, second) for k, e in estimates.items()}
    said = tokenizer.decode_durations(tokens)
    true = tokens["word"].segmentation.durations / tokens.frame_rate
    return Measured(utterance.speaker or "", errors, tokens, np.abs(np.log2(said / true)))


def flat(prosody: Prosody) -> Prosody:
    """The trivial baseline."""
    median = np.median(prosody.f0[prosody.voiced]) if prosody.voiced.any() else prosody.f0[0]
    ones = np.ones(prosody.num_frames, dtype=np.float32)
    return Prosody(ones * median, ones > 0, ones * prosody.energy.mean())


def summarize(results: list[Measured]) -> dict[str, object]:
    """All numbers, each with its 95 % interval."""
    seconds = sum(r.tokens.duration for r in results)
    bits: dict[str, float] = defaultdict(float)
    for result in results:
        for name, value in result.tokens.bits.items():
            bits[name] += value / seconds
    groups = list(resample_groups(results))
    methods = {}
    for method in results[0].errors:
        total = scores([r.errors[method] for r in results])
        draws = [scores([r.errors[method] for r in group]) for group in groups]
        low, high = np.nanpercentile([[d[m] for m in MEASURES] for d in draws], [2.5, 97.5], axis=0)
        methods[method] = {
            m: (total[m], float(a), float(b)) for m, a, b in zip(MEASURES, low, high, strict=True)
        }
    return {
        "utterances": len(results),
        "seconds": seconds,
        "speakers": len({r.speaker for r in results}),
        "bits_per_second": {**bits, "total": sum(bits.values())},
        "units_per_second": {
            n: sum(len(r.tokens[n]) for r in results) / seconds for n in results[0].tokens.names
        },
        "methods": methods,
        "codebooks": {n: usage([r.tokens for r in results], n) for n in results[0].tokens.names},
        "word_duration_error_octaves": float(
            np.concatenate([r.octaves_off for r in results]).mean()
        ),
    }


def scores(errors: list[ProsodyErrors]) -> dict[str, float]:
    """Measures of pooled utterances."""
    return sum(errors, ProsodyErrors()).scores


def resample_groups(results: list[Measured]) -> Iterator[list[Measured]]:
    """Bootstrap samples."""
    by_speaker: dict[str, list[Measured]] = defaultdict(list)
    for result in results:
        by_speaker[result.speaker].append(result)
    units = list(by_speaker.values()) if len(by_speaker) >= 5 else [[r] for r in results]
    rng = np.random.default_rng(0)
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(units), size=len(units))
        yield [result for index in chosen for result in units[index]]


def usage(utterances: list[ProsodyTokens], name: str) -> list[dict[str, float]]:
    """Use of each codebook of a level."""
    codes = np.concatenate([u[name].codes for u in utterances], axis=1)
    return [asdict(book) for book in codebook_use(codes, utterances[0][name].codebook_sizes)]


def table(summary: dict) -> str:
    """The summary as Markdown."""
    bits = summary["bits_per_second"]
    lines = [
        f"{summary['utterances']} utterances, {summary['seconds'] / 60:.1f} min, "
        f"{summary['speakers']} speakers",
        "bit/s: " + ", ".join(f"{k} {v:.1f}" for k, v in bits.items()),
        "units/s: " + ", ".join(f"{k} {v:.2f}" for k, v in summary["units_per_second"].items()),
        f"word duration from codes: off by {summary['word_duration_error_octaves']:.2f} octaves",
        *(
            f"{level}: "
            + ", ".join(
                f"{b['usage']:.0%} of {b['size']} used, perplexity {b['perplexity']:.0f}"
                for b in books
            )
            for level, books in summary["codebooks"].items()
        ),
        "",
        "| | F0 MAE (c) | F0 RMSE agreed (c) | F0 RMSE (c) | GPE % | VDE % | FFE % | energy (dB) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for method, values in summary["methods"].items():
        cells = []
        for name in MEASURES:
            scale = 100 if name in ("gpe", "vde", "ffe") else 1
            value, low, high = (scale * x for x in values[name])
            digits = 0 if name.startswith("f0") else 1
            cells.append(f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--checkpoint", default="base")
    parser.add_argument("--segments", choices=("acoustic", "given"), default="acoustic")
    parser.add_argument("--every", type=int, default=1, help="take every n-th utterance")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    results = []
    for utterance in track(read_manifest(options.manifest)[:: options.every], "evaluating"):
        try:
            results.append(measure(tokenizer, utterance, options.segments == "given"))
        except ProsodytokError as error:
            print(f"left out: {error}")
    summary = summarize(results)
    if options.out:
        options.out.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(table(summary))


if __name__ == "__main__":
    main()
