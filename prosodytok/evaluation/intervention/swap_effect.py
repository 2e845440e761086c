"""Effect of one changed code on the decoded prosody: stream, distance and time scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.stats.bootstrap import Floats, ratio
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_cents

#: Location of a frame: in the changed unit, or by its distance (frames of 10 ms) from it.
REGIONS = ("inside", "0-80 ms", "80-160 ms", "160-320 ms", "320-640 ms", "> 640 ms")
EDGES = (8, 16, 32, 64)
STREAMS = ("f0", "voicing", "energy")
#: Continuous streams: the changes of these have a modulation spectrum.
CONTINUOUS = ("f0", "energy")
#: Modulation bands (Hz): slower than phrases of a second; words and syllables; faster.
BANDS = {"slow": (0.0, 1.0), "middle": (1.0, 4.0), "fast": (4.0, np.inf)}
#: Root mean squares in the unit below which a change is inaudible (cents, dB).
AUDIBLE_CENTS, AUDIBLE_DB = 5.0, 0.5
#: Share of the squared change within its extent.
EXTENT_SHARE = 0.9


def effect_sums(before: Prosody, after: Prosody, start: int, end: int) -> dict[str, float]:
    """Sums of the change by a unit at frames `start` to `end`, for `effect_statistics`."""
    changes = _changes(before, after)
    region = regions(before.num_frames, start, end)
    counted = {
        "f0": before.voiced | after.voiced,
        "voicing": np.ones_like(before.voiced),
        "energy": np.ones_like(before.voiced),
    }
    sums: dict[str, float] = {"changes": 1.0}
    for stream, change in changes.items():
        squares = np.where(counted[stream], change, 0.0) ** 2
        for index, name in enumerate(REGIONS):
            sums[f"{stream} {name}"] = float(squares[region == index].sum())
            sums[f"{stream} {name} frames"] = float(counted[stream][region == index].sum())
        sums |= _extent(stream, squares, before.frame_rate)
        if stream in CONTINUOUS:
            sums |= _modulation(stream, change, before.frame_rate)
    sums["unchanged"] = float(_inaudible(sums))
    return sums


def effect_statistics(names: list[str], sums: Floats) -> Mapping[str, Floats]:
    """Measures, (R,) each, of `effect_sums` summed over R samples, (R, D), with these names.

    For each stream the root mean square in each region (cents, share of flipped frames, dB), the
    share of the squares inside the unit, and the extent (ms); for F0 and energy the mean modulation
    frequency (Hz) and the shares of the bands; and the share of changes that are inaudible in their
    unit. NaN where undefined.
    """
    total = dict(zip(names, sums.T, strict=True))
    found = {"unchanged": ratio(total["unchanged"], total["changes"])}
    for stream in STREAMS:
        squares = [total[f"{stream} {region}"] for region in REGIONS]
        for region, square in zip(REGIONS, squares, strict=True):
            mean = ratio(square, total[f"{stream} {region} frames"])
            found[f"{stream} {region}"] = mean if stream == "voicing" else np.sqrt(mean)
        found[f"{stream} share inside"] = ratio(squares[0], np.sum(squares, axis=0))
        moved = total[f"{stream} moved"]
        found[f"{stream} extent ms"] = ratio(total[f"{stream} extent"], moved)
        for name in ("Hz", *BANDS) if stream in CONTINUOUS else ():
            found[f"{stream} modulation {name}"] = ratio(total[f"{stream} {name}"], moved)
    return found


def regions(num_frames: int, start: int, end: int) -> NDArray[np.int64]:
    """Index into `REGIONS` of each of T frames."""
    frames = np.arange(num_frames)
    distance = np.maximum(start - 1 - frames, frames - end)
    return np.where(distance < 0, 0, 1 + np.digitize(distance, EDGES))


def _changes(before: Prosody, after: Prosody) -> dict[str, Floats]:
    cents = [hz_to_cents(p.f0.astype(np.float64), 1.0) for p in (before, after)]
    return {
        "f0": cents[1] - cents[0],
        "voicing": (before.voiced != after.voiced).astype(np.float64),
        "energy": after.energy.astype(np.float64) - before.energy,
    }


def _extent(stream: str, squares: Floats, frame_rate: float) -> dict[str, float]:
    """Length (ms) of the shortest interval with `EXTENT_SHARE` of the squares, if there is any."""
    cumulative = np.append(0.0, np.cumsum(squares))
    if cumulative[-1] == 0:
        return {f"{stream} extent": 0.0, f"{stream} moved": 0.0}
    # For each start the first sufficient end; the tolerance allows for rounding.
    ends = np.searchsorted(cumulative, cumulative + (EXTENT_SHARE - 1e-9) * cumulative[-1])
    lengths = (ends - np.arange(cumulative.size))[ends < cumulative.size]
    return {f"{stream} extent": 1000 * float(lengths.min()) / frame_rate, f"{stream} moved": 1.0}


def _modulation(stream: str, change: Floats, frame_rate: float) -> dict[str, float]:
    """Mean modulation frequency of a change and shares of the bands, by a cosine transform."""
    power = np.abs(np.fft.rfft(np.append(change, change[::-1])))[: change.size] ** 2
    power[1:] *= 2  # all cosines but the constant one count twice
    if power.sum() == 0:
        return {f"{stream} {name}": 0.0 for name in ("Hz", *BANDS)}
    hz = np.arange(change.size) * frame_rate / (2 * change.size)
    share = power / power.sum()
    bands = {
        f"{stream} {name}": float(share[(hz >= low) & (hz < high)].sum())
        for name, (low, high) in BANDS.items()
    }
    return {f"{stream} Hz": float(share @ hz), **bands}


def _inaudible(sums: Mapping[str, float]) -> bool:
    f0, energy = (
        (sums[f"{s} inside"] / max(1.0, sums[f"{s} inside frames"])) ** 0.5 for s in CONTINUOUS
    )
    return f0 < AUDIBLE_CENTS and energy < AUDIBLE_DB and sums["voicing inside"] == 0
