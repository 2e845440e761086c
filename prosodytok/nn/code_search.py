"""Analysis by synthesis: codes are chosen by the prosody that they decode to.

As in code-excited linear prediction (M. Schroeder and B. Atal, "Code-excited linear prediction
(CELP): high-quality speech at very low bit rates", ICASSP 1985), of the codes nearest to a unit the
one is chosen whose decoded prosody is nearest to the measured one. The candidates of every second
or third unit are tried in parallel while the other units keep their nearest codes; a second pass
with the chosen codes gains little. Decoding does not change.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.nn.decoder import Coarse
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.receptive_field import SEARCH_REACH
from prosodytok.nn.tensors import TensorBatch, TensorLayout, channels, repeat_layout

#: Distance between units with candidates tried in parallel, by level.
STRIDE = {"word": 2, "frame": 3}
#: Approximate number of network steps decoded per batch.
STEPS_AT_ONCE = 2048


class Search:
    """Chooses the codes of a batch; the `choose` of `ProsodyNetwork.encode`.

    Each utterance is searched on its own: its codes do not depend on the batch.

    Parameters
    ----------
    network : ProsodyNetwork
        The network that encodes.
    batch : Batch of Tensor
        The utterances.
    """

    def __init__(self, network: ProsodyNetwork, batch: TensorBatch) -> None:
        self.network = network
        self.batch = batch
        self._layouts: dict[int, TensorLayout] = {}

    def __call__(
        self, name: str, units: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Codes (M, K) of a level's units (M, D); see `nn.encoder.Choose`."""
        quantizer = self.network.quantizer(name)
        tried = quantizer.candidates(units, quantizer.num_candidates)
        count, width = tried.shape[:2]
        if width == 1:
            return tried[:, 0]
        index = self.batch.layout.maps[name].index
        every = torch.arange(count, device=index.device)
        # Row 0 has the nearest code everywhere; each other row another candidate at some units.
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
        """Cost of rows of units (C, M, D) in and around each unit: (C, M)."""
        costs = [
            self._frame_costs(name, part, embeddings, coarse)
            for part in torch.split(rows, self._rows_at_once(len(rows)))
        ]
        before = F.pad(torch.cat(costs).double().flatten(1).cumsum(1), (1, 0))
        first, last = self._reached(name)
        return before[:, last] - before[:, first]

    def _rows_at_once(self, count: int) -> int:
        if torch.compiler.is_compiling():  # a graph serves all lengths, and has no loops
            return count
        return max(1, STEPS_AT_ONCE // self.batch.layout.mask[..., 0].numel())

    def _reached(self, name: str) -> tuple[Tensor, Tensor]:
        """First frame, and last + 1, that count for each unit, utterances concatenated: (M,)."""
        units, padded = self.batch.layout.maps[name], channels(self.batch)[0].shape[1]
        row = units.start // padded
        end = row * padded + self.batch.layout.num_frames[row]
        return (
            torch.maximum(units.start - SEARCH_REACH[name], row * padded),
            torch.minimum(units.end + SEARCH_REACH[name], end),
        )

    def _frame_costs(
        self, name: str, rows: Tensor, embeddings: dict[str, Tensor], coarse: Coarse | None
    ) -> Tensor:
        """Cost of each frame (C, B, T) when a level's units are those of a row (C, M, D)."""
        decoder, count = self.network.decoder, len(rows)
        layout = self._layout(count)
        units = rows.flatten(0, 1)
        if coarse is None:
            others = {n: vectors.repeat(count, 1) for n, vectors in embeddings.items()}
            decoded = decoder.coarse({**others, name: units}, layout).channels
        else:
            decoded = decoder.fine(coarse.repeat(count), units, layout)
        decoded = decoded.reshape(count, -1, *decoded.shape[1:])
        return self.network.quantizer(name).frame_cost(
            self.batch, decoder.finish(decoded, {}, layout)
        )

    def _layout(self, count: int) -> TensorLayout:
        if count not in self._layouts:
            self._layouts[count] = repeat_layout(self.batch.layout, count)
        return self._layouts[count]
