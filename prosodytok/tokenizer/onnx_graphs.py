"""The graphs of an exported tokenizer, read from an untrusted folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.weights import check_format, read_config, reading
from prosodytok.nn.config import ModelConfig
from prosodytok.tokenizer.onnx_names import GRAPHS
from prosodytok.types.errors import CheckpointError, require

#: Increased when old graphs no longer fit their inputs.
FORMAT = 2
#: Size limit of a graph (bytes); the largest of the bundled tokenizers has 15 MB.
MAX_GRAPH_BYTES = 1 << 28


@dataclass(frozen=True)
class Graphs:
    """The graphs of a tokenizer.

    Parameters
    ----------
    folder : Path
        Their folder.
    config : ModelConfig
        Configuration of the network.
    checkpoint : str
        Name that tokens carry, of the checkpoint that was exported.
    sessions : mapping of str to onnxruntime.InferenceSession
        The graphs, by the names of `GRAPHS`.
    threads : int
        Threads of each session.
    """

    folder: Path
    config: ModelConfig
    checkpoint: str
    sessions: Mapping[str, Any]
    threads: int

    def __reduce__(self) -> tuple[Any, ...]:
        """Sessions cannot be pickled: another process reads the folder again."""
        return load_graphs, (self.folder.absolute(), self.threads)

    def run(
        self,
        graph: str,
        inputs: Mapping[str, NDArray[Any]],
        shapes: Mapping[str, tuple[int, ...]],
        kind: type[np.generic],
    ) -> dict[str, NDArray[Any]]:
        """Run a graph; returns its outputs by name.

        Parameters
        ----------
        graph : str
            Its name.
        inputs : mapping of str to array
            At least the graph's inputs.
        shapes : mapping of str to tuple of int
            Required outputs and their shapes; there may be further outputs.
        kind : type of number
            Type of the required outputs.

        Raises
        ------
        CheckpointError
            If it fails or its outputs differ: the graph is another program's, or damaged.
        """
        session = self.sessions[graph]
        try:
            names = [output.name for output in session.get_outputs()]
            feed = {taken.name: inputs[taken.name] for taken in session.get_inputs()}
            found = dict(zip(names, session.run(None, feed), strict=True))
            given = {name: found[name].shape for name in shapes}
            kinds = {str(found[name].dtype) for name in shapes}
        except Exception as error:  # onnxruntime's own have no base but this one
            raise self._not_ours(graph, str(error)) from error
        if given != dict(shapes):
            raise self._not_ours(graph, f"outputs {given}, not {dict(shapes)}")
        if kinds != {kind.__name__}:
            raise self._not_ours(graph, f"outputs {', '.join(sorted(kinds))}, not {kind.__name__}")
        return found

    def _not_ours(self, graph: str, why: str) -> CheckpointError:
        return CheckpointError(
            f"{self.folder / graph}.onnx: not a graph of this tokenizer: {why}; export it again"
        )


def load_graphs(folder: str | Path, threads: int = 1) -> Graphs:
    """Load a folder that `prosodytok export-onnx` wrote.

    Raises
    ------
    CheckpointError
        If it is not such a folder, or a file is missing or damaged.
    MissingExtraError
        If onnxruntime is not installed.
    """
    runtime, folder = require("onnxruntime", "onnx"), Path(folder)
    if not is_export(folder):
        raise CheckpointError(
            f"{folder}: no exported tokenizer, which has config.json and {GRAPHS[0]}.onnx: "
            "prosodytok export-onnx writes one"
        )
    with reading(folder, "exported tokenizer"):
        config = read_config(folder)
        check_format(config, folder, FORMAT)
        model, checkpoint = ModelConfig.model_validate(config["model"]), str(config["checkpoint"])
        if model.ssl is not None or model.encoder != "whole":
            raise ValueError("its config is that of a tokenizer without an ONNX export")
        contents = {graph: _read(folder / f"{graph}.onnx") for graph in GRAPHS}
        for graph, content in contents.items():
            if hashlib.sha256(content).hexdigest() != config["sha256"][graph]:
                raise ValueError(f"{graph}.onnx is damaged, or of another export")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # errors are raised, and need not be printed
    sessions = {
        graph: _session(runtime, content, options, folder / f"{graph}.onnx")
        for graph, content in contents.items()
    }
    return Graphs(folder, model, checkpoint, sessions, threads)


def is_export(folder: str | Path) -> bool:
    """Whether a folder has the files that `prosodytok export-onnx` writes."""
    return all((Path(folder) / name).is_file() for name in ("config.json", f"{GRAPHS[0]}.onnx"))


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_GRAPH_BYTES:
        raise ValueError(f"{path.name} is larger than {MAX_GRAPH_BYTES >> 20} MB")
    content = path.read_bytes()
    # External weights name their location; a graph of ours is one file.
    if b"location" in content:
        raise ValueError(f"{path.name} keeps its weights in another file")
    return content


def _session(runtime: Any, content: bytes, options: Any, path: Path) -> Any:
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own have no base but this one
        raise CheckpointError(f"{path}: not a graph that onnxruntime can run: {error}") from error
