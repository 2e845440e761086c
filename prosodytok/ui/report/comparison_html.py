"""The tables of `prosodytok compare` as HTML: as much Markdown as they need, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from itertools import count, groupby
from pathlib import Path

from prosodytok.io.atomic import data_uri, existing_file
from prosodytok.types.errors import ConfigError

#: The page has a heading of its own above those of the tables, and HTML has six levels of them.
HEADING_OFFSET, DEEPEST = 1, 6
#: Where the page shows the tables; their headings are numbered after it.
SECTION = "compare"
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
RULE = re.compile(r":?-+:?")


def tables_from_folder(folder: str | Path) -> str:
    """Turn the ``compare.md`` that `prosodytok compare` wrote, and its figures, into HTML.

    Headings, tables, paragraphs, lists, figures, `code` and **bold** are known. Whatever else
    stands there is shown as the text that it is. Links to all headings follow the first line.

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
    numbers = count()
    blocks = [_block(k, list(block), folder, numbers) for k, block in groupby(lines, _kind)]
    headings = [line.strip() for line in lines if _kind(line) == "heading"]
    return "\n".join([*blocks[:1], _contents(headings), *blocks[1:]])  # after the title


def _kind(line: str) -> str:
    line = line.strip()
    kinds = {"#": "heading", "|": "table", "- ": "list", "* ": "list", "![": "figure"}
    found = [kind for start, kind in kinds.items() if line.startswith(start)]
    return found[0] if found else "text" if line else ""


def _block(kind: str, lines: list[str], folder: Path, numbers: Iterator[int]) -> str:
    lines = [line.strip() for line in lines]
    writers: dict[str, Callable[[], str]] = {
        "": lambda: "",
        "heading": lambda: "\n".join(_heading(line, next(numbers)) for line in lines),
        "table": lambda: _table([_cells(line) for line in lines]),
        "list": lambda: "<ul>" + "".join(f"<li>{_inline(x[2:])}</li>" for x in lines) + "</ul>",
        "figure": lambda: "\n".join(_figure(line, folder) for line in lines),
        "text": lambda: f"<p>{_inline(' '.join(lines))}</p>",
    }
    return writers[kind]()


def _inline(text: str) -> str:
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)


def _heading(line: str, number: int) -> str:
    depth, text = _depth(line)
    level = min(depth + HEADING_OFFSET, DEEPEST)
    back = f' <a href="#{SECTION}" title="To the contents">&uarr;</a>' if number else ""
    return f'<h{level} id="{SECTION}-{number}">{_inline(text)}{back}</h{level}>'


def _depth(line: str) -> tuple[int, str]:
    """How deep a heading is, from 1, and its text."""
    text = line.lstrip("#")
    return len(line) - len(text), text.strip()


def _contents(headings: list[str]) -> str:
    """Links to all headings but the first: a line for each of the second depth."""
    html = ""
    for number, (depth, text) in enumerate(map(_depth, headings)):
        if number:
            html += "<li>" * (depth <= 2 or not html)
            html += f'<a href="#{SECTION}-{number}">{_inline(text)}</a> '
    return f'<nav aria-label="Contents"><ul>{html}</ul></nav>' if html else ""


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
    return f'<figure><img alt="{escape(alt)}" src="{data_uri(data, "image/png")}"></figure>'
