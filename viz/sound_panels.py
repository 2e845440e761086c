"""Panels of the sound: waveform and spectrogram."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from prosodytok.types.audio import Audio
from prosodytok.types.units import seconds_to_samples
from prosodytok.viz.figure_style import LABEL, MEASURED, axes_or_new, time_axis

#: Praat's broad-band spectrogram: window of 5 ms, up to 5 kHz, 6 dB per octave of pre-emphasis.
WINDOW, HIGHEST = 0.005, 5000.0
#: Range from white to black (dB), and the level that is white in any sound (below 16 bits).
DYNAMIC_RANGE, SILENCE = 55.0, -90.0
#: Largest number of columns, and smallest hop (s).
MOST_COLUMNS, HOP = 3000, 0.001


def plot_waveform(audio: Audio, *, ax: Axes | None = None) -> Axes:
    """Draw the waveform: minimum and maximum sample of each column.

    Parameters
    ----------
    audio : Audio
        Sound.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis; the vertical one is scaled to the peak.
    """
    ax = axes_or_new(ax)
    starts = np.unique(np.linspace(0, audio.samples.size, MOST_COLUMNS, endpoint=False, dtype=int))
    low, high = (pick.reduceat(audio.samples, starts) for pick in (np.minimum, np.maximum))
    times = starts / audio.sample_rate
    ax.fill_between(times, low, high, color=MEASURED, linewidth=0.3)
    peak = max(float(np.abs(audio.samples).max()), 1e-4)
    ax.set_ylim(-1.05 * peak, 1.05 * peak)
    ax.set_yticks([0.0])
    ax.set_ylabel("amplitude", fontsize=LABEL)
    time_axis(ax, audio.duration)
    return ax


def plot_spectrogram(audio: Audio, *, ax: Axes | None = None) -> Axes:
    """Draw the broad-band spectrogram in greyscale, up to 5 kHz.

    Parameters
    ----------
    audio : Audio
        Sound.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis and kHz on the vertical one.
    """
    ax = axes_or_new(ax)
    decibels, highest = _spectrogram(audio)
    loudest = max(float(decibels.max()), SILENCE + DYNAMIC_RANGE)
    ax.imshow(
        decibels,
        cmap="Greys",
        vmin=loudest - DYNAMIC_RANGE,
        vmax=loudest,
        aspect="auto",
        origin="lower",
        extent=(0.0, audio.duration, 0.0, highest / 1000),
        interpolation="bilinear",
    )
    ax.set_ylabel("kHz", fontsize=LABEL)
    time_axis(ax, audio.duration)
    return ax


def _spectrogram(audio: Audio) -> tuple[NDArray[np.float32], float]:
    """Power in dB, shape (frequencies, columns), and the highest frequency (Hz)."""
    length = seconds_to_samples(2 * WINDOW, audio.sample_rate)
    hop = max(HOP, audio.duration / MOST_COLUMNS)
    num_columns = max(1, int(audio.duration / hop))
    centres = (np.arange(num_columns) + 0.5) * audio.samples.size / num_columns
    emphasised = np.diff(audio.samples, prepend=audio.samples[:1])
    padded = np.pad(emphasised, length)
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    # A Gaussian over twice the nominal window length, as in Praat.
    shape = np.exp(-12.0 * np.linspace(-0.5, 0.5, length) ** 2 * 4)
    frames = windows[(centres + length / 2).astype(int)] * shape
    size = max(512, length)
    frequencies = np.fft.rfftfreq(size, 1 / audio.sample_rate)
    kept = frequencies <= HIGHEST
    power = np.square(np.abs(np.fft.rfft(frames, size)[:, kept])).T
    decibels = 10 * np.log10(np.maximum(power, 10 ** (SILENCE / 10)))
    return decibels.astype(np.float32), float(frequencies[kept][-1])
