"""Stretches of F0 that are in doubt, decided by a second tracker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.pitch.octave_errors import segments
from prosodytok.features.pitch.pitch import Pitch, frame_samples, limits
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.features.pitch.swift_f0 import swift_f0
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import CEILING_LIMIT, FITTED, FLOOR_LIMIT, F0Range
from prosodytok.types.units import samples_to_frames, seconds_to_frames

#: Change of F0 between neighbouring voiced frames that ends a segment (octaves), and the longest
#: pause across which two segments are compared (frames).
JUMP, PAUSE = 0.25, seconds_to_frames(0.3)
#: Longest segment (frames) that a jump puts in doubt.
LONGEST_JUMP = seconds_to_frames(0.6)
#: Distance (octaves) of a segment's median from the quartiles of F0 that puts it in doubt.
OUTSIDE = 0.5
#: Context of a stretch in doubt (frames), the gap below which stretches are joined, and the longest
#: stretch that is tracked at once.
CONTEXT, GAP, LONGEST = (seconds_to_frames(x) for x in (0.25, 0.25, 60.0))
#: Confidence with which the second tracker decides, and the least difference of F0 (octaves).
CONFIDENT, DIFFERENT = 0.6, 1 / 3
#: Search range about the second tracker's F0 (ratio).
ABOUT = 1.4
#: Confidence below which the second tracker finds no voice, and the distance (octaves) above the
#: third quartile from which F0 is then an error: noise of fricatives.
NO_VOICE, SPURIOUS = 0.3, 0.85


def confirm(pitch: Pitch, audio: Audio, level: float, f0_range: F0Range = FITTED) -> Pitch:
    """Let SwiftF0 decide where F0 is in doubt.

    In doubt are segments that jump from their neighbours, or lie half an octave outside the
    quartiles of the sound's F0. Where SwiftF0 is confident and differs by 4 semitones, the frames
    are tracked again by Praat within half an octave of SwiftF0. Far above the voice, where SwiftF0
    finds none, frames become unvoiced. Creak and register breaks that SwiftF0 does not contradict
    are unchanged.

    Parameters
    ----------
    pitch : Pitch
        Output of a tracker, T frames.
    audio : Audio
        The sound.
    level : float
        Its `peak_level`.
    f0_range : F0Range
        Limits of F0 that were given; outside them, and outside 40 to 1000 Hz, SwiftF0 does not
        decide.

    Returns
    -------
    Pitch
        T frames; in the stretches in doubt, the confidence is at most SwiftF0's.
    """
    doubt = doubtful_frames(pitch)
    if not doubt.any():
        return pitch
    second, confidence = _second_pitch(audio, level, doubt)
    f0 = np.where(pitch.voiced, pitch.f0, 1.0)
    differ = np.abs(np.log2(f0 / second)) > DIFFERENT
    lowest, highest = limits(f0_range.fit(F0Range(FLOOR_LIMIT, CEILING_LIMIT)))
    decides = (confidence >= CONFIDENT) & (second >= lowest) & (second <= highest)
    for start, end in runs(doubt & differ & decides):
        near = _range_about(second[start:end], lowest, highest)
        f0[start:end] = _track_again(audio, level, start, end, second[start:end], near)
    spurious = f0 > np.percentile(pitch.f0[pitch.voiced], 75) * 2**SPURIOUS
    voiced = pitch.voiced & ~(doubt & (confidence < NO_VOICE) & spurious)
    sure = np.where(doubt, np.minimum(pitch.confidence, confidence), pitch.confidence)
    return Pitch(np.where(voiced, f0, 0.0), voiced, np.where(voiced, sure, 0.0))


def doubtful_frames(pitch: Pitch) -> NDArray[np.bool_]:
    """Voiced frames in doubt, shape (T,); see `confirm`."""
    doubt = np.zeros(pitch.voiced.size, dtype=bool)
    if not pitch.voiced.any():
        return doubt
    octaves = np.log2(pitch.f0, where=pitch.voiced, out=np.zeros(pitch.f0.shape))
    first, middle, third = np.percentile(octaves[pitch.voiced], [25, 50, 75])
    own = segments(octaves, pitch.voiced, JUMP)
    medians = [float(np.median(octaves[start:end])) for start, end in own]
    for i, (start, end) in enumerate(own):
        if medians[i] < first - OUTSIDE or medians[i] > third + OUTSIDE:
            doubt[start:end] = True
        before = own[i - 1][1] if i else -PAUSE
        if start - before < PAUSE and abs(octaves[start] - octaves[before - 1]) > JUMP:
            far = max(i - 1, i, key=lambda k: abs(medians[k] - middle))
            if own[far][1] - own[far][0] <= LONGEST_JUMP:
                doubt[slice(*own[far])] = True
    return doubt


def _second_pitch(
    audio: Audio, level: float, doubt: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """F0 (Hz) and confidence of SwiftF0 in and near the frames in doubt, shape (T,); else 1, 0."""
    f0, confidence = np.ones(doubt.size), np.zeros(doubt.size)
    near = np.convolve(doubt, np.ones(GAP), mode="same") > 0
    for first, last in runs(near):
        for start in range(first, last, LONGEST):
            end = min(start + LONGEST, last)
            before, after = max(0, start - CONTEXT), min(doubt.size, end + CONTEXT)
            samples = frame_samples(audio, before, after)
            found = swift_f0(samples, audio.sample_rate, after - before, level)
            own = slice(start - before, end - before)
            f0[start:end], confidence[start:end] = found[0][own], found[1][own]
    return f0, confidence


def _range_about(second: NDArray[np.float64], lowest: float, highest: float) -> F0Range:
    """The range about the second tracker's F0, within limits."""
    middle = float(np.median(second))
    return F0Range(max(lowest, middle / ABOUT), min(highest, middle * ABOUT))


def _track_again(
    audio: Audio,
    level: float,
    start: int,
    end: int,
    second: NDArray[np.float64],
    near: F0Range,
) -> NDArray[np.float64]:
    """F0 of the frames by Praat in a range; that of the second tracker where unvoiced."""
    before = max(0, start - CONTEXT)
    samples = frame_samples(audio, before, end + CONTEXT)
    num_frames = max(end - before, samples_to_frames(samples.size, audio.sample_rate))
    tracker = PraatTracker(near)
    pitch = tracker.track(samples, audio.sample_rate, num_frames, level)
    own = slice(start - before, end - before)
    return np.where(pitch.voiced[own], pitch.f0[own], second)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Bounds of the runs of True, end excluded."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
