"""From what a person uploads to a session; or the sentence that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import soundfile as sf

from prosodytok.corpus import Source, tokenize_sound
from prosodytok.io import read_textgrid
from prosodytok.io.textgrid import Tier
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts import Voice
from prosodytok.types import FoundSource, UnitSource
from prosodytok.types.errors import AudioError, ConfigError, ProsodytokError, SegmentationError
from prosodytok.ui.app.edit_session import Recording, Session

#: The longest sound (s): longer ones make lanes too narrow to click, and others wait meanwhile.
MOST_SECONDS = 30.0
#: The longest transcript of it (characters).
MOST_TEXT = 2000
#: The largest TextGrid (bytes), and the most tiers, entries and letters of them all together: each
#: is drawn, which takes milliseconds an entry, and others wait meanwhile.
MOST_GRID_BYTES = 1 << 20
MOST_TIERS, MOST_ENTRIES, MOST_LETTERS = 20, 2000, 20_000


@dataclass(frozen=True)
class Upload:
    """What a person gave, and how words shall be found in it.

    Parameters
    ----------
    sound : Path, optional
        The sound file.
    means : {"acoustic", "learned", "even", "textgrid", "transcript"}
        How its units are found.
    textgrid : Path, optional
        A hand annotation: it is shown, and its words are the units where `means` says so.
    words_tier, phrases_tier : str
        Tiers to read there; empty for those that are found by their names.
    text : str
        What is said, in English.
    """

    sound: Path | None
    means: UnitSource = "acoustic"
    textgrid: Path | None = None
    words_tier: str = ""
    phrases_tier: str = ""
    text: str = ""

    @property
    def source(self) -> Source:
        """The same as the corpus code knows it.

        Raises
        ------
        ConfigError
            If there is no sound, or not what its units are to be taken from.
        """
        if self.sound is None:
            raise ConfigError("there is no sound yet: upload or record one, or choose an example")
        source = Source(self.sound.stem, self.sound)
        if self.means == "textgrid":
            return self._with_textgrid(source)
        if self.means == "transcript":
            return self._with_text(source)
        for units in get_args(FoundSource):
            if units == self.means:
                return replace(source, units=units)
        raise ConfigError(f"no units from {self.means!r}")

    def _with_textgrid(self, source: Source) -> Source:
        if self.textgrid is None:
            raise ConfigError("units from a TextGrid: upload the TextGrid of this sound")
        words, phrases = self.words_tier.strip(), self.phrases_tier.strip()
        return replace(
            source,
            textgrid=self.textgrid,
            words_tier=words or None,
            phrases_tier=phrases or None,
        )

    def _with_text(self, source: Source) -> Source:
        text = self.text.strip()
        if not text:
            raise ConfigError("units from a transcript: type what is said, in English")
        if len(text) > MOST_TEXT:
            raise ConfigError(
                f"the transcript has {len(text)} characters, and this page takes {MOST_TEXT}"
            )
        return replace(source, text=text)


def open_recording(tokenizer: ProsodyTokenizer, upload: Upload) -> Session:
    """Tokenize a sound and take it apart.

    Raises
    ------
    ProsodytokError
        If the sound, the TextGrid or the transcript cannot be used. The message names files as the
        person knows them, without the folder that uploads lie in.
    """
    try:
        return _open(tokenizer, upload.source, upload.textgrid)
    except ProsodytokError as error:
        raise type(error)(as_known(error, upload.sound, upload.textgrid)) from error


def _open(tokenizer: ProsodyTokenizer, source: Source, textgrid: Path | None) -> Session:
    tiers = read_tiers(textgrid) if textgrid else ()
    check_length(source.audio)
    audio, prosody, tokens = tokenize_sound(tokenizer, source)
    if not prosody.voiced.any():
        raise AudioError(
            f"{source.audio}: no voice was found in it, so there is no intonation to show: "
            "is the microphone muted, or the recording too soft?"
        )
    tokens = replace(tokens, audio=source.audio.name)
    return Session(Recording(audio, prosody, tokens, Voice.of(audio), tiers), tokens.names)


def read_tiers(textgrid: Path) -> Sequence[Tier]:
    """Read a TextGrid that can be drawn while others wait.

    Raises
    ------
    SegmentationError
        If it cannot be read, or holds more than this page draws.
    """
    if textgrid.is_file():  # else `read_textgrid` has a sentence for that
        _check_count(textgrid, textgrid.stat().st_size, MOST_GRID_BYTES, "bytes")
    tiers = read_textgrid(textgrid)
    entries = [entry for tier in tiers for entry in tier.entries]
    texts = [*(tier.name for tier in tiers), *(entry.label for entry in entries)]
    _check_count(textgrid, len(tiers), MOST_TIERS, "tiers")
    _check_count(textgrid, len(entries), MOST_ENTRIES, "intervals and points")
    _check_count(textgrid, sum(map(len, texts)), MOST_LETTERS, "letters in labels and names")
    return tiers


def _check_count(textgrid: Path, count: int, most: int, things: str) -> None:
    if count > most:
        raise SegmentationError(
            f"{textgrid}: has {count} {things}, and this page takes {most}: take out what need "
            "not be shown"
        )


def check_length(sound: str | Path) -> None:
    """Refuse a sound that is too long, by its header alone: reading hours of it takes memory.

    Raises
    ------
    AudioError
        If it lasts more than `MOST_SECONDS`.
    """
    try:
        seconds = sf.info(str(sound)).duration
    except (RuntimeError, TypeError, ZeroDivisionError):
        return  # no sound at all: `load` has a sentence for that
    if seconds > MOST_SECONDS:
        raise AudioError(
            f"{sound}: lasts {seconds:.0f} s, and this page takes {MOST_SECONDS:.0f} s: cut it, or "
            "use `prosodytok report`, which takes any length"
        )


def as_known(error: Exception, *uploads: Path | None) -> str:
    """What an error says, with uploads without their folder, which says nothing to the person."""
    message = str(error)
    for path in filter(None, uploads):
        message = message.replace(f"{path.parent}/", "")
    return message
