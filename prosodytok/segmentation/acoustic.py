"""Word-like units and phrases from F0, voicing and energy alone.

Pauses are where the energy is far below the speech level. In speech the energy has one peak per
syllable (Mermelstein, 1975; de Jong & Wempe, 2009, "Praat script to detect syllable nuclei and
measure speech rate automatically"), and voicing starts with the vowel, which carries the perceived
rhythm (Barbosa & Bailly, 1994, "Characterisation of rhythmic patterns for text-to-speech
synthesis"). Boundaries at voice onsets and at the deepest energy dips make word-like units; a
boundary at a voice onset also saves the codes its timing.
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
#: Distance of the pause threshold from the speech level, as a share of the distance to the noise
#: floor, ...
THRESHOLD_DEPTH = 0.6
#: ... limited to this range (dB): above any noise, below most consonants.
THRESHOLD_RANGE = (10.0, 30.0)
#: Percentile of the energy that is the noise floor.
NOISE_PERCENTILE = 2
#: An unvoiced sound with a smaller energy range (dB) contains no speech.
SPEECH_RANGE = 6.0

#: Attenuation of unvoiced frames (dB), so that loud fricatives do not count as syllables.
UNVOICED_DROP = 3.0
#: The depth of a dip is relative to the peaks within this distance (frames), about a syllable.
DIP_REACH = seconds_to_frames(0.35)
#: Minimum depth of a dip and maximum counted depth (dB), and its gain per dB.
DIP_RANGE = (1.0, 20.0)
GAIN_PER_DB = 0.1
#: Gain of a voice onset, to which that of the best dip within ONSET_REACH is added (frames before
#: and after).
ONSET_GAIN = 3.0
ONSET_REACH = (12, 4)
TYPICAL_WORD = seconds_to_frames(0.55)
LONGEST_WORD = seconds_to_frames(1.2)


def segment_acoustic(prosody: Prosody) -> Hierarchy:
    """Find pauses, word-like units and phrases in a prosody.

    The units need not be words: they last 0.1 to 0.8 s, between voice onsets and energy dips, and
    pauses last at least 0.15 s. They move with the sound. Time and memory are linear in the number
    of frames.

    Parameters
    ----------
    prosody : Prosody
        F0, voicing and energy of T frames.

    Returns
    -------
    Hierarchy
        Units and phrases, all labels ``""``, source ``"acoustic"``.
    """
    silent = find_pauses(prosody)
    gains = boundary_gains(prosody)
    words = Segmentation.unlabelled(unit_boundaries(silent, gains))
    middles = (words.boundaries[:-1] + words.boundaries[1:]) // 2
    return phrases_by_pauses(
        words, "acoustic", pauses=silent[middles], gains=gains[words.boundaries[:-1]]
    )


def unit_boundaries(silent: Mask, gains: Floats, begin: int = 0) -> list[int]:
    """Edges of the pauses and word-like units from frame `begin` to T, both included."""
    changes = np.flatnonzero(np.diff(silent)) + 1
    inner = changes[(changes > begin) & (changes < silent.size)]
    boundaries = [begin]
    for start, stop in pairwise([begin, *inner.tolist(), silent.size]):
        if not silent[(start + stop) // 2]:
            boundaries += _speech_boundaries(start, stop, gains)
        boundaries.append(stop)
    return boundaries


def find_pauses(prosody: Prosody) -> Mask:
    """Find the frames in pauses.

    The threshold depends on the speech level (90th percentile of voiced frames) and on the noise
    floor (2nd percentile from the first voiced frame to the last, so that silence before or after
    the speech does not count).

    Returns
    -------
    (T,) bool
        True in unvoiced parts of at least 0.15 s below the threshold.
    """
    energy = _smooth(prosody.energy, 1.5)
    (voiced,) = np.nonzero(prosody.voiced)
    if voiced.size == 0:
        floor, level = np.percentile(energy, [NOISE_PERCENTILE, 90])
        if level - floor < SPEECH_RANGE:
            return np.ones(energy.size, dtype=bool)
    else:
        floor = np.percentile(energy[voiced[0] : voiced[-1] + 1], NOISE_PERCENTILE)
        level = np.percentile(energy[voiced], 90)
    return pauses_under(prosody, pause_threshold(level, level - floor))


def pause_threshold(level: float, span: float) -> float:
    """Energy threshold of pauses (dB), given the speech level and its distance from silence."""
    return float(level - np.clip(THRESHOLD_DEPTH * span, *THRESHOLD_RANGE))


def pauses_under(prosody: Prosody, threshold: float) -> Mask:
    """Find pauses as `find_pauses` does, with a given threshold (dB)."""
    energy = _smooth(prosody.energy, 1.5)
    # Short voiced runs are tracker errors in noise.
    speech = (energy > threshold) | _drop_short(prosody.voiced, SHORTEST_SPEECH)
    speech = ~_drop_short(~speech, SHORTEST_PAUSE)
    return ~_drop_short(speech, SHORTEST_SPEECH)


def pauses_in(units: Segmentation, prosody: Prosody) -> Mask:
    """Whether more than half of the frames of each unit are in pauses, shape (N,)."""
    silent = np.add.reduceat(find_pauses(prosody).astype(np.int64), units.boundaries[:-1])
    return np.asarray(2 * silent > units.durations)


def syllable_edges(prosody: Prosody) -> tuple[NDArray[np.int64], Floats]:
    """Frames and depths (dB) of the energy dips between syllables, each of shape (N,)."""
    return _dips(_syllabic_energy(prosody))


def _drop_short(mask: Mask, length: int) -> Mask:
    """Clear runs of True shorter than `length` frames."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    kept = stops - starts >= length
    steps = np.zeros(mask.size + 1, dtype=np.int64)
    steps[starts[kept]] += 1
    steps[stops[kept]] -= 1
    return np.cumsum(steps[:-1]) > 0


def _smooth(signal: NDArray[np.floating], sigma: float) -> Floats:
    """Convolve with a Gaussian of `sigma` frames, with edge padding."""
    reach = round(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(signal.astype(np.float64), reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _syllabic_energy(prosody: Prosody) -> Floats:
    """Energy (dB) with attenuated unvoiced frames, smoothed to the syllable rate, shape (T,)."""
    return _smooth(prosody.energy - UNVOICED_DROP * ~prosody.voiced, 3.0)


def boundary_gains(prosody: Prosody) -> Floats:
    """Gain of a boundary at each frame, from voice onsets and dips, shape (T,)."""
    gains = np.zeros(prosody.num_frames)
    dips, depths = syllable_edges(prosody)
    gains[dips] = GAIN_PER_DB * depths
    for onset in _onsets(prosody.voiced):
        around = slice(max(0, onset - ONSET_REACH[0]), onset + ONSET_REACH[1])
        best = gains[around].max()
        gains[around] = 0.0
        gains[onset] = ONSET_GAIN + best
    return gains


def _onsets(voiced: Mask) -> NDArray[np.int64]:
    """First frames of voiced runs, after closing short gaps and dropping short runs."""
    steady = _drop_short(~_drop_short(~voiced, SHORTEST_SPEECH), SHORTEST_SPEECH)
    return np.flatnonzero(~steady[:-1] & steady[1:]) + 1


def _dips(loudness: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Frames and depths (dB) of the dips between syllables."""
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
    """Inner boundaries of word-like units in the speech from `start` to `stop`."""
    inner = slice(start + SHORTEST_SPEECH, max(start, stop - SHORTEST_SPEECH) + 1)
    candidates = np.flatnonzero(gains[inner]) + inner.start
    edges = np.concatenate([[start], candidates, [stop]])
    gains = np.concatenate([[0.0], gains[candidates], [0.0]])
    steady = np.flatnonzero(np.diff(edges) > LONGEST_WORD)
    for i in steady[::-1]:
        # Long vowels and drones have no dips: divide them evenly.
        pieces = round((edges[i + 1] - edges[i]) / TYPICAL_WORD)
        even = np.linspace(edges[i], edges[i + 1], pieces + 1)[1:-1]
        extra = even.astype(np.int64)
        edges, gains = np.insert(edges, i + 1, extra), np.insert(gains, i + 1, 0.0 * extra)
    return [
        int(frame) for frame in edges[best_boundaries(edges, gains, TYPICAL_WORD, LONGEST_WORD)]
    ]
