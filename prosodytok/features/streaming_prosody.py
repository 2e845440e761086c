"""Prosody of audio that arrives over time: as `extract`, from the past and 60 ms of look-ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.audio_chunks import AudioChunks
from prosodytok.features.doubts import doubts
from prosodytok.features.energy import DYNAMIC_RANGE, measure_energy
from prosodytok.features.extract import interpolate
from prosodytok.features.loudness import peak_level, robust_maximum
from prosodytok.features.pitch.fitted_range import FIRST_HOP, FIRST_PASS, fit_range
from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, limits
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.types.audio import BLOCK_SAMPLES, SAMPLE_RATE, Audio
from prosodytok.types.errors import AudioError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import DEFAULT_F0
from prosodytok.types.units import FRAME_RATE, samples_to_frames, seconds_to_frames

#: Samples per frame.
FRAME = round(SAMPLE_RATE / FRAME_RATE)
#: Frames measured at once: those of a frame token.
HOP = seconds_to_frames(0.08)
#: Context (frames) of the tracker after and before the hop; its own window takes two.
AHEAD, BEFORE = seconds_to_frames(0.06), seconds_to_frames(0.4)
#: Voiced frames after which the range of F0 is fitted, and those of the past that it is fitted to.
OPENING, MEMORY = seconds_to_frames(0.2), seconds_to_frames(30.0)
#: Range in which any voiced frame of the opening counts, and the confidence needed outside of it:
#: room noise before the first word is not yet known to be soft.
USUAL, SURE = DEFAULT_RANGE, 0.9
#: Hops after which all of `FIRST_PASS` is searched again, for the fit: a range that was fitted to
#: an error, or to another voice, must not last.
FIT_HOPS = 4
#: Context (frames) of the energy: half of its window, and of the running median of its maximum.
ENERGY_EDGE, ENERGY_BEFORE = 2, 8
#: Initial values of the running maxima, relative to which energy is floored and silence is defined:
#: a peak of 0.02 and a frame of -30 dB are quiet speech.
LEAST_PEAK, LEAST_LOUD = 0.02, -30.0


class ProsodyStream:
    """Measures F0, voicing and energy hop by hop, independent of the chunks.

    For each hop of 80 ms Praat's tracker analyses the last half second, and the hop's frames are
    kept. F0 is searched from 40 to 1000 Hz until 0.2 s of voice have been found, then in a range
    fitted to the voice of the last half minute. Errors of F0 are not repaired, because that needs
    later frames. A constant offset is removed with the mean of the last half second.

    Parameters
    ----------
    f0_range : F0Range
        The range in which F0 is searched; limits that are None are fitted.

    Examples
    --------
    >>> stream = ProsodyStream()
    >>> hops = [*stream.push(samples), *stream.finish()]
    """

    def __init__(self, f0_range: F0Range = FITTED) -> None:
        self._given = f0_range
        self._voice = np.zeros((2, 0))  # F0 and confidence of the last voiced frames
        self._kept = np.zeros(0, dtype=np.float32)  # the last samples
        self._first = 0  # index of the first of them
        self._measured = 0  # frames
        self._peak, self._loud = LEAST_PEAK, LEAST_LOUD
        self._f0 = DEFAULT_F0

    def push(self, samples: NDArray[np.float32]) -> list[Prosody]:
        """Take samples (N,) at 16 kHz; return the hops of 8 frames that are complete.

        In unvoiced frames the last F0 is held, because the next one is not known yet.
        """
        self._kept = np.concatenate([self._kept, samples])
        hops = []
        while self._received >= (self._measured + HOP + AHEAD) * FRAME:
            hops.append(self._measure(HOP, AHEAD))
        return hops

    def finish(self) -> list[Prosody]:
        """The remaining hops; the last may be shorter.

        Raises
        ------
        AudioError
            If there were no samples.
        """
        if not self._received:
            raise AudioError("the sound is empty: it has no samples")
        num_frames, hops = samples_to_frames(self._received, SAMPLE_RATE), []
        while left := num_frames - self._measured:
            hop = min(HOP, left)
            hops.append(self._measure(hop, min(AHEAD, left - hop)))
        return hops

    @property
    def _received(self) -> int:
        return self._first + self._kept.size

    def _measure(self, hop: int, ahead: int) -> Prosody:
        start, end = self._measured, self._measured + hop
        before = max(0, start - BEFORE)
        samples, num_frames = self._samples(before, end + ahead), end + ahead - before
        self._peak = max(self._peak, peak_level(samples, SAMPLE_RATE))
        if start % (FIT_HOPS * HOP) == 0:
            self._fit(samples, num_frames)
        f0_range = self._range()
        pitch = self._track(PraatTracker(f0_range), samples, num_frames)
        if self._is_opening:
            pitch = _plausible(pitch)
        own = slice(start - before, end - before)
        f0, voiced = np.where(pitch.voiced, pitch.f0, 0.0)[own], pitch.voiced[own]
        for i in np.flatnonzero(f0 == 0.0):
            f0[i] = f0[i - 1] if i else self._f0
        energy = self._energy(start, end)
        self._f0, self._measured = float(f0[-1]), end
        self._forget(max(0, end - BEFORE))
        return Prosody(
            f0,
            voiced,
            energy,
            confidence=pitch.confidence[own].astype(np.float32),
            f0_floor=f0_range.floor,
            f0_ceiling=f0_range.ceiling,
        )

    def _range(self) -> F0Range:
        if self._is_opening:
            return self._given.fit(FIRST_PASS)
        f0, confidence = self._voice
        return self._given.fit(fit_range(Pitch(f0, f0 > 0, confidence)))

    @property
    def _is_opening(self) -> bool:
        return self._voice.shape[1] < OPENING

    def _fit(self, samples: NDArray[np.float32], num_frames: int) -> None:
        """Add the voice of the last hops to that to which the range is fitted."""
        first = _plausible(self._track(PraatTracker(FIRST_PASS, FIRST_HOP), samples, num_frames))
        new = np.stack([first.f0, first.confidence])[:, first.voiced]
        self._voice = np.hstack([self._voice, new[:, -FIT_HOPS * HOP :]])[:, -MEMORY:]

    def _track(self, tracker: PraatTracker, samples: NDArray[np.float32], num_frames: int) -> Pitch:
        return tracker.track(samples, SAMPLE_RATE, num_frames, self._peak)

    def _energy(self, start: int, end: int) -> NDArray[np.float32]:
        first = max(0, start - ENERGY_BEFORE)
        sound = Audio(self._samples(first, end + ENERGY_EDGE), SAMPLE_RATE)
        energy = measure_energy(sound)[: end - first]
        self._loud = max(self._loud, robust_maximum(energy))
        return np.maximum(energy[start - first :], np.float32(self._loud - DYNAMIC_RANGE))

    def _samples(self, start: int, end: int) -> NDArray[np.float32]:
        """Samples of the frames from `start` to `end`, as far as received."""
        return self._kept[start * FRAME - self._first : end * FRAME - self._first]

    def _forget(self, frame: int) -> None:
        gone = frame * FRAME - self._first
        if gone > 0:
            self._kept, self._first = self._kept[gone:], frame * FRAME


def _plausible(pitch: Pitch) -> Pitch:
    """The pitch with frames voiced in the usual range, or if they are very periodic."""
    floor, ceiling = limits(USUAL)
    usual = (pitch.f0 >= floor) & (pitch.f0 <= ceiling)
    voiced = pitch.voiced & (usual | (pitch.confidence >= SURE))
    return Pitch(pitch.f0, voiced, np.where(voiced, pitch.confidence, 0.0))


def join_hops(hops: Sequence[Prosody]) -> Prosody:
    """One prosody of consecutive hops, F0 interpolated as `extract` does.

    The F0 range is that of the last hop.
    """
    f0, voiced, energy = (
        np.concatenate([getattr(hop, name) for hop in hops]) for name in ("f0", "voiced", "energy")
    )
    measured = [hop.confidence for hop in hops if hop.confidence is not None]
    return replace(
        hops[-1],
        f0=interpolate(Pitch(f0.astype(np.float64), voiced)),
        voiced=voiced,
        energy=energy,
        confidence=np.concatenate(measured) if len(measured) == len(hops) else None,
    )


def join_all_hops(hops: Sequence[Prosody]) -> Prosody:
    """The prosody of a whole sound, with its `doubts`."""
    prosody = join_hops(hops)
    return replace(prosody, warnings=doubts(prosody))


def split_hops(prosody: Prosody) -> Iterator[Prosody]:
    """Cut a prosody into hops."""
    for start in range(0, prosody.num_frames, HOP):
        yield prosody.part(slice(start, start + HOP))


def extract_streaming(audio: Audio, f0_range: F0Range = FITTED) -> Prosody:
    """Measure a whole sound as `ProsodyStream` does: the same frames."""
    sound, stream = AudioChunks(audio.sample_rate), ProsodyStream(f0_range)
    hops = []
    for start in range(0, audio.samples.size, BLOCK_SAMPLES):
        for _, samples in sound.push(audio.samples[start : start + BLOCK_SAMPLES]):
            hops += stream.push(samples)
    hops += stream.push(sound.finish()[1])
    prosody = join_all_hops([*hops, *stream.finish()])
    return replace(prosody, warnings=audio.warnings + prosody.warnings)
