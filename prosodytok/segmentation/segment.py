"""Segmentation into words and phrases by any method."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from prosodytok.segmentation.acoustic import segment_acoustic
from prosodytok.segmentation.even import segment_even
from prosodytok.segmentation.textgrid_part import TextGridPart
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.segmentation.transcript_units import hierarchy_from_transcript
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, MissingExtraError
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import DEFAULT_UNITS, FoundSource, Hierarchy, UnitSource


def segment(
    audio: Audio,
    prosody: Prosody,
    source: UnitSource = DEFAULT_UNITS,
    *,
    textgrid: str | Path | None = None,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
    silence_labels: Collection[str] = (),
    text: str | None = None,
    part: TextGridPart | None = None,
) -> Hierarchy:
    """Find the words and phrases of an utterance.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames.
    source : {"acoustic", "learned", "even", "textgrid", "transcript"}
        The method: a rule over the prosody; the bundled boundary network (the default; any
        language, no transcript); units of equal length; a TextGrid; or the alignment of an English
        transcript. Stored with the hierarchy and its tokens.
    textgrid : path, optional
        The TextGrid, for ``"textgrid"``; for its tiers see `hierarchy_from_textgrid`.
    words_tier, phrases_tier : str, optional
        Tiers of the TextGrid, by name or by number from 1.
    silence_labels : collection of str
        Labels of silence in the TextGrid beside the known ones.
    text : str, optional
        The transcript, for ``"transcript"``.
    part : TextGridPart, optional
        The part of the TextGrid that belongs to the sound.

    Raises
    ------
    ConfigError
        If a required argument is missing.
    SegmentationError
        If the TextGrid or the transcript does not match the sound.
    MissingExtraError
        If pocketsphinx is not installed, for ``"transcript"``, or torch, for ``"learned"``.
    """
    if source == "acoustic":
        return segment_acoustic(prosody)
    if source == "learned":
        return _segment_learned(audio, prosody)
    if source == "even":
        return segment_even(prosody)
    if source == "textgrid":
        if textgrid is None:
            raise ConfigError("units from a TextGrid: pass textgrid=")
        return hierarchy_from_textgrid(
            textgrid,
            prosody.num_frames,
            words_tier=words_tier,
            phrases_tier=phrases_tier,
            silence_labels=silence_labels,
            prosody=prosody,
            part=part,
        )
    if source == "transcript":
        if text is None:
            raise ConfigError("units from a transcript: pass text=")
        return hierarchy_from_transcript(audio, text, prosody.num_frames, prosody)
    raise ConfigError(
        f"unknown source {source!r}: use acoustic, learned, even, textgrid or transcript"
    )


@dataclass(frozen=True)
class UnitSpec:
    """Specification of the units of an utterance.

    A TextGrid takes precedence over a transcript, and both over `found`.

    Parameters
    ----------
    found : {"acoustic", "learned", "even"}, optional
        The method if neither a TextGrid nor a transcript is given; by default that of the
        tokenizer's frontend.
    textgrid : Path, optional
        The annotation of the words.
    words_tier, phrases_tier : str, optional
        Its tiers; see `hierarchy_from_textgrid`.
    silence_labels : tuple of str
        Its labels of silence, beside the known ones.
    text : str, optional
        The transcript to align.
    part : TextGridPart, optional
        The part of the TextGrid that belongs to the sound; by default all of it.
    """

    found: FoundSource | None = None
    textgrid: Path | None = None
    words_tier: str | None = None
    phrases_tier: str | None = None
    silence_labels: tuple[str, ...] = ()
    text: str | None = None
    part: TextGridPart | None = None

    @property
    def source(self) -> UnitSource | None:
        """The method of `segment` that applies; None for that of the tokenizer's frontend."""
        if self.textgrid is not None:
            return "textgrid"
        return self.found if self.text is None else "transcript"

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """Find the units, without a tokenizer; errors are those of `prosodytok.segment`."""
        return segment(
            audio,
            prosody,
            self.source or DEFAULT_UNITS,
            textgrid=self.textgrid,
            words_tier=self.words_tier,
            phrases_tier=self.phrases_tier,
            silence_labels=self.silence_labels,
            text=self.text,
            part=self.part,
        )


def _segment_learned(audio: Audio, prosody: Prosody) -> Hierarchy:
    try:
        from prosodytok.segmentation.learned.boundary_model import segment_learned
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtraError(
            "learned units need the package 'torch', which is not installed: install it, or choose "
            "units by rule (--segments acoustic)"
        ) from error
    return segment_learned(audio, prosody)
