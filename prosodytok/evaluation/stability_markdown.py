"""Markdown of the stability of a corpus: the tables of an evaluation and of a model card."""

from __future__ import annotations

from collections.abc import Mapping

from prosodytok.evaluation.markdown_blocks import Blocks, Column, Table, counted
from prosodytok.evaluation.stability import Stability
from prosodytok.evaluation.stats.bootstrap import Interval


def stability_blocks(found: Stability) -> Blocks:
    """Agreement over all frames and over speech, edit distances, edges and decoded contours."""
    left_out = f", {found.left_out} left out" if found.left_out else ""
    failed = f", copies that failed: {found.failed_copies}" if found.failed_copies else ""
    yield (
        f"{counted(found.utterances, 'utterance')}, {counted(found.speakers, 'speaker')}"
        f"{left_out}{failed}; "
        f"intervals resample {found.resampled}. Share of time (%) in which a changed copy has the "
        'code of the original, pauses included; "word" is all codebooks of a word together, and '
        '"shift" the mean of 10, 20 and 40 ms:'
    )
    yield _agreement(found)
    yield _yardstick(found)
    yield "The same (%) without pauses:"
    yield _speech(found)
    yield (
        "Unit edit distance (edits per unit, of codes without repetitions), F1 of the edges of "
        "units within 20 ms, and change of the decoded F0 (cents, root mean square):"
    )
    yield _other_measures(found)


def _agreement(found: Stability) -> Table:
    columns = [Column(name, name, 100, 0) for name in found.codebooks]
    rows = [([change], scores.agreement) for change, scores in found.changes.items()]
    books = found.codebooks.values()
    return _with_rows(
        Table.of_measures(["change"], columns, rows),
        ["chance", *(_percent(book.chance) for book in books)],
        ["number of codes", *(str(book.codes) for book in books)],
    )


def _speech(found: Stability) -> Table:
    columns = [Column(name, name, 100, 0, bounds=False) for name in found.codebooks]
    rows = [([change], scores.speech) for change, scores in found.changes.items()]
    chance = [_percent(book.chance_speech) for book in found.codebooks.values()]
    return _with_rows(Table.of_measures(["change"], columns, rows), ["chance", *chance])


def _other_measures(found: Stability) -> Table:
    """A table of three measures of each change, whose keys are made distinct by their measure."""
    rows = []
    for change, scores in found.changes.items():
        values: dict[str, Interval] = {}
        for measure in ("edit_distance", "edge_f1", "contour_cents"):
            values |= _prefixed(measure, getattr(scores, measure))
        rows.append(([change], values))
    first = next(iter(found.changes.values()))
    columns = [
        *(Column(f"edit_distance {k}", f"UED {k}", bounds=False) for k in first.edit_distance),
        *(Column(f"edge_f1 {k}", f"edges {k}", bounds=False) for k in first.edge_f1),
        *(Column(f"contour_cents {k}", f"{k} (c)", 1, 0, False) for k in first.contour_cents),
    ]
    return Table.of_measures(["change"], columns, rows)


def _prefixed(measure: str, values: Mapping[str, Interval]) -> dict[str, Interval]:
    return {f"{measure} {key}": value for key, value in values.items()}


def _yardstick(found: Stability) -> str:
    if found.yardstick_not_measured:
        return f"No k-means beside it: {found.yardstick_not_measured}."
    return (
        "k-means: codes of plain features of the same words (cosines of F0, voicing and energy; "
        f"duration), fitted to {found.yardstick_units} units of other utterances of this corpus."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _with_rows(table: Table, *rows: list[str]) -> Table:
    return Table(table.headings, [*table.rows, *rows])
