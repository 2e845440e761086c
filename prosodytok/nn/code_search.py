"""Analysis by synthesis: codes are chosen by what they decode to, not by how near they lie.

As in code-excited linear prediction (Schroeder and Atal, 1985, "Code-excited linear prediction
(CELP): high-quality speech at very low bit rates"), of the codes nearest to a unit the one is taken
whose decoded prosody is nearest to the voice's. A unit's codes are tried while the others keep
their nearest, every second or third unit at once; to try the others again afterwards, beside what
was chosen, gains little. Decoding stays as it is.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.nn.decoder import Coarse
from prosodytok.nn.distortion import frame_errors, squared_f0_error
from prosodytok.nn.f0_shapes import ShapeQuantizer
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.receptive_field import SEARCH_REACH
from prosodytok.nn.tensors import Batch, Layout

#: Of each level that is searched: codes tried for a unit; units from one that is tried to the next
#: tried with it.
WIDTH = {"word": 2, "frame": 2}
STRIDE = {"word": 2, "frame": 3}
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
    """

    def __init__(self, network: ProsodyNetwork, batch: Batch) -> None:
        self.network = network
        self.batch = batch
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
        index = self.batch.layout.maps[name].index
        every = torch.arange(count, device=index.device)
        # Row 0 has the nearest code everywhere; each other one another candidate at some units.
        rows = torch.stack(
            [torch.zeros_like(every)]
            + [
                torch.where(index % STRIDE[name] == first, candidate, 0)
                for candidate in range(1, width)
                for first in range(STRIDE[name])
            ]
        )
        vectors = quantizer.embed(tried.flatten(0, 1)).view(count, width, -1)
        costs = self._costs(name, vectors[every, rows], embeddings, coarse)
        costs[1:].masked_fill_(rows[1:] == 0, torch.inf)
        return tried[every, rows[costs.argmin(0), every]]

    def _costs(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """What rows of units (C, M, D) cost in and around each unit: (C, M)."""
        costs = [
            self._decode(name, part, embeddings, coarse)
            for part in torch.split(rows, self._rows_at_once(len(rows)))
        ]
        before = F.pad(torch.cat(costs).double().flatten(1).cumsum(1), (1, 0))
        first, last = self._reached(name)
        return before[:, last] - before[:, first]

    def _rows_at_once(self, count: int) -> int:
        if torch.compiler.is_compiling():  # a graph is for all lengths, and has no loops
            return count
        return max(1, STEPS_AT_ONCE // self.batch.layout.mask[..., 0].numel())

    def _reached(self, name: str) -> tuple[Tensor, Tensor]:
        """The frames that count for each unit, first and last + 1, utterances end to end: (M,)."""
        units, padded = self.batch.layout.maps[name], self.batch.streams[0].shape[1]
        row = units.start // padded
        end = row * padded + self.batch.layout.num_frames[row]
        return (
            torch.maximum(units.start - SEARCH_REACH[name], row * padded),
            torch.minimum(units.end + SEARCH_REACH[name], end),
        )

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
        streams = streams.reshape(count, -1, *streams.shape[1:])
        decoded, voiced = decoder.finish(streams, {}, layout), self.batch.streams[1]
        if isinstance(self.network.quantizer(name), ShapeQuantizer):
            return voiced * squared_f0_error(self.batch, decoded)
        f0, voicing, energy = frame_errors(self.batch, decoded)
        return F0_WEIGHT * voiced * f0 + VOICING_WEIGHT * voicing + ENERGY_WEIGHT * energy

    def _layout(self, count: int) -> Layout:
        if count not in self._layouts:
            self._layouts[count] = self.batch.layout.repeat(count)
        return self._layouts[count]
