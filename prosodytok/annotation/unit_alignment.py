"""Which unit a mark belongs to, by its time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prosodytok.io.textgrid import Entry
from prosodytok.segmentation.intervals import SHORTEST_GAP

#: What ends a phrase may be marked this long (s) after its last unit, and what begins one this far
#: from its first, ...
REACH = 0.3
#: ... but in the next unit, or before or after speech, only so near: an annotator's hand.
SLIP = SHORTEST_GAP


class Spans:
    """The times of N units.

    Parameters
    ----------
    units : sequence of Entry
        In order, without overlap, at least one.
    """

    def __init__(self, units: Sequence[Entry]) -> None:
        self.units = tuple(units)
        self.starts, self.ends = np.array([(unit.start, unit.end) for unit in units]).T

    def holding(self, start: float, end: float) -> int | None:
        """Index of the unit with most of a stretch of time (s), or with a point; None in pauses."""
        shared = np.minimum(self.ends, end) - np.maximum(self.starts, start)
        # Outside of a unit this is how far it is, negative; for a point inside, it is zero.
        nearest = int(shared.argmax())
        return nearest if shared[nearest] >= -SLIP else None

    def starting(self, time: float) -> int | None:
        """Index of the unit that starts nearest to a time (s); None if none does within reach."""
        distances = np.abs(self.starts - time)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= REACH else None

    def ending(self, time: float) -> int | None:
        """Index of the last unit of what ends at a time (s); None if none ends within reach."""
        unit = int(self.starts.searchsorted(time, side="right")) - 1
        if unit < 0:
            return None
        late = time - self.ends[unit - 1] if unit > 0 else np.inf
        if late <= SLIP and late <= self.ends[unit] - time:
            return unit - 1
        return unit if time - self.ends[unit] <= REACH else None
