"""Prepared speech, and random batches of it with altered voices, tempo, level and noise."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.signal import lfilter
from torch import Tensor

from prosodytok.features.mel import FFT_SIZE, NUM_BANDS, mel_filters
from prosodytok.segmentation.learned.inputs import (
    ENERGY_LIMITS,
    ENERGY_SCALE,
    INPUTS,
    limit_mel,
    mean_spectrum,
    normalize_mel,
    silence,
)
from prosodytok.segmentation.learned.unit_search import EVENTS, TARGET_WIDTH
from prosodytok.training.changed_copies import NOISE_RATIO, ROOM_LEVEL, ROOM_SECONDS
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.register import LEVEL_BELOW_VOICE
from prosodytok.types.units import NEPERS

#: Sequences of a batch, and their frames. The second half is changed copies.
BATCH, LENGTH = 6, 1100
#: Lengths of the parts of utterances, and of the silence between them (frames).
PARTS, GAPS = (200, 900), (10, 150)
#: Frames on either side of a cut in which the targets are unknown.
UNKNOWN = 8
#: Largest stretch of the bands and of the time, as natural logarithms; scales of F0.
WARP, TEMPO, F0_SCALES = 0.18, 0.18, (0.5, 2.0)
#: Deviation of the random tilt of the spectrum.
TILT = 0.15
#: Masks of each kind per part of an utterance; their largest bands and frames.
MASKS, BANDS, FRAMES = 2, 16, 24
#: Probabilities that a part is without prosody, and that its copy is made by `change_mel`.
NO_PROSODY, SIMULATED = 0.15, 0.45
#: Limits (Hz) of its bands, and deviation (nepers) of its noise and reverberation.
LOWEST, HIGHEST, SCATTER = (100.0, 350.0), (3200.0, 4200.0), 0.5

Array = np.ndarray


@dataclass
class Corpus:
    """Output of prepare.py: frames (T, INPUTS) of each copy of the concatenated utterances."""

    copies: list[Array]
    starts: Array
    groups: list[str]
    events: list[dict[str, list]]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """Read a folder that prepare.py wrote."""
        utterances = json.loads((folder / "utterances.json").read_text())
        copies = [
            np.memmap(path, dtype=np.float16, mode="r").reshape(-1, INPUTS)
            for path in sorted(folder.glob("frames-*.f16"))
        ]
        return cls(
            copies,
            np.cumsum([0, *(x["frames"] for x in utterances)]),
            [x["group"] for x in utterances],
            [x["events"] for x in utterances],
        )

    def __len__(self) -> int:
        return len(self.groups)

    def frames(self, index: int, copy: int = 0) -> Array:
        """Frames of a copy of an utterance, float32."""
        start, end = self.starts[index : index + 2]
        return self.copies[copy][start:end].astype(np.float32)

    def inputs(self, index: int, copy: int = 0) -> tuple[Array, Array]:
        """The network's inputs, and the mean spectrum."""
        return normalize(self.frames(index, copy))

    def edge_times(self, index: int, name: str) -> Array:
        """Times (s) of the edges of words, or of the certain phrase edges."""
        events = self.events[index][name]
        if name == "phrase":
            events = [frame for frame, probability in events if probability == 1]
        return np.asarray(events, dtype=float) / 100

    @property
    def probabilities(self) -> Array:
        """Probabilities by which utterances are drawn: rare corpora are drawn more often."""
        lengths = np.diff(self.starts)
        total: Counter[str] = Counter()
        for group, length in zip(self.groups, lengths, strict=True):
            total[group] += int(length)
        weights = lengths * np.array([total[group] ** -0.3 for group in self.groups])
        return weights / weights.sum()


def normalize(frames: Array) -> tuple[Array, Array]:
    """Inputs from frames, as `BoundaryInputs` makes them, and the mean spectrum."""
    speech = frames[:, -2] > 0.5
    if not speech.any():
        speech = frames[:, -1] >= 0
    mel = frames[:, :NUM_BANDS]
    mean = mean_spectrum(limit_mel(mel[speech]).sum(axis=0), int(speech.sum()))
    return np.concatenate([normalize_mel(mel, mean), frames[:, NUM_BANDS:]], axis=1), mean


def targets(events: dict[str, list], num_frames: int, tempo: float = 1.0) -> Array:
    """Targets (T, EVENTS) of events in an utterance whose time is stretched by `tempo`."""
    found = np.zeros((num_frames, len(EVENTS)), dtype=np.float32)
    column = {name: found[:, EVENTS.index(name)] for name in EVENTS}
    edges, nuclei = (tempo * np.array(events[name]) for name in ("word", "nucleus"))
    _mark(column["word"], edges, np.ones(len(edges)))
    # A nucleus is the middle of a frame, an edge is its start.
    _mark(column["nucleus"], nuclei - 0.5, np.ones(len(nuclei)))
    phrases = np.array(events["phrase"]).reshape(-1, 2)
    _mark(column["phrase"], tempo * phrases[:, 0], phrases[:, 1])
    for start, end in events["pause"]:
        column["pause"][round(tempo * start) : round(tempo * end)] = 1
    return found


def _mark(column: Array, places: Array, values: Array) -> None:
    """Raise the targets around places (frames) to a bump of a height."""
    for place, value in zip(places, values, strict=True):
        first = max(0, int(place) - 4)
        near = np.arange(first, min(len(column), int(place) + 6))
        bump = value * np.exp(-0.5 * ((near - place) / TARGET_WIDTH) ** 2)
        column[first : first + len(near)] = np.maximum(column[first : first + len(near)], bump)


def draw(corpus: Corpus, rng: np.random.Generator, probabilities: Array) -> tuple[Tensor, Tensor]:
    """Inputs (2 B, T, INPUTS) of B sequences and their changed copies; targets, -1 if unknown."""
    inputs = np.empty((BATCH, LENGTH, INPUTS), dtype=np.float32)
    marks = np.full((BATCH // 2, LENGTH, len(EVENTS)), -1, dtype=np.float32)
    for row in range(BATCH // 2):
        place = 0
        while place < LENGTH:
            index = int(rng.choice(len(corpus), p=probabilities))
            pair, events = _part(corpus, index, rng)
            end = min(place + len(events), LENGTH)
            for half, part in enumerate(pair):
                inputs[row + half * BATCH // 2, place:end] = part[: end - place]
            marks[row, place:end] = events[: end - place]
            place = end
    return torch.from_numpy(inputs), torch.from_numpy(np.concatenate([marks, marks]))


def _part(
    corpus: Corpus, index: int, rng: np.random.Generator
) -> tuple[tuple[Array, Array], Array]:
    """Inputs of a part of an utterance and of a changed copy, silence after both, and targets."""
    tempo = float(np.exp(rng.uniform(-TEMPO, TEMPO)))
    warp = float(np.exp(rng.uniform(-WARP, WARP)))
    scale = float(np.exp(rng.uniform(*np.log(F0_SCALES))))
    copy = int(rng.integers(1, len(corpus.copies))) if len(corpus.copies) > 1 else 0
    simulated = copy == 0 or rng.random() < SIMULATED
    frames = [_stretch(corpus.frames(index, i), tempo) for i in (0, 0 if simulated else copy)]
    if simulated:
        frames[1] = change_mel(frames[1], rng)
    marks = targets(corpus.events[index], len(frames[0]), tempo)
    length = min(len(marks), int(rng.integers(*PARTS)))
    first = int(rng.integers(len(marks) - length + 1))
    gap = int(rng.integers(*GAPS))
    pair = []
    for x in frames:
        x[:, :NUM_BANDS] = _warp(x[:, :NUM_BANDS], warp)
        x[:, NUM_BANDS] = (x[:, NUM_BANDS] * scale).clip(-2, 2)
        normal, mean = normalize(x)
        part = _mask(normal[first : first + length] + _tilt(rng), rng)
        pair.append(np.concatenate([part, silence(mean, gap)]))
    marks = np.pad(marks[first : first + length], [(0, gap), (0, 0)])
    marks[length:, EVENTS.index("pause")] = 1
    for cut in (0, length):
        marks[max(0, cut - UNKNOWN) : cut + UNKNOWN] = -1
    return (pair[0], pair[1]), marks


def _stretch(frames: Array, tempo: float) -> Array:
    """Change the tempo: the bands are interpolated, the prosody is that of the nearest frame."""
    place = (np.arange(round(len(frames) * tempo)) / tempo).clip(0, len(frames) - 1)
    low = np.minimum(place.astype(int), len(frames) - 1)
    share = (place - low).astype(np.float32)[:, None]
    stretched = (1 - share) * frames[low] + share * frames[np.minimum(low + 1, len(frames) - 1)]
    stretched[:, NUM_BANDS:] = frames[np.rint(place).astype(int), NUM_BANDS:]
    return stretched


def _warp(mel: Array, factor: float) -> Array:
    """Stretch the bands (vocal tract length perturbation, Jaitly & Hinton, 2013)."""
    place = (np.arange(NUM_BANDS) * factor).clip(0, NUM_BANDS - 1)
    low = np.minimum(place.astype(int), NUM_BANDS - 2)
    share = (place - low).astype(np.float32)
    return (1 - share) * mel[:, low] + share * mel[:, low + 1]


def change_mel(frames: Array, rng: np.random.Generator) -> Array:
    """Simulate noise, a band, or a room in the powers of the bands; F0 and voicing stay."""
    mel = frames[:, :NUM_BANDS]
    kind = rng.choice(["noise", "band", "room"])
    if kind == "noise":
        mel = _noisy(mel, rng)
    elif kind == "band":
        mel = _narrow(mel, rng)
    else:
        mel = _in_room(mel, rng)
    level = np.logaddexp.reduce(mel, axis=1)
    speech = frames[:, NUM_BANDS + 1] > 0.5
    if speech.any():
        louder = np.percentile(level[speech], 75) - LEVEL_BELOW_VOICE * NEPERS
        mel, level = mel - louder, level - louder
    energy = (level / NEPERS / ENERGY_SCALE).clip(*ENERGY_LIMITS)
    return np.column_stack([mel, frames[:, NUM_BANDS : NUM_BANDS + 2], energy]).astype(np.float32)


def _noisy(mel: Array, rng: np.random.Generator) -> Array:
    """Add stationary noise of a random spectrum."""
    width = np.log(mel_filters().numpy().sum(axis=0))
    bands = np.linspace(-1, 1, NUM_BANDS)
    shape = width + rng.uniform(-3, 1) * bands + rng.uniform(-1, 1) * bands**2
    shape -= np.log(np.exp(shape).sum())
    noise = shape - NEPERS * rng.uniform(*NOISE_RATIO)
    return np.logaddexp(mel, noise + SCATTER * rng.standard_normal(mel.shape))


def _narrow(mel: Array, rng: np.random.Generator) -> Array:
    """Lower the bands above 4 kHz or less, half the time also those under 300 Hz or less."""
    hz = np.argmax(mel_filters().numpy(), axis=0) * SAMPLE_RATE / FFT_SIZE
    low = rng.uniform(*LOWEST) if rng.random() < 0.5 else 0.0
    outside = (hz > rng.uniform(*HIGHEST)) | (hz < low)
    return np.where(outside, mel - rng.uniform(8, 25), mel)


def _in_room(mel: Array, rng: np.random.Generator) -> Array:
    """Add the exponentially decaying powers of the frames before."""
    seconds, level = rng.uniform(*ROOM_SECONDS), rng.uniform(*ROOM_LEVEL)
    gain, decay = SAMPLE_RATE / 100 * level**2, 10 ** (-6 / 100 / seconds)
    late = lfilter([gain / 2, gain / 2], [1, -decay], np.exp(mel.astype(np.float64)), axis=0)
    scatter = SCATTER * rng.standard_normal(mel.shape)
    return np.logaddexp(mel, np.log(np.maximum(late, 1e-12)) + scatter)


def _tilt(rng: np.random.Generator) -> Array:
    """Smooth random change of the spectrum, the same in all frames: (INPUTS,)."""
    bands = np.linspace(-1, 1, NUM_BANDS)
    a, b, c = rng.normal(0, TILT, 3)
    return np.append(a + b * bands + c * bands**2, np.zeros(3)).astype(np.float32)


def _mask(inputs: Array, rng: np.random.Generator) -> Array:
    """Mask bands, frames, and the prosody (SpecAugment, Park et al., 2019)."""
    for _ in range(MASKS):
        first, width = rng.integers(NUM_BANDS), rng.integers(BANDS + 1)
        inputs[:, first : min(first + width, NUM_BANDS)] = 0
        start, length = rng.integers(len(inputs)), rng.integers(FRAMES + 1)
        inputs[start : start + length] = 0
    if rng.random() < NO_PROSODY:
        inputs[:, NUM_BANDS:] = 0
    return inputs
