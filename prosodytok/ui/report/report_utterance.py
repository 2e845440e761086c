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
    """One utterance of the report: its sound, T frames of prosody, tokens with its id, and tiers.

    By prefix of levels, coarse to fine: the decoded prosody, T frames each, and the recording with
    it.
    """

    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    decoded: Mapping[str, Prosody]
    resynthesized: Mapping[str, Audio]
    tiers: Sequence[Tier] = ()


def tokenize_for_report(tokenizer: ProsodyTokenizer, recording: Recording) -> ReportUtterance:
    """Tokenize a sound, then decode and resynthesize each prefix of its levels."""
    utterance = tokenize_recording(tokenizer, recording)
    audio, prosody, tokens = utterance.audio, utterance.prosody, utterance.tokens
    decoded = tokenizer.decode_prefixes(tokens)
    voice = WorldAnalysis.of(audio, recording.f0_range)
    return ReportUtterance(
        audio,
        prosody,
        tokens,
        decoded,
        {name: voice.synthesize(each) for name, each in decoded.items()},
        read_textgrid(recording.units.textgrid, audio.duration) if recording.units.textgrid else (),
    )
