"""Analysis by synthesis: codes are chosen by what they decode to, not by how near they lie.

As in code-excited linear prediction (Schroeder and Atal, 1985, "Code-excited linear prediction
(CELP): high-quality speech at very low bit rates"), of the codes nearest to a unit the one is taken
whose decoded prosody is nearest to the voice's. A unit's codes are tried while the others keep
their nearest, every second or third unit at once; to try the others again afterwards, beside what
was chosen, gains little. Decoding stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.model.batch import Batch, Layout, segmentations_of
from prosodytok.model.decoder import Coarse
from prosodytok.model.distortion import frame_errors, squared_f0_error
from prosodytok.model.network import ProsodyNetwork
from prosodytok.model.shapes import ShapeQuantizer
from prosodytok.segmentation import Hierarchy

#: Of each level that is searched: codes tried for a unit; units from one that is tried to the next
#: tried with it; frames before and after a unit that count.
WIDTH = {"word": 2, "frame": 2}
STRIDE = {"word": 2, "frame": 3}
REACH = {"word": 8, "frame": 12}
#: Codes of F0 shapes tried for a unit: they differ in F0 alone, and only that is looked at.
SHAPES_WIDTH = 8
#: Weights of F0 in voiced frames (semitones), voicing (nats) and energy (dB).
F0_WEIGHT, VOICING_WEIGHT, ENERGY_WEIGHT = 2.0, 3.0, 0.2
#: Network steps that are decoded at once, about: rows of candidates wait for each other.
STEPS_AT_ONCE = 2048


class Search:
    """Chooses the codes of utterances side by side; the `choose` of `ProsodyNetwork.encode`.

    Each utterance is searched by itself: its codes are those that it has alone.

    Parameters
    ----------
    network : ProsodyNetwork
        The network that encodes.
    batch : Batch
        The utterances.
    hierarchies : sequence of Hierarchy
        Their units.
    """

    def __init__(
        self, network: ProsodyNetwork, batch: Batch, hierarchies: Sequence[Hierarchy]
    ) -> None:
        self.network = network
        self.batch = batch
        self.units = [segmentations_of(hierarchy) for hierarchy in hierarchies]
        self._layouts: dict[int, Layout] = {}

    def __call__(
        self, name: str, units: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Codes (M, K) of a level's units (M, D); see `model.network.Choose`."""
        quantizer = self.network.quantizer(name)
        shapes = isinstance(quantizer, ShapeQuantizer)
        tried = quantizer.candidates(units, SHAPES_WIDTH if shapes else WIDTH.get(name, 1))
        count, width = tried.shape[:2]
        if width == 1:
            return tried[:, 0]
        every, place = torch.arange(count), self._places(name)
        # Row 0 has the nearest code everywhere; each other one another candidate at some units.
        rows = torch.stack(
            [torch.zeros_like(every)]
            + [
                torch.where(place % STRIDE[name] == first, candidate, 0)
                for candidate in range(1, width)
                for first in range(STRIDE[name])
            ]
        )
        vectors = quantizer.embed(tried.flatten(0, 1)).view(count, width, -1)
        costs = self._costs(name, vectors[every, rows], embeddings, coarse)
        costs[1:].masked_fill_(rows[1:] == 0, torch.inf)
        return tried[every, rows[costs.argmin(0), every]]

    def _places(self, name: str) -> Tensor:
        """Which unit of its utterance each one is, the first being 0: (M,)."""
        return torch.cat([torch.arange(len(units[name])) for units in self.units])

    def _costs(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """What rows of units (C, M, D) cost in and around each unit: (C, M)."""
        at_once = max(1, STEPS_AT_ONCE // self.batch.layout.mask[..., 0].numel())
        costs = [
            self._decode(name, part, embeddings, coarse) for part in torch.split(rows, at_once)
        ]
        before = F.pad(torch.cat(costs).double().flatten(1).cumsum(1), (1, 0))
        first, last = self._reached(name)
        return before[:, last] - before[:, first]

    def _reached(self, name: str) -> tuple[Tensor, Tensor]:
        """The frames that count for each unit, first and last + 1, utterances end to end: (M,)."""
        first, last = [], []
        for row, units in enumerate(self.units):
            edges, start = torch.from_numpy(units[name].boundaries), row * self._padded_frames
            first.append(start + (edges[:-1] - REACH[name]).clamp(min=0))
            last.append(start + (edges[1:] + REACH[name]).clamp(max=int(edges[-1])))
        return torch.cat(first), torch.cat(last)

    @property
    def _padded_frames(self) -> int:
        return self.batch.streams[0].shape[1]

    def _decode(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Cost of each frame (C, B, T) when a level's units are those of a row (C, M, D)."""
        decoder, count = self.network.decoder, len(rows)
        layout = self._layout(count)
        units = rows.flatten(0, 1)
        if coarse is None:
            others = {n: vectors.repeat(count, 1) for n, vectors in embeddings.items()}
            streams = decoder.coarse({**others, name: units}, layout).streams
        else:
            streams = decoder.fine(coarse.repeat(count), units, layout)
        streams = streams.view(count, len(self.units), *streams.shape[1:])
        decoded, voiced = decoder.finish(streams, {}, layout), self.batch.streams[1]
        if isinstance(self.network.quantizer(name), ShapeQuantizer):
            return voiced * squared_f0_error(self.batch, decoded)
        f0, voicing, energy = frame_errors(self.batch, decoded)
        return F0_WEIGHT * voiced * f0 + VOICING_WEIGHT * voicing + ENERGY_WEIGHT * energy

    def _layout(self, count: int) -> Layout:
        if count not in self._layouts:
            self._layouts[count] = self.batch.layout.repeat(count)
        return self._layouts[count]
