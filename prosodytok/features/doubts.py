"""What is doubtful about a measured prosody, in sentences."""

from __future__ import annotations

from prosodytok.features.two_voices import two_voices
from prosodytok.types.prosody import Prosody


def doubts(prosody: Prosody) -> tuple[str, ...]:
    """Sentences about what is doubtful; none if all is well."""
    sentences = []
    if centres := two_voices(prosody):
        low, high = centres
        sentences.append(
            f"two voices? F0 centres at {low:.0f} and {high:.0f} Hz; name the turns by --speakers"
        )
    return tuple(sentences)
