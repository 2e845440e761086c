"""Analysis by synthesis: codes are chosen by what they decode to, not by how near they lie.

As in code-excited linear prediction (Schroeder and Atal, 1985, "Code-excited linear prediction
(CELP): high-quality speech at very low bit rates"), of the codes nearest to a unit the one is taken
whose decoded prosody is nearest to the voice's. Decoding stays as it is.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.model.batch import Batch, Layout
from prosodytok.model.decoder import Coarse
from prosodytok.model.distortion import frame_errors
from prosodytok.model.network import ProsodyNetwork

#: Of each level that is searched: codes tried for a unit; units from one that is tried to the next
#: tried with it; frames before and after a unit that count.
WIDTH = {"word": 2, "frame": 2}
STRIDE = {"word": 2, "frame": 2}
REACH = {"word": 8, "frame": 12}
#: Weights of F0 in voiced frames (semitones), voicing (nats) and energy (dB).
F0_WEIGHT, VOICING_WEIGHT, ENERGY_WEIGHT = 2.0, 3.0, 0.2
#: Network steps that are decoded at once: what bounds the memory for long sounds.
STEPS_AT_ONCE = 8192


class Search:
    """Chooses the codes of one utterance; the `choose` of `ProsodyNetwork.encode`.

    Parameters
    ----------
    network : ProsodyNetwork
        The network that encodes.
    batch : Batch
        One utterance.
    """

    def __init__(self, network: ProsodyNetwork, batch: Batch) -> None:
        self.network = network
        self.batch = batch
        self._layouts: dict[int, Layout] = {}

    def __call__(
        self, name: str, units: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Codes (M, K) of a level's units (M, D); see `model.network.Choose`."""
        width, stride = WIDTH.get(name, 1), STRIDE.get(name, 1)
        quantizer = self.network.quantizer(name)
        tried = quantizer.candidates(units, width)
        every = torch.arange(len(units))
        chosen = torch.zeros_like(every)
        if tried.shape[1] > 1:
            vectors = quantizer.embed(tried.flatten(0, 1)).view(*tried.shape[:2], -1)
            for first in range(min(stride, len(units))):
                rows = chosen.repeat(tried.shape[1], 1)
                rows[:, first::stride] = torch.arange(tried.shape[1])[:, None]
                costs = self._costs(name, vectors[every, rows], embeddings, coarse)
                chosen[first::stride] = costs.argmin(0)[first::stride]
        return tried[every, chosen]

    def _costs(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """What rows of units (C, M, D) cost in and around each unit: (C, M)."""
        at_once = max(1, STEPS_AT_ONCE // self.batch.layout.mask.shape[1])
        costs = [
            self._decode(name, part, embeddings, coarse) for part in torch.split(rows, at_once)
        ]
        before = F.pad(torch.cat(costs).double().cumsum(1), (1, 0))
        edges = self.batch.layout.maps[name].edges
        first = (edges[:-1] - REACH[name]).clamp(min=0)
        last = (edges[1:] + REACH[name]).clamp(max=int(edges[-1]))
        return before[:, last] - before[:, first]

    def _decode(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Cost of each frame (C, T) when a level's units are those of a row (C, M, D)."""
        decoder, count = self.network.decoder, len(rows)
        layout = self._layout(count)
        units = rows.flatten(0, 1)
        if coarse is None:
            others = {n: vectors.repeat(count, 1) for n, vectors in embeddings.items()}
            streams = decoder.coarse({**others, name: units}, layout).streams
        else:
            streams = decoder.fine(coarse.repeat(count), units, layout)
        f0, voicing, energy = frame_errors(self.batch, decoder.finish(streams, {}, layout))
        voiced = self.batch.streams[1]
        return F0_WEIGHT * voiced * f0 + VOICING_WEIGHT * voicing + ENERGY_WEIGHT * energy

    def _layout(self, count: int) -> Layout:
        if count not in self._layouts:
            self._layouts[count] = self.batch.layout.repeat(count)
        return self._layouts[count]
