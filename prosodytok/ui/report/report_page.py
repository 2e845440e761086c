"""The report as a single HTML file, without external resources or other scripts than its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import Template

from prosodytok.io.atomic import atomic_path
from prosodytok.types.errors import ProsodytokError
from prosodytok.ui.report.comparison_html import SECTION
from prosodytok.ui.report.prefix_scores import score_prefixes, scores_to_rows, sum_scores
from prosodytok.ui.report.report_json import list_entry, to_script_json, utterance_record
from prosodytok.ui.report.report_utterance import ReportUtterance

#: Scripts of the page, in the order of their definitions.
SCRIPTS = ("player.js", "scale.js", "draw.js", "rows.js", "view.js", "page.js")
#: Placeholder of the data in the template.
DATA = "$data"
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def write_report(
    utterances: Iterable[ReportUtterance], out: str | Path, *, tables: str = ""
) -> None:
    """Write a self-contained HTML page atomically; one utterance at a time is kept in memory.

    `tables` is HTML below the utterances, from `comparison_to_html`. Raises `ProsodytokError` if
    there is no utterance.
    """
    head, tail = _page_around_data(tables)
    with atomic_path(out) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(head)
        entries, scores, checkpoint = [], [], ""
        for number, utterance in enumerate(utterances):
            scores.append(score_prefixes(utterance.tokens, utterance.prosody, utterance.decoded))
            record = utterance_record(utterance, scores[-1])
            file.write(_data_element(f"utterance-{number}", record))
            entries.append(list_entry(utterance))
            checkpoint = utterance.tokens.checkpoint
        if not entries:
            raise ProsodytokError(f"{out}: no utterance for the report")
        total = {"checkpoint": checkpoint, "scores": scores_to_rows(sum_scores(scores))}
        file.write(_data_element("index", {**total, "utterances": entries}))
        file.write(tail)


def _data_element(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{to_script_json(value)}</script>\n'


def _page_around_data(tables: str) -> tuple[str, str]:
    """Parts of the page before and after its data."""
    style, script = _static("report.css"), "\n".join(map(_static, SCRIPTS))
    # Allow only this script and this style, so that no label can inject others.
    policy = POLICY.format(script=_hash(script), style=_hash(style))
    values = {"policy": policy, "style": style, "script": script, "tables": "", "link": ""}
    if tables:
        values["tables"] = f'<section id="{SECTION}">{tables}</section>'
        values["link"] = f'<p><a href="#{SECTION}">Tokens against hand annotation</a></p>'
    head, _, tail = _static("template.html").partition(DATA)
    return Template(head).substitute(values), Template(tail).substitute(values)


def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
