"""The Python code in README.md and docs/ runs unchanged."""

import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery.md"
MAKE_FIGURES = runpy.run_path(str(ROOT / "docs" / "make_figures.py"))
BLOCKS = list(MAKE_FIGURES["python_blocks"](ROOT / "README.md"))


def test_readme_has_code() -> None:
    assert BLOCKS


@pytest.mark.parametrize(("start", "code"), BLOCKS, ids=[f"line {start}" for start, _ in BLOCKS])
def test_readme_code_runs(
    start: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = compile("\n" * start + code, "README.md", "exec")  # errors name the line
    exec(program, {"__name__": "readme"})


@pytest.mark.slow
def test_the_code_about_tts_runs(tmp_path: Path) -> None:
    pytest.importorskip("hibari")
    MAKE_FIGURES["run"](ROOT / "docs" / "tts.md", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"spoken.wav", "slower.wav", "hummed.wav"}


def test_the_code_about_streaming_runs(tmp_path: Path) -> None:
    MAKE_FIGURES["run"](ROOT / "docs" / "streaming.md", tmp_path)
    assert (tmp_path / "live.jsonl").is_file()


def test_the_code_about_programs_runs(tmp_path: Path) -> None:
    MAKE_FIGURES["run"](ROOT / "docs" / "torch-programs.md", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["condition-your-tts.md", "prosody-in-your-lm.md"])
def test_code_of_the_guides_runs(page: str, tmp_path: Path) -> None:
    """As a program of its own: nothing that a test imports comes before the code of the page."""
    pytest.importorskip("pocketsphinx")
    if not find_spec("transformers"):
        pytest.skip("transformers is not installed")
    blocks = MAKE_FIGURES["python_blocks"](ROOT / "docs" / page)
    program = tmp_path / "guide.py"
    program.write_text("\n".join(code for _, code in blocks), encoding="utf-8")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_gallery_draws_every_figure_that_it_shows(tmp_path: Path) -> None:
    MAKE_FIGURES["run"](GALLERY, tmp_path)
    shown = re.findall(r"!\[.+?\]\((images/.+?)\)", GALLERY.read_text(encoding="utf-8"))
    drawn = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png")}
    assert set(shown) == drawn
    assert len(shown) == len(drawn)


def test_figures_in_the_repository_are_those_shown_and_small() -> None:
    images = list((ROOT / "docs" / "images").iterdir())
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "README.md", GALLERY))
    assert {path.name for path in images} == set(re.findall(r"images/([\w.-]+\.png)\)", pages))
    assert sum(path.stat().st_size for path in images) < 2e6


def test_the_gallery_shows_every_visualizer() -> None:
    from prosodytok import viz

    text = GALLERY.read_text(encoding="utf-8")
    inside = {"plot_f0", "plot_energy", "plot_spectrogram", "plot_tiers"}  # panels of plot_prosody
    assert [
        name for name in viz.__all__ if name.startswith("plot_") and name not in text
    ] == sorted(inside)
