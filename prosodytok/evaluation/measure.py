"""One utterance, measured: its tokens, and how far each prefix of them is from the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation.durations import pauses_of, said_durations
from prosodytok.evaluation.prosody import ProsodyErrors, prosody_errors
from prosodytok.evaluation.reference import flat, reference
from prosodytok.evaluation.segmenting import Counts, count_edges
from prosodytok.io.manifest import Utterance
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, UnitRequest
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody

#: What stands beside the prefixes of levels: the trivial baseline and the second tracker.
FLAT, SECOND = "flat voice", "second tracker"


@dataclass(frozen=True)
class Sound:
    """What the measures of leakage and intervention need of an utterance besides its tokens."""

    audio: Audio
    prosody: Prosody


@dataclass(frozen=True)
class Measured:
    """One utterance.

    Parameters
    ----------
    id, part : str
        Its name, and the part of its corpus that it belongs to.
    speaker : str or None
        Who speaks.
    tokens : ProsodyTokens
        Its tokens.
    errors : dict of str to ProsodyErrors
        For each prefix of levels, the flat voice, and the second tracker where there is one.
    said_s : (N,) float64
        Seconds that the codes say for each word.
    pauses : (N,) bool
        Which words are pauses.
    edges : dict
        How its units, and those of other means, agree with hand-marked ones; see `count_edges`.
    sound : Sound or None
        The sound, where it is asked for.
    """

    id: str
    part: str
    speaker: str | None
    tokens: ProsodyTokens
    errors: dict[str, ProsodyErrors]
    said_s: NDArray[np.float64]
    pauses: NDArray[np.bool_]
    edges: Counts
    sound: Sound | None

    @property
    def true_s(self) -> NDArray[np.float64]:
        """Seconds of each word, shape (N,)."""
        return self.tokens["word"].segmentation.durations / self.tokens.frame_rate


def measure(
    tokenizer: ProsodyTokenizer,
    utterance: Utterance,
    *,
    units: UnitRequest = "acoustic",
    boundaries: bool = False,
    keep_sound: bool = False,
) -> Measured:
    """Tokenize an utterance, decode every prefix of levels, and compare with the sound.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The tokenizer.
    utterance : Utterance
        A line of a manifest.
    units : {"acoustic", "learned", "even", "given"}
        Where words come from: the sound alone, by rule or by the trained network, the clock, or the
        manifest's TextGrid or transcript.
    boundaries : bool
        Whether units are compared with words that are marked by hand.
    keep_sound : bool
        Whether the result holds the sound.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its words cannot be used; the message names the file.
    """
    found = tokenize_recording(tokenizer, Recording.of(utterance, units))
    audio, prosody, tokens = found.audio, found.prosody, found.tokens
    truth = reference(audio)
    estimates = {FLAT: flat(truth.prosody)}
    if truth.second is not None:
        estimates[SECOND] = truth.second
    estimates |= tokenizer.decode_prefixes(tokens)
    return Measured(
        id=utterance.id,
        part=part_of(utterance),
        speaker=utterance.speaker,
        tokens=tokens,
        errors={k: prosody_errors(truth.prosody, e, truth.second) for k, e in estimates.items()},
        said_s=said_durations(tokenizer, tokens),
        pauses=pauses_of(tokens, prosody),
        edges=count_edges(utterance, audio, prosody) if boundaries else {},
        sound=Sound(audio, prosody) if keep_sound else None,
    )


def part_of(utterance: Utterance) -> str:
    """The part of its manifest that an utterance belongs to.

    That is its field "corpus", or else the folder that its sound lies in.
    """
    corpus = (utterance.model_extra or {}).get("corpus")
    return str(corpus or utterance.audio.parent.name)


def parts_of(utterances: Sequence[Measured]) -> dict[str, list[Measured]]:
    """Utterances by part, in the order of the manifest."""
    found: dict[str, list[Measured]] = {}
    for utterance in utterances:
        found.setdefault(utterance.part, []).append(utterance)
    return found
