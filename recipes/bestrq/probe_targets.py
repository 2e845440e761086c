"""Targets of the probes at every frame of 40 ms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from praatio import textgrid
from rich.progress import track

from prosodytok.features import extract
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio
from prosodytok.types.units import frame_times, samples_to_frames

FRAME_RATE = 25.0
#: TIMIT files above this RMS turn into noise at some point, and are left out.
MAX_RMS = 0.1
#: Map of TIMIT's phones to 39 (Lee and Hon, 1989); others are unchanged.
FOLDED = {
    "ux": "uw", "axr": "er", "ax-h": "ah", "ax": "ah", "ix": "ih", "ao": "aa", "em": "m",
    "en": "n", "nx": "n", "eng": "ng", "el": "l", "hv": "hh", "zh": "sh", "bcl": "sil",
    "pcl": "sil", "dcl": "sil", "tcl": "sil", "gcl": "sil", "kcl": "sil", "h#": "sil",
    "pau": "sil", "epi": "sil", "q": "sil",
}  # fmt: skip
BROAD = {
    "high vowel": "iy ih ix ux uw uh y",
    "low vowel": "ae aa ao ah ax ax-h eh aw ay ow oy ey",
    "r, l, w": "r l w el er axr",
    "nasal": "m n ng em en eng nx",
    "voiced stop": "b d g dx",
    "unvoiced stop": "p t k",
    "voiced fricative": "v dh z zh jh",
    "unvoiced fricative": "f th s sh hh hv ch",
    "closure": "bcl pcl dcl tcl gcl kcl q",
    "silence": "h# pau epi",
}
BROAD_OF = {phone: name for name, phones in BROAD.items() for phone in phones.split()}


@dataclass(frozen=True)
class Frames:
    """Frames of many utterances: sounds, speaker of each frame, and targets by name."""

    sounds: list[Audio]
    speakers: np.ndarray
    targets: dict[str, np.ndarray]


def speech_frames(manifest: Path, count: int) -> Frames:
    """Voicing and energy of every n-th utterance."""
    utterances = read_manifest(manifest)
    chosen = utterances[:: max(1, len(utterances) // count)]
    sounds, speakers, voicing, energy = [], [], [], []
    for utterance in track(chosen, manifest.stem):
        sound = load(utterance.audio)
        prosody = extract(sound)
        num_frames = _num_frames(sound)
        indices = np.minimum(np.arange(num_frames * 4), prosody.num_frames - 1).reshape(-1, 4)
        level = prosody.energy[indices].mean(axis=1)
        sounds.append(sound)
        speakers += [utterance.speaker] * num_frames
        voicing.append(prosody.voiced[indices].sum(axis=1) >= 2)
        energy.append(level - level.max())
    targets = {"voicing": np.concatenate(voicing), "energy": np.concatenate(energy)}
    return Frames(sounds, np.array(speakers), targets)


def timit_frames(manifest: Path) -> Frames:
    """Phones and word edges of the intact TIMIT files."""
    utterances = read_manifest(manifest)
    pairs = [(u, load(u.audio)) for u in utterances if u.audio.parent.name == "timit"]
    clean = [(u, sound) for u, sound in pairs if np.sqrt(np.mean(sound.samples**2)) <= MAX_RMS]
    speakers = [u.speaker for u, sound in clean for _ in range(_num_frames(sound))]
    targets = [_labels(u, _num_frames(sound)) for u, sound in clean]
    joined = {key: np.concatenate([t[key] for t in targets]) for key in targets[0]}
    return Frames([sound for _, sound in clean], np.array(speakers), joined)


def _labels(utterance: Utterance, num_frames: int) -> dict[str, np.ndarray]:
    grid = textgrid.openTextgrid(str(utterance.textgrid), includeEmptyIntervals=False)
    phones = grid.getTier(utterance.tiers["phones"]).entries
    words = grid.getTier(utterance.tiers["words"]).entries
    times = frame_times(num_frames, FRAME_RATE)
    ends = np.array([phone.end for phone in phones])
    names = [phones[i].label for i in np.minimum(np.searchsorted(ends, times), len(phones) - 1)]
    edges = np.array([time for word in words for time in (word.start, word.end)])
    distance = np.abs(times[:, None] - edges).min(axis=1)
    return {
        "class": np.array([BROAD_OF[name] for name in names]),
        "phone": np.array([FOLDED.get(name, name) for name in names]),
        "edge 20": distance <= 0.020,
        "edge 40": distance <= 0.040,
    }


def _num_frames(sound: Audio) -> int:
    return samples_to_frames(sound.samples.size, sound.sample_rate, FRAME_RATE)
