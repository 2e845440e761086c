"""Measure what the codes of a checkpoint mean: accents, questions, tunes, edges, finals, speakers.

    python recipes/tokenizer/meaning.py runs/third ../shared/data --half dev --out meaning.json
    python recipes/tokenizer/meaning.py base ../shared/data --only ami

Prints a Markdown table with 95 % intervals, and trivial and supervised comparisons. Each set is
split in two halves: choose on `dev`, and measure once on `unseen` when the choice is made.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from meaning_data import HALVES, SEGMENTS, Speech
from meaning_labels import accents, ami, tunes
from meaning_sound import edges, finals, questions, speakers

from prosodytok import ProsodyTokenizer
from prosodytok.evaluation.markdown_blocks import Table, format_interval
from prosodytok.io.atomic import write_text

#: The parts of the table, by name.
PARTS = {
    "ami": ami,
    "accents": accents,
    "questions": questions,
    "tunes": tunes,
    "edges": edges,
    "finals": finals,
    "speakers": speakers,
}

NOTE = (
    "Halves are split by scene (expressive), by speaker (timit), else by utterance. Classifiers "
    "are tested on other speakers (derry), recordings (todi) or scenes (expressive)."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", help="folder or name of a checkpoint")
    parser.add_argument("data", type=Path, help="folder of shared/data")
    parser.add_argument("--segments", choices=SEGMENTS, default="learned", help="found units")
    parser.add_argument("--half", choices=HALVES, default="dev")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--out", type=Path, help="JSON file of the lines")
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}")
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    speech = Speech(tokenizer, options.data, options.segments, options.half)
    lines, seconds = [], {}
    for name in chosen:
        start = time.perf_counter()
        lines += PARTS[name](speech)
        seconds[name] = time.perf_counter() - start
    print(f"{tokenizer.checkpoint}, found units: {options.segments}, half: {options.half}.\n")
    rows = [[x.part, x.measure, x.source, format_interval(x.value), str(x.cases)] for x in lines]
    print(Table(["part", "measure", "from", "value (95 %)", "cases"], rows))
    print("\n" + " ".join([NOTE, *speech.notes]))
    print("Seconds: " + ", ".join(f"{k} {v:.0f}" for k, v in seconds.items()) + ".")
    if options.out:
        about = {"checkpoint": tokenizer.checkpoint, "segments": options.segments}
        about |= {"half": options.half, "lines": [asdict(line) for line in lines]}
        write_text(options.out, json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
