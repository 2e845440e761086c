"""Resynthesis of audio with another prosody by the World vocoder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.features import extract, measure_energy
from prosodytok.features.pitch.world import import_world
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import frame_times, samples_to_frames, seconds_to_samples

#: Frame period of World (s).
STEP = 0.005
#: Iterations of the energy correction: a window of 25 ms includes the gain of its neighbours.
ITERATIONS = 3
#: Maximum gain (dB): near-silence is not amplified to speech level.
MAX_GAIN = 30.0
#: Aperiodicity of a typical voice (amplitude share, at 0 Hz and at the highest frequency).
TYPICAL_APERIODICITY = (0.01, 0.7)
#: Peak above which the result is scaled down to it.
PEAK = 0.999


def resynthesize(audio: Audio, prosody: Prosody, f0_range: F0Range = FITTED) -> Audio:
    """Resynthesize audio with the F0, voicing and energy of a prosody.

    World (Morise, Yokomori and Ozawa, 2016) analyses the audio with its own F0 into an envelope
    (CheapTrick) and an aperiodicity (D4C), and synthesizes both with the given F0 and voicing.
    Frames that become voiced get the aperiodicity of a typical voice. Then a gain of at most 30 dB
    matches the energy.

    Parameters
    ----------
    audio : Audio
        Audio of T frames.
    prosody : Prosody
        Target prosody, T frames.
    f0_range : F0Range
        The range in which the audio's own F0 is searched.

    Returns
    -------
    Audio
        As many samples at the same rate, scaled down if the peak would exceed 1.

    Raises
    ------
    ProsodytokError
        If audio and prosody have different numbers of frames.
    """
    return WorldAnalysis.of(audio, f0_range).synthesize(prosody)


@dataclass(frozen=True)
class WorldAnalysis:
    """World analysis of audio, which can be synthesized with several prosodies.

    The analysis takes four fifths of the time of `resynthesize`.

    Parameters
    ----------
    num_samples, sample_rate : int
        Length and rate of the audio.
    times : (S,) float64
        Times of World's frames, every 5 ms (s).
    envelope, aperiodicity : (S, F) float64
        Power, and amplitude share of noise, at F frequencies.
    """

    num_samples: int
    sample_rate: int
    times: NDArray[np.float64]
    envelope: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]

    @classmethod
    def of(cls, audio: Audio, f0_range: F0Range = FITTED) -> WorldAnalysis:
        """Analyse audio, whose F0 is searched in a range."""
        world = import_world()
        rate, samples = audio.sample_rate, audio.samples.astype(np.float64)
        times = _frame_times(audio.duration)
        source = _f0_at(times, extract(audio, f0_range=f0_range))
        envelope = world.cheaptrick(samples, source, times, rate)
        # No threshold: voicing comes from the prosody, not from D4C.
        measured = world.d4c(samples, source, times, rate, threshold=0.0)
        # Unvoiced frames have only noise; if they become voiced, they need a typical aperiodicity.
        typical = np.geomspace(*TYPICAL_APERIODICITY, measured.shape[1])
        aperiodicity = np.where(source[:, None] > 0, measured, typical)
        return cls(samples.size, rate, times, envelope, aperiodicity)

    def time_warp(self, edges: ArrayLike, moved: ArrayLike) -> WorldAnalysis:
        """Change the timing: E edges (s), the first at 0, move to the times `moved` (s).

        Between edges the audio is stretched evenly; it ends at the last one.
        """
        moved = np.asarray(moved, dtype=np.float64)
        times = _frame_times(float(moved[-1]))
        places = np.interp(times, moved, np.asarray(edges, dtype=np.float64))
        nearest = np.minimum((places / STEP + 0.5).astype(np.int64), self.times.size - 1)
        size = seconds_to_samples(float(moved[-1]), self.sample_rate)
        return WorldAnalysis(
            size, self.sample_rate, times, self.envelope[nearest], self.aperiodicity[nearest]
        )

    def synthesize(self, prosody: Prosody) -> Audio:
        """Synthesize with a prosody; result and errors are those of `resynthesize`."""
        size, rate = self.num_samples, self.sample_rate
        num_frames = samples_to_frames(size, rate, prosody.frame_rate)
        if num_frames != prosody.num_frames:
            raise ProsodytokError(
                f"the sound has {num_frames} frames and the prosody {prosody.num_frames}: "
                "they are not of the same recording"
            )
        f0 = _f0_at(self.times, prosody)
        samples = import_world().synthesize(f0, self.envelope, self.aperiodicity, rate, 1000 * STEP)
        audio = _match_energy(Audio(samples[:size], rate), prosody)
        peak = float(np.abs(audio.samples).max())
        return Audio(audio.samples * (PEAK / peak), rate) if peak > PEAK else audio


def _frame_times(duration: float) -> NDArray[np.float64]:
    """Frame times (s). World's output ends with its last frame, so there is one to spare."""
    return np.arange(int(duration / STEP) + 2, dtype=np.float64) * STEP


def _f0_at(times: NDArray[np.float64], prosody: Prosody) -> NDArray[np.float64]:
    """F0 (Hz) at any times, 0 where unvoiced, as World takes it."""
    log_f0 = np.interp(times, prosody.times, np.log(prosody.f0.astype(np.float64)))
    frames = np.minimum(times * prosody.frame_rate + 1e-6, prosody.num_frames - 1).astype(int)
    return np.where(prosody.voiced[frames], np.exp(log_f0), 0.0)


def _match_energy(audio: Audio, prosody: Prosody) -> Audio:
    times = frame_times(audio.samples.size, audio.sample_rate)
    gain, scaled = np.zeros(prosody.num_frames), audio
    for _ in range(ITERATIONS):
        gain = np.minimum(gain + prosody.energy - measure_energy(scaled), MAX_GAIN)
        amplitude = 10 ** (np.interp(times, prosody.times, gain) / 20)
        scaled = Audio((audio.samples * amplitude).astype(np.float32), audio.sample_rate)
    return scaled
