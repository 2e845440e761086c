"""Errors on held-out sentences without tokens, with tokens, and with hand-made features.

    python recipes/tts/evaluate.py .cache/tts runs/tts --sounds 3

All models use the durations of the recording. Intervals: 95 %, bootstrap over sentences, with the
same samples for all rows. RMSE of F0 in semitones over the frames voiced in the recording; mean
absolute error of log-mel in dB, and of the durations of phones, without pauses, in ms.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from data import Array, Sentence, collate
from model import AcousticModel, Condition, Predicted
from safetensors.torch import load_file
from sentence_files import read

from prosodytok import Audio, Register
from prosodytok.evaluation import bootstrap
from prosodytok.evaluation.markdown import format_interval
from prosodytok.features.mel import FFT_SIZE, mel_filters
from prosodytok.features.pitch.trackers import import_world
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.units import semitones_to_hz

DB = 10 / np.log(10)
#: Rows of the table: trained condition, and levels of the tokens (None for all).
ROWS: dict[str, tuple[Condition, Collection[str] | None]] = {
    "no tokens": ("none", None),
    "hand-made features": ("handmade", None),
    "tokens, phrase": ("tokens", ["phrase"]),
    "tokens, phrase + word": ("tokens", ["phrase", "word"]),
    "tokens, all": ("tokens", None),
    "tokens, all dropped": ("tokens", []),
}
MEASURES = ("F0 RMSE (st)", "mel MAE (dB)", "duration MAE (ms)")
#: World's FFT size at 16 kHz, and aperiodicity at the lowest and highest frequency.
WORLD_FFT, APERIODICITY = 1024, (0.01, 0.7)


def load_model(folder: Path, condition: Condition) -> tuple[AcousticModel, Register]:
    settings = json.loads((folder / f"{condition}.json").read_text())
    model = AcousticModel(condition, settings["codebook_sizes"])
    model.load_state_dict(load_file(folder / f"{condition}.safetensors"))
    return model.eval(), Register.from_dict(settings["register"])


def error_sums(sentence: Sentence, predicted: Predicted, f0: torch.Tensor) -> list[float]:
    """Sum and count of the errors of each measure."""
    voiced = torch.from_numpy(sentence.prosody.voiced)
    f0_errors = (predicted.f0[0] - f0[0])[voiced].square()
    mel_errors = (predicted.mel[0] - torch.from_numpy(sentence.mel.astype(np.float32))).abs() * DB
    spoken = torch.tensor([bool(p) for p in sentence.phones.labels])
    durations = torch.from_numpy(sentence.phones.durations)
    duration_errors = (predicted.log_durations[0].exp2() - durations).abs()[spoken] * 10
    errors = (f0_errors, mel_errors, duration_errors)
    return [value for x in errors for value in (float(x.sum()), x.numel())]


def measures(rows: Sequence[str], pooled: Array) -> dict[str, Array]:
    """Measures by name, from the sums of all rows (R, 6 * rows)."""
    values = {}
    for i, row in enumerate(rows):
        squares, frames, mel, bands, durations, phones = pooled[:, 6 * i : 6 * i + 6].T
        results = (np.sqrt(squares / frames), mel / bands, durations / phones)
        values |= {f"{row}|{name}": x for name, x in zip(MEASURES, results, strict=True)}
    none = values[f"no tokens|{MEASURES[0]}"]
    return values | {f"{row}|ratio": values[f"{row}|{MEASURES[0]}"] / none for row in rows}


def synthesize(predicted: Predicted, register: Register) -> Audio:
    """Sound by World from the predicted F0 and voicing, with the predicted mel as envelope."""
    f0 = semitones_to_hz(predicted.f0[0].double().numpy(), register.f0_median_hz)
    f0 = np.where(predicted.voicing[0].numpy() > 0, f0, 0.0)
    filters = mel_filters().double().numpy()
    hz = np.linspace(0, SAMPLE_RATE / 2, FFT_SIZE // 2 + 1)
    centres = (filters * hz[:, None]).sum(axis=0) / filters.sum(axis=0)
    density = predicted.mel[0].double().numpy() - np.log(filters.sum(axis=0))
    world_hz = np.linspace(0, SAMPLE_RATE / 2, WORLD_FFT // 2 + 1)
    envelope = np.exp(np.stack([np.interp(world_hz, centres, frame) for frame in density]))
    noise = np.tile(np.geomspace(*APERIODICITY, world_hz.size), (f0.size, 1))
    samples = import_world().synthesize(f0, envelope, noise, SAMPLE_RATE, 10.0)
    return Audio((0.5 * samples / np.abs(samples).max()).astype(np.float32), SAMPLE_RATE)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="output folder of prepare.py")
    parser.add_argument("runs", type=Path, help="output folder of train.py")
    parser.add_argument("--sounds", type=int, default=0, help="sentences to synthesize")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sentences = read(arguments.data, "dev")
    trained = {path.stem for path in arguments.runs.glob("*.safetensors")}
    by_row: dict[str, list[list[float]]] = {}
    for row, (condition, levels) in ROWS.items():
        if condition not in trained:
            continue
        model, register = load_model(arguments.runs, condition)
        by_row[row] = []
        for index, sentence in enumerate(sentences):
            batch = collate([sentence], register)
            predicted = model(batch, levels)
            by_row[row].append(error_sums(sentence, predicted, batch.f0))
            if index < arguments.sounds and row.partition(",")[2] in ("", " all"):
                name = f"{sentence.id}-{condition}.wav"
                synthesize(predicted, register).write(arguments.runs / "sounds" / name)
    print(to_table(by_row, len(sentences)))


def to_table(by_row: Mapping[str, Sequence[Sequence[float]]], count: int) -> str:
    together = np.concatenate(np.array(list(by_row.values())), axis=1)
    intervals = bootstrap(together, [None] * count, partial(measures, list(by_row)))

    def cell(row: str, name: str, digits: int) -> str:
        return format_interval(intervals[f"{row}|{name}"], digits=digits)

    header = ["condition", MEASURES[0], "ratio to no tokens", MEASURES[1], MEASURES[2]]
    names: Mapping[str, int] = {MEASURES[0]: 2, "ratio": 2, MEASURES[1]: 2, MEASURES[2]: 1}
    rows = [[row, *(cell(row, n, d) for n, d in names.items())] for row in by_row]
    return "\n".join(f"| {' | '.join(x)} |" for x in (header, ["---"] * len(header), *rows))


if __name__ == "__main__":
    main()
