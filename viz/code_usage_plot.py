"""Rank-frequency plot of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.viz import figure_style as style

HEIGHT = 70.0
#: Distance between markers of a line, relative to the diagonal of the axes.
MARK_EVERY = 0.06


def plot_usage(counts: Mapping[str, ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw the relative frequency of codes by rank, one line per level or codebook.

    Parameters
    ----------
    counts : mapping of str to (C,) array of numbers
        For each level or codebook, the counts of its C codes.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Ranks on the horizontal axis and relative frequencies (%) on the vertical one, both
        logarithmic; the legend contains the perplexity and the share of used codes. Unused codes
        are not drawn.

    Raises
    ------
    ProsodytokError
        If counts are not one-dimensional, negative, not finite or all zero.
    """
    levels = {name: _checked(name, numbers) for name, numbers in counts.items()}
    ax = style.axes_or_new(ax, HEIGHT)
    for index, (name, numbers) in enumerate(levels.items()):
        shares = np.sort(numbers[numbers > 0])[::-1] / numbers.sum()
        color, linestyle = style.decoded_style(index)
        ax.plot(
            np.arange(1, shares.size + 1),
            100 * shares,
            color=color,
            linestyle=linestyle,
            marker=style.MARKERS[index % len(style.MARKERS)],
            linewidth=style.LINE,
            markersize=style.MARKER_SIZE,
            markevery=MARK_EVERY,
            label=_describe(name, shares, numbers.size),
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    ax.set_xlabel("rank of the code", fontsize=style.LABEL)
    ax.set_ylabel("share of uses (%)", fontsize=style.LABEL)
    ax.grid(axis="y", color=style.MUTED, linewidth=style.HAIR, alpha=0.5)
    ax.set_axisbelow(True)
    style.style_axes(ax)
    if levels:
        style.legend_beside(ax, "lower left", (0.0, 1.0), handlelength=3.0, borderaxespad=0.2)
    return ax


def code_counts(tokens: Sequence[ProsodyTokens]) -> dict[str, NDArray[np.int64]]:
    """Count the codes of each codebook.

    Parameters
    ----------
    tokens : sequence of ProsodyTokens
        Tokens of at least one utterance, all with the same levels.

    Returns
    -------
    dict of str to (C,) int64
        Counts by level; by codebook, ``"word 1"``, ``"word 2"``..., if a level has several.
    """
    counts = {}
    for level in tokens[0].levels:
        for book, size in enumerate(level.codebook_sizes):
            name = level.name + (f" {book + 1}" if len(level.codebook_sizes) > 1 else "")
            codes = np.concatenate([each[level.name].codes[book] for each in tokens])
            counts[name] = np.bincount(codes, minlength=size)
    return counts


def _checked(name: str, counts: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(counts, dtype=np.float64)
    if numbers.ndim != 1:
        raise ProsodytokError(f"{name}: counts of shape {numbers.shape}, not (C,)")
    if not np.isfinite(numbers).all() or (numbers < 0).any() or not numbers.any():
        raise ProsodytokError(f"{name}: counts must be finite, not negative, and some above zero")
    return numbers


def _describe(name: str, shares: NDArray[np.float64], size: int) -> str:
    perplexity = np.exp(-np.sum(shares * np.log(shares)))
    return f"{name}: perplexity {perplexity:.1f}; {100 * shares.size / size:.0f} % of {size} used"
