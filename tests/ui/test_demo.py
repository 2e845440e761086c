"""The demo: complete output files, valid tokens and plausible errors."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile as sf

from prosodytok.io import read_tokens
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.ui.demo import run_demo

pytestmark = pytest.mark.slow

pytest.importorskip("pocketsphinx")

IDS = [utterance.id for utterance in read_manifest(sample_manifest())]


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    return run_demo(tmp_path_factory.mktemp("demo") / "new" / "out")


def test_links_of_the_report(report):
    links = re.findall(r"\]\(([^)]+)\)", report.read_text(encoding="utf-8"))
    assert len(links) == 5 * len(IDS)
    assert all((report.parent / link).stat().st_size > 1000 for link in links)


def test_report_mentions_all_files(report):
    text = report.read_text(encoding="utf-8")
    names = {path.name for path in report.parent.iterdir()} - {"report.md"}
    assert {name for name in names if name not in text} == set()


def test_tokens_match_the_clips_and_decode(report):
    tokens = read_tokens(report.parent / "tokens.jsonl")
    assert [t.id for t in tokens] == IDS
    for one, utterance in zip(tokens, read_manifest(sample_manifest()), strict=True):
        words = [label for label in one["word"].segmentation.labels if label]
        assert words == utterance.text.split()
        assert one.source == "transcript"
        assert (report.parent / one.audio).is_file()
    prosody = ProsodyTokenizer.from_pretrained().decode(tokens[0])
    assert prosody.num_frames == tokens[0].num_frames


def test_sounds_are_as_long_as_the_recordings(report):
    for id in IDS:
        original = sf.info(report.parent / f"{id}.wav")
        for levels in ("phrase+word", "phrase+word+frame"):
            sound = sf.info(report.parent / f"{id}.{levels}.wav")
            assert (sound.frames, sound.samplerate) == (original.frames, original.samplerate)


def test_each_level_adds_bits_and_reduces_errors(report):
    text = report.read_text(encoding="utf-8")
    rows = [line.split("|")[2:-1] for line in text.splitlines() if line.startswith("| phrase")]
    assert len(rows) == 3 * (len(IDS) + 1)
    overall = [[float(cell) for cell in row] for row in rows[:3]]
    for coarse, fine in pairwise(overall):
        assert fine[0] > coarse[0]
        assert all(f < c for f, c in zip(fine[1:], coarse[1:], strict=True))


def test_tokens_are_plain_json_lines(report):
    lines = (report.parent / "tokens.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == IDS
