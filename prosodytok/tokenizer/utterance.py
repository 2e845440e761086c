"""`tokenize_utterance`: the only place where sound becomes tokens."""

from __future__ import annotations

from dataclasses import dataclass

from prosodytok.nn.batch import Example
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
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
    # "acoustic" is the rule of the tokenizer's own frontend.
    hierarchy = None if units.source == "acoustic" else units.segment(audio, prosody)
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
        Where words and phrases come from; by default the rule of the tokenizer's frontend.
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
