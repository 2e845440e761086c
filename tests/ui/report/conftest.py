"""Utterances for the page: one of the bundled recordings, and one whose labels mean harm."""

from dataclasses import replace
from pathlib import Path

import pytest

from prosodytok.corpus.recordings import Recording
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.report import Exhibit, collect, write_report
from tests.synth import write_annotated

SAMPLE = sample_manifest().parent / "austen-0890.flac"
HOSTILE = "</script><b id='harm'>harm</b><!--"


def make_annotated(folder: Path, name: str = "annotated") -> Recording:
    """Write a sound with a TextGrid, and say where they are."""
    sound, grid = write_annotated(folder / f"{name}.wav", HOSTILE)
    return Recording(name, sound, UnitSpec(textgrid=grid))


@pytest.fixture(scope="session")
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


@pytest.fixture(scope="session")
def exhibits(
    tokenizer: ProsodyTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> list[Exhibit]:
    annotated = make_annotated(tmp_path_factory.mktemp("annotated"))
    return [collect(tokenizer, Recording(SAMPLE.stem, SAMPLE)), collect(tokenizer, annotated)]


@pytest.fixture(scope="session")
def page(exhibits: list[Exhibit], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(exhibits, path)
    return path


@pytest.fixture(scope="session")
def long_page(exhibits: list[Exhibit], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of twenty utterances."""
    path = tmp_path_factory.mktemp("page") / "long.html"
    write_report((named(exhibits[i % 2], f"utterance {i}") for i in range(20)), path)
    return path


def named(exhibit: Exhibit, name: str) -> Exhibit:
    return replace(exhibit, tokens=replace(exhibit.tokens, id=name))
