"""hibari's network, cut where its durations, F0 and energy pass through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import require

#: Rates (Hz) at which the network thinks: durations come in steps of 25 ms, contours of 12.5 ms.
STEP_RATE = 40
FRAME_RATE = 80
#: Its node that sums up the durations, and the tensor that holds the energy.
DURATION_NODE = "/CumSum"
ENERGY = "/Gather_37_output_0"
SPECTRA = ("lh", "theta", "ln", "lr", "phi")


@dataclass(frozen=True)
class HibariGraph:
    """The three parts of the network: text to durations, to contours, to the spectrum of speech.

    The graph is stock hibari's. With nothing changed in between, what comes out is identical.

    Parameters
    ----------
    timing, contours, spectrum : onnxruntime.InferenceSession
        The parts.
    durations : str
        The tensor at which the first two are joined.
    """

    timing: Any
    contours: Any
    spectrum: Any
    durations: str

    @classmethod
    @cache
    def bundled(cls, path: str) -> HibariGraph:
        """Cut the network of a voice file; each file once.

        Raises
        ------
        MissingExtraError
            If onnx or onnxruntime is not installed.
        """
        onnx = require("onnx", "tts")
        model = onnx.shape_inference.infer_shapes(onnx.load(path))
        (durations,) = [node.input[0] for node in model.graph.node if node.name == DURATION_NODE]
        extractor = require("onnx.utils", "tts").Extractor(model)
        return cls(
            _session(extractor.extract_model(["ids", "speed"], [durations])),
            _session(extractor.extract_model(["ids", durations], ["f0", ENERGY])),
            _session(extractor.extract_model(["ids", durations, "f0", ENERGY], list(SPECTRA))),
            durations,
        )

    def steps(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """How long the network says each of L phones: steps of 25 ms, shape (L,)."""
        feed = {"ids": _row(ids, np.int64), "speed": np.ones(1, dtype=np.float32)}
        return np.asarray(self.timing.run(None, feed)[0], dtype=np.int64)

    def f0_and_energy(
        self, ids: Sequence[int], steps: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """F0 (Hz, around 0 where unvoiced) and energy (in the network's unit), shape (F,) each."""
        f0, energy = self.contours.run(None, {"ids": _row(ids, np.int64), self.durations: steps})
        return f0[0], energy[0]

    def sound(
        self,
        ids: Sequence[int],
        steps: NDArray[np.int64],
        f0: NDArray[np.float32],
        energy: NDArray[np.float32],
        noise: np.random.Generator,
    ) -> NDArray[np.float32]:
        """Samples at 24 kHz, 300 for each of the F frames of the contours."""
        feed = {
            "ids": _row(ids, np.int64),
            self.durations: steps,
            "f0": _row(f0, np.float32),
            ENERGY: _row(energy, np.float32),
        }
        spectra = [part[0] for part in self.spectrum.run(None, feed)]
        samples = require("hibari.dsp", "tts").synth(*spectra, feed["f0"][0], noise)
        return np.asarray(samples, dtype=np.float32)


def _session(model: Any) -> Any:
    runtime = require("onnxruntime", "tts")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return runtime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _row(values: Any, dtype: type[np.generic]) -> NDArray[Any]:
    return np.asarray(values, dtype=dtype)[None]
