r"""Time and additional memory of each stage of `tokenize` and `decode`.

    OMP_NUM_THREADS=1 taskset -c 0 python recipes/benchmarks/speed_of_stages.py \
        ../shared/data/speech/dev.jsonl
    python recipes/benchmarks/speed_of_stages.py ../shared/data/speech/dev.jsonl --threads 2
    python recipes/benchmarks/speed_of_stages.py ../shared/data/speech/dev.jsonl --minutes 60

Clips are processed one by one, or joined into one sound. Model loading and imports are left out.
RTF is processor time per second of speech; "x real time" is wall time and needs a quiet machine.
Praat's tracker uses two threads unless `taskset` restricts it to one core. Memory is measured on
Linux only.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from benchmark_tools import choose_clips, write_joined

from prosodytok import ProsodyTokenizer, write_tokens
from prosodytok.corpus import Recording, encode_all
from prosodytok.features import get_tracker, measure_energy
from prosodytok.io.sound import load
from prosodytok.segmentation import segment_acoustic
from prosodytok.segmentation.learned.boundary_model import segment_learned

Result = TypeVar("Result")

#: Stages of `prosodytok tokenize`.
TOKENIZE = ("load", "F0 and energy", "segment", "prepare", "encode", "write")
#: Utterances decoded at once, as in `prosodytok decode`.
BATCH = 64


class Costs:
    """Processor time (s), wall time (s) and additional memory (MB) of every stage."""

    def __init__(self) -> None:
        self.processor: Counter[str] = Counter()
        self.clock: Counter[str] = Counter()
        self.megabytes: dict[str, float] = {}

    def __call__(self, stage: str, work: Callable[..., Result], *arguments: object) -> Result:
        """Call `work` and add its cost to a stage."""
        Path("/proc/self/clear_refs").write_text("5")  # reset the peak
        before = resident("VmRSS")
        processor, clock = time.process_time(), time.perf_counter()
        result = work(*arguments)
        self.processor[stage] += time.process_time() - processor
        self.clock[stage] += time.perf_counter() - clock
        more = resident("VmHWM") - before
        self.megabytes[stage] = max(more, self.megabytes.get(stage, 0.0))
        return result

    def row(self, name: str, stages: tuple[str, ...], speech: float, whole: float) -> str:
        """Line of the table for the sum of some stages."""
        processor = sum(self.processor[stage] for stage in stages)
        times = speech / sum(self.clock[stage] for stage in stages)
        most = max(self.megabytes[stage] for stage in stages)
        rtf, share = processor / speech, processor / whole
        return f"| {name} | {rtf:.5f} | {times:.0f} | {share:.0%} | {most:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--minutes", type=float, help="use one sound of this duration instead")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--checkpoint", default="base")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    files = choose_clips(options.manifest, options.clips)
    first = files[:1]
    with tempfile.TemporaryDirectory() as folder:
        if options.minutes:
            write_joined(files, options.minutes * 60, Path(folder, "long.flac"))
            files = [Path(folder, "long.flac")]
        costs = Costs()
        measure(Costs(), options.checkpoint, first, Path(folder))  # imports
        speech = measure(costs, options.checkpoint, files, Path(folder))
    whole = sum(costs.processor[stage] for stage in TOKENIZE)
    print(f"{len(files)} sounds, {speech:.0f} s of speech, threads: {options.threads}")
    print("| | RTF | x real time | of tokenize | MB |")
    print("| --- | --- | --- | --- | --- |")
    print(costs.row("**tokenize**", TOKENIZE, speech, whole))
    for stage in costs.processor:
        print(costs.row(stage, (stage,), speech, whole))


def measure(costs: Costs, checkpoint: str, files: list[Path], folder: Path) -> float:
    """Measure tokenization, decoding and alternative stages; return the seconds of speech."""
    tokenizer = ProsodyTokenizer.from_pretrained(checkpoint)
    nearest = ProsodyTokenizer.from_pretrained(checkpoint, search=False)
    prepared, speech = [], 0.0
    for file in files:
        audio = costs("load", load, file)
        prosody = costs("F0 and energy", tokenizer.extract, audio)
        hierarchy = costs("segment", segment_acoustic, prosody)
        example = costs("prepare", tokenizer.example, prosody, hierarchy)
        prepared.append((Recording(file.stem, file), example))
        speech += audio.duration
    tokens = costs("encode", lambda: list(encode_all(tokenizer, prepared)))
    costs("write", write_tokens, folder / "tokens.jsonl", tokens)
    for first in range(0, len(tokens), BATCH):
        costs("decode", tokenizer.decode_batch, tokens[first : first + BATCH])
    costs("encode, nearest codes", lambda: list(encode_all(nearest, prepared)))
    for _, example in prepared:
        costs("encode, one by one", tokenizer.encode_batch, [example])
    for file, (_, example) in zip(files, prepared, strict=True):
        audio = load(file)
        costs("segment, learned", segment_learned, audio, example.prosody)
        costs("energy alone", measure_energy, audio)
        for name in ("praat", "world", "swift-f0"):
            costs(f"F0 alone, {name}", get_tracker(name), audio)
    return speech


def resident(key: str) -> float:
    """Resident memory of this process (MB): current (VmRSS) or peak (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


if __name__ == "__main__":
    main()
