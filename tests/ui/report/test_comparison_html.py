"""The tables of `prosodytok compare` on the page: shown as they are, with nothing run."""

import re
from pathlib import Path

import pytest

from prosodytok.types.errors import ConfigError
from prosodytok.ui.report import tables_from_folder

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
    html = tables_from_folder(write(tmp_path, MARKDOWN))
    assert '<h2 id="compare-0">Tokens against hand annotation</h2>' in html
    assert "<nav" not in html  # of one heading there are no contents
    assert "<p>Accents of <code>todi</code>, <b>5 classes</b>: 3 &lt; 4.</p>" in html
    assert '<thead><tr><th class="text">label</th><th>F1</th></tr></thead>' in html
    assert '<td class="text">H*L</td><td>0.5 (0.4 to 0.6)</td>' in html
    assert '<td class="text">&lt;img src=x onerror=alert(1)&gt; | !H*</td><td>n/a</td>' in html
    assert "<ul><li>one</li><li>two</li></ul>" in html
    assert '<img alt="Codes &amp; labels" src="data:image/png;base64,iVBORyBwaWN0dXJl">' in html
    assert ":--" not in html


def test_contents_link_to_every_heading(tmp_path: Path) -> None:
    text = "# All\n\n## a <b>\n\n### accent\n\n### F0\n\n## b\n\n### accent\n"
    html = tables_from_folder(write(tmp_path, text))
    assert '<li><a href="#compare-1">a &lt;b&gt;</a> <a href="#compare-2">accent</a>' in html
    targets = re.findall(r'href="#(compare-\d)"', html)
    assert targets == re.findall(r'id="(.+?)"', html)[1:]
    assert html.count("<li>") == 2  # a line for each corpus
    assert html.index('id="compare-0"') < html.index("<nav") < html.index('id="compare-1"')


@pytest.mark.parametrize("line", ["|", "||", "| a", "a | b", "![", "![a](b", "######## deep", "- "])
def test_odd_markdown_is_text(tmp_path: Path, line: str) -> None:
    assert "<script" not in tables_from_folder(write(tmp_path, f"{line}<script>alert(1)</script>"))
    tables_from_folder(write(tmp_path, line))


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "codes.svg", "absent.png"])
def test_only_figures_of_the_folder_are_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=Path(name).name):
        tables_from_folder(write(tmp_path, f"![]({name})"))


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"compare\.md"):
        tables_from_folder(tmp_path)
