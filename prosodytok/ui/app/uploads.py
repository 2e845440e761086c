"""Conversion of uploaded files to a session, with size limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from prosodytok.corpus import Recording as CorpusRecording
from prosodytok.corpus import tokenize_recording
from prosodytok.io import read_textgrid
from prosodytok.io.sound_file import open_sound
from prosodytok.io.textgrid import TextGrid, align_to_sound
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts import WorldAnalysis
from prosodytok.types import FoundSource, UnitSource
from prosodytok.types.errors import AudioError, ConfigError, ProsodytokError, SegmentationError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.segmentation import DEFAULT_UNITS
from prosodytok.ui.app.edit_session import Recording, Session

#: The longest sound (s): in longer ones, tokens are too narrow to click and other sessions wait.
MAX_SECONDS = 30.0
#: The longest transcript (characters).
MAX_TEXT = 2000
#: The largest TextGrid (bytes), and the largest total numbers of its tiers, entries and characters:
#: drawing takes milliseconds per entry, while other sessions wait.
MAX_TEXTGRID_BYTES = 1 << 20
MAX_TIERS, MAX_ENTRIES, MAX_CHARACTERS = 20, 2000, 20_000


@dataclass(frozen=True)
class Upload:
    """Uploaded files and options.

    The TextGrid is shown, and has the units if `unit_source` is ``"textgrid"``; tiers without a
    name are detected. The transcript is English.
    """

    sound: Path | None
    unit_source: UnitSource = DEFAULT_UNITS
    textgrid: Path | None = None
    words_tier: str = ""
    phrases_tier: str = ""
    text: str = ""

    @property
    def recording(self) -> CorpusRecording:
        """The upload as a `corpus.Recording`; ConfigError if a file or text is missing."""
        if self.sound is None:
            raise ConfigError("there is no sound yet: upload or record one, or choose an example")
        recording = CorpusRecording(self.sound.stem, self.sound)
        if self.unit_source == "textgrid":
            return replace(recording, units=self._with_textgrid())
        if self.unit_source == "transcript":
            return replace(recording, units=self._with_text())
        for method in get_args(FoundSource):
            if method == self.unit_source:
                return replace(recording, units=UnitSpec(method))
        raise ConfigError(f"no units from {self.unit_source!r}")

    def _with_textgrid(self) -> UnitSpec:
        if self.textgrid is None:
            raise ConfigError("units from a TextGrid: upload the TextGrid of this sound")
        words, phrases = self.words_tier.strip(), self.phrases_tier.strip()
        return UnitSpec(
            textgrid=self.textgrid, words_tier=words or None, phrases_tier=phrases or None
        )

    def _with_text(self) -> UnitSpec:
        text = self.text.strip()
        if not text:
            raise ConfigError("units from a transcript: type the spoken words, in English")
        if len(text) > MAX_TEXT:
            raise ConfigError(
                f"the transcript has {len(text)} characters, but the limit is {MAX_TEXT}"
            )
        return UnitSpec(text=text)


def open_recording(
    tokenizer: ProsodyTokenizer, upload: Upload, f0_range: F0Range = FITTED
) -> Session:
    """Tokenize an uploaded sound and analyse it; errors name files without folders."""
    try:
        return _open(tokenizer, upload.recording.with_f0_range(f0_range), upload.textgrid)
    except ProsodytokError as error:
        raise type(error)(without_folders(error, upload.sound, upload.textgrid)) from error


def _open(
    tokenizer: ProsodyTokenizer, recording: CorpusRecording, textgrid: Path | None
) -> Session:
    grid = read_tiers(textgrid) if textgrid else None
    check_length(recording.audio)
    utterance = tokenize_recording(tokenizer, recording)
    audio, prosody, tokens = utterance.audio, utterance.prosody, utterance.tokens
    if not prosody.voiced.any():
        raise AudioError(
            f"{recording.audio}: no voiced frame, so no intonation to show: is the microphone "
            "muted or the recording too soft?"
        )
    tiers = align_to_sound(grid, audio.duration) if grid else ()
    tokens = replace(tokens, audio=recording.audio.name)
    analysis = WorldAnalysis.of(audio, recording.f0_range)
    return Session(Recording(audio, prosody, tokens, analysis, tiers), tokens.names)


def read_tiers(textgrid: Path) -> TextGrid:
    """Read a TextGrid; SegmentationError if it exceeds the limits of the page."""
    if textgrid.is_file():  # otherwise, `read_textgrid` raises
        _check_count(textgrid, textgrid.stat().st_size, MAX_TEXTGRID_BYTES, "bytes")
    tiers = read_textgrid(textgrid)
    entries = [entry for tier in tiers for entry in tier.entries]
    texts = [*(tier.name for tier in tiers), *(entry.label for entry in entries)]
    _check_count(textgrid, len(tiers), MAX_TIERS, "tiers")
    _check_count(textgrid, len(entries), MAX_ENTRIES, "intervals and points")
    _check_count(textgrid, sum(map(len, texts)), MAX_CHARACTERS, "characters")
    return tiers


def _check_count(textgrid: Path, count: int, limit: int, things: str) -> None:
    if count > limit:
        raise SegmentationError(
            f"{textgrid}: has {count} {things}, but the limit is {limit}: remove tiers or entries"
        )


def check_length(sound: str | Path) -> None:
    """Raise AudioError if a sound is longer than `MAX_SECONDS` by its header, before it is read.

    Raise it too if libsndfile cannot open it: FFmpeg, which `load` would try, opens no upload.
    """
    with open_sound(sound, ffmpeg=False) as file:
        seconds = (file.frames or 0) / file.sample_rate
    if seconds > MAX_SECONDS:
        raise AudioError(
            f"{sound}: lasts {seconds:.0f} s, but the limit is {MAX_SECONDS:.0f} s: shorten it, or "
            "use `prosodytok report`, which has no limit"
        )


def without_folders(error: Exception, *uploads: Path | None) -> str:
    """Message of an error without the folders of uploads, which are internal."""
    message = str(error)
    for path in filter(None, uploads):
        message = message.replace(f"{path.parent}/", "")
    return message
