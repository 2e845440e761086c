"""Names of what goes into the graphs and comes out of them."""

from __future__ import annotations

from typing import Any

from prosodytok.nn.batch import BatchArrays
from prosodytok.nn.layout import LayoutArrays
from prosodytok.types.tokens import LEVELS

#: The file of each graph: encoders that take the nearest codes, and those that decode best; phrases
#: and words to prosody, and frames to its change.
GRAPHS = ("encoder", "search", "coarse", "fine")
#: Fields of a level's units that graphs take, and what their one axis counts.
ATOMS, UNITS = ("unit", "step", "unit_share", "step_share", "way"), ("index", "start", "end")

#: The axes of each input that differ between calls; None stands for one that does not.
LAYOUT_AXES: dict[str, tuple[str | None, ...]] = {
    "mask": ("batch", "steps", None),
    "places": ("batch", "steps", None),
    "num_frames": ("batch",),
    "parent": ("word_units",),
    **{f"{level}_{field}": (f"{level}_atoms",) for level in LEVELS for field in ATOMS},
    **{f"{level}_{field}": (f"{level}_units",) for level in LEVELS for field in UNITS},
    **{f"{level}_unit_of_frame": ("batch", "steps", None) for level in LEVELS},
}
BATCH_AXES = {"frames": ("batch", "steps", None), "scale": ("batch", None), **LAYOUT_AXES}
CODE_AXES = {f"{level}_codes": (f"{level}_units", None) for level in LEVELS}
COARSE_AXES = {
    "coarse_steps": ("batch", "steps", None),
    "coarse_frames": ("batch", "steps", None),
    "coarse_streams": ("batch", "steps", None),
}


def name_batch(batch: BatchArrays[Any]) -> dict[str, Any]:
    """The arrays of a batch by the names of `BATCH_AXES`."""
    return {"frames": batch.frames, "scale": batch.scale, **name_layout(batch.layout)}


def name_layout(layout: LayoutArrays[Any]) -> dict[str, Any]:
    """The arrays of a layout by the names of `LAYOUT_AXES`."""
    named = {name: getattr(layout, name) for name in ("mask", "places", "num_frames", "parent")}
    for level, units in layout.maps.items():
        named |= {f"{level}_{field}": getattr(units, field) for field in (*ATOMS, *UNITS)}
        by_step = units.unit_of_frame.reshape(*layout.mask.shape[:2], -1)
        named[f"{level}_unit_of_frame"] = by_step
    return named
