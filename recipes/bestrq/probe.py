"""Linear probes of frozen features, compared with mel and a random encoder.

    python recipes/bestrq/probe.py [--encoder bestrq] [--layers] [--out probes.json]

Targets, each at every frame of 40 ms:

- voicing (AUC) and energy re the loudest frame (R2, RMSE in dB), measured by Praat and prosodytok:
  fitted on every n-th utterance of train, tested on every other one of dev, 17 speakers;
- phone at the frame's centre (accuracy), in 10 broad classes and 39 phones;
- word edge (AUC, average precision): whether a word starts or ends within 20 or 40 ms of the
  centre. Phones and words are TIMIT's hand annotation; folds hold out speakers.

Intervals are 95 % bootstraps over speakers; those of the differences between the encoder and the
other features are paired. `--layers` adds the output of every block.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from probe_targets import Frames, speech_frames, timit_frames
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from prosodytok.features.mel import MelEncoder, normalized_log_mel
from prosodytok.features.ssl.bestrq import BUNDLED, encode_blocks, load_encoder
from prosodytok.features.ssl.bestrq_network import BestRQNetwork
from prosodytok.io.atomic import atomic_path
from prosodytok.types.audio import Audio

Encode = Callable[[Audio], np.ndarray]

DATA = Path(__file__).parents[3] / "shared/data"
FOLDS, RESAMPLES = 4, 1000
#: Utterances for the speech probes: of train for fitting, of dev for testing.
FIT_UTTERANCES, TEST_UTTERANCES = 400, 240


@dataclass(frozen=True)
class Score:
    """Predictions of a probe for test frames, with the truth and the speakers."""

    truth: np.ndarray
    predicted: np.ndarray
    speakers: np.ndarray


Measure = Callable[[np.ndarray, np.ndarray], float]


def r_squared(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.mean((truth - predicted) ** 2) / truth.var())


def rmse(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.sqrt(np.mean((truth - predicted) ** 2)))


def accuracy(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean(truth == predicted))


#: Target and measure of each row of the table.
MEASURES: dict[str, tuple[str, Measure]] = {
    "voicing, AUC": ("voicing", roc_auc_score),
    "energy, R2": ("energy", r_squared),
    "energy, RMSE (dB)": ("energy", rmse),
    "phone class of 10, accuracy": ("class", accuracy),
    "phone of 39, accuracy": ("phone", accuracy),
    "word edge within 20 ms, AUC": ("edge 20", roc_auc_score),
    "word edge within 20 ms, average precision": ("edge 20", average_precision_score),
    "word edge within 40 ms, AUC": ("edge 40", roc_auc_score),
    "word edge within 40 ms, average precision": ("edge 40", average_precision_score),
}


def embed(encoder: Callable[[Audio], np.ndarray], frames: Frames) -> np.ndarray:
    return np.concatenate([encoder(sound) for sound in frames.sounds])


def probe_speech(x_fit: np.ndarray, fit: Frames, x_test: np.ndarray, test: Frames) -> dict:
    """Fit voicing and energy on training speech, and predict them for dev."""
    voicing = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
    voicing.fit(x_fit, fit.targets["voicing"])
    energy = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 5)))
    energy.fit(x_fit, fit.targets["energy"])
    predicted = {"voicing": voicing.decision_function(x_test), "energy": energy.predict(x_test)}
    return {k: Score(test.targets[k], v, test.speakers) for k, v in predicted.items()}


def probe_timit(x: np.ndarray, frames: Frames) -> dict[str, Score]:
    """Predict each target for every speaker with probes fitted on other speakers."""
    scores = {}
    for name, truth in frames.targets.items():
        predicted = np.empty(len(truth), dtype=float if truth.dtype == bool else truth.dtype)
        for fit, test in GroupKFold(FOLDS).split(x, truth, frames.speakers):
            probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
            probe.fit(x[fit], truth[fit])
            predict = probe.decision_function if truth.dtype == bool else probe.predict
            predicted[test] = predict(x[test])
        scores[name] = Score(truth, predicted, frames.speakers)
    return scores


def bootstrap(measure: Measure, scores: list[Score]) -> np.ndarray:
    """Measure on resampled speakers, (RESAMPLES, len(scores)), with the same samples for all."""
    rng = np.random.default_rng(0)
    speakers = scores[0].speakers
    indices = [np.flatnonzero(speakers == name) for name in np.unique(speakers)]
    values = np.empty((RESAMPLES, len(scores)))
    for row in values:
        drawn = np.concatenate([indices[i] for i in rng.integers(len(indices), size=len(indices))])
        row[:] = [measure(s.truth[drawn], s.predicted[drawn]) for s in scores]
    return values


def table(results: dict[str, dict[str, Score]]) -> list[dict[str, object]]:
    """Measures of all encoders and differences to the first, with intervals."""
    rows = []
    for title, (target, measure) in MEASURES.items():
        scores = [result[target] for result in results.values()]
        drawn = bootstrap(measure, scores)
        points = [measure(s.truth, s.predicted) for s in scores]
        for i, name in enumerate(results):
            rows.append({"measure": title, "features": name, **_interval(points[i], drawn[:, i])})
            if i:
                difference = _interval(points[0] - points[i], drawn[:, 0] - drawn[:, i])
                rows[-1]["first minus this"] = difference
    return rows


def _interval(value: float, drawn: np.ndarray) -> dict[str, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"value": float(value), "low": float(low), "high": float(high)}


def encoders(folder: Path, layers: bool) -> dict[str, Encode]:
    """Encoder, mel, mel with the neighbouring frames, and a random encoder; optionally blocks."""
    network = load_encoder(folder)
    torch.manual_seed(1)
    by_name = {
        "encoder": _encode(network),
        "mel": MelEncoder(),
        "mel of 120 ms": with_neighbours,
        "random": _encode(BestRQNetwork(network.config).eval()),
    }
    for layer in range(len(network.blocks) + 1) if layers else ():
        config = network.config.model_copy(update={"outputs": (layer,)})
        one = BestRQNetwork(config).eval()
        parts = {k: v for k, v in network.state_dict().items() if k not in ("center", "spread")}
        one.load_state_dict(parts, strict=False)
        by_name[f"block {layer}"] = _encode(one)
    return by_name


def _encode(network: BestRQNetwork) -> Encode:
    return lambda sound: encode_blocks(network, normalized_log_mel(sound))


def with_neighbours(sound: Audio) -> np.ndarray:
    """Mel features of each frame and its two neighbours, (S, 960)."""
    mel = MelEncoder()(sound)
    before, after = mel[[0, *range(len(mel) - 1)]], mel[[*range(1, len(mel)), -1]]
    return np.concatenate([before, mel, after], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--encoder", type=Path, default=BUNDLED, help="folder of the encoder")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of speech/ and aligned/")
    parser.add_argument("--layers", action="store_true", help="probe every block too")
    parser.add_argument("--out", type=Path, help="write all numbers as JSON")
    arguments = parser.parse_args()
    fit = speech_frames(arguments.data / "speech/train.jsonl", FIT_UTTERANCES)
    test = speech_frames(arguments.data / "speech/dev.jsonl", TEST_UTTERANCES)
    timit = timit_frames(arguments.data / "aligned/aligned.jsonl")
    results = {}
    for name, encode in encoders(arguments.encoder, arguments.layers).items():
        x = partial(embed, encode)
        results[name] = probe_speech(x(fit), fit, x(test), test) | probe_timit(x(timit), timit)
        points = {}
        for title, (target, measure) in MEASURES.items():
            score = results[name][target]
            points[title] = round(measure(score.truth, score.predicted), 4)
        print(name, points, flush=True)
    rows = table(results)
    print(markdown(rows, list(results)))
    if arguments.out:
        with atomic_path(arguments.out) as path:
            path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def markdown(rows: list[dict], names: list[str]) -> str:
    """Two tables: measures of all encoders, and differences of the first to the others."""

    def text(x: dict[str, float], sign: str = "") -> str:
        digits = "2f" if abs(x["high"]) > 1 else "3f"
        value, low, high = (f"{x[key]:{sign}.{digits}}" for key in ("value", "low", "high"))
        return f"{value} ({low} to {high})"

    cells: dict[str, dict[str, dict]] = {}
    for row in rows:
        cells.setdefault(row["measure"], {})[row["features"]] = row
    lines = [f"| | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    for measure, row in cells.items():
        lines.append(f"| {measure} | {' | '.join(text(row[name]) for name in names)} |")
    lines += ["", f"| {names[0]} minus | {' | '.join(names[1:])} |"]
    lines.append("| --- |" + " --- |" * (len(names) - 1))
    for measure, row in cells.items():
        gains = (text(row[name]["first minus this"], "+") for name in names[1:])
        lines.append(f"| {measure} | {' | '.join(gains)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
