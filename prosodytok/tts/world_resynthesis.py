"""A sound with another prosody: World takes it apart, and puts it together again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.features import extract, measure_energy
from prosodytok.features.pitch.trackers import import_world
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import frame_times, samples_to_frames, seconds_to_samples

#: World's own step (s).
STEP = 0.005
#: Rounds of measuring and correcting the energy: a window of 25 ms sees its neighbours' gain too.
ROUNDS = 3
#: The strongest amplification (dB): what was silent stays noise, and no scream.
MOST_GAIN = 30.0
#: Share of noise in an ordinary voice (amplitude, at 0 Hz and at the highest frequency).
BREATH = (0.01, 0.7)
#: The loudest sample that is left alone.
PEAK = 0.999


def resynthesize(audio: Audio, prosody: Prosody) -> Audio:
    """Give a sound the F0, voicing and energy of a prosody.

    World (Morise, Yokomori and Ozawa, 2016) analyses the sound by its own F0 into an envelope
    (CheapTrick) and its share of noise (D4C); both are put together with the F0 and voicing asked
    for. Where a voice is asked for and none was, it has the share of noise of an ordinary voice. A
    gain, of 30 dB at most, then brings the energy to that of the prosody.

    Parameters
    ----------
    audio : Audio
        The sound, T frames long.
    prosody : Prosody
        How it shall sound, T frames.

    Returns
    -------
    Audio
        As many samples at the same rate. If any would be beyond 1, the whole is made softer.

    Raises
    ------
    ProsodytokError
        If the prosody is of another length than the sound.
    """
    return Voice.of(audio).speak(prosody)


@dataclass(frozen=True)
class Voice:
    """A sound that World has taken apart, to speak with several prosodies.

    Taking apart is four fifths of the work of `resynthesize`.

    Parameters
    ----------
    num_samples, sample_rate : int
        Length and rate of the sound.
    times : (S,) float64
        World's steps of 5 ms (s).
    envelope, noise : (S, F) float64
        Power and share of noise (amplitude) at F frequencies.
    """

    num_samples: int
    sample_rate: int
    times: NDArray[np.float64]
    envelope: NDArray[np.float64]
    noise: NDArray[np.float64]

    @classmethod
    def of(cls, audio: Audio) -> Voice:
        """Take a sound apart."""
        world = import_world()
        rate, samples = audio.sample_rate, audio.samples.astype(np.float64)
        times = _steps(audio.duration)
        source = _f0_at(times, extract(audio))
        envelope = world.cheaptrick(samples, source, times, rate)
        # Without a threshold: which frames are voiced is not D4C's to decide.
        noise = world.d4c(samples, source, times, rate, threshold=0.0)
        # Where no voice was, World hears noise alone; a voice that is put there is an ordinary one.
        breath = np.geomspace(*BREATH, noise.shape[1])
        return cls(
            samples.size, rate, times, envelope, np.where(source[:, None] > 0, noise, breath)
        )

    def stretched(self, edges: ArrayLike, moved: ArrayLike) -> Voice:
        """Say it faster or slower: E edges (s), the first at 0, go where `moved` says (s).

        Between them the sound is stretched evenly; it ends at the last one.
        """
        moved = np.asarray(moved, dtype=np.float64)
        times = _steps(float(moved[-1]))
        places = np.interp(times, moved, np.asarray(edges, dtype=np.float64))
        nearest = np.minimum((places / STEP + 0.5).astype(np.int64), self.times.size - 1)
        size = seconds_to_samples(float(moved[-1]), self.sample_rate)
        return Voice(size, self.sample_rate, times, self.envelope[nearest], self.noise[nearest])

    def speak(self, prosody: Prosody) -> Audio:
        """Put the sound together with a prosody; result and errors are those of `resynthesize`."""
        size, rate = self.num_samples, self.sample_rate
        num_frames = samples_to_frames(size, rate, prosody.frame_rate)
        if num_frames != prosody.num_frames:
            raise ProsodytokError(
                f"the sound has {num_frames} frames and the prosody {prosody.num_frames}: "
                "they are not of the same recording"
            )
        f0 = _f0_at(self.times, prosody)
        samples = import_world().synthesize(f0, self.envelope, self.noise, rate, 1000 * STEP)
        voice = _follow_energy(Audio(samples[:size], rate), prosody)
        peak = float(np.abs(voice.samples).max())
        return Audio(voice.samples * (PEAK / peak), rate) if peak > PEAK else voice


def _steps(duration: float) -> NDArray[np.float64]:
    """World's steps for a sound (s). World ends with its last step: one more than is needed."""
    return np.arange(int(duration / STEP) + 2, dtype=np.float64) * STEP


def _f0_at(times: NDArray[np.float64], prosody: Prosody) -> NDArray[np.float64]:
    """F0 in Hz at any times, as World has it: 0 where unvoiced."""
    log_f0 = np.interp(times, prosody.times, np.log(prosody.f0.astype(np.float64)))
    frames = np.minimum(times * prosody.frame_rate + 1e-6, prosody.num_frames - 1).astype(int)
    return np.where(prosody.voiced[frames], np.exp(log_f0), 0.0)


def _follow_energy(voice: Audio, prosody: Prosody) -> Audio:
    times = frame_times(voice.samples.size, voice.sample_rate)
    gain, scaled = np.zeros(prosody.num_frames), voice
    for _ in range(ROUNDS):
        gain = np.minimum(gain + prosody.energy - measure_energy(scaled), MOST_GAIN)
        amplitude = 10 ** (np.interp(times, prosody.times, gain) / 20)
        scaled = Audio((voice.samples * amplitude).astype(np.float32), voice.sample_rate)
    return scaled
