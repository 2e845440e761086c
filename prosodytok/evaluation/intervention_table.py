"""What changed codes did, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Columns: heading, key of the measure, factor, digits.
COLUMNS = (
    ("nothing audible %", "unchanged", 100, 1),
    ("F0 in unit (c)", "f0 inside", 1, 0),
    ("0-80 ms off", "f0 0-80 ms", 1, 0),
    ("160-320", "f0 160-320 ms", 1, 0),
    ("> 640", "f0 > 640 ms", 1, 1),
    ("in unit %", "f0 share inside", 100, 0),
    ("extent (ms)", "f0 extent ms", 1, 0),
    ("modulation (Hz)", "f0 modulation Hz", 1, 1),
    ("voicing flipped in unit %", "voicing inside", 100, 1),
    ("of flips in unit %", "voicing share inside", 100, 0),
    ("energy in unit (dB)", "energy inside", 1, 1),
    ("in unit %", "energy share inside", 100, 0),
    ("extent (ms)", "energy extent ms", 1, 0),
)
#: Columns with their intervals.
SURE = ("unchanged", "f0 inside", "energy inside")


def intervention_table(found: Mapping[str, Any]) -> str:
    """The tables of what `measure_intervention` found."""
    heads = ["code", "heard", "other code", "unit (ms)", *(c[0] for c in COLUMNS)]
    rows = [heads, ["---"] * len(heads), *(_row(swap) for swap in found["swaps"])]
    null = found["null"]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines += [
        "",
        "Changes are root mean squares over frames; the first ones of F0 and energy are followed "
        'by "in unit", the share of their squares that lies in the changed unit, and the extent, '
        "the shortest stretch that holds 90 % of them. Modulation is the mean frequency of the "
        f"change. The same code put in again ({null['changes']} times) changes at most "
        f"{null['f0_cents']:g} cents, {null['energy_db']:g} dB and {null['flips']:g} frames of "
        "voicing.",
    ]
    for row in found["durations"]:
        inside, outside = (_cell(row[f"{where}_octaves"], 1, 2) for where in ("inside", "outside"))
        lines.append(
            f"Another {_code(row)} code changes the durations that codes say by {inside} octaves "
            f"in its unit and {outside} elsewhere."
        )
    return "\n".join(lines)


def _row(swap: Mapping[str, Any]) -> list[str]:
    cells = []
    for _, key, factor, digits in COLUMNS:
        cells.append(_cell(swap[key], factor, digits, sure=key in SURE))
    heard = {"all": "all levels", "prefix": f"up to {swap['level']}"}[swap["levels_heard"]]
    return [_code(swap), heard, swap["choice"], f"{swap['unit_ms']:.0f}", *cells]


def _code(row: Mapping[str, Any]) -> str:
    return f"{row['level']} {row['codebook']}"


def _cell(interval: Mapping[str, float], factor: float, digits: int, sure: bool = True) -> str:
    value, low, high = (interval[k] * factor for k in ("value", "low", "high"))
    if math.isnan(value):
        return "n/a"
    return f"{value:.{digits}f}" + (f" ({low:.{digits}f} to {high:.{digits}f})" if sure else "")
