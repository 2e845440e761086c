"""Tables of `prosodytok compare` as HTML, with all labels as text."""

import re
from html import escape
from pathlib import Path

import pytest

from prosodytok.types.errors import ConfigError
from prosodytok.ui.report import comparison_to_html

MARKDOWN = """# Tokens against hand annotation

Accents of `todi`, **5 classes**: 3 < 4.

| label | F1 |
|:--|--:|
| H*L | 0.5 (0.4 to 0.6) |
| <img src=x onerror=alert(1)> \\| !H* | n/a |

- one
- two

![Codes & labels](codes.png)
"""


def write(folder: Path, text: str) -> Path:
    (folder / "compare.md").write_text(text, encoding="utf-8")
    (folder / "codes.png").write_bytes(b"\x89PNG picture")
    return folder


def test_markdown_becomes_html(tmp_path: Path) -> None:
    html = comparison_to_html(write(tmp_path, MARKDOWN))
    assert '<h2 id="compare-0">Tokens against hand annotation</h2>' in html
    assert "<nav" not in html  # a single heading has no contents
    assert "<p>Accents of <code>todi</code>, <strong>5 classes</strong>: 3 &lt; 4.</p>" in html
    assert '<div class="scroll"><table>' in html
    assert '<th class="text">label</th>\n<th>F1</th>' in html
    assert '<td class="text">H*L</td>\n<td>0.5 (0.4 to 0.6)</td>' in html
    assert '<td class="text">&lt;img src=x onerror=alert(1)&gt; | !H*</td>\n<td>n/a</td>' in html
    assert "style=" not in html  # the policy of the page forbids it
    assert "<li>one</li>\n<li>two</li>" in html
    assert '<img alt="Codes &amp; labels" src="data:image/png;base64,iVBORyBwaWN0dXJl">' in html
    assert ":--" not in html


def test_contents_link_to_all_headings(tmp_path: Path) -> None:
    text = "# All\n\n## a <b>\n\n### accent\n\n### F0\n\n## b\n\n### accent\n"
    html = comparison_to_html(write(tmp_path, text))
    assert '<li><a href="#compare-1">a &lt;b&gt;</a> <a href="#compare-2">accent</a>' in html
    targets = re.findall(r'href="#(compare-\d)"', html)
    assert targets == re.findall(r'id="(.+?)"', html)[1:]
    assert html.count("<li>") == 2  # one line per corpus
    assert html.index('id="compare-0"') < html.index("<nav") < html.index('id="compare-1"')


@pytest.mark.parametrize(
    "label",
    [
        "L*H, H*L",
        "_L_ &amp; ***",
        "[a](https://example.com)",
        "<https://example.com>",
        "![a](../b.png)",
        "\\*",
    ],
)
def test_labels_are_verbatim(tmp_path: Path, label: str) -> None:
    text = f"# {label}\n\n{label} and\n\n- {label}\n\n| {label} |\n|---|\n| {label} |\n"
    assert comparison_to_html(write(tmp_path, text)).count(escape(label)) == 5


def test_adjacent_figures_and_names(tmp_path: Path) -> None:
    (tmp_path / "été.png").write_bytes(b"\x89PNG other")
    html = comparison_to_html(write(tmp_path, "![a](codes.png)\n![b](été.png)\n\nCaption\n"))
    assert html.count("<figure>") == 2
    assert "<p>Caption</p>" in html
    assert html.count("<p>") == 1


@pytest.mark.parametrize("line", ["|", "||", "| a", "a | b", "![", "![a](b", "######## deep", "- "])
def test_odd_markdown_is_text(tmp_path: Path, line: str) -> None:
    assert "<script" not in comparison_to_html(write(tmp_path, f"{line}<script>alert(1)</script>"))
    comparison_to_html(write(tmp_path, line))


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "codes.svg", "absent.png"])
def test_figures_of_other_folders_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=Path(name).name):
        comparison_to_html(write(tmp_path, f"![]({name})"))


def test_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"compare\.md"):
        comparison_to_html(tmp_path)
