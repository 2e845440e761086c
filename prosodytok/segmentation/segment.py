"""Words and phrases by any method: one call, one argument that chooses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prosodytok.segmentation.acoustic import segment_acoustic
from prosodytok.segmentation.aligner import hierarchy_from_transcript
from prosodytok.segmentation.even import segment_even
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import FoundSource, Hierarchy, UnitSource


def segment(
    audio: Audio,
    prosody: Prosody,
    source: UnitSource = "acoustic",
    *,
    textgrid: str | Path | None = None,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
    text: str | None = None,
) -> Hierarchy:
    """Find the words and phrases of an utterance.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames.
    source : {"acoustic", "learned", "even", "textgrid", "transcript"}
        The method: a rule over the prosody; the bundled boundary network (any language, no
        transcript); units of one length; a TextGrid; or the alignment of an English transcript.
        The hierarchy and its tokens carry this word.
    textgrid : path, optional
        The TextGrid, for ``"textgrid"``; for its tiers see `hierarchy_from_textgrid`.
    words_tier, phrases_tier : str, optional
        Tiers of the TextGrid.
    text : str, optional
        The transcript, for ``"transcript"``.

    Raises
    ------
    ConfigError
        If an argument that the method needs is not given.
    SegmentationError
        If the TextGrid or the transcript does not fit the sound.
    MissingExtraError
        If a transcript is to be aligned and pocketsphinx is not installed.
    """
    if source == "acoustic":
        return segment_acoustic(prosody)
    if source == "learned":
        from prosodytok.segmentation.learned.model import segment_learned  # imports torch

        return segment_learned(audio, prosody)
    if source == "even":
        return segment_even(prosody)
    if source == "textgrid":
        if textgrid is None:
            raise ConfigError("units from a TextGrid: pass textgrid=")
        return hierarchy_from_textgrid(
            textgrid, prosody.num_frames, words_tier=words_tier, phrases_tier=phrases_tier
        )
    if source == "transcript":
        if text is None:
            raise ConfigError("units from a transcript: pass text=")
        return hierarchy_from_transcript(audio, text, prosody.num_frames)
    raise ConfigError(f"no units from {source!r}: acoustic, learned, even, textgrid or transcript")


@dataclass(frozen=True)
class UnitSpec:
    """Where the units of an utterance come from.

    A TextGrid is preferred to a transcript, and both to `found`.

    Parameters
    ----------
    found : {"acoustic", "learned", "even"}
        The method where neither a TextGrid nor a transcript is given.
    textgrid : Path, optional
        The annotation of the words.
    words_tier, phrases_tier : str, optional
        Its tiers; see `hierarchy_from_textgrid`.
    text : str, optional
        The transcript, to be aligned.
    """

    found: FoundSource = "acoustic"
    textgrid: Path | None = None
    words_tier: str | None = None
    phrases_tier: str | None = None
    text: str | None = None

    @property
    def source(self) -> UnitSource:
        """The method of `segment` that applies."""
        if self.textgrid is not None:
            return "textgrid"
        return self.found if self.text is None else "transcript"

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """Find the units by `segment`; errors are the same."""
        return segment(
            audio,
            prosody,
            self.source,
            textgrid=self.textgrid,
            words_tier=self.words_tier,
            phrases_tier=self.phrases_tier,
            text=self.text,
        )
