"""A map of a codebook: which codes are alike, how much they are used, and what they stand for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LABELLED,
    MARKER_SIZE,
    MARKERS,
    MUTED,
    SATURATION,
    SMALLEST,
    axes_or_new,
    dress,
    legend_beside,
)
from prosodytok.viz.fitted_text import FreeNumbers, ink_size

HEIGHT = 110.0
#: Diameters of the dots of the most used code, and at least (pt).
LARGEST, LEAST = 22.0, 3.0
#: Room around the dots, as a share of the longer side of what they span.
ROOM = 0.08
#: What codes are called that have none of the most frequent labels, and those with none at all.
OTHER, UNLABELLED = "other", "no label"


def plot_codebook(
    vectors: ArrayLike,
    counts: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a codebook as a map: the first two principal components of its vectors.

    A dot's area says how often its code is used; colour and shape, what it mostly stands for. A
    number is written on a dot that is large enough, unless a more used code's is in its way. Codes
    that are never used are small crosses.

    Parameters
    ----------
    vectors : (C, D) array
        The codes' vectors.
    counts : (C,) array of numbers
        How often each code was used.
    labels : sequence of str, length C, optional
        The dominant label of each code. The seven that cover most uses have colours of their own;
        the others, as any that is called "other", are grey, and a code whose label is ``""`` is
        hollow.
    ax : Axes, optional
        Where to draw; a new figure when not given.

    Returns
    -------
    Axes
        With one unit as long on both axes, which give the share of the variance.

    Raises
    ------
    ProsodytokError
        If shapes do not fit together, vectors are not finite, or counts are negative or not finite.
    """
    points, uses = _checked(vectors, counts, labels)
    places, explained = _principal(points)
    ax = axes_or_new(ax, HEIGHT)
    diameters = np.sqrt(uses / max(float(uses.max()), 1.0)) * LARGEST
    unused = uses == 0
    ax.plot(*places[unused].T, "x", color=MUTED, markersize=LEAST, markeredgewidth=HAIR)
    _dots(ax, places, diameters, labels if labels is not None else ["any"] * len(uses), uses)
    _numbers(ax, places, diameters)
    ax.set_aspect("equal", adjustable="datalim")
    # As data, since equal units may eat margins: the largest dots keep off the axes.
    around = ROOM * np.ptp(places, axis=0).max()
    ax.update_datalim([places.min(axis=0) - around, places.max(axis=0) + around])
    ax.autoscale_view()
    ax.set(xticks=[], yticks=[])  # only distances mean something
    ax.set_xlabel(f"first component ({100 * explained[0]:.0f} % of variance)", fontsize=LABEL)
    ax.set_ylabel(f"second component ({100 * explained[1]:.0f} %)", fontsize=LABEL)
    dress(ax)
    if labels is not None:
        legend = legend_beside(ax, "upper left", (1.0, 1.0), handletextpad=0.3)
        for handle in legend.legend_handles:
            handle.set_sizes([MARKER_SIZE**2 * 2])  # type: ignore[union-attr]
    return ax


def _checked(
    vectors: ArrayLike, counts: ArrayLike, labels: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points, uses = np.asarray(vectors, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    if points.ndim != 2 or points.size == 0 or uses.shape != points.shape[:1]:
        raise ProsodytokError(
            f"vectors must have shape (C, D) and counts (C,); got {points.shape} and {uses.shape}"
        )
    if labels is not None and len(labels) != len(points):
        raise ProsodytokError(f"{len(labels)} labels for {len(points)} codes")
    if not (np.isfinite(points).all() and np.isfinite(uses).all() and (uses >= 0).all()):
        raise ProsodytokError("vectors and counts must be finite, and counts not negative")
    return points, uses


def _principal(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places (C, 2) on the first two principal components, and their shares of the variance (2,).

    Where there are fewer than two, the others are zero.
    """
    left, scales, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    places = np.pad(left * scales, ((0, 0), (0, 1)))[:, :2]
    variance = np.pad(np.square(scales), (0, 1))
    return places, variance[:2] / max(float(variance.sum()), 1e-12)


def _dots(
    ax: Axes,
    places: NDArray[np.float64],
    diameters: NDArray[np.float64],
    labels: Sequence[str],
    uses: NDArray[np.float64],
) -> None:
    """Draw the used codes label by label, the less used ones over the others."""
    frequent = _frequent(labels, uses)
    names = np.array([label if label in (*frequent, "") else OTHER for label in labels])
    for index, name in enumerate([*frequent, OTHER, ""]):
        chosen = np.flatnonzero((names == name) & (uses > 0))
        if not chosen.size:
            continue
        chosen = chosen[np.argsort(-diameters[chosen], kind="stable")]
        color = to_rgb(LABELLED[index] if name in frequent else MUTED)
        ax.scatter(
            places[chosen, 0],
            places[chosen, 1],
            s=np.square(np.maximum(diameters[chosen], LEAST)),
            marker=MARKERS[index % len(MARKERS)],
            color=1 - SATURATION * (1 - np.array(color)) if name else "white",
            edgecolors=[color],
            linewidths=2 * HAIR,
            zorder=2.0,
            label=name or UNLABELLED,
        )


def _frequent(labels: Sequence[str], uses: NDArray[np.float64]) -> list[str]:
    """The labels that cover most uses, as many as there are colours."""
    totals = {label: 0.0 for label in labels if label not in (OTHER, "")}
    for label, number in zip(labels, uses.tolist(), strict=True):
        if label in totals:
            totals[label] += number
    return sorted(totals, key=lambda label: -totals[label])[: len(LABELLED)]


def _numbers(ax: Axes, places: NDArray[np.float64], diameters: NDArray[np.float64]) -> None:
    order = np.argsort(-diameters, kind="stable").tolist()
    large = [code for code in order if ink_size(str(code), SMALLEST)[0] <= diameters[code]]
    ax.add_artist(FreeNumbers(places[large], [str(code) for code in large]))
