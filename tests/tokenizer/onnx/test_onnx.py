"""ONNX against torch: the same codes, and the same contours up to rounding."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from prosodytok.io import read_tokens
from prosodytok.nn.batch import Decoded, Example
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer, load_checkpoint
from prosodytok.tokenizer import onnx_graphs as graphs_module
from prosodytok.tokenizer.onnx_export import _MODULES, _Fine, _trace, _write, export_onnx
from prosodytok.types import LEVELS, ProsodyTokens
from prosodytok.types.errors import CheckpointError
from tests.command import call
from tests.nn.examples import random_example

SAMPLES = sample_manifest().parent
#: Lengths of random utterances (frames): one frame, one step, slightly more, and longer ones.
LENGTHS = (1, 8, 9, 64, 333, 1000, 5000)
SUBSETS = (["phrase"], ["word"], ["frame"], ["phrase", "word"], ["word", "frame"], [*LEVELS])


def examples(tokenizer: ProsodyTokenizer) -> list[Example]:
    rng = np.random.default_rng(3)
    real = [tokenizer.example(tokenizer.extract(path)) for path in SAMPLES.glob("*.flac")]
    return [*real, *(random_example(rng, n) for n in LENGTHS)]


def codes(utterances: list[ProsodyTokens]) -> NDArray[np.int64]:
    return np.concatenate([t[level].codes.ravel() for t in utterances for level in LEVELS])


def assert_same_decoding(by_torch: Decoded, by_onnx: Decoded) -> None:
    for field in ("f0", "voicing", "energy", "word_timing", "phrase_timing"):
        found, expected = getattr(by_onnx, field), getattr(by_torch, field)
        assert found.size == expected.size
        np.testing.assert_allclose(found.ravel(), expected.ravel(), atol=1e-4)


def assert_equal_to_torch(checkpoint: str | Path, folder: Path) -> None:
    """Compare codes of over a thousand units, one by one and in batches, and contours."""
    for search in (False, True):
        expected = ProsodyTokenizer.from_pretrained(checkpoint, search=search)
        tokenizer = ProsodyTokenizer.from_onnx(folder, search=search)
        assert tokenizer.checkpoint == expected.checkpoint
        utterances = examples(expected)
        tokens = expected.encode_batch(utterances)
        assert sum(len(t[level].segmentation) for t in tokens for level in LEVELS) > 1000
        found = tokenizer.encode_batch(utterances)
        np.testing.assert_array_equal(codes(found), codes(tokens))
        alone = [tokenizer.encode_batch([example])[0] for example in utterances]
        np.testing.assert_array_equal(codes(alone), codes(tokens))
    for levels in SUBSETS:
        chosen = [t.select(levels) for t in tokens]
        assert_same_decoding(expected._decode(chosen), tokenizer._decode(chosen))
        assert_same_decoding(expected._decode(chosen[:1]), tokenizer._decode(chosen[:1]))


def test_export_equals_torch(checkpoint: Path, exported: Path) -> None:
    assert_equal_to_torch(checkpoint, exported)


@pytest.mark.slow
@pytest.mark.skipif(
    "PROSODYTOK_SLOW" not in os.environ,
    reason="three exports take minutes: set PROSODYTOK_SLOW; test_same_codes exports base",
)
@pytest.mark.parametrize("name", ["tiny", "base", "melody"])
def test_new_exports_equal_torch(name: str, checkpoint: Path, tmp_path: Path) -> None:
    source = checkpoint if name == "tiny" else name
    export_onnx(source, tmp_path)
    assert_equal_to_torch(source, tmp_path)


def test_a_pickled_tokenizer_reads_its_folder_again(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported.parent)
    tokenizer = ProsodyTokenizer.from_onnx(exported.name)
    pickled = pickle.dumps(tokenizer)
    monkeypatch.chdir("/")  # as another process may
    utterances = [random_example(np.random.default_rng(3), 333)]
    found = pickle.loads(pickled).encode_batch(utterances)
    np.testing.assert_array_equal(codes(found), codes(tokenizer.encode_batch(utterances)))


def test_tokens_decode_in_either_runtime(checkpoint: Path, exported: Path) -> None:
    ours = ProsodyTokenizer.from_pretrained(checkpoint)
    theirs = ProsodyTokenizer.from_onnx(exported)
    prosody = ours.extract(next(SAMPLES.glob("*.flac")))
    assert (ours.frontend.units, theirs.frontend.units) == ("learned", "acoustic")
    tokens = theirs.encode(prosody)
    a, b = ours.decode(tokens), theirs.decode(tokens)
    np.testing.assert_allclose(a.f0, b.f0, rtol=1e-4)
    np.testing.assert_allclose(ours.decode_durations(tokens), theirs.decode_durations(tokens))


#: From a sound file to tokens to contours, with the import of torch blocked.
WITHOUT_TORCH = """
import importlib.abc, sys

class NoTorch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "vector_quantize_pytorch"):
            raise ModuleNotFoundError(f"no {name} here", name=name)

sys.meta_path.insert(0, NoTorch())
import prosodytok
from prosodytok import cli

assert not {"Prosody", "ProsodyTokens", "Hierarchy"} - set(dir(prosodytok))
folder, out, *sounds = sys.argv[1:]
for argv in (
    ["tokenize", *sounds, "--checkpoint", folder, "--out", f"{out}/tokens.jsonl"],
    ["tokenize", *sounds, "--checkpoint", folder, "--segments", "even", "--out", f"{out}/e.jsonl"],
    ["features", *sounds, "--out", f"{out}/measured"],
    ["decode", f"{out}/tokens.jsonl", "--checkpoint", folder, "--out", f"{out}/decoded"],
):
    sys.argv = ["prosodytok", *argv]
    try:
        cli.main()
    except SystemExit as stop:
        assert not stop.code, argv
assert not any(name.partition(".")[0] == "torch" for name in sys.modules)
"""


@pytest.mark.slow
def test_tokenizing_without_torch(checkpoint: Path, exported: Path, tmp_path: Path) -> None:
    sounds = sorted(SAMPLES.glob("*.flac"))
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, exported, tmp_path, *sounds], check=True)
    tokenizer = ProsodyTokenizer.from_pretrained(checkpoint)
    for tokens in read_tokens(tmp_path / "tokens.jsonl"):
        expected = tokenizer.encode(tokenizer.extract(tokens.audio))
        np.testing.assert_array_equal(codes([tokens]), codes([expected]))
        with np.load(tmp_path / "decoded" / f"{tokens.id}.npz") as decoded:
            np.testing.assert_allclose(decoded["f0_hz"], tokenizer.decode(tokens).f0, rtol=1e-4)


def sign(folder: Path) -> None:
    """Write the digests of the changed graphs, as an attacker would."""
    config = json.loads((folder / "config.json").read_text())
    for graph in config["sha256"]:
        content = (folder / f"{graph}.onnx").read_bytes()
        config["sha256"][graph] = hashlib.sha256(content).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))


def delete_graph(folder: Path) -> None:
    (folder / "fine.onnx").unlink()


def cut(folder: Path) -> None:
    path = folder / "coarse.onnx"
    path.write_bytes(path.read_bytes()[:-100])


def cut_and_sign(folder: Path) -> None:
    cut(folder)
    sign(folder)


def cut_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"format": 1, "model"')


def raise_format(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(path.read_text().replace(f'"format": {graphs_module.FORMAT}', '"format": 99'))


def add_ssl(folder: Path) -> None:
    """Name an SSL encoder in the config, which no export has."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["model"] |= {"ssl": "somebody/encoder", "ssl_dim": 8}
    path.write_text(json.dumps(config))


def point_elsewhere(folder: Path) -> None:
    """Load weights from a file outside the folder."""
    (folder.parent / "secret").write_bytes(bytes(1 << 16))
    model = onnx.load(folder / "search.onnx")
    weights = max(model.graph.initializer, key=lambda w: len(w.raw_data))
    size = len(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", str(size))):
        weights.external_data.add(key=key, value=value)
    (folder / "search.onnx").write_bytes(model.SerializeToString())
    sign(folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (delete_graph, "fine.onnx"),
        (cut, "coarse.onnx is damaged"),
        (cut_and_sign, "coarse.onnx: not a graph that onnxruntime can run"),
        (cut_config, "not a whole exported tokenizer"),
        (raise_format, "format 99"),
        (add_ssl, "a tokenizer without an ONNX export"),
        (point_elsewhere, "search.onnx keeps its weights in another file"),
    ],
)
def test_damaged_folders_are_refused(
    damage: Callable[[Path], None], message: str, exported: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "copy"))
    damage(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        ProsodyTokenizer.from_onnx(folder)
    assert str(folder) in str(caught.value)


def test_large_graphs_are_not_read(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs_module, "MAX_GRAPH_BYTES", 1 << 10)
    with pytest.raises(CheckpointError, match="larger than"):
        ProsodyTokenizer.from_onnx(exported)


def test_unsuitable_graphs_are_refused_when_they_run(exported: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "copy"))
    shutil.copy(folder / "coarse.onnx", folder / "search.onnx")
    sign(folder)
    tokenizer = ProsodyTokenizer.from_onnx(folder)
    with pytest.raises(CheckpointError, match=r"search\.onnx: not a graph of this tokenizer"):
        tokenizer.encode_batch([random_example(np.random.default_rng(0), 100)])


@pytest.mark.parametrize("kind", [np.float32, np.str_])
def test_codes_that_are_not_integers_are_refused(kind: type[np.generic], exported: Path) -> None:
    class Session:
        def get_inputs(self) -> list[SimpleNamespace]:
            return []

        def get_outputs(self) -> list[SimpleNamespace]:
            return [SimpleNamespace(name="codes")]

        def run(self, *_: object) -> list[NDArray[np.generic]]:
            return [np.zeros((2, 1), dtype=kind)]

    tokenizer = ProsodyTokenizer.from_onnx(exported)
    graphs = replace(tokenizer.backend.graphs, sessions={"search": Session()})
    with pytest.raises(CheckpointError, match="not int64"):
        graphs.run("search", {}, {"codes": (2, 1)}, np.int64)


def test_a_failed_export_keeps_the_previous_one(
    checkpoint: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "copy"))

    def write(graph: object, path: Path) -> None:
        if isinstance(graph, _Fine):  # the last graph
            raise RuntimeError("no room")
        path.write_bytes(b"new")

    monkeypatch.setattr("prosodytok.tokenizer.onnx_export._write", write)
    with pytest.raises(RuntimeError, match="no room"):
        export_onnx(checkpoint, folder)
    ProsodyTokenizer.from_onnx(folder)


def test_each_runtime_refuses_the_others_folder(checkpoint: Path, exported: Path) -> None:
    with pytest.raises(CheckpointError, match="export-onnx writes one"):
        ProsodyTokenizer.from_onnx(checkpoint)
    with pytest.raises(CheckpointError, match="an export for ONNX"):
        load_checkpoint(exported)


def test_tokens_of_other_weights_are_refused(exported: Path) -> None:
    tokenizer = ProsodyTokenizer.from_onnx(exported, search=False)
    (tokens,) = tokenizer.encode_batch([random_example(np.random.default_rng(0), 100)])
    other = replace(tokens, checkpoint="tiny@00000000")
    with pytest.raises(Exception, match="cannot be decoded"):
        tokenizer.decode(other)


@pytest.mark.slow
def test_export_is_reproducible(checkpoint: Path, tmp_path: Path) -> None:
    """For the smallest graph, against the stored one, and without local paths."""
    network, _ = load_checkpoint(checkpoint)
    _write(_Fine(network), tmp_path / "fine.onnx")
    model = onnx.load(tmp_path / "fine.onnx")
    kept = onnx.load(checkpoint.with_name("tiny-onnx") / "fine.onnx")
    assert [n.op_type for n in model.graph.node] == [n.op_type for n in kept.graph.node]
    assert {i.name for i in model.graph.input} == {i.name for i in kept.graph.input}
    assert str(Path(__file__).parents[3]).encode() not in model.SerializeToString()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["encoder", "search", "coarse"])
def test_graphs_have_no_fixed_sizes(network: ProsodyNetwork, name: str) -> None:
    """Tracing fails where code makes a size of the example a constant, as `len(x)` does."""
    with torch.no_grad():
        _trace(_MODULES[name](network))


def test_a_causal_checkpoint_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="stream: its causal encoder"):
        export_onnx("stream", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_errors_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("export-onnx", tmp_path / "none", "--out", tmp_path / "out") == 2
    assert "no checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
