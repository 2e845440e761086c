"""Measurement of one utterance: its tokens, and the error of each prefix of their levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation.boundaries import Counts, count_edges
from prosodytok.evaluation.reconstruction.decoded_durations import decode_word_durations, pause_mask
from prosodytok.evaluation.reconstruction.prosody_errors import ProsodyErrors, prosody_errors
from prosodytok.evaluation.reconstruction.reference_prosody import (
    flat_prosody,
    measure_reference,
    reference_prosody,
)
from prosodytok.io.manifest import Utterance
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, UnitRequest
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody

#: Estimates beside the prefixes of levels: the trivial baseline and the second tracker.
FLAT, SECOND = "flat voice", "second tracker"


@dataclass(frozen=True)
class Sound:
    """The sound of an utterance and the prosody extracted from it."""

    audio: Audio
    prosody: Prosody


@dataclass(frozen=True)
class Measurement:
    """Measurement of one utterance.

    Parameters
    ----------
    id, part : str
        Id of the utterance, and the part of its corpus to which it belongs.
    speaker : str or None
        The speaker, if known.
    tokens : ProsodyTokens
        The tokens.
    errors : dict of str to ProsodyErrors
        Errors of each prefix of levels, of the flat voice, and of the second tracker.
    errors_fitted : dict of str to ProsodyErrors
        The same against a reference in the range of F0 in which the tokens were measured.
    decoded_s : (N,) float64
        Duration (s) of each word that the codes decode to.
    pauses : (N,) bool
        Mask of the words that are pauses.
    edges : dict
        Agreement of units found by several methods with hand-marked ones; see `count_edges`.
    sound : Sound or None
        The sound, if requested.
    """

    id: str
    part: str
    speaker: str | None
    tokens: ProsodyTokens
    errors: dict[str, ProsodyErrors]
    errors_fitted: dict[str, ProsodyErrors]
    decoded_s: NDArray[np.float64]
    pauses: NDArray[np.bool_]
    edges: Counts
    sound: Sound | None

    @property
    def true_s(self) -> NDArray[np.float64]:
        """True duration (s) of each word, shape (N,)."""
        return self.tokens["word"].segmentation.durations / self.tokens.frame_rate


def measure(
    tokenizer: ProsodyTokenizer,
    utterance: Utterance,
    *,
    units: UnitRequest | None = None,
    f0_range: F0Range = FITTED,
    boundaries: bool = False,
    keep_sound: bool = False,
) -> Measurement:
    """Tokenize an utterance, decode every prefix of its levels, and compare with the sound.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The tokenizer.
    utterance : Utterance
        A line of a manifest.
    units : {"acoustic", "learned", "even", "given"}, optional
        Source of the words: the sound, by rule or by the trained network; equal lengths; or the
        TextGrid or transcript of the manifest. By default the tokenizer's own.
    f0_range : F0Range
        The range in which F0 is searched, also for the reference, where the manifest has none.
    boundaries : bool
        Whether units are compared with hand-marked words.
    keep_sound : bool
        Whether the result contains the sound.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its words cannot be used; the message names the file.
    """
    recording = Recording.of(utterance, units).with_f0_range(f0_range)
    found = tokenize_recording(tokenizer, recording)
    audio, prosody, tokens = found.audio, found.prosody, found.tokens
    truth = measure_reference(audio, recording.f0_range)
    fitted = reference_prosody(audio, F0Range(prosody.f0_floor, prosody.f0_ceiling))
    estimates = {FLAT: flat_prosody(truth.prosody), SECOND: truth.second}
    estimates |= tokenizer.decode_prefixes(tokens)
    return Measurement(
        id=utterance.id,
        part=part_of(utterance),
        speaker=utterance.speaker,
        tokens=tokens,
        errors={k: prosody_errors(truth.prosody, e, truth.second) for k, e in estimates.items()},
        errors_fitted={k: prosody_errors(fitted, e, truth.second) for k, e in estimates.items()},
        decoded_s=decode_word_durations(tokenizer, tokens),
        pauses=pause_mask(tokens, prosody),
        edges=count_edges(utterance, audio, prosody) if boundaries else {},
        sound=Sound(audio, prosody) if keep_sound else None,
    )


def part_of(utterance: Utterance) -> str:
    """Part of a manifest: the field "corpus" of an utterance, or the folder of its sound."""
    corpus = (utterance.model_extra or {}).get("corpus")
    return str(corpus or utterance.audio.parent.name)


def parts_of(utterances: Sequence[Measurement]) -> dict[str, list[Measurement]]:
    """Utterances by part, in the order of the manifest."""
    found: dict[str, list[Measurement]] = {}
    for utterance in utterances:
        found.setdefault(utterance.part, []).append(utterance)
    return found
