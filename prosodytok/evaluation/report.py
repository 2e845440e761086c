"""An evaluation as files: evaluation.json, evaluation.md, and the rate-distortion figure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from prosodytok.evaluation.markdown import to_markdown
from prosodytok.evaluation.measure import SECOND
from prosodytok.io.atomic import write_text
from prosodytok.viz import RateCurve, RatePoint, plot_rate_distortion, save_figure

#: Measures that the figure shows.
SHOWN = ("f0_mae", "vde", "energy_rmse")


def write_evaluation(evaluation: Mapping[str, Any], folder: str | Path) -> None:
    """Write an evaluation: evaluation.json, evaluation.md, rate_distortion.png and .pdf.

    Parameters
    ----------
    evaluation : mapping
        What `evaluate` gave.
    folder : path
        Where to; made if it is missing. Earlier files are replaced, each at once.
    """
    folder = Path(folder)
    text = json.dumps(without_nan(evaluation), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "evaluation.json", text + "\n")
    write_text(folder / "evaluation.md", to_markdown(evaluation))
    figure = plot_rate_distortion(curves_of(evaluation))
    for suffix in (".png", ".pdf"):
        save_figure(figure, folder / f"rate_distortion{suffix}")


def curves_of(evaluation: Mapping[str, Any]) -> list[RateCurve]:
    """The curves of the figure: one for each corpus, through the prefixes of levels."""
    return [_curve(name, corpus) for name, corpus in evaluation["corpora"].items()]


def without_nan(value: Any) -> Any:
    """The same in plain Python, with None (null) for NaN, for which JSON has no number."""
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _curve(name: str, corpus: Mapping[str, Any]) -> RateCurve:
    errors, rates = corpus["errors"], corpus["bits_per_second"]
    points = [
        RatePoint(
            ways["fixed"]["total"]["value"],
            {
                measure: (interval["value"], interval["low"], interval["high"])
                for measure, interval in errors[prefix].items()
                if measure in SHOWN
            },
            ways["context"]["total"]["value"],
            label=prefix if "+" not in prefix else "+ " + prefix.split()[-1],
        )
        for prefix, ways in rates.items()
    ]
    second = errors.get(SECOND, {})
    return RateCurve(name, points, {m: second[m]["value"] for m in SHOWN if m in second})
