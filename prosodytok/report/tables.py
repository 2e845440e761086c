"""The tables of `prosodytok compare` as HTML: as much Markdown as they need, and no more."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import escape
from itertools import groupby
from pathlib import Path

from prosodytok.errors import ConfigError
from prosodytok.files import existing_file

#: The page has a heading of its own above those of the tables, and HTML has six levels of them.
HEADING_OFFSET, DEEPEST = 1, 6
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
RULE = re.compile(r":?-+:?")


def tables_from_folder(folder: str | Path) -> str:
    """Turn the ``compare.md`` that `prosodytok compare` wrote, and its figures, into HTML.

    Headings, tables, paragraphs, lists, figures, `code` and **bold** are known. Whatever else
    stands there is shown as the text that it is.

    Raises
    ------
    ConfigError
        If the folder has no ``compare.md``, or not the PNG that it shows.
    """
    folder = Path(folder)
    file = existing_file(folder / "compare.md", ConfigError)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read as text: {error}") from error
    return "\n".join(_block(kind, list(block), folder) for kind, block in groupby(lines, _kind))


def _kind(line: str) -> str:
    line = line.strip()
    kinds = {"#": "heading", "|": "table", "- ": "list", "* ": "list", "![": "figure"}
    found = [kind for start, kind in kinds.items() if line.startswith(start)]
    return found[0] if found else "text" if line else ""


def _block(kind: str, lines: list[str], folder: Path) -> str:
    lines = [line.strip() for line in lines]
    writers: dict[str, Callable[[], str]] = {
        "": lambda: "",
        "heading": lambda: "\n".join(map(_heading, lines)),
        "table": lambda: _table([_cells(line) for line in lines]),
        "list": lambda: "<ul>" + "".join(f"<li>{_inline(x[2:])}</li>" for x in lines) + "</ul>",
        "figure": lambda: "\n".join(_figure(line, folder) for line in lines),
        "text": lambda: f"<p>{_inline(' '.join(lines))}</p>",
    }
    return writers[kind]()


def _inline(text: str) -> str:
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)


def _heading(line: str) -> str:
    text = line.lstrip("#")
    level = min(len(line) - len(text) + HEADING_OFFSET, DEEPEST)
    return f"<h{level}>{_inline(text.strip())}</h{level}>"


def _cells(line: str) -> list[str]:
    """The cells of a row; a bar after a backslash is text."""
    inner = line.strip("|") if not line.endswith("\\|") else line.lstrip("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def _table(rows: list[list[str]]) -> str:
    has_head = len(rows) > 1 and all(RULE.fullmatch(cell) for cell in rows[1])
    # Numbers stand to the right and the first column to the left, as do those marked so.
    texts = {0} | {i for i, rule in enumerate(rows[1]) if rule[0] == ":"} if has_head else {0}
    body = "".join(_row(row, "td", texts) for row in (rows[2:] if has_head else rows))
    head = f"<thead>{_row(rows[0], 'th', texts)}</thead>" if has_head else ""
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>'


def _row(cells: list[str], tag: str, texts: set[int]) -> str:
    opened = [f'<{tag} class="text">' if i in texts else f"<{tag}>" for i in range(len(cells))]
    inner = (f"{o}{_inline(cell)}</{tag}>" for o, cell in zip(opened, cells, strict=True))
    return f"<tr>{''.join(inner)}</tr>"


def _figure(line: str, folder: Path) -> str:
    match = IMAGE.fullmatch(line)
    if match is None:
        return f"<p>{_inline(line)}</p>"
    alt, name = match.groups()
    # Only what lies beside compare.md: a page must not carry files from elsewhere.
    if Path(name).name != name or Path(name).suffix.lower() != ".png":
        raise ConfigError(f"{folder / 'compare.md'} shows {name!r}: not a PNG of this folder")
    data = existing_file(folder / name, ConfigError).read_bytes()
    source = f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
    return f'<figure><img alt="{escape(alt)}" src="{source}"></figure>'
