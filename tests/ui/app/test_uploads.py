"""What a person uploads: good ones become a session, bad ones a sentence."""

from itertools import pairwise
from pathlib import Path

import pytest

from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import ProsodytokError, SegmentationError
from prosodytok.ui.app.edit_session import Session
from prosodytok.ui.app.uploads import MOST_GRID_BYTES, MOST_TEXT, Upload, open_recording, read_tiers


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


def grid(tiers: int, entries: int, label: str = "") -> str:
    """A TextGrid of a second with so many tiers and intervals in each."""
    times = [number / entries for number in range(entries + 1)]
    intervals = "".join(f'{a:.6f} {b:.6f} "{label}"\n' for a, b in pairwise(times))
    tier = f'"IntervalTier" "t" 0 1 {entries}\n{intervals}'
    return f'File type = "ooTextFile"\n"TextGrid"\n0 1 <exists> {tiers}\n{tier * tiers}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (grid(21, 1), "has 21 tiers, and this page takes 20"),
        (grid(1, 2001), "has 2001 intervals and points, and this page takes 2000"),
        (grid(20, 101), "has 2020 intervals and points"),
        (grid(1, 1, "a" * 20_000), "has 20001 letters in labels and names"),
        (grid(1, 1, "a" * MOST_GRID_BYTES), "bytes, and this page takes 1048576"),
    ],
)
def test_a_textgrid_of_more_than_is_drawn_is_refused_before_any_work(
    content: str, reason: str, tokenizer: ProsodyTokenizer, sounds: Path, tmp_path: Path
) -> None:
    file = tmp_path / "much.TextGrid"
    file.write_text(content)
    # No voice is in that sound: who looks at it first says so.
    with pytest.raises(SegmentationError, match=f"^much.TextGrid: .*{reason}"):
        open_recording(tokenizer, Upload(sounds / "silent.wav", textgrid=file))


def test_as_many_tiers_and_entries_as_the_page_takes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "full.TextGrid"
    file.write_text(grid(20, 100, "abcdefgh"))
    assert len(read_tiers(file)) == 20
