"""Utterances of the report: a bundled recording, and one with malicious labels."""

from dataclasses import replace
from pathlib import Path

import pytest

from prosodytok.corpus.recordings import Recording
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.report import ReportUtterance, tokenize_for_report, write_report
from tests.synth import write_annotated

SAMPLE = sample_manifest().parent / "austen-0890.flac"
HOSTILE = "</script><b id='harm'>harm</b><!--"


def make_annotated(folder: Path, name: str = "annotated") -> Recording:
    """Write a sound with a TextGrid."""
    sound, grid = write_annotated(folder / f"{name}.wav", HOSTILE)
    return Recording(name, sound, UnitSpec(textgrid=grid))


@pytest.fixture(scope="session")
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


@pytest.fixture(scope="session")
def utterances(
    tokenizer: ProsodyTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> list[ReportUtterance]:
    annotated = make_annotated(tmp_path_factory.mktemp("annotated"))
    return [
        tokenize_for_report(tokenizer, Recording(SAMPLE.stem, SAMPLE)),
        tokenize_for_report(tokenizer, annotated),
    ]


@pytest.fixture(scope="session")
def page(utterances: list[ReportUtterance], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(utterances, path)
    return path


@pytest.fixture(scope="session")
def long_page(utterances: list[ReportUtterance], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report of twenty utterances."""
    path = tmp_path_factory.mktemp("page") / "long.html"
    write_report((named(utterances[i % 2], f"utterance {i}") for i in range(20)), path)
    return path


def named(utterance: ReportUtterance, name: str) -> ReportUtterance:
    return replace(utterance, tokens=replace(utterance.tokens, id=name))
