"""The report as a file: correct data, no injection, written atomically."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prosodytok.corpus import Recording
from prosodytok.evaluation import prosody_errors
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ProsodytokError
from prosodytok.ui.embedded_media import waveform
from prosodytok.ui.report import ReportUtterance, tokenize_for_report, write_report
from prosodytok.viz.figure_style import DECODED, code_colors
from tests.command import call
from tests.synth import harmonics, silence, vibrato, write
from tests.ui.report.conftest import HOSTILE, SAMPLE, make_annotated
from tests.ui.report.read_page import data_of, elements_of, samples_of


def test_contours_are_measured_and_decoded(page: Path, utterances: list[ReportUtterance]) -> None:
    for number, utterance in enumerate(utterances):
        record = data_of(page)[f"utterance-{number}"]
        pairs = [(record["measured"], utterance.prosody)]
        assert [each["name"] for each in record["decoded"]] == list(utterance.decoded)
        pairs += zip(record["decoded"], utterance.decoded.values(), strict=True)
        for shown, prosody in pairs:
            f0 = np.array(shown["f0"], dtype=float)  # null becomes NaN
            np.testing.assert_array_equal(~np.isnan(f0), prosody.voiced)
            np.testing.assert_allclose(f0[prosody.voiced], prosody.f0[prosody.voiced], atol=0.051)
            np.testing.assert_allclose(shown["energy"], prosody.energy, atol=0.051)


def test_lanes_are_the_tokens(page: Path, utterances: list[ReportUtterance]) -> None:
    for number, utterance in enumerate(utterances):
        record = data_of(page)[f"utterance-{number}"]
        assert [level["name"] for level in record["levels"]] == list(utterance.tokens.names)
        for shown, level in zip(record["levels"], utterance.tokens.levels, strict=True):
            np.testing.assert_array_equal(np.array(shown["codes"]).T, level.codes)
            np.testing.assert_allclose(shown["edges"], level.segmentation.boundaries / 100)
            labels = list(level.segmentation.labels)
            assert shown["labels"] == (labels if any(labels) else None)
            colors = [[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in shown["colors"]]
            expected = code_colors(level.codes[0], level.codebook_sizes[0])
            np.testing.assert_allclose(colors, expected, atol=0.01)


def test_tiers_are_verbatim(page: Path) -> None:
    words, tones = data_of(page)["utterance-1"]["tiers"]
    assert (words["name"], words["kind"]) == ("words", "interval")
    assert words["entries"][:2] == [[0, 0.3, ""], [0.3, 1.0, HOSTILE]]
    assert (tones["name"], tones["kind"]) == ("tones", "point")
    assert tones["entries"] == [[0.3, 0.3, "%L"], [1.4, 1.4, "L*+H"], [1.8, 1.8, "H%"]]


def test_sounds_are_the_recording_and_its_resyntheses(
    page: Path, utterances: list[ReportUtterance]
) -> None:
    for number, utterance in enumerate(utterances):
        sounds = data_of(page)[f"utterance-{number}"]["sounds"]
        assert [sound["name"] for sound in sounds] == ["original", *utterance.resynthesized]
        for sound, audio in zip(
            sounds, [utterance.audio, *utterance.resynthesized.values()], strict=True
        ):
            samples = samples_of(sound)
            assert samples.size == audio.samples.size
            assert np.corrcoef(samples, audio.samples)[0, 1] > 0.98


def test_scores_match_the_library(page: Path, utterances: list[ReportUtterance]) -> None:
    data = data_of(page)
    for number, utterance in enumerate(utterances):
        rows = data[f"utterance-{number}"]["scores"]
        assert rows[-1]["bitrate"] == pytest.approx(utterance.tokens.bitrate)
        for row in rows:
            errors = prosody_errors(utterance.prosody, utterance.decoded[row["name"]]).scores
            assert row["f0_mae"] == pytest.approx(errors["f0_mae"])
            assert row["f0_mae_agreed"] is None
    bits = sum(sum(e.tokens.bits.values()) for e in utterances)
    seconds = sum(e.tokens.duration for e in utterances)
    assert data["index"]["scores"][-1]["bitrate"] == pytest.approx(bits / seconds)


def test_labels_are_text(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "harm</b>" not in text
    assert not [e for e in elements_of(page) if e[1].get("id") == "harm"]
    words = data_of(page)["utterance-1"]["levels"][1]["labels"]
    assert words == ["", HOSTILE, "löyly", ""]
    assert data_of(page)["index"]["utterances"][1]["text"] == f"{HOSTILE} löyly"


def test_names_with_surrogates(utterances: list[ReportUtterance], tmp_path: Path) -> None:
    odd = replace(utterances[1], tokens=replace(utterances[1].tokens, id="caf\udce9\u2028"))
    write_report([odd], tmp_path / "r.html")
    assert data_of(tmp_path / "r.html")["utterance-0"]["id"] == "caf\udce9\u2028"


def test_policy_allows_only_the_own_script_and_style(page: Path) -> None:
    elements = elements_of(page)
    (policy,) = [e[1]["content"] for e in elements if "http-equiv" in e[1]]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    ours = [e for e in elements if e[0] in ("script", "style") and "type" not in e[1]]
    assert [e[0] for e in ours] == ["style", "script"]
    for _, _, text in ours:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    links = {e[1].get(name) for e in elements for name in ("src", "href", "action") if name in e[1]}
    assert links == {"data:,"}
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page.read_text(encoding="utf-8")))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_colours_match_the_figures(page: Path) -> None:
    (style,) = [e[2] for e in elements_of(page) if e[0] == "style"]
    for number, line in enumerate(DECODED, 1):
        assert f"--prefix-{number}: {line.color};" in style


def test_size_of_twenty_utterances(utterances: list[ReportUtterance], tmp_path: Path) -> None:
    assert utterances[0].audio.duration > 4
    write_report([utterances[0]] * 20, tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 10e6


@pytest.mark.parametrize("kind", ["silence", "a tenth of a second"])
def test_degenerate_sound(kind: str, tokenizer: ProsodyTokenizer, tmp_path: Path) -> None:
    audio = silence(1.0) if kind == "silence" else harmonics(vibrato(150), 0.1)
    path = write(audio, tmp_path / "poor.wav")
    write_report([tokenize_for_report(tokenizer, Recording("poor", path))], tmp_path / "r.html")
    record = data_of(tmp_path / "r.html")["utterance-0"]
    assert len(record["measured"]["f0"]) == round(100 * audio.duration)
    if kind == "silence":
        assert set(record["waveform"]) == {0}
        assert record["scores"][0]["f0_mae"] is None


def test_waveform_is_the_peak_of_each_column() -> None:
    audio = silence(1.0)
    audio.samples[8000] = -0.5
    heights = waveform(audio)
    assert len(heights) == 200
    assert heights[100] == 100
    assert sum(heights) == 100


def test_no_utterances(tmp_path: Path) -> None:
    with pytest.raises(ProsodytokError, match="no utterance"):
        write_report([], tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_interruption_keeps_the_earlier_page(
    utterances: list[ReportUtterance], tmp_path: Path
) -> None:
    def interrupted() -> Iterator[ReportUtterance]:
        yield utterances[1]
        raise KeyboardInterrupt

    (tmp_path / "r.html").write_text("earlier")
    with pytest.raises(KeyboardInterrupt):
        write_report(interrupted(), tmp_path / "r.html")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["earlier"]


def test_broken_file_is_reported_and_the_others_are_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.wav").write_text("this is no sound\n" * 50)
    source, out = make_annotated(tmp_path), tmp_path / "out" / "r.html"
    broken = tmp_path / "broken.wav"
    assert call("report", broken, source.audio, "--segments", tmp_path, "--out", out) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "broken.wav" in line
    assert [u["id"] for u in data_of(out)["index"]["utterances"]] == ["annotated"]
    assert [path.name for path in out.parent.iterdir()] == ["r.html"]


def test_textgrid_of_another_sound(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, out = make_annotated(tmp_path), tmp_path / "r.html"
    assert call("report", SAMPLE, "--segments", source.units.textgrid, "--out", out) == 1
    assert "annotated.TextGrid" in capfd.readouterr().err
    assert not out.exists()


def test_learned_units(tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    assert call("report", SAMPLE, "--segments", "learned", "--out", out) == 0
    record = data_of(out)["utterance-0"]
    assert record["source"] == "learned"
    assert record["tiers"] == []


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["--compare", "nowhere"], "compare.md"),
        (["--segments", "one.TextGrid"], "one sound"),
        (["--checkpoint", "nowhere"], "no checkpoint"),
    ],
)
def test_wrong_arguments_exit_with_2(
    args: list[str], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call("report", SAMPLE.parent, *args, "--out", tmp_path / "r.html") == 2
    assert reason in capfd.readouterr().err
    assert not list(tmp_path.iterdir())
