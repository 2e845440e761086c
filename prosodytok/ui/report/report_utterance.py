"""From one sound file to everything that the page shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prosodytok.corpus import Source, tokenize_sound
from prosodytok.io.textgrid import Tier, read_textgrid
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts import Voice
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody


@dataclass(frozen=True)
class Exhibit:
    """One utterance on the page.

    Parameters
    ----------
    audio : Audio
        The recording.
    prosody : Prosody
        What was measured in it, T frames.
    tokens : ProsodyTokens
        Its tokens; they bring the utterance's id.
    decoded : mapping of str to Prosody
        What each prefix of levels decodes to, coarse to fine, T frames each.
    spoken : mapping of str to Audio
        The recording with the prosody of each of these prefixes, under the same names.
    tiers : sequence of Tier
        A hand annotation, shown as it was written.
    """

    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens
    decoded: Mapping[str, Prosody]
    spoken: Mapping[str, Audio]
    tiers: Sequence[Tier] = ()


def collect(tokenizer: ProsodyTokenizer, source: Source) -> Exhibit:
    """Tokenize a sound, decode each prefix of its levels, and let each be heard.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its TextGrid cannot be used; the message names the file.
    """
    audio, prosody, tokens = tokenize_sound(tokenizer, source)
    decoded, voice = tokenizer.decode_prefixes(tokens), Voice.of(audio)
    return Exhibit(
        audio,
        prosody,
        tokens,
        decoded,
        {name: voice.speak(each) for name, each in decoded.items()},
        read_textgrid(source.textgrid) if source.textgrid else (),
    )
