"""Markdown of an evaluation and of a comparison: every number has its place in a table."""

import math

import pytest

from prosodytok.evaluation.annotation.compare import (
    Comparison,
    CorpusComparison,
    TaskComparison,
)
from prosodytok.evaluation.annotation.label_contours import ContourScore
from prosodytok.evaluation.annotation.label_information import Contingency, Information
from prosodytok.evaluation.boundaries import EdgeScores
from prosodytok.evaluation.comparison_markdown import comparison_to_markdown
from prosodytok.evaluation.evaluate import CorpusEvaluation, Evaluation
from prosodytok.evaluation.intervention import DurationEffect, Intervention, NullEffect, SwapEffect
from prosodytok.evaluation.leakage import Leakage, NotMeasured, SpeakerProbe
from prosodytok.evaluation.leakage.resynthesis_probe import ResynthesisLeakage
from prosodytok.evaluation.markdown import (
    SWAPS,
    evaluation_to_markdown,
)
from prosodytok.evaluation.markdown_blocks import Table, format_interval
from prosodytok.evaluation.reconstruction import summarize
from prosodytok.evaluation.stability import ChangeStability, CodebookChance, Stability
from prosodytok.evaluation.stats.bootstrap import Interval
from tests.evaluation.measurements import make_measurement

HALF = Interval(0.5, 0.25, 0.75)
PROBE = SpeakerProbe(HALF, 0.5, {"trees": 0.5, "linear": 0.4}, "trees")


def evaluation_of(**extras: object) -> Evaluation:
    utterances = [make_measurement(i, speaker="s", part=f"part {i % 2}") for i in range(4)]
    corpus = CorpusEvaluation(1, summarize(utterances), **extras)  # type: ignore[arg-type]
    return Evaluation(1, "base@00000000", "acoustic", 0, None, {"dev": corpus})


def rows_of(text: str, heading: str) -> list[list[str]]:
    """Cells of the rows of the table with this first heading."""
    (table,) = (block for block in text.split("\n\n") if block.startswith(f"| {heading} |"))
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert len({line.count("|") for line in table.splitlines()}) == 1
    return rows[2:]


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (HALF, "50.0 (25.0 to 75.0)"),
        (Interval(-0.0001, -0.01, 0.01), "0.0 (-1.0 to 1.0)"),
        (Interval(math.nan, math.nan, math.nan), "n/a"),
        (None, "n/a"),
    ],
)
def test_intervals(interval: Interval | None, text: str) -> None:
    assert format_interval(interval, 100, 1) == text
    assert format_interval(interval, 100, 1, bounds=False) == text.split(" ")[0]


def test_a_table_is_github_markdown() -> None:
    assert str(Table(["a", "b"], [["1", "2"]])) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_skipped_measurements_have_no_section() -> None:
    text = evaluation_to_markdown(evaluation_of())
    assert "###" not in text
    assert "1 left out" in text
    assert len(rows_of(text, "part")) == 4


def test_boundaries() -> None:
    scores = {"word": {"20 ms": {"evenly spaced": EdgeScores(3, *[HALF] * 5)}}}
    text = evaluation_to_markdown(evaluation_of(boundaries=scores))
    ((edges, within, method, count, *measures),) = rows_of(text, "edges")
    assert (edges, within, count) == ("word", "20 ms", "3")
    assert method == "evenly spaced (given the number of edges)"
    assert measures == ["0.50 (0.25 to 0.75)"] * 5


def test_intervention() -> None:
    measures = {column.key: HALF for column in SWAPS}
    swaps = [
        SwapEffect("word", 1, 10, 300.0, decoded, "random", measures)
        for decoded in ("all", "prefix")
    ]
    found = Intervention(swaps, [DurationEffect("word", 1, 5, HALF, HALF)], NullEffect(0, 0, 0, 7))
    text = evaluation_to_markdown(evaluation_of(intervention=found))
    rows = rows_of(text, "code")
    assert [row[:4] for row in rows] == [
        ["word 1", decoded, "random", "300"] for decoded in ("all levels", "up to word")
    ]
    assert rows[0][4] == "50.0 (25.0 to 75.0)"
    assert rows_of(text, "change of decoded durations by another")[0][0] == "word 1"
    assert "(7 times)" in text


def test_leakage() -> None:
    swap = dict.fromkeys(("tokens_owner", "register_owner", "neither"), HALF)
    resynthesis = ResynthesisLeakage(8, {"original sound": PROBE}, swap)
    found = Leakage(2, 8, 0, 0.5, 0.5, 1.05, {"word codes": PROBE}, resynthesis)
    text = evaluation_to_markdown(evaluation_of(leakage=found))
    for heading, name in {"features": "word codes", "embedded sound": "original sound"}.items():
        assert rows_of(text, heading) == [[name, "50.0 (25.0 to 75.0)", "50.0", "40.0"]]


def test_a_missing_measurement_has_its_reason() -> None:
    text = evaluation_to_markdown(evaluation_of(leakage=NotMeasured("a package is missing")))
    assert "### Leakage\n\nNot measured: a package is missing\n" in text


def test_comparison() -> None:
    information = Information(-0.001, 0.2, 0.3, 0.4, 0.5, 0.6, codes=3)
    task = TaskComparison(
        {"H*": 7, "L*": 5},
        {"word": information},
        Contingency([], [], []),
        {"latent": {"macro_f1": HALF, "auc": HALF}, "majority": {"macro_f1": HALF, "auc": HALF}},
    )
    contours = {
        "hand labels": ContourScore(HALF, (1.0, 2.0)),
        "phrase": ContourScore(HALF, (3.0, 3.0)),
    }
    corpus = CorpusComparison(4, "recordings", 4, "word", {"accent type": task}, contours)
    text = comparison_to_markdown(Comparison(1, "base@00000000", "given", 0, {"todi": corpus}))
    assert "Labels: `H*` 7, `L*` 5" in text
    assert [row[0] for row in rows_of(text, "features")] == ["latent", "majority"]
    assert rows_of(text, "codes of")[0][:3] == ["word", "3", "0.00"]
    assert [row[:2] for row in rows_of(text, "F0 from")] == [
        ["hand labels", "1.0 to 2.0"],
        ["phrase", "3.0"],
    ]


def test_stability() -> None:
    change = ChangeStability(4, *[{"word 1": HALF, "k-means 32": HALF}] * 3, {"word": HALF}, {})
    books = {name: CodebookChance(32, 0.04, 0.05) for name in ("word 1", "k-means 32")}
    found = Stability(4, 1, 2, "utterances", 3, books, {"shift": change}, 5000)
    text = evaluation_to_markdown(evaluation_of(stability=found))
    assert "1 left out, copies that failed: 3; intervals resample utterances" in text
    assert "fitted to 5000 units" in text
    assert "| change | word 1 | k-means 32 |" in text
    assert "| shift | 50 (25 to 75) | 50 (25 to 75) |" in text
    assert "| chance | 4 | 4 |" in text
    assert "| chance | 5 | 5 |" in text
    assert "| number of codes | 32 | 32 |" in text
    assert "| shift | 0.50 | 0.50 | 0.50 |" in text
    assert "![Stability](dev-stability.png)" in text


def test_a_single_room_has_no_tables_of_others() -> None:
    utterances = [make_measurement(i, speaker="s", part=f"part {i % 2}") for i in range(4)]
    headings = {"rate": ("levels", "codebook"), "reconstruction": ("", "decoded durations", "part")}
    for room, own in headings.items():
        corpus = CorpusEvaluation(0, summarize(utterances, [room]))
        text = evaluation_to_markdown(
            Evaluation(1, "base@00000000", "acoustic", 0, "t", {"dev": corpus})
        )
        tables = [block.split(" |")[0][2:] for block in text.split("\n\n") if block[0] == "|"]
        assert set(tables) == set(own)
        assert "rate_distortion" not in text
