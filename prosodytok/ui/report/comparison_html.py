"""HTML of the tables and figures of `prosodytok compare`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prosodytok.io.atomic import existing_file
from prosodytok.types.errors import ConfigError
from prosodytok.ui.embedded_media import data_uri

#: The page has a heading above those of the tables, and HTML has six levels of headings.
HEADING_OFFSET, DEEPEST = 1, 6
#: Id of the section of the page with the tables, and prefix of the ids of their headings.
SECTION = "compare"
#: Supported syntax. Everything else is text, since labels come from strangers: HTML, links,
#: character references.
SYNTAX = ["heading", "table", "list", "newline", "backticks", "emphasis", "image"]
BACK_LINK = f' <a href="#{SECTION}" title="To the contents">&uarr;</a>'


class ComparisonMarkdown(MarkdownIt):
    """Parser and renderer of ``compare.md``."""

    def __init__(self) -> None:
        super().__init__("zero", {"html": False})
        self.enable(SYNTAX)

    def normalizeLink(self, url: str) -> str:
        """Return the name of a figure verbatim, instead of percent-encoded."""
        return url


def comparison_to_html(folder: str | Path) -> str:
    """Convert the ``compare.md`` of `prosodytok compare` and its figures to HTML.

    Headings, tables, lists, figures, `code` and **bold** are supported; all else is shown as text.
    Links to all headings follow the title. Raises `ConfigError` if a file is missing.
    """
    folder = Path(folder)
    file = existing_file(folder / "compare.md", ConfigError)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read as text: {error}") from error
    markdown = ComparisonMarkdown()
    tokens = markdown.parse(text)
    _literal_asterisks(tokens)
    _embed_figures(tokens, folder)
    _style_tables(tokens)
    contents = _contents(markdown, tokens)
    _number_headings(tokens)
    end_of_title = next((i for i, t in enumerate(tokens, 1) if t.type == "heading_close"), 0)
    before, after = tokens[:end_of_title], tokens[end_of_title:]
    html = [markdown.renderer.render(part, markdown.options, {}) for part in (before, after)]
    return f"{html[0]}{contents}\n{html[1]}"


def _html(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _literal_asterisks(tokens: Sequence[Token]) -> None:
    """Turn single asterisks and underscores back into text: they belong to labels (``L*H``)."""
    for token in tokens:
        token.children = [
            _text(child.markup) if child.type in ("em_open", "em_close") else child
            for child in token.children or []
        ]


def _embed_figures(tokens: Sequence[Token], folder: Path) -> None:
    """Embed images of paragraphs that contain only images; elsewhere, they are text."""
    for i, token in enumerate(tokens):
        children = token.children or []
        alone = {child.type for child in children} <= {"image", "softbreak"}
        if token.level == 1 and tokens[i - 1].type == "paragraph_open" and alone:
            tokens[i - 1].hidden = tokens[i + 1].hidden = True
            token.children = [_figure(c, folder) for c in children if c.type == "image"]
        else:
            token.children = [
                _text(f"![{c.content}]({c.attrGet('src')})") if c.type == "image" else c
                for c in children
            ]


def _figure(image: Token, folder: Path) -> Token:
    name = str(image.attrGet("src"))
    # A page must not contain files of other folders.
    if Path(name).name != name or Path(name).suffix.lower() != ".png":
        raise ConfigError(f"{folder / 'compare.md'} shows {name!r}: not a PNG of this folder")
    data = existing_file(folder / name, ConfigError).read_bytes()
    address = data_uri(data, "image/png")
    return _html(f'<figure><img alt="{escape(image.content)}" src="{address}"></figure>\n')


def _style_tables(tokens: list[Token]) -> None:
    """Mark columns of text by a class, since styles are forbidden; wide tables scroll."""
    column = 0
    for i in range(len(tokens) - 1, -1, -1):
        if tokens[i].type == "table_open":
            tokens.insert(i, Token("html_block", "", 1, content='<div class="scroll">'))
        elif tokens[i].type == "table_close":
            tokens.insert(i + 1, Token("html_block", "", -1, content="</div>\n"))
    for token in tokens:
        if token.type == "tr_open":
            column = 0
        elif token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", "right"))
            if column == 0 or not style.endswith("right"):
                token.attrSet("class", "text")
            column += 1


def _contents(markdown: MarkdownIt, tokens: Sequence[Token]) -> str:
    """Links to all headings after the first, one line for each of the second depth."""
    html = ""
    headings = [i for i, token in enumerate(tokens) if token.type == "heading_open"]
    for number, i in enumerate(headings[1:], 1):
        text = markdown.renderer.render(tokens[i + 1 : i + 2], markdown.options, {})
        html += "<li>" * (tokens[i].tag in ("h1", "h2") or not html)
        html += f'<a href="#{SECTION}-{number}">{text}</a> '
    return f'<nav aria-label="Contents"><ul>{html}</ul></nav>' if html else ""


def _number_headings(tokens: Sequence[Token]) -> None:
    """Shift the depth of headings, and add ids and links to the contents."""
    headings = [i for i, token in enumerate(tokens) if token.type == "heading_open"]
    for number, i in enumerate(headings):
        depth = min(int(tokens[i].tag[1:]) + HEADING_OFFSET, DEEPEST)
        tokens[i].tag = tokens[i + 2].tag = f"h{depth}"
        tokens[i].attrSet("id", f"{SECTION}-{number}")
        if number:
            tokens[i + 1].children = [*(tokens[i + 1].children or []), _html(BACK_LINK)]
