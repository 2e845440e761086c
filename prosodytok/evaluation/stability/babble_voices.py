"""Other speech of a corpus, for a babble behind an utterance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from prosodytok.features.sound_changes import BABBLE_SPEAKERS
from prosodytok.io.manifest import Utterance
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError

#: Utterances that are kept in memory at most.
MAX_VOICES = 4 * BABBLE_SPEAKERS


@dataclass(frozen=True)
class BabbleVoices:
    """Utterances with their sounds."""

    voices: Sequence[tuple[Utterance, Audio]] = ()

    @classmethod
    def draw(cls, utterances: Sequence[Utterance], seed: int = 0) -> BabbleVoices:
        """Draw utterances, of as many speakers as possible; unreadable ones are left out."""
        order = np.random.default_rng(seed).permutation(len(utterances))
        drawn = [utterances[index] for index in order]
        first = {utterance.speaker: utterance for utterance in reversed(drawn)}
        # A stable sort: the first utterance of each speaker, then the others.
        drawn.sort(key=lambda utterance: first[utterance.speaker] is not utterance)
        return cls(tuple(islice(_readable(drawn), MAX_VOICES)))

    def beside(self, utterance: Utterance) -> list[Audio]:
        """At most six voices other than this utterance, other speakers first."""
        others = [voice for voice in self.voices if voice[0].id != utterance.id]
        others.sort(key=lambda voice: voice[0].speaker == utterance.speaker)
        return [audio for _, audio in others[:BABBLE_SPEAKERS]]


def _readable(utterances: Sequence[Utterance]) -> Iterator[tuple[Utterance, Audio]]:
    for utterance in utterances:
        try:
            yield utterance, utterance.load()
        except AudioError:
            continue  # reported where it is measured
