"""Figure files."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from prosodytok.io.atomic import atomic_path
from prosodytok.types.errors import ConfigError

#: Formats and their metadata, without the date: equal figures give equal files.
FORMATS: dict[str, dict[str, Any]] = {
    ".png": {},
    ".pdf": {"metadata": {"CreationDate": None}},
    ".svg": {"metadata": {"Date": None}},
}
DPI = 300
#: Matplotlib shares its settings among all threads.
_SAVING = Lock()


def save_figure(figure: Figure, path: str | Path, *, dpi: float = DPI) -> None:
    """Write a figure atomically as PNG, PDF or SVG.

    Parameters
    ----------
    figure : Figure
        Figure, written at its own size.
    path : path
        Output file, replaced if it exists; its suffix selects the format.
    dpi : float
        Resolution of a PNG, and of raster images within a PDF or SVG.

    Raises
    ------
    ConfigError
        If the suffix is not supported.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ConfigError(f"{path}: the suffix of a figure must be one of {', '.join(FORMATS)}")
    # TrueType fonts, as publishers require, and reproducible ids in SVG files.
    settings = mpl.rc_context({"pdf.fonttype": 42, "svg.hashsalt": "prosodytok"})
    with atomic_path(path) as temporary, _SAVING, settings:
        figure.savefig(temporary, format=suffix[1:], dpi=dpi, **FORMATS[suffix])
