"""`tokenize_utterance`: the only place where sound becomes tokens."""

from __future__ import annotations

from dataclasses import dataclass

from prosodytok.nn.batch import Example
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer.frontend import Frontend
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.tokens import ProsodyTokens


@dataclass(frozen=True)
class TokenizedUtterance:
    """An utterance's measurements and tokens.

    Parameters
    ----------
    audio : Audio
        The sound.
    example : Example
        Its prosody, units and register.
    tokens : ProsodyTokens
        Its tokens.
    """

    audio: Audio
    example: Example
    tokens: ProsodyTokens

    @property
    def prosody(self) -> Prosody:
        """The measured prosody."""
        return self.example.prosody


def prepare_utterance(
    audio: Audio,
    tokenizer: Tokenizer,
    units: UnitSpec | None = None,
    register: Register | None = None,
    f0_range: F0Range = FITTED,
    prosody: Prosody | None = None,
) -> Example:
    """Measure a sound and find its units, for `Tokenizer.encode_batch`.

    Parameters and errors are those of `tokenize_utterance`; the prosody may have been measured
    before.
    """
    units = units or UnitSpec()
    if prosody is None:
        prosody = tokenizer.frontend.extract(audio, f0_range)
    register = register or tokenizer.frontend.register(prosody)
    hierarchy = _find_units(units, audio, prosody, register, tokenizer.frontend)
    return tokenizer.example(prosody, hierarchy, register=register, audio=audio)


def tokenize_utterance(
    audio: Audio,
    tokenizer: Tokenizer,
    units: UnitSpec | None = None,
    register: Register | None = None,
    f0_range: F0Range = FITTED,
) -> TokenizedUtterance:
    """Tokenize one utterance.

    Parameters
    ----------
    audio : Audio
        The sound.
    tokenizer : Tokenizer
        The tokenizer.
    units : UnitSpec, optional
        Where words and phrases come from; by default from the tokenizer's frontend.
    register : Register, optional
        The speaker's register; by default that of the utterance.
    f0_range : F0Range
        The range in which F0 is searched; by default it is fitted to the speaker.

    Raises
    ------
    SegmentationError
        If the TextGrid or the transcript does not fit the sound.
    ConfigError, MissingExtraError
        As `segment` raises.
    """
    example = prepare_utterance(audio, tokenizer, units, register, f0_range)
    return TokenizedUtterance(audio, example, tokenizer.encode_batch([example])[0])


def _find_units(
    units: UnitSpec, audio: Audio, prosody: Prosody, register: Register, frontend: Frontend
) -> Hierarchy:
    """The specified units; the frontend's own if none are, and its own rule for ``"acoustic"``."""
    if units.source is None:
        return frontend.segment(prosody, register, audio)
    if units.source == "acoustic":
        return frontend.segment_by_rule(prosody, register)
    return units.segment(audio, prosody)
