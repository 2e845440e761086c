"""The tokenizer in ONNX: `OnnxTokenizer` runs without torch; `prosodytok.onnx.export` needs it."""

from prosodytok.onnx.graphs import is_export
from prosodytok.onnx.tokenizer import OnnxTokenizer

__all__ = ["OnnxTokenizer", "is_export"]
