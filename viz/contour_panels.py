"""Panels of measured F0 and energy, with the decoded contours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.units import hz_to_cents, hz_to_semitones, semitones_to_hz
from prosodytok.viz.figure_style import (
    DOT,
    HAIR,
    LABEL,
    LINE,
    MEASURED,
    MUTED,
    SMALLEST,
    THICK,
    axes_or_new,
    decoded_style,
    figure_width,
    time_axis,
)
from prosodytok.viz.fitted_text import truncate
from prosodytok.viz.panel_stack import stack_panels, write_title

#: Smallest span of the F0 axis (semitones), so that a level tone looks level.
SMALLEST_SPAN = 8.0
#: Smallest span of the energy axis (dB).
SMALLEST_RANGE = 10.0
#: Percentiles of the frames within the F0 axis, and its margin (semitones); values beyond, such as
#: octave errors of a tracker, are marked at the edge.
SHOWN, MARGIN = (0.5, 99.5), 2.0
#: Height of each panel of `plot_levels`, and space for the names between them (mm).
PANEL, PANEL_GAP = 30.0, 6.5


def plot_f0(
    prosody: Prosody,
    decoded: Mapping[str, Prosody] | None = None,
    *,
    reference_hz: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw F0 of voiced frames: dots for measured F0, a line for each decoded contour.

    Parameters
    ----------
    prosody : Prosody
        Measured prosody.
    decoded : mapping of str to Prosody, optional
        Decoded prosody, e.g. by prefix of levels, coarse to fine; the keys appear in the legend.
    reference_hz : float, optional
        Frequency of zero semitones (Hz); by default, the median of `prosody`.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis, semitones on the left and Hz on the right one.
    """
    ax = axes_or_new(ax)
    reference = reference_hz or Register.estimate(prosody).f0_median_hz
    contours = {name: _semitones(p, reference) for name, p in (decoded or {}).items()}
    measured = _semitones(prosody, reference)
    ax.plot(prosody.times, measured, ".", color=MEASURED, markersize=DOT, mew=0, label="measured")
    for index, (name, contour) in enumerate(contours.items()):
        _plot_decoded(ax, decoded[name].times, contour, index, name)  # type: ignore[index]
    low, high = _span([measured, *contours.values()])
    ax.set_ylim(low, high)
    _mark_beyond(ax, prosody.times, measured)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_ylabel(f"F0 (st re {reference:.0f} Hz)", fontsize=LABEL)
    ax.axhline(0.0, color=MUTED, linewidth=HAIR, zorder=0)
    time_axis(ax, prosody.num_frames / prosody.frame_rate)
    _hz_axis(ax, reference)
    if not prosody.voiced.any():
        ax.text(0.5, 0.8, "no voiced frame", transform=ax.transAxes, ha="center", fontsize=LABEL)
    return ax


def plot_energy(
    prosody: Prosody, decoded: Mapping[str, Prosody] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw energy: a thick line for measured energy, a thin one for decoded energy.

    Parameters
    ----------
    prosody : Prosody
        Measured prosody.
    decoded : mapping of str to Prosody, optional
        Decoded prosody, as in `plot_f0`; only the last, of all levels, is drawn.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis and dB on the vertical one.
    """
    ax = axes_or_new(ax)
    _line(ax, prosody.times, prosody.energy, color=MUTED, linewidth=THICK, label="measured")
    for index, (name, finest) in list(enumerate((decoded or {}).items()))[-1:]:
        _plot_decoded(ax, finest.times, finest.energy, index, name)
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, high - SMALLEST_RANGE), high)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.set_ylabel("energy (dB)", fontsize=LABEL)
    time_axis(ax, prosody.num_frames / prosody.frame_rate)
    return ax


def plot_levels(
    prosody: Prosody,
    decoded: Mapping[str, Prosody],
    *,
    reference_hz: float | None = None,
    title: str = "",
) -> Figure:
    """Draw the effect of each further level: one panel per prefix of levels, with its F0 error.

    Parameters
    ----------
    prosody : Prosody
        Measured prosody, T frames.
    decoded : mapping of str to Prosody
        Decoded prosody of each prefix of levels, coarse to fine, T frames each; at least one.
    reference_hz : float, optional
        Frequency of zero semitones (Hz); by default, the median of `prosody`.
    title : str
        Title, truncated to the width of the panels.

    Returns
    -------
    Figure
        Stack of panels with the same axes of time and semitones. Above each are its name and the
        mean absolute error of F0 (cents) over the voiced frames of `prosody`.

    Raises
    ------
    ProsodytokError
        If `decoded` is empty or the lengths differ.
    """
    if not decoded:
        raise ProsodytokError("no decoded contour, so no level to draw")
    check_lengths(prosody, {name: p.num_frames for name, p in decoded.items()})
    reference = reference_hz or Register.estimate(prosody).f0_median_hz
    measured = _semitones(prosody, reference)
    contours = {name: _semitones(p, reference) for name, p in decoded.items()}
    duration = prosody.num_frames / prosody.frame_rate
    width = figure_width(duration)
    figure, panels = stack_panels([PANEL] * len(decoded), width, PANEL_GAP)
    for index, (panel, (name, contour)) in enumerate(zip(panels, contours.items(), strict=True)):
        panel.plot(prosody.times, measured, ".", color=MEASURED, markersize=DOT, mew=0)
        _plot_decoded(panel, prosody.times, contour, index, name)
        panel.set_ylim(*_span([measured, *contours.values()]))
        _mark_beyond(panel, prosody.times, measured)
        panel.axhline(0.0, color=MUTED, linewidth=HAIR, zorder=0)
        panel.set_title(
            truncate(name, width / 2, LABEL), fontsize=LABEL, loc="left", pad=3.0, parse_math=False
        )
        panel.set_title(_error(prosody, decoded[name]), fontsize=LABEL, loc="right", pad=3.0)
        time_axis(panel, duration)
        panel.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        panel.set_ylabel(f"F0 (st re {reference:.0f} Hz)", fontsize=LABEL)
        panel.label_outer()
    write_title(figure, title)
    return figure


def check_lengths(prosody: Prosody, others: Mapping[str, int]) -> None:
    """Raise ProsodytokError unless all lengths (frames, by name) equal that of a prosody."""
    for name, num_frames in others.items():
        if num_frames != prosody.num_frames:
            raise ProsodytokError(
                f"{name}: {num_frames} frames, but the prosody has {prosody.num_frames}: "
                "they must have the same length"
            )


def _error(measured: Prosody, decoded: Prosody) -> str:
    voiced = measured.voiced
    if not voiced.any():
        return "no voiced frame"
    ratio = decoded.f0[voiced].astype(np.float64) / measured.f0[voiced]
    return f"mean absolute error {np.abs(hz_to_cents(ratio, 1.0)).mean():.0f} cents"


def _plot_decoded(
    ax: Axes, times: NDArray[np.float64], values: NDArray[np.floating], index: int, name: str
) -> None:
    color, linestyle = decoded_style(index)
    _line(ax, times, values, color, linestyle=linestyle, linewidth=LINE, label=name)


def _line(
    ax: Axes, times: NDArray[np.float64], values: NDArray[np.floating], color: str, **style: Any
) -> None:
    """Draw a line with gaps at NaN, and a dot for each isolated frame."""
    ax.plot(times, values, color=color, **style)
    missing = np.isnan(np.pad(values, 1, constant_values=np.nan))
    isolated = missing[:-2] & ~missing[1:-1] & missing[2:]
    if isolated.any():
        ax.plot(times[isolated], values[isolated], ".", color=color, markersize=DOT, mew=0)


def _semitones(prosody: Prosody, reference_hz: float) -> NDArray[np.float64]:
    """F0 in semitones, shape (T,); NaN in unvoiced frames."""
    semitones = hz_to_semitones(prosody.f0.astype(np.float64), reference_hz)
    return np.where(prosody.voiced, semitones, np.nan)


def _span(contours: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Limits of the axis of all contours (semitones)."""
    values = np.concatenate(contours)
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, SHOWN) if values.size else (0.0, 0.0)
    margin = max(MARGIN, (SMALLEST_SPAN - (high - low)) / 2)
    return float(low - margin), float(high + margin)


def _mark_beyond(ax: Axes, times: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Draw a triangle at the edge for each value beyond it."""
    low, high = ax.get_ylim()
    for beyond, edge, marker in ((values < low, low, "v"), (values > high, high, "^")):
        edges = np.full(np.count_nonzero(beyond), edge)
        ax.plot(times[beyond], edges, marker, color=MEASURED, markersize=DOT, mew=0, clip_on=False)


def _hz_axis(ax: Axes, reference_hz: float) -> None:
    """Add a right axis with round frequencies."""
    low, high = semitones_to_hz(np.array(ax.get_ylim()), reference_hz)
    marks = MaxNLocator(5, integer=True).tick_values(low, high)
    marks = marks[(marks >= low) & (marks <= high)]
    right = ax.secondary_yaxis("right")
    right.set_yticks(hz_to_semitones(marks, reference_hz), [f"{hz:.0f}" for hz in marks])
    right.set_ylabel("Hz", fontsize=LABEL)
    right.tick_params(labelsize=SMALLEST, width=HAIR, length=2.5, pad=2.0)
    right.spines[:].set_linewidth(HAIR)
