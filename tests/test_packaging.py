"""The wheel contains the whole package and nothing else, and works outside the repository."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOKENS = ROOT / "tests" / "data" / "v1" / "tokens.jsonl"
PYDANTIC = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}
#: Prints the packages that were imported, without the standard library.
IMPORTED = """
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*(n for n in names - sys.stdlib_module_names if not n.startswith("_sysconfigdata")))
"""
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "prosodytok", "viz")


def run_python(*args: str, cwd: Path, path: Path | None = None) -> str:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if path is not None:
        env["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, *args], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy without files of earlier builds."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=ignore)
        else:
            shutil.copy(ROOT / name, source / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    run_python("-m", "pip", "wheel", *options, "--wheel-dir", str(target), ".", cwd=source)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files_below(folder: Path, prefix: str = "") -> Iterator[str]:
    """Names of files in a wheel; links to folders are not followed."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in relative.parts and path.name[0] != ".":
            yield prefix + relative.as_posix()


@pytest.mark.slow
def test_wheel_contains_only_the_package(unpacked: Path) -> None:
    packed = {*files_below(unpacked)}
    package = {*files_below(ROOT / "prosodytok", "prosodytok/")}
    visualizers = {*files_below(ROOT / "viz", "prosodytok/viz/")}
    assert {name for name in packed if ".dist-info/" not in name} == package | visualizers


@pytest.mark.slow
def test_wheel_contains_the_data_files(unpacked: Path) -> None:
    package = unpacked / "prosodytok"
    assert (package / "py.typed").is_file()
    assert (package / "viz" / "__init__.py").is_file()
    assert (package / "samples" / "manifest.jsonl").is_file()
    assert list(package.glob("samples/*.flac"))
    for checkpoint in ("config.json", "model.safetensors"):
        assert list(package.glob(f"weights/*/{checkpoint}"))
    assert list(package.glob("weights/**/MODEL_CARD.md"))


@pytest.mark.slow
def test_bundled_weights_stay_small(unpacked: Path) -> None:
    sizes = (path.stat().st_size for path in unpacked.glob("prosodytok/weights/**/*"))
    assert sum(sizes) <= 33e6


@pytest.mark.slow
def test_metadata_of_the_wheel(unpacked: Path) -> None:
    (info,) = unpacked.glob("*.dist-info")
    assert "prosodytok = prosodytok.cli:main" in (info / "entry_points.txt").read_text()
    metadata = (info / "METADATA").read_text()
    assert "License-Expression: Apache-2.0" in metadata
    assert "License-File: LICENSE" in metadata
    assert (info / "top_level.txt").read_text().split() == ["prosodytok"]


@pytest.mark.slow
def test_command_line_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    assert "tokenize" in run_python("-m", "prosodytok", "--help", cwd=tmp_path, path=unpacked)


WHERE = """
import importlib.util, prosodytok, prosodytok.viz
assert importlib.util.find_spec("viz") is None, "the user's namespace has a `viz`"
print(prosodytok.__file__, prosodytok.viz.__file__, sep="\\n")
"""


@pytest.mark.slow
def test_wheel_has_viz_in_the_package_only(unpacked: Path, tmp_path: Path) -> None:
    for file in run_python("-c", WHERE, cwd=tmp_path, path=unpacked).split("\n")[:2]:
        assert Path(file).is_relative_to(unpacked)


def test_installation_has_viz_in_the_package_only(tmp_path: Path) -> None:
    try:
        distribution("prosodytok")
    except PackageNotFoundError:
        pytest.skip("prosodytok is not installed here; make test installs it")
    run_python("-c", WHERE, cwd=tmp_path)


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("from prosodytok.types import *", {"numpy"}),
        (
            f"from prosodytok.io import read_tokens; read_tokens({str(TOKENS)!r})",
            {"numpy", "safetensors", "typing_extensions", *PYDANTIC},
        ),
    ],
    ids=["types", "read_tokens"],
)
@pytest.mark.slow
def test_imported_packages(unpacked: Path, tmp_path: Path, code: str, allowed: set[str]) -> None:
    """Types need only NumPy, and reading a token file needs neither torch nor Praat."""
    command = f"import sys; before = set(sys.modules); {code}\n{IMPORTED}"
    found = set(run_python("-c", command, cwd=tmp_path, path=unpacked).split())
    assert found <= {"prosodytok", *allowed}


@pytest.mark.slow
def test_help_needs_no_torch(unpacked: Path, tmp_path: Path) -> None:
    code = "import sys, prosodytok.cli; assert 'torch' not in sys.modules"
    run_python("-c", code, cwd=tmp_path, path=unpacked)
