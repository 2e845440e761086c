"""Figures to files."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from prosodytok.io.atomic import atomic_path
from prosodytok.types.errors import ConfigError

#: What can be written, each without the date: the same figure makes the same file.
FORMATS: dict[str, dict[str, Any]] = {
    ".png": {},
    ".pdf": {"metadata": {"CreationDate": None}},
    ".svg": {"metadata": {"Date": None}},
}
DPI = 300
#: Matplotlib has these settings only once for all threads.
_SAVING = Lock()


def save_figure(figure: Figure, path: str | Path, *, dpi: float = DPI) -> None:
    """Write a figure as PNG, PDF or SVG: all of it, or nothing.

    Parameters
    ----------
    figure : Figure
        What to write, at its own size.
    path : path
        The file; its suffix chooses the format, and an earlier one is replaced.
    dpi : float
        Dots per inch of a PNG, and of the pictures in a PDF or SVG.

    Raises
    ------
    ConfigError
        If the suffix is another.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ConfigError(f"{path}: a figure ends in {', '.join(FORMATS)}")
    # Fonts that publishers take (TrueType), and names in SVG files that do not change.
    settings = mpl.rc_context({"pdf.fonttype": 42, "svg.hashsalt": "prosodytok"})
    with atomic_path(path) as temporary, _SAVING, settings:
        figure.savefig(temporary, format=suffix[1:], dpi=dpi, **FORMATS[suffix])
