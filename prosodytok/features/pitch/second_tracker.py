"""Stretches of F0 that are in doubt, decided by a second tracker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.loudness import peak_level
from prosodytok.features.pitch.octave_errors import segments
from prosodytok.features.pitch.pitch import Pitch, frame_samples, limits
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.features.pitch.swift_f0 import VOICED, swift_f0
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import samples_to_frames, seconds_to_frames

#: Change of F0 between neighbouring voiced frames that ends a segment (octaves), and the longest
#: pause across which two segments are compared (frames).
JUMP, PAUSE = 0.25, seconds_to_frames(0.3)
#: Shortest and longest segment (frames) that a jump puts in doubt.
SHORTEST, LONGEST_JUMP = 2, seconds_to_frames(0.6)
#: Distance (octaves) of a segment's median from the quartiles of F0 that puts it in doubt.
OUTSIDE = 0.5
#: Context of a stretch in doubt (frames), the gap below which stretches are joined, and the longest
#: stretch that is tracked at once.
CONTEXT, GAP, LONGEST = (seconds_to_frames(x) for x in (0.15, 0.05, 60.0))
#: Least difference of F0 (octaves) about which the second tracker decides.
DIFFERENT = 1 / 3
#: Search range about the second tracker's F0 (ratio).
ABOUT = 1.4
#: Longest segment in doubt (frames) that is no voice below this confidence of the second tracker:
#: noise in closures. Creak lasts longer.
BLIP, BLIP_CONFIDENCE = seconds_to_frames(0.05), 0.1
#: Distance (octaves) above the third quartile from which F0 is an error, where the second tracker
#: finds no voice: noise of fricatives.
SPURIOUS = 0.85


def confirm(pitch: Pitch, audio: Audio, f0_range: F0Range) -> Pitch:
    """Let SwiftF0 decide where F0 is in doubt.

    In doubt are segments that jump from their neighbours, or lie half an octave outside the
    quartiles of the sound's F0. Where SwiftF0 finds voice and differs by 4 semitones, the frames
    are tracked again by Praat within half an octave of SwiftF0. Far above the voice, where SwiftF0
    finds none, frames become unvoiced, and so do segments of up to 50 ms without any confidence.
    Creak and register breaks that SwiftF0 does not contradict are unchanged.

    Parameters
    ----------
    pitch : Pitch
        Output of a tracker, T frames.
    audio : Audio
        The sound.
    f0_range : F0Range
        The range of the search, with both limits; F0 stays in it.

    Returns
    -------
    Pitch
        T frames; in the stretches in doubt, the confidence is at most SwiftF0's.
    """
    doubt = doubtful_frames(pitch)
    if not doubt.any():
        return pitch
    level = peak_level(audio.samples, audio.sample_rate)
    second, confidence = _second_pitch(audio, level, doubt)
    floor, ceiling = limits(f0_range)
    decides = (confidence >= VOICED) & (second >= floor) & (second <= ceiling)
    f0 = np.where(pitch.voiced, pitch.f0, 1.0)
    differ = np.abs(np.log2(f0 / second)) > DIFFERENT
    for start, end in runs(doubt & differ & decides):
        middle = float(np.median(second[start:end]))
        near = F0Range(max(floor, middle / ABOUT), min(ceiling, middle * ABOUT))
        again = _track_again(audio, PraatTracker(near), level, start, end)
        f0[start:end] = np.where(again.voiced, again.f0, second[start:end])
    highest = pitch.quartiles()[2] * 2**SPURIOUS
    voiced = pitch.voiced & ~(doubt & (confidence < VOICED) & (f0 > highest))
    for start, end in runs(doubt):
        if end - start <= BLIP and confidence[start:end].max() < BLIP_CONFIDENCE:
            voiced[start:end] = False
    sure = np.where(doubt, np.minimum(pitch.confidence, confidence), pitch.confidence)
    return Pitch(np.where(voiced, f0, 0.0), voiced, np.where(voiced, sure, 0.0))


def doubtful_frames(pitch: Pitch) -> NDArray[np.bool_]:
    """Voiced frames in doubt, shape (T,); see `confirm`."""
    doubt = np.zeros(pitch.voiced.size, dtype=bool)
    if not pitch.voiced.any():
        return doubt
    octaves = np.log2(pitch.f0, where=pitch.voiced, out=np.zeros(pitch.f0.shape))
    first, middle, third = np.log2(pitch.quartiles())
    own = segments(octaves, pitch.voiced, JUMP)
    medians = [float(np.median(octaves[start:end])) for start, end in own]
    for i, (start, end) in enumerate(own):
        before = own[i - 1][1] if i else -PAUSE
        if medians[i] < first - OUTSIDE or medians[i] > third + OUTSIDE:
            doubt[start:end] = True
            continue
        if start - before < PAUSE and abs(octaves[start] - octaves[before - 1]) > JUMP:
            far = max(i - 1, i, key=lambda k: abs(medians[k] - middle))
            if SHORTEST <= own[far][1] - own[far][0] <= LONGEST_JUMP:
                doubt[slice(*own[far])] = True
    return doubt


def _second_pitch(
    audio: Audio, level: float, doubt: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """F0 (Hz) and confidence of SwiftF0 in the frames in doubt, shape (T,); elsewhere 1 and 0."""
    f0, confidence = np.ones(doubt.size), np.zeros(doubt.size)
    for first, last in _joined(runs(doubt)):
        for start in range(first, last, LONGEST):
            end = min(start + LONGEST, last)
            before, after = max(0, start - CONTEXT), min(doubt.size, end + CONTEXT)
            samples = frame_samples(audio, before, after)
            found = swift_f0(samples, audio.sample_rate, after - before, level)
            own = slice(start - before, end - before)
            f0[start:end], confidence[start:end] = found[0][own], found[1][own]
    return f0, confidence


def _track_again(audio: Audio, tracker: PraatTracker, level: float, start: int, end: int) -> Pitch:
    """Pitch of the frames from `start` to `end`, tracked with context."""
    before = max(0, start - CONTEXT)
    samples = frame_samples(audio, before, end + CONTEXT)
    num_frames = max(end - before, samples_to_frames(samples.size, audio.sample_rate))
    pitch = tracker.track(samples, audio.sample_rate, num_frames, level)
    return pitch.part(slice(start - before, end - before))


def _joined(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches, joined where the gap between them is below `GAP`."""
    joined: list[tuple[int, int]] = []
    for start, end in stretches:
        if joined and start - joined[-1][1] < GAP:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Bounds of the runs of True, end excluded."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
