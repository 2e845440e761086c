"""Word-like units and phrases from nothing but F0, voicing and energy.

Pauses are where the sound falls far below the speech level. Between them the energy rises and
falls once a syllable (Mermelstein, 1975; de Jong & Wempe, 2009, "Praat script to detect syllable
nuclei and measure speech rate automatically"); cuts at the deepest dips make word-like units.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from prosodytok.prosody import Prosody
from prosodytok.segmentation.cut import best_cuts
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.units import seconds_to_frames

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

SHORTEST_PAUSE = seconds_to_frames(0.15)
SHORTEST_SPEECH = seconds_to_frames(0.05)
#: The pause threshold lies this part of the way from the speech level down to the noise floor, ...
THRESHOLD_DEPTH = 0.6
#: ... but this far below the speech level (dB): above any noise, below most consonants.
THRESHOLD_RANGE = (10.0, 30.0)
#: A sound without voice whose energy varies by less (dB) holds no speech.
SPEECH_RANGE = 6.0

#: Unvoiced frames count as this much weaker (dB), so that loud fricatives are no syllables.
UNVOICED_DROP = 3.0
#: A dip is measured against the peaks within a syllable's length of it (frames), ...
DIP_REACH = seconds_to_frames(0.35)
#: ... is at least this deep (dB), as deep as this at most, and earns this per dB.
DIP_RANGE = (1.0, 20.0)
GAIN_PER_DB = 0.15
TYPICAL_WORD = seconds_to_frames(0.4)
LONGEST_WORD = seconds_to_frames(1.2)


def segment_acoustic(prosody: Prosody) -> Hierarchy:
    """Find pauses, word-like units and phrases in a prosody.

    The units need not be words: they are stretches of 0.1 to 0.7 s between dips in energy, and
    pauses of 0.15 s and more. Time and memory are linear in the number of frames.

    Parameters
    ----------
    prosody : Prosody
        F0, voicing and energy of T frames.

    Returns
    -------
    Hierarchy
        Units and phrases that tile the T frames, all labels ``""``, source ``"acoustic"``.
    """
    silent = find_pauses(prosody)
    loudness = _syllabic_energy(prosody)
    dips, depths = _dips(loudness)
    changes = np.flatnonzero(np.diff(silent)) + 1
    edges = [0, *changes.tolist(), silent.size]
    boundaries = [0]
    for start, stop in pairwise(edges):
        if not silent[start]:
            boundaries += _cut_speech(start, stop, dips, depths)
        boundaries.append(stop)
    words = Segmentation.unlabelled(boundaries)
    firsts = words.boundaries[:-1]
    gains = np.zeros(silent.size)
    gains[dips] = GAIN_PER_DB * depths
    return phrases_by_pauses(words, "acoustic", pauses=silent[firsts], gains=gains[firsts])


def find_pauses(prosody: Prosody) -> Mask:
    """Mark the frames that lie in pauses.

    The threshold adapts to the speech level (the loud part of the voiced frames) and to the
    noise floor.

    Returns
    -------
    (T,) bool
        True in unvoiced stretches of at least 0.15 s below the threshold.
    """
    energy = _smooth(prosody.energy, 1.5)
    level = np.percentile(energy[prosody.voiced] if prosody.voiced.any() else energy, 90)
    span = level - np.percentile(energy, 5)
    if not prosody.voiced.any() and span < SPEECH_RANGE:
        return np.ones(energy.size, dtype=bool)
    threshold = level - np.clip(THRESHOLD_DEPTH * span, *THRESHOLD_RANGE)
    # Trackers find spots of voice in noise; only a run of voiced frames is a voice.
    speech = (energy > threshold) | _drop_short(prosody.voiced, SHORTEST_SPEECH)
    speech = ~_drop_short(~speech, SHORTEST_PAUSE)
    return ~_drop_short(speech, SHORTEST_SPEECH)


def _drop_short(mask: Mask, length: int) -> Mask:
    """Clear the runs of True that are shorter than `length` frames."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    kept = stops - starts >= length
    steps = np.zeros(mask.size + 1, dtype=np.int64)
    steps[starts[kept]] += 1
    steps[stops[kept]] -= 1
    return np.cumsum(steps[:-1]) > 0


def _smooth(signal: NDArray[np.floating], sigma: float) -> Floats:
    """Convolve with a Gaussian of `sigma` frames; the ends are held, so that no edge appears."""
    reach = round(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(signal.astype(np.float64), reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _syllabic_energy(prosody: Prosody) -> Floats:
    """Energy in dB, voiced weighted and smoothed to the rate of syllables, shape (T,)."""
    return _smooth(prosody.energy - UNVOICED_DROP * ~prosody.voiced, 3.0)


def _dips(loudness: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Frames of the dips between syllables, and how deep each is (dB)."""
    before, after = _around(-loudness, SHORTEST_SPEECH)
    dips = np.flatnonzero((-loudness > before) & (-loudness >= after))
    before, after = _around(loudness, DIP_REACH)
    depths = np.minimum(before, after)[dips] - loudness[dips]
    deep = depths >= DIP_RANGE[0]
    return dips[deep], np.minimum(depths[deep], DIP_RANGE[1])


def _around(signal: Floats, reach: int) -> tuple[Floats, Floats]:
    """Maximum of the `reach` frames before and after each frame; each of shape (T,)."""
    padded = np.pad(signal, reach, mode="edge")
    highest = sliding_window_view(padded, reach).max(axis=1)
    return highest[: signal.size], highest[-signal.size :]


def _cut_speech(start: int, stop: int, dips: NDArray[np.int64], depths: Floats) -> list[int]:
    """Frames at which to cut the speech from `start` to `stop` into word-like units."""
    first, last = np.searchsorted(dips, [start + SHORTEST_SPEECH, stop - SHORTEST_SPEECH + 1])
    edges = np.concatenate([[start], dips[first:last], [stop]])
    gains = np.concatenate([[0.0], GAIN_PER_DB * depths[first:last], [0.0]])
    steady = np.flatnonzero(np.diff(edges) > LONGEST_WORD)
    for i in steady[::-1]:
        # A vowel held or a drone has no dips: cut it evenly.
        pieces = round((edges[i + 1] - edges[i]) / TYPICAL_WORD)
        extra = np.linspace(edges[i], edges[i + 1], pieces + 1)[1:-1].astype(np.int64)
        edges, gains = np.insert(edges, i + 1, extra), np.insert(gains, i + 1, 0.0 * extra)
    return [int(frame) for frame in edges[best_cuts(edges, gains, TYPICAL_WORD, LONGEST_WORD)]]
