"""Prosody and its tokens on one time axis: what was measured, and what the tokens say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from prosodytok.audio import Audio
from prosodytok.errors import ProsodytokError
from prosodytok.features.normalize import Register
from prosodytok.prosody import Prosody
from prosodytok.tokens.types import ProsodyTokens
from prosodytok.units import hz_to_semitones, samples_to_frames, semitones_to_hz
from prosodytok.viz.fitted import shorten
from prosodytok.viz.lanes import lanes_height, plot_tokens
from prosodytok.viz.sound import plot_spectrogram, plot_waveform
from prosodytok.viz.style import (
    DOT,
    HAIR,
    LABEL,
    LINE,
    MEASURED,
    MM_PER_INCH,
    MUTED,
    SMALLEST,
    THICK,
    TITLE,
    axes_or_new,
    decoded_style,
    figure_width,
    new_figure,
    time_axis,
)

#: Heights of the panels, and the space between and around them (mm).
SOUND, F0, ENERGY, GAP = 20.0, 42.0, 18.0, 2.5
LEFT, RIGHT, TOP, BOTTOM = 16.0, 11.0, 11.5, 9.5
#: The least that the F0 axis spans (semitones), so that a level tone looks level.
SMALLEST_SPAN = 8.0
#: The least that the energy axis spans (dB).
SMALLEST_RANGE = 10.0
#: The F0 axis holds this share of the frames (percent) and a margin (semitones); what lies beyond,
#: such as a tracker's octave error, is marked at the edge.
SHOWN, MARGIN = (0.5, 99.5), 2.0
#: Sound and prosody of one utterance may differ by this many frames, e.g. after resampling.
TOLERANCE = 2


def plot_f0(
    prosody: Prosody,
    decoded: Mapping[str, Prosody] | None = None,
    *,
    reference_hz: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw F0 where it is voiced: dots for what was measured, a line for each decoded contour.

    Parameters
    ----------
    prosody : Prosody
        What was measured.
    decoded : mapping of str to Prosody, optional
        What the tokens say, e.g. by prefixes of levels, coarse to fine; the names go to the legend.
    reference_hz : float, optional
        What zero semitones are (Hz); the median of `prosody` when not given.
    ax : Axes, optional
        Where to draw; a new figure when not given.

    Returns
    -------
    Axes
        With seconds on the horizontal axis, semitones on the left one and Hz on the right one.
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
    time_axis(ax, prosody.num_frames, prosody.frame_rate)
    _hz_axis(ax, reference)
    if not prosody.voiced.any():
        ax.text(0.5, 0.8, "no voiced frame", transform=ax.transAxes, ha="center", fontsize=LABEL)
    return ax


def plot_energy(
    prosody: Prosody,
    decoded: Mapping[str, Prosody] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw energy: a broad line for what was measured, a thin one for what was decoded.

    Parameters
    ----------
    prosody : Prosody
        What was measured.
    decoded : mapping of str to Prosody, optional
        What the tokens say, as for `plot_f0`; only the last, which all levels make, is drawn.
    ax : Axes, optional
        Where to draw; a new figure when not given.

    Returns
    -------
    Axes
        With seconds on the horizontal axis and dB on the vertical one.
    """
    ax = axes_or_new(ax)
    _line(ax, prosody.times, prosody.energy, color=MUTED, linewidth=THICK, label="measured")
    for index, (name, finest) in list(enumerate((decoded or {}).items()))[-1:]:
        _plot_decoded(ax, finest.times, finest.energy, index, name)
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, high - SMALLEST_RANGE), high)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.set_ylabel("energy (dB)", fontsize=LABEL)
    time_axis(ax, prosody.num_frames, prosody.frame_rate)
    return ax


def plot_prosody(
    prosody: Prosody,
    tokens: ProsodyTokens | None = None,
    decoded: Mapping[str, Prosody] | None = None,
    *,
    audio: Audio | None = None,
    sound: Literal["spectrogram", "waveform"] = "spectrogram",
    title: str = "",
) -> Figure:
    """Draw an utterance: its sound, F0, energy and tokens, on one time axis.

    The figure is as wide as a printed page (180 mm), and wider for more than six seconds. It needs
    no model, no display and no global state.

    Parameters
    ----------
    prosody : Prosody
        What was measured, T frames.
    tokens : ProsodyTokens, optional
        Its tokens; they bring the lanes, the phrase edges in every panel, and the register's median
        as the zero of F0.
    decoded : mapping of str to Prosody, optional
        What each prefix of levels decodes to, coarse to fine, T frames each.
    audio : Audio, optional
        The sound; without it, there is no panel for it.
    sound : {"spectrogram", "waveform"}
        How to draw the sound.
    title : str
        What stands above; cut where it would be too long.

    Returns
    -------
    Figure
        With one axes a panel, from top to bottom, all on one time axis.

    Raises
    ------
    ProsodytokError
        If sound, prosody, tokens and decoded contours are not of one length.
    """
    _check_lengths(prosody, tokens, decoded or {}, audio)
    heights = [SOUND] * (audio is not None) + [F0, ENERGY]
    heights += [lanes_height(tokens)] if tokens else []
    figure, panels = _panels(heights, figure_width(prosody.num_frames / prosody.frame_rate))
    rest = iter(panels)
    if audio is not None:
        draw_sound = plot_waveform if sound == "waveform" else plot_spectrogram
        draw_sound(audio, ax=next(rest))
    reference = tokens.register.f0_median_hz if tokens else None
    f0_panel = plot_f0(prosody, decoded, reference_hz=reference, ax=next(rest))
    plot_energy(prosody, decoded, ax=next(rest))
    if tokens:
        _phrase_edges(tokens, panels[:-1])
        plot_tokens(tokens, ax=next(rest))
    panels[0].set_xlim(0.0, prosody.num_frames / prosody.frame_rate)
    for panel in panels:
        panel.label_outer()
    figure.align_ylabels()
    _head(figure, f0_panel, title)
    return figure


def _check_lengths(
    prosody: Prosody,
    tokens: ProsodyTokens | None,
    decoded: Mapping[str, Prosody],
    audio: Audio | None,
) -> None:
    frames = {name: other.num_frames for name, other in decoded.items()}
    if tokens:
        frames["tokens"] = tokens.num_frames
    for name, num_frames in frames.items():
        if num_frames != prosody.num_frames:
            raise ProsodytokError(
                f"{name}: {num_frames} frames, and the prosody has {prosody.num_frames}: "
                "they share no time axis"
            )
    if audio is None:
        return
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate, prosody.frame_rate)
    if abs(num_frames - prosody.num_frames) > TOLERANCE:
        raise ProsodytokError(
            f"the sound has {num_frames} frames and the prosody {prosody.num_frames}: "
            "they are not of the same recording"
        )


def _panels(heights: Sequence[float], width: float) -> tuple[Figure, list[Axes]]:
    """Stack axes of the given heights (mm) that share their time axis."""
    height = TOP + sum(heights) + GAP * (len(heights) - 1) + BOTTOM
    figure = new_figure(width, height)
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        hspace=GAP / (sum(heights) / len(heights)),
        left=LEFT / width,
        right=1 - RIGHT / width,
        top=1 - TOP / height,
        bottom=BOTTOM / height,
    )
    first = figure.add_subplot(grid[0])
    others = [figure.add_subplot(grid[row], sharex=first) for row in range(1, len(heights))]
    return figure, [first, *others]


def _head(figure: Figure, f0_panel: Axes, title: str) -> None:
    """Write the title, and under it the legend of the F0 panel, where no data is."""
    width, height = figure.get_size_inches() * MM_PER_INCH
    room = width - LEFT - RIGHT
    figure.text(
        LEFT / width,
        1 - 2.0 / height,
        shorten(title, room, TITLE),
        fontsize=TITLE,
        va="top",
        parse_math=False,
    )
    handles, names = f0_panel.get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(LEFT / width, 1 - 5.5 / height),
        ncols=len(handles),
        fontsize=LABEL,
        frameon=False,
        borderpad=0.2,
        borderaxespad=0.0,
        handlelength=2.4,
        markerscale=2.0,
        columnspacing=1.6,
    )


def _phrase_edges(tokens: ProsodyTokens, panels: Sequence[Axes]) -> None:
    if "phrase" not in tokens:
        return
    for edge in tokens["phrase"].segmentation.boundaries[1:-1] / tokens.frame_rate:
        for panel in panels:
            panel.axvline(edge, color=MUTED, linewidth=HAIR, zorder=1)


def _plot_decoded(
    ax: Axes, times: NDArray[np.float64], values: NDArray[np.floating], index: int, name: str
) -> None:
    color, linestyle = decoded_style(index)
    _line(ax, times, values, color, linestyle=linestyle, linewidth=LINE, label=name)


def _line(
    ax: Axes, times: NDArray[np.float64], values: NDArray[np.floating], color: str, **style: Any
) -> None:
    """Draw a line that breaks at NaN, with a dot where one frame stands alone and makes no line."""
    ax.plot(times, values, color=color, **style)
    apart = np.isnan(np.pad(values, 1, constant_values=np.nan))
    alone = apart[:-2] & ~apart[1:-1] & apart[2:]
    if alone.any():
        ax.plot(times[alone], values[alone], ".", color=color, markersize=DOT, mew=0)


def _semitones(prosody: Prosody, reference_hz: float) -> NDArray[np.float64]:
    """Semitones of the voiced frames; a line breaks at the NaN of the others."""
    semitones = hz_to_semitones(prosody.f0.astype(np.float64), reference_hz)
    return np.where(prosody.voiced, semitones, np.nan)


def _span(contours: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Limits of an axis that holds all contours (semitones)."""
    values = np.concatenate(contours)
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, SHOWN) if values.size else (0.0, 0.0)
    margin = max(MARGIN, (SMALLEST_SPAN - (high - low)) / 2)
    return float(low - margin), float(high + margin)


def _mark_beyond(ax: Axes, times: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Put a triangle at the edge for each value beyond it."""
    low, high = ax.get_ylim()
    for beyond, edge, marker in ((values < low, low, "v"), (values > high, high, "^")):
        places = np.full(np.count_nonzero(beyond), edge)
        ax.plot(times[beyond], places, marker, color=MEASURED, markersize=DOT, mew=0, clip_on=False)


def _hz_axis(ax: Axes, reference_hz: float) -> None:
    """Mark round frequencies on the right."""
    low, high = semitones_to_hz(np.array(ax.get_ylim()), reference_hz)
    marks = MaxNLocator(5, integer=True).tick_values(low, high)
    marks = marks[(marks >= low) & (marks <= high)]
    right = ax.secondary_yaxis("right")
    right.set_yticks(hz_to_semitones(marks, reference_hz), [f"{hz:.0f}" for hz in marks])
    right.set_ylabel("Hz", fontsize=LABEL)
    right.tick_params(labelsize=SMALLEST, width=HAIR, length=2.5, pad=2.0)
    right.spines[:].set_linewidth(HAIR)
