"""The network in ONNX. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.batch import NUM_CHANNELS, Decoded, Example, collate
from prosodytok.nn.layout import lay_out
from prosodytok.tokenizer.onnx_graphs import Graphs, load_graphs
from prosodytok.tokenizer.onnx_names import name_batch, name_layout
from prosodytok.types.errors import CheckpointError
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.tokens import LEVELS


class OnnxBackend:
    """Runs the graphs of an export; see `Backend`.

    Parameters
    ----------
    graphs : Graphs
        The graphs of an export.
    search : bool
        Whether codes are chosen by analysis by synthesis: better tokens, slower.
    """

    def __init__(self, graphs: Graphs, search: bool = True) -> None:
        self.graphs = graphs
        self.config = graphs.config
        self.checkpoint = graphs.checkpoint
        self.search = search

    @classmethod
    def from_folder(
        cls, folder: str | Path, *, search: bool = True, threads: int = 1
    ) -> OnnxBackend:
        """Load a folder that `export_onnx` wrote; errors are those of `load_graphs`."""
        return cls(load_graphs(folder, threads), search=search)

    @property
    def network(self) -> Any:
        """Raises CheckpointError: an export has no network in torch."""
        raise self._no_network()

    def _no_network(self) -> CheckpointError:
        return CheckpointError(
            f"{self.graphs.folder}: an export for ONNX, which can tokenize and decode; for other "
            f"uses load the checkpoint that was exported ({self.checkpoint})"
        )

    def encode(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        """Codes (M, K) of each level, utterances concatenated."""
        batch = collate(examples, self.config.patch)
        graph = "search" if self.search else "encoder"
        shapes = {
            f"{c.name}_codes": (len(batch.layout.maps[c.name].index), len(c.codebook_sizes))
            for c in self.config.levels
        }
        found = self.graphs.run(graph, name_batch(batch), shapes, np.int64)
        return {level: found[f"{level}_codes"] for level in LEVELS}

    def encode_with_loss(
        self, examples: Sequence[Example]
    ) -> tuple[dict[str, NDArray[np.int64]], float]:
        """Raises CheckpointError: see `network`."""
        del examples
        raise self._no_network()

    def embed(self, level: str, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Raises CheckpointError: see `network`."""
        del level, codes
        raise self._no_network()

    def decode(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> Decoded[NDArray[np.float32]]:
        """Decode codes (M, K) of any subset of levels, utterances concatenated."""
        layout = lay_out(hierarchies, self.config.patch)
        inputs: dict[str, NDArray[Any]] = name_layout(layout)
        inputs["present"] = np.tile(["phrase" in codes, "word" in codes], (len(hierarchies), 1))
        units = {level: len(layout.maps[level].index) for level in LEVELS}
        for level in self.config.levels:
            absent = np.zeros((units[level.name], len(level.codebook_sizes)), dtype=np.int64)
            inputs[f"{level.name}_codes"] = codes.get(level.name, absent)
        steps = layout.mask.shape[:2]
        channels = {"coarse_streams": (*steps, self.config.patch * NUM_CHANNELS)}
        timing = {"word_timing": (units["word"],), "phrase_timing": (units["phrase"], 2)}
        coarse = self.graphs.run("coarse", inputs, channels | timing, np.float32)
        decoded = coarse["coarse_streams"]
        if "frame" in codes:
            shapes = {"streams": decoded.shape}
            decoded = self.graphs.run("fine", inputs | coarse, shapes, np.float32)["streams"]
        f0, voicing, energy = np.moveaxis(decoded.reshape(len(hierarchies), -1, NUM_CHANNELS), 2, 0)
        both = {"phrase", "word"} <= codes.keys()
        return Decoded(
            f0,
            voicing,
            energy,
            coarse["word_timing"][: None if both else 0],
            coarse["phrase_timing"][: None if "phrase" in codes else 0],
        )
