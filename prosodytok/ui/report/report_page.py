"""The page as one file: everything inside it, nothing fetched, nothing run but its own script."""

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
from prosodytok.ui.report.prefix_scores import rows_of, scores_of, together
from prosodytok.ui.report.report_json import to_entry, to_json, to_record
from prosodytok.ui.report.report_utterance import Exhibit

#: The page's script, in this order.
SCRIPTS = ("player.js", "scale.js", "draw.js", "rows.js", "view.js", "page.js")
#: Where the template makes room for the data.
DATA = "$data"
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def write_report(utterances: Iterable[Exhibit], out: str | Path, *, tables: str = "") -> None:
    """Write one HTML page that needs no network and no other file: all of it, or nothing.

    Parameters
    ----------
    utterances : iterable of Exhibit
        At least one; a generator is consumed one by one, and only one is held in memory.
    out : path
        The page; an earlier one is replaced.
    tables : str
        HTML to show under the utterances, from `tables_from_folder`.

    Raises
    ------
    ProsodytokError
        If there is no utterance.
    """
    head, tail = _shell(tables)
    with atomic_path(out) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(head)
        entries, scores, checkpoint = [], [], ""
        for number, exhibit in enumerate(utterances):
            scores.append(scores_of(exhibit))
            record = to_record(exhibit, scores[-1])
            file.write(_data(f"utterance-{number}", record))
            entries.append(to_entry(exhibit))
            checkpoint = exhibit.tokens.checkpoint
        if not entries:
            raise ProsodytokError(f"{out}: no utterance to show")
        whole = {"checkpoint": checkpoint, "scores": rows_of(together(scores))}
        file.write(_data("index", {**whole, "utterances": entries}))
        file.write(tail)


def _data(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{to_json(value)}</script>\n'


def _shell(tables: str) -> tuple[str, str]:
    """The page before and after its data."""
    style, script = _static("report.css"), "\n".join(map(_static, SCRIPTS))
    # Only this script and this style may do anything: what a label might smuggle in may not.
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
