"""Uploads: valid ones become a session, invalid ones a message."""

from itertools import pairwise
from pathlib import Path

import pytest

from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ProsodytokError, SegmentationError
from prosodytok.ui.app.edit_session import Session
from prosodytok.ui.app.uploads import (
    MAX_TEXT,
    MAX_TEXTGRID_BYTES,
    Upload,
    open_recording,
    read_tiers,
)


@pytest.mark.parametrize("unit_source", ["acoustic", "learned", "even"])
def test_unit_source(unit_source: str, tokenizer: ProsodyTokenizer, sounds: Path) -> None:
    opened = open_recording(tokenizer, Upload(sounds / "good.wav", unit_source))  # type: ignore[arg-type]
    assert opened.tokens.source == unit_source
    assert (opened.tokens.id, opened.tokens.audio) == ("good", "good.wav")
    assert opened.levels == opened.tokens.names


def test_textgrid(session: Session) -> None:
    assert session.tokens.source == "textgrid"
    assert session.tokens["word"].segmentation.labels[2] == "löyly"
    assert [tier.name for tier in session.recording.tiers] == ["words", "tones"]


def test_textgrid_is_shown_with_any_unit_source(tokenizer: ProsodyTokenizer, sounds: Path) -> None:
    upload = Upload(sounds / "good.wav", "even", sounds / "good.TextGrid")
    opened = open_recording(tokenizer, upload)
    assert opened.tokens.source == "even"
    assert len(opened.recording.tiers) == 2


def test_transcript(tokenizer: ProsodyTokenizer) -> None:
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
        ("silent.wav", {}, "^silent.wav: no voiced frame"),
        ("long.wav", {}, "^long.wav: lasts 31 s, but the limit is 30 s"),
        ("good.wav", {"unit_source": "textgrid"}, "upload the TextGrid"),
        ("good.wav", {"unit_source": "transcript", "text": "  "}, "type the spoken words"),
        ("good.wav", {"unit_source": "transcript", "text": "a" * (MAX_TEXT + 1)}, "characters"),
        ("good.wav", {"unit_source": "guess"}, "no units from 'guess'"),
        ("good.wav", {"textgrid": "broken.TextGrid"}, "^broken.TextGrid: not a TextGrid"),
        (
            "other.wav",
            {"unit_source": "textgrid", "textgrid": "good.TextGrid"},
            "^good.TextGrid: .* not of the same recording",
        ),
        (
            "good.wav",
            {"unit_source": "textgrid", "textgrid": "good.TextGrid", "words_tier": "ortho"},
            "^good.TextGrid: .*'ortho'",
        ),
        (
            "good.wav",
            {"unit_source": "textgrid", "textgrid": "good.TextGrid", "phrases_tier": "ip"},
            "^good.TextGrid: .*'ip'",
        ),
    ],
)
def test_invalid_uploads_give_messages_without_folders(
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


def grid(tiers: int, entries: int, label: str = "") -> str:
    """TextGrid of one second with the given numbers of tiers and of intervals per tier."""
    times = [number / entries for number in range(entries + 1)]
    intervals = "".join(f'{a:.6f} {b:.6f} "{label}"\n' for a, b in pairwise(times))
    tier = f'"IntervalTier" "t" 0 1 {entries}\n{intervals}'
    return f'File type = "ooTextFile"\n"TextGrid"\n0 1 <exists> {tiers}\n{tier * tiers}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (grid(21, 1), "has 21 tiers, but the limit is 20"),
        (grid(1, 2001), "has 2001 intervals and points, but the limit is 2000"),
        (grid(20, 101), "has 2020 intervals and points"),
        (grid(1, 1, "a" * 20_000), "has 20001 characters"),
        (grid(1, 1, "a" * MAX_TEXTGRID_BYTES), "bytes, but the limit is 1048576"),
    ],
)
def test_textgrid_limits_are_checked_first(
    content: str, reason: str, tokenizer: ProsodyTokenizer, sounds: Path, tmp_path: Path
) -> None:
    file = tmp_path / "much.TextGrid"
    file.write_text(content)
    # The sound has no voiced frame, but it is not read.
    with pytest.raises(SegmentationError, match=f"^much.TextGrid: .*{reason}"):
        open_recording(tokenizer, Upload(sounds / "silent.wav", textgrid=file))


def test_textgrid_at_the_limits(tmp_path: Path) -> None:
    file = tmp_path / "full.TextGrid"
    file.write_text(grid(20, 100, "abcdefgh"))
    assert len(read_tiers(file)) == 20
