"""MkDocs hook: the API pages, and the files outside docs/ that pages link to.

A page keeps its path in the repository, except that docs/ is the top of the site. So the same links
work in the repository and in the site: Markdown files (README.md, results, model cards) become
pages, and other linked files are copied as they are.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "recipes/**/*.md", "prosodytok/weights/*/*.md")  # beside docs/
NOT_IN_API = {"cli", "samples", "ui", "weights"}
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")


def site_path(path: str) -> str:
    """Convert a path in the repository to one in the site."""
    return path.removeprefix("docs/")


def repository_path(path: str) -> str:
    """Convert the path of a source file of the site to its path in the repository."""
    return path if (ROOT / path).is_file() else f"docs/{path}"


def linked_files(page: str, text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each relative link of a page with the path in the repository that it points to."""
    for link in LINK.finditer(text):
        if not re.match(r"\w+:", link[1]):
            yield link, posixpath.normpath(posixpath.join(posixpath.dirname(page), link[1]))


def api_page(package: Path) -> str:
    """Write the reference of a package: its docstring, then its modules, subpackages included."""
    modules = [
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in sorted(package.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    root = f"prosodytok.{package.name}"
    parts = [f"# {package.name} {{#{root}}}", f"::: {root}\n    options: {{members: false}}"]
    parts += [f"## {name} {{#prosodytok.{name}}}\n\n::: prosodytok.{name}" for name in modules]
    return "\n\n".join(parts)


def api_packages() -> list[Path]:
    """List the packages that have a page in the API reference."""
    folders = {path.parent for path in (ROOT / "prosodytok").glob("*/__init__.py")}
    return sorted(path for path in folders if path.name not in NOT_IN_API)


def on_config(config: MkDocsConfig) -> None:
    """Add the API pages to the navigation."""
    pages = [{path.name: f"api/{path.name}.md"} for path in api_packages()]
    config.nav.append({"API reference": ["api/index.md", *pages]})


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the API pages, the Markdown files outside docs/, and the files that pages link to."""
    for package in api_packages():
        content = api_page(package)
        files.append(File.generated(config, f"api/{package.name}.md", content=content))
    outside = {str(path.relative_to(ROOT)) for glob in PAGES for path in ROOT.glob(glob)}
    for path in outside:
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    for file in list(files.documentation_pages()):
        for _, target in linked_files(repository_path(file.src_uri), file.content_string):
            uri = site_path(target)
            if (ROOT / target).is_file() and files.get_file_from_path(uri) is None:
                files.append(File.generated(config, uri, abs_src_path=str(ROOT / target)))


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Point links between docs/ and the rest of the repository to their place in the site."""
    source = page.file.src_uri
    for link, target in linked_files(repository_path(source), markdown):
        if (ROOT / target).is_file():
            uri = posixpath.relpath(site_path(target), posixpath.dirname(source) or ".")
            markdown = markdown.replace(link[0], f"]({uri}{link[2] or ''})")
    return markdown
