"""Figure of an utterance: sound, prosody, tokens and hand annotation on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.io.textgrid import END_TOLERANCE, Tier
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.types.units import samples_to_frames
from prosodytok.viz import figure_style as style
from prosodytok.viz.annotation_tiers import plot_tiers, tiers_height
from prosodytok.viz.contour_panels import check_lengths, plot_energy, plot_f0
from prosodytok.viz.panel_stack import stack_panels, write_title
from prosodytok.viz.sound_panels import plot_spectrogram, plot_waveform
from prosodytok.viz.token_lanes import lanes_height, plot_tokens

#: Heights of the panels, and space between them (mm).
SOUND, F0, ENERGY, GAP = 20.0, 42.0, 18.0, 2.5
#: Guide lines from the annotation to the contours, at edges of words and at labelled points: paler
#: than measured contours, and distinct in greyscale since one is dotted.
WORD_EDGE = style.LineStyle("0.88", "solid")
MARK = style.LineStyle("0.5", (0, (1.0, 2.5)))
#: Largest difference in length (frames) of sound and prosody, e.g. after resampling.
TOLERANCE = 2


def plot_prosody(
    prosody: Prosody,
    tokens: ProsodyTokens | None = None,
    decoded: Mapping[str, Prosody] | None = None,
    *,
    audio: Audio | None = None,
    sound: Literal["spectrogram", "waveform"] = "spectrogram",
    title: str = "",
    tiers: Sequence[Tier] = (),
) -> Figure:
    """Draw an utterance: its sound, F0, energy, tokens and annotation, on one time axis.

    The width is that of a printed page (180 mm), and larger for more than six seconds. Needs no
    model, no display and no global state.

    Parameters
    ----------
    prosody : Prosody
        Measured prosody, T frames.
    tokens : ProsodyTokens, optional
        Tokens, shown as lanes and as phrase edges in every panel; the median of their register is
        the zero of F0.
    decoded : mapping of str to Prosody, optional
        Decoded prosody of each prefix of levels, coarse to fine, T frames each.
    audio : Audio, optional
        Sound; by default, there is no panel for it.
    sound : {"spectrogram", "waveform"}
        Type of the sound panel.
    title : str
        Title, truncated to the width of the panels.
    tiers : sequence of Tier
        Hand annotation as read by `io.read_textgrid`, shown below the tokens. Pale guide lines
        connect the edges of words (of the tokens) and labelled points with the contours.

    Returns
    -------
    Figure
        One axes per panel, from top to bottom, all on one time axis.

    Raises
    ------
    ProsodytokError
        If the lengths of sound, prosody, tokens and decoded contours differ, or a tier belongs to
        another recording.
    """
    duration = prosody.num_frames / prosody.frame_rate
    _check_lengths(prosody, tokens, decoded or {}, audio)
    _check_tiers(tiers, duration)
    heights = [SOUND] * (audio is not None) + [F0, ENERGY]
    heights += [lanes_height(tokens)] if tokens else []
    heights += [tiers_height(tiers, duration)] if tiers else []
    figure, panels = stack_panels(heights, style.figure_width(duration), GAP)
    remaining = iter(panels)
    if audio is not None:
        draw_sound = plot_waveform if sound == "waveform" else plot_spectrogram
        draw_sound(audio, ax=next(remaining))
    reference = tokens.register.f0_median_hz if tokens else None
    f0_panel = plot_f0(prosody, decoded, reference_hz=reference, ax=next(remaining))
    plot_energy(prosody, decoded, ax=next(remaining))
    if tokens:
        _phrase_edges(tokens, panels[: 2 + (audio is not None)])
        plot_tokens(tokens, ax=next(remaining))
    if tiers:
        _guides(tokens, tiers, panels[audio is not None : -1])
        plot_tiers(tiers, duration=duration, ax=next(remaining))
    panels[0].set_xlim(0.0, duration)
    for panel in panels:
        panel.label_outer()
    figure.align_ylabels(panels[: 2 + (audio is not None)])  # not aligned with names of tiers
    _add_heading(figure, f0_panel, title)
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
    check_lengths(prosody, frames)
    if audio is None:
        return
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate, prosody.frame_rate)
    if abs(num_frames - prosody.num_frames) > TOLERANCE:
        raise ProsodytokError(
            f"the sound has {num_frames} frames but the prosody has {prosody.num_frames}: "
            "they are not of the same recording"
        )


def _check_tiers(tiers: Sequence[Tier], duration: float) -> None:
    for tier in tiers:
        if abs(tier.end - duration) > END_TOLERANCE:
            raise ProsodytokError(
                f"tier {tier.name!r} ends at {tier.end:.2f} s but the prosody at {duration:.2f} s: "
                "they are not of the same recording"
            )


def _add_heading(figure: Figure, f0_panel: Axes, title: str) -> None:
    """Write the title, and the legend of the F0 panel below it, outside of the panels."""
    width, height = figure.get_size_inches() * style.MM_PER_INCH
    write_title(figure, title)
    style.figure_legend(
        figure,
        *f0_panel.get_legend_handles_labels(),
        loc="upper left",
        bbox_to_anchor=(style.LEFT / width, 1 - 5.5 / height),
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
            panel.axvline(edge, color=style.MUTED, linewidth=style.HAIR, zorder=1)


def _guides(tokens: ProsodyTokens | None, tiers: Sequence[Tier], panels: Sequence[Axes]) -> None:
    """Draw guide lines from words and labelled points across the panels, in the background."""
    points = [e.start for t in tiers if t.kind == "point" for e in t.entries if e.label.strip()]
    edges = []
    if tokens and "word" in tokens:
        edges = (tokens["word"].segmentation.boundaries[1:-1] / tokens.frame_rate).tolist()
    for panel in panels:
        across = panel.get_xaxis_transform()
        for times, (color, dashes) in ((edges, WORD_EDGE), (points, MARK)):
            lines = panel.vlines(times, 0, 1, color, transform=across)
            lines.set(linestyle=dashes, linewidth=style.HAIR, zorder=0)
