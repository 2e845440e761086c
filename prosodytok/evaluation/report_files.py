"""Result files: JSON with the numbers, Markdown with the tables, and figures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from prosodytok.evaluation.annotation.compare import Comparison, corpora_of
from prosodytok.evaluation.annotation.comparison_figures import draw_comparison
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.evaluation.comparison_markdown import comparison_to_markdown
from prosodytok.evaluation.evaluate import CorpusEvaluation, Evaluation
from prosodytok.evaluation.markdown import (
    RATE_FIGURE,
    evaluation_to_markdown,
    has_rate_curves,
    stability_figure,
)
from prosodytok.evaluation.reconstruction.measurement import SECOND
from prosodytok.io.atomic import write_text
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.viz import (
    RateCurve,
    RatePoint,
    plot_rate_distortion,
    plot_stability,
    save_figure,
)

#: Measures of the rate-distortion figure.
CURVE_MEASURES = ("f0_mae", "vde", "energy_rmse")
#: Resolution of the figures of a comparison (dots per inch): legible text, small files.
DPI = 200


def write_evaluation(evaluation: Evaluation, folder: str | Path) -> None:
    """Write evaluation.json and evaluation.md, and the figures of what is measured.

    They are rate_distortion.png and .pdf, and CORPUS-stability.png and .pdf.

    Parameters
    ----------
    evaluation : Evaluation
        Result of `evaluate`.
    folder : path
        Output folder, created if it is missing. Existing files are replaced atomically.
    """
    folder = Path(folder)
    _write_json(folder / "evaluation.json", evaluation.to_dict())
    write_text(folder / "evaluation.md", evaluation_to_markdown(evaluation))
    for name, figure in _figures(evaluation).items():
        for suffix in (".png", ".pdf"):
            save_figure(figure, (folder / name).with_suffix(suffix))


def _figures(evaluation: Evaluation) -> dict[str, Figure]:
    """Figures by the name of their PNG."""
    figures = {
        stability_figure(name): plot_stability(asdict(corpus.stability))
        for name, corpus in evaluation.corpora.items()
        if corpus.stability is not None
    }
    if has_rate_curves(evaluation):
        figures[RATE_FIGURE] = plot_rate_distortion(rate_curves(evaluation))
    return figures


def write_comparison(
    comparison: Comparison,
    folder: str | Path,
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Labelled],
) -> None:
    """Write compare.json, compare.md and its figures (PNG), atomically, into a new or old folder.

    The figures show the codes of the utterances.
    """
    folder = Path(folder)
    figures = draw_comparison(comparison, tokenizer, corpora_of(utterances))
    for figure in figures:
        save_figure(figure.figure, folder / figure.file, dpi=DPI)
    _write_json(folder / "compare.json", comparison.to_dict())
    write_text(folder / "compare.md", comparison_to_markdown(comparison, figures))


def rate_curves(evaluation: Evaluation) -> list[RateCurve]:
    """Curves of the rate-distortion figure: one per corpus, through the prefixes of levels."""
    return [_rate_curve(name, corpus) for name, corpus in evaluation.corpora.items()]


def nan_to_none(value: Any) -> Any:
    """Plain Python with None (null) for NaN, which JSON lacks."""
    if isinstance(value, Mapping):
        return {key: nan_to_none(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [nan_to_none(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(nan_to_none(value), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _rate_curve(name: str, corpus: CorpusEvaluation) -> RateCurve:
    if corpus.summary is None:
        return RateCurve(name, [])
    errors = corpus.summary.errors
    points = [
        RatePoint(
            codings["fixed"]["total"].value,
            {
                measure: (interval.value, interval.low, interval.high)
                for measure, interval in errors[prefix].items()
                if measure in CURVE_MEASURES
            },
            codings["context"]["total"].value,
            label=prefix if "+" not in prefix else "+ " + prefix.split()[-1],
        )
        for prefix, codings in corpus.summary.bits_per_second.items()
    ]
    second = errors.get(SECOND, {})
    return RateCurve(name, points, {m: second[m].value for m in CURVE_MEASURES if m in second})
