"""What a person uploads: good ones become a session, bad ones a sentence."""

from pathlib import Path

import pytest

from prosodytok.app.opening import MOST_TEXT, Upload, open_recording
from prosodytok.app.session import Session
from prosodytok.errors import ProsodytokError
from prosodytok.model import ProsodyTokenizer
from prosodytok.samples import sample_manifest


@pytest.mark.parametrize("means", ["acoustic", "learned", "even"])
def test_units_are_found_as_asked(means: str, tokenizer: ProsodyTokenizer, sounds: Path) -> None:
    opened = open_recording(tokenizer, Upload(sounds / "good.wav", means))  # type: ignore[arg-type]
    assert opened.tokens.source == means
    assert (opened.tokens.id, opened.tokens.audio) == ("good", "good.wav")
    assert opened.levels == opened.tokens.names


def test_a_textgrid_brings_words_and_is_shown(session: Session) -> None:
    assert session.tokens.source == "textgrid"
    assert session.tokens["word"].segmentation.labels[2] == "löyly"
    assert [tier.name for tier in session.recording.tiers] == ["words", "tones"]


def test_a_textgrid_is_shown_whatever_units_are_asked_for(
    tokenizer: ProsodyTokenizer, sounds: Path
) -> None:
    upload = Upload(sounds / "good.wav", "even", sounds / "good.TextGrid")
    opened = open_recording(tokenizer, upload)
    assert opened.tokens.source == "even"
    assert len(opened.recording.tiers) == 2


def test_a_transcript_is_aligned(tokenizer: ProsodyTokenizer) -> None:
    pytest.importorskip("pocketsphinx", reason="make test installs pocketsphinx")
    sound = sample_manifest().parent / "austen-0890.flac"
    text = "unless to be rather cold hearted and rather selfish is to be ill disposed"
    opened = open_recording(tokenizer, Upload(sound, "transcript", text=f" {text}\n"))
    labels = opened.tokens["word"].segmentation.labels
    assert " ".join(filter(None, labels)) == text


@pytest.mark.parametrize(
    ("sound", "options", "reason"),
    [
        (None, {}, "no sound yet"),
        ("text.wav", {}, "^text.wav: not a sound file"),
        ("empty.wav", {}, "^empty.wav: .*empty"),
        ("absent.wav", {}, "^absent.wav: no such file"),
        ("silent.wav", {}, "^silent.wav: no voice"),
        ("long.wav", {}, "^long.wav: lasts 31 s, and this page takes 30 s"),
        ("good.wav", {"means": "textgrid"}, "upload the TextGrid"),
        ("good.wav", {"means": "transcript", "text": "  "}, "type what is said"),
        ("good.wav", {"means": "transcript", "text": "a" * (MOST_TEXT + 1)}, "characters"),
        ("good.wav", {"means": "guess"}, "no units from 'guess'"),
        ("good.wav", {"textgrid": "broken.TextGrid"}, "^broken.TextGrid: not a TextGrid"),
        (
            "other.wav",
            {"means": "textgrid", "textgrid": "good.TextGrid"},
            "^good.TextGrid: .* not of the same recording",
        ),
        (
            "good.wav",
            {"means": "textgrid", "textgrid": "good.TextGrid", "words_tier": "ortho"},
            "^good.TextGrid: .*'ortho'",
        ),
        (
            "good.wav",
            {"means": "textgrid", "textgrid": "good.TextGrid", "phrases_tier": "ip"},
            "^good.TextGrid: .*'ip'",
        ),
    ],
)
def test_what_cannot_be_used_is_a_sentence_without_folders(
    sound: str | None,
    options: dict[str, str],
    reason: str,
    tokenizer: ProsodyTokenizer,
    sounds: Path,
) -> None:
    options = {**options}
    grid = options.pop("textgrid", None)
    upload = Upload(sound and sounds / sound, textgrid=grid and sounds / grid, **options)  # type: ignore[arg-type]
    with pytest.raises(ProsodytokError, match=reason) as caught:
        open_recording(tokenizer, upload)
    assert str(sounds) not in str(caught.value)
