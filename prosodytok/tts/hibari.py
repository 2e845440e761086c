"""hibari's voice, led by durations, F0 and energy from outside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.tts.hibari_graph import FRAME_RATE, STEP_RATE, HibariGraph
from prosodytok.tts.hibari_text import Phone, Reading, read
from prosodytok.tts.prosody_synthesizer import Plan
from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import require
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register

FRAMES_PER_STEP = FRAME_RATE // STEP_RATE
#: hibari speaks an F0 above this (Hz); below, a frame is unvoiced.
VOICED_ABOVE = 40.0
#: Energy (dB) of speech is about this times the network's, plus that: how its sound answers when
#: words are made louder and softer (`recipes/tts_transfer/calibrate.py`).
DB_PER_UNIT, DB_AT_ZERO = 14.0, -43.0
#: Below this (dB) nothing is heard.
FADED = -46.5
#: hibari's own register, measured on its own speech (`recipes/tts_transfer/calibrate.py`).
REGISTER = Register(194.0, 3.8, -22.0, 57.0)


@dataclass(frozen=True)
class HibariPlan(Plan):
    """A plan with the phones that it was made from.

    Parameters
    ----------
    sentences : tuple of tuple of Phone
        What is read.
    steps : (L,) int64
        How long hibari says each phone of all sentences by itself: steps of 25 ms.
    own_words : Segmentation
        The words as hibari times them; `words` says how they shall be timed.
    """

    sentences: tuple[tuple[Phone, ...], ...]
    steps: NDArray[np.int64]
    own_words: Segmentation


class HibariVoice:
    """The voice "heart" of hibari-tts (Williams 2026): American English, female, 24 kHz, offline.

    A small network distilled from Kokoro-82M, which is StyleTTS 2 (Li et al. 2023): phones to
    durations, to F0 and energy, to the spectrum. Each is an input of the next part, and can be
    replaced (`HibariGraph`).

    Parameters
    ----------
    seed : int
        Of the noise in the sound.

    Raises
    ------
    MissingExtraError
        If hibari-tts, onnx or onnxruntime is not installed.
    """

    register: Register = REGISTER

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        for module in ("onnxruntime", "onnx", "hibari"):  # before anything is loaded
            require(module, "tts")
        self._engine = _engine()
        self.graph = HibariGraph.bundled(self._engine.model_path)

    def plan(self, text: str, pauses: Collection[int] = ()) -> HibariPlan:
        """What hibari would say by itself; see `ProsodySynthesizer`.

        Raises
        ------
        TextError
            If nothing can be pronounced, or a sentence is longer than hibari can say at once.
        """
        reading = read(self._engine, text, pauses)
        steps = [self.graph.steps(self._ids(sentence)) for sentence in reading.sentences]
        f0, energy = self._contours(reading.sentences, steps)
        prosody = _prosody(f0, energy)
        words = _words(reading, np.concatenate(steps), prosody.energy)
        return HibariPlan(words, prosody, reading.sentences, np.concatenate(steps), words)

    def speak(self, plan: HibariPlan) -> Audio:
        """Say a plan; see `ProsodySynthesizer`.

        Word edges are kept to 12.5 ms, hibari's half step. Which frames are voiced is hibari's to
        decide: that belongs to its phones.
        """
        own_edges = np.append(0, np.cumsum(plan.steps)) * FRAMES_PER_STEP
        wanted = np.interp(own_edges, plan.own_words.boundaries, plan.words.boundaries)
        steps = _whole_steps(wanted / FRAMES_PER_STEP, plan)
        edges = np.append(0, np.cumsum(steps)) * FRAMES_PER_STEP
        cuts = np.cumsum([len(sentence) for sentence in plan.sentences])[:-1]
        by_sentence = np.split(steps, cuts)
        own_f0, _ = self._contours(plan.sentences, by_sentence)
        # Rounding moved the edges a little: each frame takes what was meant for its place.
        places = np.interp(np.arange(own_f0.size) + 0.5, edges, wanted) - 0.5
        frames = np.arange(plan.prosody.num_frames)
        f0 = np.exp(np.interp(places, frames, np.log(plan.prosody.f0)))
        energy = (np.interp(places, frames, plan.prosody.energy) - DB_AT_ZERO) / DB_PER_UNIT
        f0 = np.where(own_f0 > VOICED_ABOVE, f0, own_f0)
        samples = self._sound(plan, by_sentence, f0.astype(np.float32), energy.astype(np.float32))
        return Audio(samples, self._engine.sample_rate)

    def _ids(self, sentence: tuple[Phone, ...]) -> list[int]:
        return [0, *[self._engine.vocab[phone.symbol] for phone in sentence[1:-1]], 0]

    def _contours(
        self, sentences: tuple[tuple[Phone, ...], ...], steps: list[NDArray[np.int64]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        pairs = zip(sentences, steps, strict=True)
        parts = [self.graph.f0_and_energy(self._ids(s), n) for s, n in pairs]
        f0, energy = zip(*parts, strict=True)
        return np.concatenate(f0), np.concatenate(energy)

    def _sound(
        self,
        plan: HibariPlan,
        steps: list[NDArray[np.int64]],
        f0: NDArray[np.float32],
        energy: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        noise = np.random.default_rng(self.seed)
        cuts = np.cumsum([n.sum() for n in steps])[:-1] * FRAMES_PER_STEP
        contours = zip(np.split(f0, cuts), np.split(energy, cuts), strict=True)
        return np.concatenate(
            [
                self.graph.sound(self._ids(sentence), n, f, e, noise)
                for sentence, n, (f, e) in zip(plan.sentences, steps, contours, strict=True)
            ]
        )


@cache
def _engine() -> Any:
    """Load hibari with its dictionaries, which takes a second to load, once."""
    return require("hibari", "tts").Hibari()


def _prosody(f0: NDArray[np.float32], energy: NDArray[np.float32]) -> Prosody:
    """The network's contours as a `Prosody`; a whisper has the voice's usual F0."""
    voiced = f0 > VOICED_ABOVE
    at = np.flatnonzero(voiced)
    filled = np.interp(np.arange(f0.size), at, f0[at]) if at.size else REGISTER.f0_median_hz
    hz = np.broadcast_to(filled, f0.shape).astype(np.float32)
    return Prosody(hz, voiced, energy * DB_PER_UNIT + DB_AT_ZERO, FRAME_RATE)


def _words(reading: Reading, steps: NDArray[np.int64], energy: NDArray[np.float32]) -> Segmentation:
    """Where the words of a reading and the pauses between them are heard, in frames.

    The sound runs ahead of the phones that make it, by about one and a half: a word is heard from
    the middle of the last phone before the space before it. Beside a pause the energy tells.
    """
    phones = [phone.word for sentence in reading.sentences for phone in sentence]
    edges = np.append(0, np.cumsum(steps)) * FRAMES_PER_STEP
    heard, labels, first = [0], [], 0
    for word, run in groupby(phones):
        after = first + sum(1 for _ in run)
        if word is not None:
            labels.append(reading.words[word])
            if after < len(phones) and phones[after] is not None:
                heard.append(int(edges[after - 1] + edges[after - 2]) // 2)
        else:
            start = int(edges[max(first - 1, 0)])
            quiet = energy[start : edges[after]]
            silent = start + np.flatnonzero(quiet <= max(FADED, quiet.min()))
            heard += [int(silent[0])] * bool(labels) + [int(silent[-1]) + 1]
            labels.append("")
        first = after
    heard[-1] = energy.size
    return Segmentation(np.array(heard), tuple(labels))


def _whole_steps(edges: NDArray[np.float64], plan: HibariPlan) -> NDArray[np.int64]:
    """Durations of the phones in whole steps, from where their edges should be (steps).

    Each phone of a word keeps a step; a pause may go.
    """
    phones = [phone for sentence in plan.sentences for phone in sentence]
    least = np.array([phone.word is not None and phone.symbol != " " for phone in phones])
    before = np.append(0, np.cumsum(least))
    rounded = np.floor(edges + 0.5).astype(np.int64)
    whole: NDArray[np.int64] = np.maximum.accumulate(rounded - before) + before
    return np.diff(whole)
