"""Map of a codebook: similarity of the codes, their use and their dominant labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import figure_style as style
from prosodytok.viz.fitted_text import NonOverlappingNumbers, ink_size

HEIGHT = 110.0
#: Diameter of the dot of the most frequent code, and the smallest diameter (pt).
LARGEST_DOT, SMALLEST_DOT = 22.0, 3.0
#: Margin around the dots, relative to the longer side of their extent.
MARGIN = 0.08
#: Legend of codes with another than the most frequent labels, and of codes without a label.
OTHER, UNLABELLED = "other", "no label"


def plot_codebook(
    vectors: ArrayLike,
    counts: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the first two principal components of the vectors of a codebook.

    The area of a dot is proportional to the count of its code; colour and shape show the dominant
    label. Large dots have a number, unless it overlaps that of a more frequent code. Unused codes
    are small crosses.

    Parameters
    ----------
    vectors : (C, D) array
        Vectors of the codes.
    counts : (C,) array of numbers
        Count of each code.
    labels : sequence of str, length C, optional
        Dominant label of each code. The seven labels with the largest total counts have a colour
        each; the others, and any named "other", are grey, and codes with the label ``""`` are
        hollow.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Axes of equal scale; their labels contain the share of the variance.

    Raises
    ------
    ProsodytokError
        If shapes do not match, vectors are not finite, or counts are negative or not finite.
    """
    points, uses = _checked(vectors, counts, labels)
    positions, explained = _principal(points)
    ax = style.axes_or_new(ax, HEIGHT)
    diameters = np.sqrt(uses / max(float(uses.max()), 1.0)) * LARGEST_DOT
    unused = uses == 0
    ax.plot(
        *positions[unused].T,
        "x",
        color=style.MUTED,
        markersize=SMALLEST_DOT,
        markeredgewidth=style.HAIR,
    )
    _dots(ax, positions, diameters, labels if labels is not None else ["any"] * len(uses), uses)
    _numbers(ax, positions, diameters)
    ax.set_aspect("equal", adjustable="datalim")
    # As data limits, since the equal scale may remove margins: the largest dots must not be cut.
    margin = MARGIN * np.ptp(positions, axis=0).max()
    ax.update_datalim([positions.min(axis=0) - margin, positions.max(axis=0) + margin])
    ax.autoscale_view()
    ax.set(xticks=[], yticks=[])  # only distances are meaningful
    ax.set_xlabel(f"first component ({100 * explained[0]:.0f} % of variance)", fontsize=style.LABEL)
    ax.set_ylabel(f"second component ({100 * explained[1]:.0f} %)", fontsize=style.LABEL)
    style.style_axes(ax)
    if labels is not None:
        legend = style.legend_beside(ax, "upper left", (1.0, 1.0), handletextpad=0.3)
        for handle in legend.legend_handles:
            handle.set_sizes([style.MARKER_SIZE**2 * 2])  # type: ignore[union-attr]
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
    """Positions (C, 2) on two principal components (0 if missing), and shares of variance."""
    left, scales, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    positions = np.pad(left * scales, ((0, 0), (0, 1)))[:, :2]
    variance = np.pad(np.square(scales), (0, 1))
    return positions, variance[:2] / max(float(variance.sum()), 1e-12)


def _dots(
    ax: Axes,
    positions: NDArray[np.float64],
    diameters: NDArray[np.float64],
    labels: Sequence[str],
    uses: NDArray[np.float64],
) -> None:
    """Draw the used codes by label, less frequent ones above more frequent ones."""
    frequent = _frequent(labels, uses)
    names = np.array([label if label in (*frequent, "") else OTHER for label in labels])
    for index, name in enumerate([*frequent, OTHER, ""]):
        selected = np.flatnonzero((names == name) & (uses > 0))
        if not selected.size:
            continue
        selected = selected[np.argsort(-diameters[selected], kind="stable")]
        color = to_rgb(style.LABELLED[index] if name in frequent else style.MUTED)
        ax.scatter(
            positions[selected, 0],
            positions[selected, 1],
            s=np.square(np.maximum(diameters[selected], SMALLEST_DOT)),
            marker=style.MARKERS[index % len(style.MARKERS)],
            color=1 - style.SATURATION * (1 - np.array(color)) if name else "white",
            edgecolors=[color],
            linewidths=2 * style.HAIR,
            zorder=2.0,
            label=name or UNLABELLED,
        )


def _frequent(labels: Sequence[str], uses: NDArray[np.float64]) -> list[str]:
    """Labels with the largest total counts, as many as there are colours."""
    totals = {label: 0.0 for label in labels if label not in (OTHER, "")}
    for label, number in zip(labels, uses.tolist(), strict=True):
        if label in totals:
            totals[label] += number
    return sorted(totals, key=lambda label: -totals[label])[: len(style.LABELLED)]


def _numbers(ax: Axes, positions: NDArray[np.float64], diameters: NDArray[np.float64]) -> None:
    order = np.argsort(-diameters, kind="stable").tolist()
    large = [code for code in order if ink_size(str(code), style.SMALLEST)[0] <= diameters[code]]
    ax.add_artist(NonOverlappingNumbers(positions[large], [str(code) for code in large]))
