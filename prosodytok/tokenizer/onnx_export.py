"""A tokenizer's network as ONNX graphs, for runtimes without torch."""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.nn.batch import NUM_CHANNELS, Batch, Example
from prosodytok.nn.code_search import Search
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.decoder import Coarse
from prosodytok.nn.layout import Layout, UnitMap
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import TensorBatch, TensorLayout, make_batch, num_units
from prosodytok.tokenizer.onnx_graphs import FORMAT
from prosodytok.tokenizer.onnx_names import (
    ATOMS,
    BATCH_AXES,
    COARSE_AXES,
    CODE_AXES,
    GRAPHS,
    LAYOUT_AXES,
    UNITS,
    name_batch,
)
from prosodytok.tokenizer.pretrained import load_checkpoint
from prosodytok.types import Hierarchy, Segmentation
from prosodytok.types.errors import CheckpointError, require
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import LEVELS

#: Operators that onnxruntime 1.14 and later have.
OPSET = 18

Axes = Mapping[str, tuple[str | None, ...]]


def export_onnx(name_or_folder: str | Path, out: str | Path) -> None:
    """Write a checkpoint's network as ONNX graphs, for `OnnxBackend`.

    Takes a minute or two. The folder gets a graph each of the encoder (`encoder.onnx`, nearest
    codes; `search.onnx`, codes chosen by analysis by synthesis) and of the decoder's two stages
    (`coarse.onnx`, `fine.onnx`), for any number of utterances, units and frames, and config.json.
    Tokens carry the checkpoint's name, so those of one runtime decode in the other.

    Parameters
    ----------
    name_or_folder : str or path
        A bundled checkpoint's name, or a checkpoint folder.
    out : path
        The folder to write, made if need be.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or it cannot be exported: one with self-supervised features,
        or a causal one.
    MissingExtraError
        If onnx or onnxscript is not installed.
    """
    for module in ("onnx", "onnxscript"):
        require(module, "onnx")
    network, checkpoint = load_checkpoint(name_or_folder)
    if network.config.ssl is not None:
        raise CheckpointError(
            f"{name_or_folder}: its encoder takes self-supervised features "
            f"({network.config.ssl}), which need torch: it has no ONNX export"
        )
    if network.config.encoder != "whole":
        raise CheckpointError(
            f"{name_or_folder}: its causal encoder solves linear equations, for which ONNX has no "
            "operator: it has no ONNX export"
        )
    digests = {}
    with ExitStack() as stack:  # replace all files or none
        for graph in GRAPHS:
            path = stack.enter_context(atomic_path(Path(out) / f"{graph}.onnx"))
            _write(_MODULES[graph](network), path)
            digests[graph] = hashlib.sha256(path.read_bytes()).hexdigest()
    model = network.config.model_dump(mode="json")
    config = {"format": FORMAT, "checkpoint": checkpoint, "sha256": digests, "model": model}
    write_text(Path(out) / "config.json", json.dumps(config, indent=1) + "\n")


class _Graph(nn.Module):
    """A part of a network as a function of named tensors.

    `takes` and `gives` name the inputs and outputs with their axes, in the order of `forward`.
    """

    takes: ClassVar[Axes]
    gives: ClassVar[Axes]

    def __init__(self, network: ProsodyNetwork) -> None:
        super().__init__()
        self.network = network

    def example(self) -> dict[str, Tensor]:
        """Tensors to trace with; each axis has two or more entries."""
        return {name: _example(self.network.config)[name] for name in self.takes}


class _Encoder(_Graph):
    takes: ClassVar[Axes] = BATCH_AXES
    gives: ClassVar[Axes] = CODE_AXES

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, ...]:
        batch = _batch(inputs)
        codes = self.network.encode(batch, choose=self.choose(batch)).codes
        return tuple(codes[level] for level in LEVELS)

    def choose(self, batch: TensorBatch) -> Any:
        del batch

        def nearest(name: str, units: Tensor, *_: Any) -> Tensor:
            return self.network.quantizer(name).candidates(units, 1)[:, 0]

        return nearest


class _Search(_Encoder):
    def choose(self, batch: TensorBatch) -> Any:
        return Search(self.network, batch)


class _Coarse(_Graph):
    takes: ClassVar[Axes] = {
        "present": ("batch", None),
        **{name: CODE_AXES[name] for name in ("phrase_codes", "word_codes")},
        **LAYOUT_AXES,
    }
    gives: ClassVar[Axes] = {
        **COARSE_AXES,
        "word_timing": ("word_units",),
        "phrase_timing": ("phrase_units", None),
    }

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, ...]:
        layout, decoder = _layout(inputs), self.network.decoder
        codes = {level: inputs[f"{level}_codes"] for level in ("phrase", "word")}
        embeddings = self.network.embed(codes)
        coarse = decoder.coarse(embeddings, layout, inputs["present"])
        decoded = decoder.finish(coarse.channels, embeddings, layout)
        steps = layout.mask.shape[:2]
        return (
            coarse.steps,
            coarse.frames.reshape(*steps, -1),
            coarse.channels.reshape(*steps, -1),
            decoded.word_timing,
            decoded.phrase_timing,
        )


class _Fine(_Graph):
    takes: ClassVar[Axes] = {**COARSE_AXES, "frame_codes": CODE_AXES["frame_codes"], **LAYOUT_AXES}
    gives: ClassVar[Axes] = {"streams": ("batch", "steps", None)}

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, ...]:
        layout, patch = _layout(inputs), self.network.config.patch
        batch, steps = layout.mask.shape[:2]
        frames, channels = (
            inputs[name].reshape(batch, steps * patch, -1)
            for name in ("coarse_frames", "coarse_streams")
        )
        coarse = Coarse(inputs["coarse_steps"], frames, channels)
        frame = self.network.embed({"frame": inputs["frame_codes"]})["frame"]
        return (self.network.decoder.fine(coarse, frame, layout).reshape(batch, steps, -1),)


_MODULES = dict(zip(GRAPHS, (_Encoder, _Search, _Coarse, _Fine), strict=True))


def _trace(graph: _Graph) -> ExportedProgram:
    """The graph of any batch size, number of frames and number of units."""
    axes = {axis: Dim(axis) for shape in graph.takes.values() for axis in shape if axis}
    shapes = {
        name: {i: axes[axis] for i, axis in enumerate(shape) if axis}
        for name, shape in graph.takes.items()
    }
    # Not left to torch.onnx, which falls back to methods that fix the example's sizes.
    return torch.export.export(
        graph, (), {"inputs": graph.example()}, dynamic_shapes={"inputs": shapes}, strict=False
    )


def _write(graph: _Graph, path: Path) -> None:
    with _quiet(), torch.no_grad():
        exporting = torch.onnx.export(
            _trace(graph),
            input_names=list(graph.takes),
            output_names=list(graph.gives),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert exporting is not None
    for node in exporting.model.graph:
        node.metadata_props.clear()  # traces of calls, with this machine's paths
    exporting.save(str(path), external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence torch's messages to its own developers."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _layout(inputs: Mapping[str, Tensor]) -> TensorLayout:
    mask = inputs["mask"]
    maps = {
        level: UnitMap(
            **{field: inputs[f"{level}_{name}"] for field, name in ATOMS.items()},
            **{field: inputs[f"{level}_{field}"] for field in UNITS},
            unit_of_frame=inputs[f"{level}_unit_of_frame"].flatten(),
            counts=(),  # not used within the network
            steps_per_row=mask.shape[1],
        )
        for level in LEVELS
    }
    return Layout(mask, inputs["places"], maps, inputs["parent"], inputs["num_frames"])


def _batch(inputs: Mapping[str, Tensor]) -> TensorBatch:
    none = inputs["frames"].new_zeros(0)
    points = {level: inputs[f"{level}_points"] for level in ("phrase", "word")}
    frames, scale, noise, pauses = (inputs[n] for n in ("frames", "scale", "noise", "pauses"))
    return Batch(frames, scale, noise, _layout(inputs), points, pauses, None, (), none, none)


def _example(config: ModelConfig) -> dict[str, Tensor]:
    """Two utterances and all other inputs of the graphs; all sizes differ."""
    examples = []
    for frames, edges in ((203, [0, 30, 61, 90, 203]), (120, [0, 25, 44, 80, 99, 120])):
        words = Segmentation.unlabelled(edges)
        hierarchy = Hierarchy.from_words(words, [0, 3], "acoustic")
        wave = np.sin(np.arange(frames) / 10).astype(np.float32)
        prosody = Prosody(150 + 20 * wave, np.arange(frames) % 20 > 5, 2 * wave - 30)
        examples.append(Example(prosody, hierarchy, Register.estimate(prosody)))
    batch = make_batch(examples, config.patch)
    steps = batch.layout.mask.shape[:2]
    codes = {
        f"{c.name}_codes": torch.zeros(
            num_units(batch.layout.maps[c.name]), len(c.codebook_sizes), dtype=torch.long
        )
        for c in config.levels
    }
    return {
        **name_batch(batch),
        **codes,
        "present": torch.ones(len(examples), 2, dtype=torch.bool),
        "coarse_steps": torch.zeros(*steps, config.dim),
        "coarse_frames": torch.zeros(*steps, config.patch * config.frame_channels),
        "coarse_streams": torch.zeros(*steps, config.patch * NUM_CHANNELS),
    }
