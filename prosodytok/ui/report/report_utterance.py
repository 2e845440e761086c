"""Data of one utterance in the report, from its sound file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.io.textgrid import Tier, read_textgrid
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts import WorldAnalysis
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody


@dataclass(frozen=True)
class ReportUtterance:
    """One utterance of the report.

    Parameters
    ----------
    audio : Audio
        Recording.
    prosody : Prosody
        Measured prosody, T frames.
    tokens : ProsodyTokens
        Tokens, with the id of the utterance.
    decoded : mapping of str to Prosody
        Decoded prosody of each prefix of levels, coarse to fine, T frames each.
    resynthesized : mapping of str to Audio
        Recording with the decoded prosody of each prefix of levels, with the same keys.
    tiers : sequence of Tier
        Hand annotation, shown verbatim.
    """

    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    decoded: Mapping[str, Prosody]
    resynthesized: Mapping[str, Audio]
    tiers: Sequence[Tier] = ()


def tokenize_for_report(tokenizer: ProsodyTokenizer, recording: Recording) -> ReportUtterance:
    """Tokenize a sound, then decode and resynthesize each prefix of its levels.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its TextGrid cannot be used; the message names the file.
    """
    utterance = tokenize_recording(tokenizer, recording)
    audio, prosody, tokens = utterance.audio, utterance.prosody, utterance.tokens
    decoded, voice = tokenizer.decode_prefixes(tokens), WorldAnalysis.of(audio)
    return ReportUtterance(
        audio,
        prosody,
        tokens,
        decoded,
        {name: voice.synthesize(each) for name, each in decoded.items()},
        read_textgrid(recording.units.textgrid) if recording.units.textgrid else (),
    )
