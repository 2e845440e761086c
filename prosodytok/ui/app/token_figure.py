"""Figure of a session with a button over each token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.ui.app.edit_session import Session, Token, codes_of
from prosodytok.ui.embedded_media import written_uri
from prosodytok.viz import plot_prosody, save_figure
from prosodytok.viz.figure_style import MM_PER_INCH

#: Smallest scale of the figure (CSS pixels per mm), below which it scrolls, so that frame tokens
#: stay wide enough to click.
PIXELS_PER_MM = 3.2
#: Resolution of the spectrogram for screens; the rest is vector graphics.
SPECTROGRAM_DPI = 150


class Box(NamedTuple):
    """Box of a token, relative to the size of the figure, from its top left corner."""

    token: Token
    left: float
    top: float
    width: float
    height: float


def draw(session: Session, decoded: Mapping[str, Prosody]) -> Figure:
    """Draw the measured and decoded prosody, the tokens and the annotation of a session."""
    recording, tokens = session.recording, session.tokens
    return plot_prosody(
        recording.prosody,
        tokens,
        decoded,
        audio=recording.audio,
        title=tokens.id,
        tiers=recording.tiers,
    )


def token_boxes(figure: Figure, tokens: ProsodyTokens) -> list[Box]:
    """Find the box of each token in a figure of `plot_prosody`, including the word above it."""
    return [box for level in tokens.levels for box in _level_boxes(figure, level)]


def figure_html(session: Session, decoded: Mapping[str, Prosody]) -> str:
    """Render the figure as an image with a button over each token.

    A button has the data attributes ``level`` and ``unit``; ``aria-pressed`` marks the selected
    token, and the class ``changed`` marks swapped ones.
    """
    figure = draw(session, decoded)
    width, _ = figure.get_size_inches() * MM_PER_INCH
    start, end = figure.axes[0].get_position().intervalx
    save = partial(save_figure, figure, dpi=SPECTROGRAM_DPI)
    image = written_uri("figure.svg", "image/svg+xml", save)
    buttons = "".join(_button(session, box) for box in token_boxes(figure, session.tokens))
    return (
        '<div class="figure-scroll">'
        f'<div class="figure" style="min-width: {width * PIXELS_PER_MM:.0f}px" '
        f'data-start="{start:.5f}" data-end="{end:.5f}" '
        f'data-duration="{session.tokens.duration:.3f}">'
        f'<img src="{image}" alt="Spectrogram, F0, energy and tokens over time">'
        f'<div class="cursor" hidden></div>{buttons}</div></div>'
    )


def token_name(tokens: ProsodyTokens, token: Token) -> str:
    """Name of a token for display: level, number from 1, and word."""
    label = tokens[token.level].segmentation.labels[token.unit]
    return f"{token.level} {token.unit + 1}" + (f" “{label}”" if label else "")


def codes_text(codes: tuple[int, ...]) -> str:
    """Format the codes of a token as in the figure."""
    return " ".join(map(str, codes))


def _level_boxes(figure: Figure, level: TokenLevel) -> Iterator[Box]:
    ax, codes, words = _lanes(figure, level.name)
    upper = _extents(ax, words) if words else None
    for unit, box in enumerate(_extents(ax, codes)):
        whole = Bbox.union([box, upper[unit]]) if upper else box
        shares = figure.transFigure.inverted().transform_bbox(whole)
        yield Box(Token(level.name, unit), shares.x0, 1 - shares.y1, shares.width, shares.height)


def _lanes(figure: Figure, name: str) -> tuple[Axes, Collection, Collection | None]:
    """Boxes of the codes and of the words, if any, of a level, with their axes."""
    for ax in figure.axes:
        before: Collection | None = None
        for collection in ax.collections:
            # A tier of the annotation may have the same name, but the lanes come first.
            if collection.get_label() == name:
                words = before if before and before.get_label() == "words" else None
                return ax, collection, words
            before = collection
    raise LookupError(name)


def _extents(ax: Axes, boxes: Collection) -> list[Bbox]:
    return [path.get_extents(ax.transData) for path in boxes.get_paths()]


def _button(session: Session, box: Box) -> str:
    tokens, before = session.tokens, session.changed.get(box.token)
    name = f"{token_name(tokens, box.token)}, codes {codes_text(codes_of(tokens, box.token))}"
    if before is not None:
        name += f", changed from {codes_text(before)}"
    sides = {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
    style = ";".join(f"{side}:{share:.4%}" for side, share in sides.items())
    pressed = "true" if box.token == session.selected else "false"
    return (
        f'<button type="button" class="token{" changed" if before is not None else ""}" '
        f'data-level="{box.token.level}" data-unit="{box.token.unit}" style="{style}" '
        f'aria-pressed="{pressed}" aria-label="{escape(name)}" title="{escape(name)}"></button>'
    )
