"""hibari's network, split at its durations, F0 and energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import require

#: Rates of the network (Hz): durations in steps of 25 ms, contours in frames of 12.5 ms.
STEP_RATE = 40
FRAME_RATE = 80
#: Node with the cumulative sum of durations, and tensor of the energy.
DURATION_NODE = "/CumSum"
ENERGY = "/Gather_37_output_0"
SPECTRA = ("lh", "theta", "ln", "lr", "phi")


@dataclass(frozen=True)
class HibariGraph:
    """Parts of the network: phones to durations, to contours, to the spectrum of speech.

    Chained without changes, they are identical to the stock network. `durations` is the name of the
    tensor between the first two.
    """

    timing: Any
    contours: Any
    spectrum: Any
    durations: str

    @classmethod
    @cache
    def bundled(cls, path: str) -> HibariGraph:
        """Split the network of a voice file; each file once."""
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
        """Predict the durations of L phones: steps of 25 ms, shape (L,)."""
        feed = {"ids": _row(ids, np.int64), "speed": np.ones(1, dtype=np.float32)}
        return np.asarray(self.timing.run(None, feed)[0], dtype=np.int64)

    def f0_and_energy(
        self, ids: Sequence[int], steps: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Predict F0 (Hz, near 0 if unvoiced) and energy (unit of the network), shape (F,) each."""
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
        """Synthesize samples at 24 kHz, 300 for each of the F frames of the contours."""
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
