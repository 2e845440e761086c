"""Readers of untrusted files: valid files for each, and calls that read them."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import parselmouth
import torch

from prosodytok.annotation import AnnotationError, read_annotation
from prosodytok.features import extract
from prosodytok.features.ssl.bestrq import BestRQNetwork, load_encoder, save_encoder
from prosodytok.features.ssl.bestrq_network import BestRQConfig
from prosodytok.io import read_tokens
from prosodytok.io import write_tokens as write
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.rttm import read_rttm
from prosodytok.io.sound import load
from prosodytok.lm import LMNetwork, load_lm, save_lm
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.learned.boundary_model import (
    BoundaryModel,
    load_boundary_model,
    save_boundary_model,
)
from prosodytok.segmentation.learned.network import BoundaryConfig, BoundaryNetwork
from prosodytok.segmentation.learned.unit_search import Prior
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid, phones_from_textgrid
from prosodytok.sequences import ProsodyColumns, ProsodyVocabulary, from_text, to_text
from prosodytok.tokenizer import load_checkpoint, save_checkpoint
from prosodytok.training.config import load_config
from prosodytok.types.audio import Audio
from prosodytok.types.errors import (
    AudioError,
    CheckpointError,
    ConfigError,
    ManifestError,
    ProsodytokError,
    SegmentationError,
    TokenError,
)
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from tests.ffmpeg_files import write as write_ffmpeg
from tests.lm.toy import CONFIG as TOY
from tests.sequences.strategies import make_tokens

TOKENS = make_tokens()
VOCABULARY = ProsodyVocabulary.of(TOKENS)
NETWORK = {"encoder_dilations": (1,), "coarse_dilations": (1,), "fine_dilations": (1,)}
YAML = """
run: runs/a
data: {train: train.jsonl, dev: dev.jsonl, cache: cache, segments: [acoustic]}
model: {dim: 32, patch: 8}
loss: {f0: 1.0}
fit:
  steps: 100
  level_dropout: {"phrase+word": 0.8, "phrase": 0.2}
"""
TIERS = {"words": "words", "tones": "tones", "breaks": "breaks", "intonational": "phrases"}


@dataclass(frozen=True)
class Target:
    """A reader: `make` writes valid files into a folder and yields each with its reading call."""

    make: Callable[[Path], Iterator[tuple[Path, Callable[[], Any]]]]
    error: type[ProsodytokError] | tuple[type[ProsodytokError], ...]
    text: bool = False
    #: Whether error messages need not name a file.
    nameless: bool = False


def _sounds(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[Path, Callable[[], Any]]]:
    sound = load(sample_manifest().parent / "austen-0930.flac")
    short = Audio(sound.samples[:24_000], 16_000)
    for suffix in suffixes:
        path = folder / f"sound{suffix}"
        if suffix in (".aiff", ".au", ".w64", ".caf"):
            import soundfile

            soundfile.write(path, short.samples, 16_000, "PCM_16")
        else:
            short.write(path)
        yield path, partial(load, path)


def _ffmpeg(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    samples = load(sample_manifest().parent / "austen-0930.flac").samples[:24_000, None]
    for name, codec, rate in FFMPEG:
        path = write_ffmpeg(folder / name, codec, samples, rate)
        yield path, partial(load, path)


def _grids(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    grid = parselmouth.TextGrid(
        0, 2.0, ["words", "phrases", "tones", "breaks"], ["tones", "breaks"]
    )
    call = parselmouth.praat.call
    for tier, time in ((1, 0.4), (1, 0.9), (1, 1.4), (2, 0.9)):
        call(grid, "Insert boundary", tier, time)
    for number, word in enumerate(("so", "", "née", "day"), 1):
        call(grid, "Set interval text", 1, number, word)
    call(grid, "Set interval text", 2, 1, "L%")
    for time, tone, index in ((0.2, "H*", "1"), (0.4, "L-L%", "4")):
        call(grid, "Insert point", 3, time, tone)
        call(grid, "Insert point", 4, time, index)
    for name in ("text", "short text", "chronological text", "binary"):
        path = folder / f"{name.replace(' ', '_')}.TextGrid"
        call(grid, f"Save as {name} file...", str(path))
        utterance = Utterance(audio=Path("a.wav"), id="a", textgrid=path, tiers=TIERS)
        yield path, partial(hierarchy_from_textgrid, path, 200, words_tier="words")
        yield path, partial(hierarchy_from_textgrid, path, 200, phrases_tier="phrases")
        yield path, partial(phones_from_textgrid, path, 200, phones_tier="words")
        yield path, partial(read_annotation, utterance)


def _tokens(folder: Path, suffix: str) -> Iterator[tuple[Path, Callable[[], Any]]]:
    path = folder / f"tokens{suffix}"
    write(path, [TOKENS, make_tokens(labels=("a", "世界", ""), names=["phrase", "word"])])
    yield path, partial(read_tokens, path)


def _manifest(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    path = folder / "manifest.jsonl"
    line = {"audio": "a.wav", "id": "a", "duration": 1.5, "textgrid": "a.TextGrid", "tiers": TIERS}
    path.write_text(json.dumps(line) + "\n" + sample_manifest().read_text())
    yield path, partial(read_manifest, path)


def _rttm(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    path = folder / "talk.rttm"
    lines = (
        f"SPEAKER talk 1 {start:.2f} 1.25 <NA> <NA> Ann{start} <NA> <NA>" for start in range(4)
    )
    path.write_text("\n".join((";; turns", "SPKR-INFO talk 1 <NA> <NA>", *lines)) + "\n")
    yield path, partial(read_rttm, path)


def _npz(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    path = folder / "prosody.npz"
    extract(load(sample_manifest().parent / "austen-0930.flac")).to_npz(path)
    yield path, partial(Prosody.from_npz, path)


def _yaml(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    (folder / "base.yaml").write_text(YAML)
    for name, text in (("run", YAML), ("diff", "base: base.yaml\nfit: {steps: 7}\n")):
        path = folder / f"{name}.yaml"
        path.write_text(text)
        yield path, partial(load_config, path)


def _string(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    def read(path: Path, parse: Callable[[str], Any]) -> Any:
        return parse(path.read_bytes().decode("utf-8", errors="replace"))

    def read_ids(path: Path, parse: Callable[[Any], Any]) -> Any:
        try:
            values = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            return None  # invalid JSON is the caller's responsibility
        return parse(values) if isinstance(values, list) else None

    register = Register()
    string, text = folder / "stream.txt", folder / "interleaved.txt"
    string.write_text(VOCABULARY.to_string(TOKENS))
    text.write_text(to_text(VOCABULARY, TOKENS))
    yield string, partial(read, string, lambda s: VOCABULARY.from_string(s, register))
    yield text, partial(read, text, lambda s: from_text(VOCABULARY, s, register))
    ids, columns = folder / "ids.json", folder / "columns.json"
    ids.write_text(json.dumps(VOCABULARY.to_ids(TOKENS)))
    grid = ProsodyColumns.of(TOKENS)
    columns.write_text(json.dumps(grid.to_columns(TOKENS).tolist()))
    yield ids, partial(read_ids, ids, lambda values: VOCABULARY.from_ids(values, register))
    yield columns, partial(read_ids, columns, lambda values: grid.from_columns(values, register))


def _checkpoints(folder: Path, part: str) -> Iterator[tuple[Path, Callable[[], Any]]]:
    """A tiny network of each kind, with an intact copy of its other file."""
    torch.manual_seed(0)
    config = ModelConfig(dim=8, frame_channels=2, frame_blocks=1, **NETWORK)
    prior = Prior(gain=1, bias=0, typical=20, longest=100)
    boundaries = BoundaryModel(BoundaryNetwork(BoundaryConfig(dim=4, dilations=(1,))), prior, prior)
    encoder = BestRQNetwork(BestRQConfig(dim=4, dilations=(1,), outputs=(1,)))
    makers: dict[str, tuple[Callable[[Path], None], Callable[[Path], Any]]] = {
        "tokenizer": (partial(save_checkpoint, ProsodyNetwork(config)), load_checkpoint),
        "lm": (partial(save_lm, LMNetwork(TOY)), load_lm),
        "boundaries": (partial(save_boundary_model, boundaries), load_boundary_model),
        "bestrq": (partial(save_encoder, encoder), load_encoder),
    }
    for name, (save, read) in makers.items():
        save(folder / name)
        yield folder / name / part, partial(read, folder / name)


def _sound_of(*suffixes: str) -> Target:
    return Target(lambda folder: _sounds(folder, suffixes), AudioError)


FFMPEG = (
    ("a.m4a", "aac", 16_000),
    ("a.webm", "libopus", 48_000),
    ("a.mka", "flac", 16_000),
    ("a.aac", "aac", 16_000),
    ("a.wv", "wavpack", 16_000),
    ("a.avi", "mp3", 16_000),
    ("a.flv", "aac", 44_100),
    ("a.amr", "libopencore_amrnb", 8_000),
)

TARGETS = {
    "ffmpeg": Target(_ffmpeg, AudioError),
    "wav": _sound_of(".wav"),
    "aiff": _sound_of(".aiff"),
    "flac": _sound_of(".flac"),
    "ogg": _sound_of(".ogg", ".opus"),
    "mp3": _sound_of(".mp3"),
    "textgrid": Target(_grids, (SegmentationError, AnnotationError), text=True),
    "jsonl": Target(lambda folder: _tokens(folder, ".jsonl"), TokenError, text=True),
    "safetensors": Target(lambda folder: _tokens(folder, ".safetensors"), TokenError, text=True),
    "parquet": Target(lambda folder: _tokens(folder, ".parquet"), TokenError),
    "manifest": Target(_manifest, ManifestError, text=True),
    "rttm": Target(_rttm, SegmentationError, text=True),
    "npz": Target(_npz, ProsodytokError),
    "yaml": Target(_yaml, ConfigError, text=True),
    "streams": Target(_string, TokenError, text=True, nameless=True),
    "weights": Target(lambda f: _checkpoints(f, "model.safetensors"), CheckpointError),
    "config": Target(lambda f: _checkpoints(f, "config.json"), CheckpointError, text=True),
}


def empty_folder(folder: Path) -> None:
    """Create the folder, or empty it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
