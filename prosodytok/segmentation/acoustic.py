"""Word-like units and phrases from nothing but F0, voicing and energy.

Pauses are where the sound falls far below the speech level. Between them the energy rises and
falls once a syllable (Mermelstein, 1975; de Jong & Wempe, 2009, "Praat script to detect syllable
nuclei and measure speech rate automatically"), and the voice sets in with the vowel, which is where
rhythm is heard to beat (Barbosa & Bailly, 1994, "Characterisation of rhythmic patterns for
text-to-speech synthesis"). Cuts where the voice sets in and at the deepest dips make word-like
units; an edge that says when the voice sets in is one that codes need not say.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from prosodytok.segmentation.dynamic_programming import best_boundaries
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.units import seconds_to_frames

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
GAIN_PER_DB = 0.1
#: An onset of voice earns this, and what the best dip around it does (frames before and after).
ONSET_GAIN = 3.0
ONSET_REACH = (12, 4)
#: Edges lie on this grid (frames): finer ones cost bits that do more good as codes.
GRID = seconds_to_frames(0.02)
TYPICAL_WORD = seconds_to_frames(0.55)
LONGEST_WORD = seconds_to_frames(1.2)


def segment_acoustic(prosody: Prosody) -> Hierarchy:
    """Find pauses, word-like units and phrases in a prosody.

    The units need not be words: they are stretches of 0.1 to 0.8 s from one onset of voice or dip
    in energy to another, and pauses of 0.15 s and more. Edges lie on a grid of 20 ms. Time and
    memory are linear in the number of frames.

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
    gains = boundary_gains(prosody)
    words = Segmentation.unlabelled(unit_boundaries(silent, gains))
    middles = (words.boundaries[:-1] + words.boundaries[1:]) // 2
    return phrases_by_pauses(
        words, "acoustic", pauses=silent[middles], gains=gains[words.boundaries[:-1]]
    )


def unit_boundaries(silent: Mask, gains: Floats, begin: int = 0) -> list[int]:
    """Edges of the pauses and word-like units from the frame `begin` on, it and T included."""
    changes = _on_grid(np.flatnonzero(np.diff(silent)) + 1)
    inner = changes[(changes > begin) & (changes < silent.size)]
    boundaries = [begin]
    for start, stop in pairwise([begin, *np.unique(inner).tolist(), silent.size]):
        if not silent[(start + stop) // 2]:
            boundaries += _speech_boundaries(start, stop, gains)
        boundaries.append(stop)
    return boundaries


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
    return pauses_under(prosody, pause_threshold(level, span))


def pause_threshold(level: float, span: float) -> float:
    """Energy (dB) below which nothing is said; silence lies `span` under the speech level."""
    return float(level - np.clip(THRESHOLD_DEPTH * span, *THRESHOLD_RANGE))


def pauses_under(prosody: Prosody, threshold: float) -> Mask:
    """As `find_pauses`, where the threshold (dB) is known."""
    energy = _smooth(prosody.energy, 1.5)
    # Trackers find spots of voice in noise; only a run of voiced frames is a voice.
    speech = (energy > threshold) | _drop_short(prosody.voiced, SHORTEST_SPEECH)
    speech = ~_drop_short(~speech, SHORTEST_PAUSE)
    return ~_drop_short(speech, SHORTEST_SPEECH)


def pauses_in(units: Segmentation, prosody: Prosody) -> Mask:
    """Which units are silent for more than half of their frames, shape (N,)."""
    silent = np.add.reduceat(find_pauses(prosody).astype(np.int64), units.boundaries[:-1])
    return np.asarray(2 * silent > units.durations)


def syllable_edges(prosody: Prosody) -> tuple[NDArray[np.int64], Floats]:
    """Frames of the dips in energy between syllables, and how deep each is (dB), shape (N,)."""
    return _dips(_syllabic_energy(prosody))


def _on_grid(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nearest edges of the grid; halves go up."""
    return (frames + GRID // 2) // GRID * GRID


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


def boundary_gains(prosody: Prosody) -> Floats:
    """What a cut at each frame earns, shape (T,): onsets of voice and dips, on the grid."""
    gains = np.zeros(prosody.num_frames)
    dips, depths = syllable_edges(prosody)
    gains[dips] = GAIN_PER_DB * depths
    for onset in _onsets(prosody.voiced):
        around = slice(max(0, onset - ONSET_REACH[0]), onset + ONSET_REACH[1])
        best = gains[around].max()
        gains[around] = 0.0
        gains[onset] = ONSET_GAIN + best
    places = np.flatnonzero(gains)
    edges = _on_grid(places)
    inside = edges < gains.size
    snapped = np.zeros_like(gains)
    np.maximum.at(snapped, edges[inside], gains[places[inside]])
    return snapped


def _onsets(voiced: Mask) -> NDArray[np.int64]:
    """First frames of runs of voice, short gaps closed and short runs left out."""
    steady = _drop_short(~_drop_short(~voiced, SHORTEST_SPEECH), SHORTEST_SPEECH)
    return np.flatnonzero(~steady[:-1] & steady[1:]) + 1


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


def _speech_boundaries(start: int, stop: int, gains: Floats) -> list[int]:
    """Frames at which to cut the speech from `start` to `stop` into word-like units."""
    inner = slice(start + SHORTEST_SPEECH, max(start, stop - SHORTEST_SPEECH) + 1)
    places = np.flatnonzero(gains[inner]) + inner.start
    edges = np.concatenate([[start], places, [stop]])
    gains = np.concatenate([[0.0], gains[places], [0.0]])
    steady = np.flatnonzero(np.diff(edges) > LONGEST_WORD)
    for i in steady[::-1]:
        # A vowel held or a drone has no dips: cut it evenly.
        pieces = round((edges[i + 1] - edges[i]) / TYPICAL_WORD)
        even = np.linspace(edges[i], edges[i + 1], pieces + 1)[1:-1]
        extra = _on_grid(even.astype(np.int64))
        edges, gains = np.insert(edges, i + 1, extra), np.insert(gains, i + 1, 0.0 * extra)
    return [
        int(frame) for frame in edges[best_boundaries(edges, gains, TYPICAL_WORD, LONGEST_WORD)]
    ]
