"""hibari's voice with controllable durations, F0 and energy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.tts.hibari_graph import FRAME_RATE, STEP_RATE, HibariGraph
from prosodytok.tts.hibari_phones import Phone, Pronunciation, text_to_phones
from prosodytok.tts.prosody_synthesizer import Plan
from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import require
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register

FRAMES_PER_STEP = FRAME_RATE // STEP_RATE
#: Frames with a predicted F0 up to this (Hz) are unvoiced.
VOICED_ABOVE = 40.0
#: Slope and offset of the energy of speech (dB) over that of the network, measured with words made
#: louder and softer (`recipes/tts_transfer/calibrate.py`).
DB_PER_UNIT, DB_AT_ZERO = 14.0, -43.0
#: Energy below which a frame counts as silent (dB).
SILENT_BELOW = -46.5
#: Register of hibari, measured on its own speech (`recipes/tts_transfer/calibrate.py`).
REGISTER = Register(194.0, 3.8, -22.0, 57.0)


@dataclass(frozen=True)
class HibariPlan(Plan):
    """A plan with the phones of the text, and the predicted duration of each (steps of 25 ms).

    `own_words` have the predicted timing; `words` has the target timing.
    """

    sentences: tuple[tuple[Phone, ...], ...]
    steps: NDArray[np.int64]
    own_words: Segmentation


class HibariVoice:
    """The voice "heart" of hibari-tts (Williams 2026): American English, female, 24 kHz, offline.

    A small network distilled from Kokoro-82M, a StyleTTS 2 (Li et al. 2023), predicts durations
    from phones, then F0 and energy, then the spectrum. Each is an input of the next part, and can
    be replaced (`HibariGraph`).

    Parameters
    ----------
    seed : int
        Random seed of the noise in the sound.

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
        """Plan of a text with hibari's own prosody; see `ProsodySynthesizer`.

        Raises
        ------
        TextError
            If nothing can be pronounced, or a sentence is too long for hibari.
        """
        text_phones = text_to_phones(self._engine, text, pauses)
        sentences = text_phones.sentences
        steps = [self.graph.steps(self._ids(sentence)) for sentence in sentences]
        f0, energy = self._contours(sentences, steps)
        prosody = _prosody(f0, energy)
        words = _words(text_phones, np.concatenate(steps), prosody.energy)
        return HibariPlan(words, prosody, sentences, np.concatenate(steps), words)

    def speak(self, plan: HibariPlan) -> Audio:
        """Synthesize a plan; see `ProsodySynthesizer`.

        Word boundaries are accurate to 12.5 ms, half a step of hibari. Voicing is that of hibari,
        since it depends on the phones.
        """
        own_edges = np.append(0, np.cumsum(plan.steps)) * FRAMES_PER_STEP
        target_edges = np.interp(own_edges, plan.own_words.boundaries, plan.words.boundaries)
        steps = _round_steps(target_edges / FRAMES_PER_STEP, plan)
        edges = np.append(0, np.cumsum(steps)) * FRAMES_PER_STEP
        ends = np.cumsum([len(sentence) for sentence in plan.sentences])[:-1]
        by_sentence = np.split(steps, ends)
        own_f0, _ = self._contours(plan.sentences, by_sentence)
        # Rounding moved the edges: each frame takes the values of its position before rounding.
        places = np.interp(np.arange(own_f0.size) + 0.5, edges, target_edges) - 0.5
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
        ends = np.cumsum([n.sum() for n in steps])[:-1] * FRAMES_PER_STEP
        contours = zip(np.split(f0, ends), np.split(energy, ends), strict=True)
        return np.concatenate(
            [
                self.graph.sound(self._ids(sentence), n, f, e, noise)
                for sentence, n, (f, e) in zip(plan.sentences, steps, contours, strict=True)
            ]
        )


@cache
def _engine() -> Any:
    """Load hibari with its dictionaries once, which takes a second."""
    return require("hibari", "tts").Hibari()


def _prosody(f0: NDArray[np.float32], energy: NDArray[np.float32]) -> Prosody:
    """Contours of the network as a `Prosody`; if nothing is voiced, with the median F0."""
    voiced = f0 > VOICED_ABOVE
    frames = np.flatnonzero(voiced)
    filled = (
        np.interp(np.arange(f0.size), frames, f0[frames]) if frames.size else REGISTER.f0_median_hz
    )
    hz = np.broadcast_to(filled, f0.shape).astype(np.float32)
    return Prosody(hz, voiced, energy * DB_PER_UNIT + DB_AT_ZERO, FRAME_RATE)


def _words(
    text_phones: Pronunciation, steps: NDArray[np.int64], energy: NDArray[np.float32]
) -> Segmentation:
    """Words and pauses of a text, as timed in the sound, in frames.

    The sound is about one and a half phones ahead of the phones: a word begins in the middle of the
    last phone before the space before it. Beside a pause the energy determines the boundary.
    """
    phones = [phone.word for sentence in text_phones.sentences for phone in sentence]
    edges = np.append(0, np.cumsum(steps)) * FRAMES_PER_STEP
    boundaries, labels, first = [0], [], 0
    for word, run in groupby(phones):
        after = first + sum(1 for _ in run)
        if word is not None:
            labels.append(text_phones.words[word])
            if after < len(phones) and phones[after] is not None:
                boundaries.append(int(edges[after - 1] + edges[after - 2]) // 2)
        else:
            start = int(edges[max(first - 1, 0)])
            pause = energy[start : edges[after]]
            silent = start + np.flatnonzero(pause <= max(SILENT_BELOW, pause.min()))
            boundaries += [int(silent[0])] * bool(labels) + [int(silent[-1]) + 1]
            labels.append("")
        first = after
    boundaries[-1] = energy.size
    return Segmentation(np.array(boundaries), tuple(labels))


def _round_steps(edges: NDArray[np.float64], plan: HibariPlan) -> NDArray[np.int64]:
    """Durations in whole steps from target edges (steps); one at least, but in pauses."""
    phones = [phone for sentence in plan.sentences for phone in sentence]
    least = np.array([phone.word is not None and phone.symbol != " " for phone in phones])
    before = np.append(0, np.cumsum(least))
    rounded = np.floor(edges + 0.5).astype(np.int64)
    whole: NDArray[np.int64] = np.maximum.accumulate(rounded - before) + before
    return np.diff(whole)
