"""Names of the inputs and outputs of the exported graphs: a file format, so they never change."""

from __future__ import annotations

from typing import Any

from prosodytok.nn.batch import Batch
from prosodytok.nn.layout import Layout
from prosodytok.types.tokens import LEVELS

#: The file of each graph: encoders with the nearest codes and with searched ones; the decoder's
#: coarse stage (phrases and words) and fine stage (frames).
GRAPHS = ("encoder", "search", "coarse", "fine")
#: Fields of a `UnitMap` that are inputs, with their names in the graphs: of atoms, and of units.
ATOMS = {
    "unit": "unit",
    "step": "step",
    "unit_share": "unit_share",
    "step_share": "step_share",
    "position": "way",
}
UNITS = ("index", "start", "end")

#: The axes of each input that differ between calls; None for an axis of fixed size.
LAYOUT_AXES: dict[str, tuple[str | None, ...]] = {
    "mask": ("batch", "steps", None),
    "places": ("batch", "steps", None),
    "num_frames": ("batch",),
    "parent": ("word_units",),
    **{f"{level}_{name}": (f"{level}_atoms",) for level in LEVELS for name in ATOMS.values()},
    **{f"{level}_{field}": (f"{level}_units",) for level in LEVELS for field in UNITS},
    **{f"{level}_unit_of_frame": ("batch", "steps", None) for level in LEVELS},
}
BATCH_AXES: dict[str, tuple[str | None, ...]] = {
    "frames": ("batch", "steps", None),
    "scale": ("batch", None),
    "noise": ("batch",),
    "phrase_points": ("phrase_units", None),
    "word_points": ("word_units", None),
    "pauses": ("word_units",),
    **LAYOUT_AXES,
}
CODE_AXES = {f"{level}_codes": (f"{level}_units", None) for level in LEVELS}
COARSE_AXES = {
    "coarse_steps": ("batch", "steps", None),
    "coarse_frames": ("batch", "steps", None),
    "coarse_streams": ("batch", "steps", None),
}


def name_batch(batch: Batch[Any]) -> dict[str, Any]:
    """The arrays of a batch by the names of `BATCH_AXES`."""
    points = {f"{level}_points": points for level, points in batch.points.items()}
    named = {name: getattr(batch, name) for name in ("frames", "scale", "noise", "pauses")}
    return named | points | name_layout(batch.layout)


def name_layout(layout: Layout[Any]) -> dict[str, Any]:
    """The arrays of a layout by the names of `LAYOUT_AXES`."""
    named = {name: getattr(layout, name) for name in ("mask", "places", "num_frames", "parent")}
    for level, units in layout.maps.items():
        named |= {f"{level}_{name}": getattr(units, field) for field, name in ATOMS.items()}
        named |= {f"{level}_{field}": getattr(units, field) for field in UNITS}
        by_step = units.unit_of_frame.reshape(*layout.mask.shape[:2], -1)
        named[f"{level}_unit_of_frame"] = by_step
    return named
