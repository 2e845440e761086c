"""Speech of the evaluation: reference prosody, and the inputs of the methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from prosodytok import Prosody
from prosodytok.corpus import Recording
from prosodytok.evaluation import measure_reference
from prosodytok.features import extract
from prosodytok.io.atomic import atomic_path
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.sound import load
from prosodytok.types import Hierarchy, Register
from prosodytok.types.audio import Audio

#: TIMIT files above this RMS turn into noise at some point, and are left out.
MAX_RMS = 0.1


@dataclass(frozen=True)
class Corpus:
    """A manifest in the data folder, of which every n-th utterance is used.

    Words come from TextGrids (`given`), else from the sound alone; `skip` is the folder in which
    utterances above `MAX_RMS` are left out.
    """

    name: str
    manifest: str
    given: bool = False
    every: int = 1
    skip: str | None = None


CORPORA = (
    Corpus("dev", "speech/dev.jsonl"),
    Corpus("aligned", "aligned/aligned.jsonl", given=True, skip="timit"),
    Corpus("tobi", "tobi/tobi.jsonl", every=4),
)


@dataclass(frozen=True)
class Speech:
    """One utterance: its reference, and the prosody (Praat with octave repair) that methods code.

    `hierarchy` has the units of every method on words, `register` is side information of all, and
    `audio` is for tokenizers with self-supervised features.
    """

    speaker: str | None
    audio: Path
    truth: Prosody
    second: Prosody
    prosody: Prosody
    hierarchy: Hierarchy
    register: Register

    @property
    def seconds(self) -> float:
        """Duration (s)."""
        return self.prosody.num_frames / self.prosody.frame_rate


def read_corpus(corpus: Corpus, data: Path, every: int, cache: Path) -> Iterator[Speech]:
    """Utterances of a corpus; measurements are cached in `cache`."""
    for utterance in read_manifest(data / corpus.manifest)[:: every * corpus.every]:
        measured = _measured(utterance, cache / corpus.name)
        if corpus.skip == utterance.audio.parent.name and measured.rms > MAX_RMS:
            continue
        yield _speech(utterance, measured, corpus.given)


@dataclass(frozen=True)
class _Measured:
    truth: Prosody
    second: Prosody
    prosody: Prosody
    rms: float


def _speech(utterance: Utterance, measured: _Measured, given: bool) -> Speech:
    prosody = measured.prosody
    units = Recording.of(utterance, "given" if given else "acoustic").units
    no_sound = Audio(np.zeros(1, dtype=np.float32), 16_000)  # TextGrids and rules do not use it
    hierarchy = units.segment(no_sound, prosody)
    register = replace(Register.estimate(prosody), word_rate_hz=hierarchy.word_rate)
    return Speech(
        utterance.speaker,
        utterance.audio,
        measured.truth,
        measured.second,
        prosody,
        hierarchy,
        register,
    )


def _measured(utterance: Utterance, folder: Path) -> _Measured:
    path = folder / (re.sub(r"\W+", "-", utterance.id) + ".npz")
    if not path.is_file():
        _measure(utterance, path)
    with np.load(path, allow_pickle=False) as arrays:
        found = [
            Prosody(arrays[f"{name}_f0"], arrays[f"{name}_voiced"], arrays["energy"])
            for name in ("truth", "second", "prosody")
        ]
        return _Measured(*found, float(arrays["rms"]))


def _measure(utterance: Utterance, path: Path) -> None:
    audio = load(utterance.audio)
    truth = measure_reference(audio)
    arrays = {"energy": truth.prosody.energy, "rms": np.sqrt(np.mean(np.square(audio.samples)))}
    found = {"truth": truth.prosody, "second": truth.second, "prosody": extract(audio)}
    for name, prosody in found.items():
        arrays |= {f"{name}_f0": prosody.f0, f"{name}_voiced": prosody.voiced}
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)
