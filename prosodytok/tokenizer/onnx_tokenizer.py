"""`OnnxTokenizer`: the tokenizer with its network in ONNX. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.batch import Example, collate
from prosodytok.nn.decoded import DecodedArrays
from prosodytok.nn.layout import lay_out
from prosodytok.tokenizer.onnx_graphs import Graphs, load_graphs
from prosodytok.tokenizer.onnx_names import name_batch, name_layout
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types import Hierarchy
from prosodytok.types.tokens import LEVELS


class OnnxTokenizer(Tokenizer):
    """Tokens of prosody as `ProsodyTokenizer` makes and reads them, without torch.

    Parameters
    ----------
    graphs : Graphs
        The networks of an export.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker of `extract`.
    search : bool
        Choose codes by what they decode to (see `model.search`): better tokens, slower.

    Examples
    --------
    >>> tokenizer = OnnxTokenizer.from_folder("base-onnx")  # prosodytok export-onnx base
    >>> tokens = tokenizer.encode(tokenizer.extract("speech.wav"))
    >>> contour = tokenizer.decode(tokens)
    """

    def __init__(self, graphs: Graphs, f0: str = "praat", search: bool = True) -> None:
        super().__init__(graphs.config, graphs.checkpoint, f0, search)
        self.graphs = graphs

    @classmethod
    def from_folder(
        cls, folder: str | Path, *, f0: str = "praat", search: bool = True, threads: int = 1
    ) -> OnnxTokenizer:
        """Load what `prosodytok export-onnx` wrote, to run on so many threads.

        Raises
        ------
        CheckpointError
            If it is not such a folder, or damaged.
        MissingExtraError
            If onnxruntime is not installed.
        """
        return cls(load_graphs(folder, threads), f0=f0, search=search)

    def _encode_codes(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        batch = collate(examples, self.config.patch)
        graph = "search" if self.search else "encoder"
        shapes = {
            f"{c.name}_codes": (len(batch.layout.maps[c.name].index), len(c.codebook_sizes))
            for c in self.config.levels
        }
        found = self.graphs.run(graph, name_batch(batch), shapes, np.int64)
        return {level: found[f"{level}_codes"] for level in LEVELS}

    def _decode_codes(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> DecodedArrays[NDArray[np.float32]]:
        layout = lay_out(hierarchies, self.config.patch)
        inputs: dict[str, NDArray[Any]] = name_layout(layout)
        inputs["present"] = np.tile(["phrase" in codes, "word" in codes], (len(hierarchies), 1))
        units = {level: len(layout.maps[level].index) for level in LEVELS}
        for level in self.config.levels:
            absent = np.zeros((units[level.name], len(level.codebook_sizes)), dtype=np.int64)
            inputs[f"{level.name}_codes"] = codes.get(level.name, absent)
        steps = layout.mask.shape[:2]
        streams = {"coarse_streams": (*steps, self.config.patch * 3)}
        timing = {"word_timing": (units["word"],), "phrase_timing": (units["phrase"], 2)}
        coarse = self.graphs.run("coarse", inputs, streams | timing, np.float32)
        said = coarse["coarse_streams"]
        if "frame" in codes:
            shapes = {"streams": said.shape}
            said = self.graphs.run("fine", inputs | coarse, shapes, np.float32)["streams"]
        f0, voicing, energy = np.moveaxis(said.reshape(len(hierarchies), -1, 3), 2, 0)
        both = {"phrase", "word"} <= codes.keys()
        return DecodedArrays(
            f0,
            voicing,
            energy,
            coarse["word_timing"][: None if both else 0],
            coarse["phrase_timing"][: None if "phrase" in codes else 0],
        )
