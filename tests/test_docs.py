"""Links in the documentation, and the site that `make docs` builds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOBS = ("*.md", "docs/*.md", "prosodytok/weights/*/*.md", "recipes/**/*.md")
PAGES = sorted(page for glob in GLOBS for page in ROOT.glob(glob))


def read(page: Path) -> str:
    """Read a page without its code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]+`(?!\])", "`code`", text)


def anchors(page: Path) -> set[str]:
    """Collect the anchors of the headings of a page, as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ +(.+?)\s*$", text, flags=re.M)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", read(page))
    return [target for target in targets if not re.match(r"\w+:", target)]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_point_to_files_and_headings(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_pages_have_links() -> None:
    assert "docs/gallery.md" in links(ROOT / "README.md")
    assert any("#" in link for page in PAGES for link in links(page))


def test_architecture_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths = re.findall(r"`([a-z_]+/[\w/.]*)`", text)
    # "`lm/`: `network.py`, `sampling.py`" names files of a folder.
    for folder, names in re.findall(r"`([a-z_/]+/)`: ((?:`\w+\.py`(?:, )?)+)", text):
        paths += [folder + name for name in re.findall(r"\w+\.py", names)]
    roots = (ROOT, ROOT / "prosodytok")
    assert paths
    assert [path for path in paths if not any((root / path).exists() for root in roots)] == []


@pytest.mark.slow
def test_the_site_builds_and_loads_nothing_from_the_network(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings_handlers.python"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    pages = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")}
    packages = (ROOT / "prosodytok").glob("*/__init__.py")
    expected = {path.parent.name for path in packages} - {"cli", "samples", "ui"}
    assert {path.stem for path in (tmp_path / "api").iterdir()} == {"index", *expected}
    for path, text in pages.items():
        loaded = re.findall(r"""<(?:script|img|link)[^>]*(?:src|href)=["'](https?:[^"']+)""", text)
        assert not loaded, path
