"""Each limit of `io.limits` and `types`, and files that would exhaust memory or time."""

import json
import re
import resource
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile as sf
from pydantic import ValidationError
from safetensors.numpy import save_file

from prosodytok.features.ssl.bestrq_network import BestRQConfig
from prosodytok.io import from_dict, limits, read_textgrid, read_tokens, to_dict
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.lm import LMConfig
from prosodytok.nn.config import ModelConfig
from prosodytok.segmentation.learned.network import BoundaryConfig
from prosodytok.sequences import ProsodyVocabulary
from prosodytok.tokenizer import load_checkpoint
from prosodytok.training.config import load_config
from prosodytok.types import ProsodyTokens, Segmentation, TokenLevel, sample_arrays, tokens, units
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
from prosodytok.types.sample_arrays import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from prosodytok.types.tokens import MAX_CODEBOOK_SIZE, MAX_CODEBOOKS
from prosodytok.types.units import MAX_FRAMES, MAX_SECONDS
from tests.sequences.strategies import make_tokens

DATA = Path(__file__).parents[1] / "data" / "v1"
pytestmark = pytest.mark.filterwarnings("ignore:.*token files in safetensors:DeprecationWarning")


@contextmanager
def memory_of(megabytes: int) -> Iterator[None]:
    """Limit additional memory within the block; more raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    # Arenas of threads and libraries that are loaded late count as address space too.
    limit = pages * resource.getpagesize() + ((megabytes + 200) << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def sparse(path: Path, size: int, start: bytes = b"") -> Path:
    """Write a sparse file of this size."""
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)
    return path


def test_the_table_in_the_docs_is_complete_and_correct() -> None:
    text = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"`(M[AI][XN]_\w+)` \| ([\d,]+)", text))
    modules = (limits, sample_arrays, tokens, units)
    constants = {name: value for module in modules for name, value in vars(module).items()}
    values = {name: x for name, x in constants.items() if name.startswith(("MAX_", "MIN_"))}
    assert {name: int(value.replace(",", "")) for name, value in documented.items()} == values


# Sound


@pytest.mark.parametrize("rate", [MIN_SAMPLE_RATE - 1, MAX_SAMPLE_RATE + 1])
def test_a_sample_rate_beyond_the_limits(rate: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros(100), rate)
    with pytest.raises(AudioError, match=rf"a\.wav: sample_rate must lie between .* got {rate}"):
        load(path)


@pytest.mark.parametrize("rate", [MIN_SAMPLE_RATE, MAX_SAMPLE_RATE])
def test_sample_rates_at_the_limits_are_read(rate: int, tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", np.zeros(rate), rate)
    assert load(tmp_path / "a.wav").duration == pytest.approx(1, abs=0.01)


def test_a_sound_of_more_than_a_day(tmp_path: Path) -> None:
    size = MAX_SECONDS * 1000 + 1
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, 1000,
                       1000, 1, 8, b"data", size)  # fmt: skip
    with pytest.raises(AudioError, match="a day"):
        load(sparse(tmp_path / "a.wav", len(head) + size, head))


def test_a_header_that_claims_hours(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros(10), 16_000)
    content = bytearray(path.read_bytes()[:44])
    content[40:44] = struct.pack("<I", 2**30)
    path.write_bytes(content)
    with pytest.raises(AudioError, match="truncated"):
        load(path)


def test_many_channels_take_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((4096, 1024), dtype=np.int16), 16_000)
    assert load(path).samples.size == 4096


def test_a_wav_of_zeros_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(AudioError):
        load(sparse(tmp_path / "a.wav", 1 << 30, b"RIFF\0\0\0\0WAVE"))


# Tokens


def one_level(num_frames: int) -> tuple[TokenLevel, ...]:
    return (TokenLevel("word", [[0]], (1,), Segmentation.unlabelled([0, num_frames])),)


def test_tokens_last_at_most_a_day() -> None:
    ProsodyTokens(one_level(MAX_FRAMES), Register(), MAX_FRAMES)
    more = MAX_FRAMES + 1
    with pytest.raises(TokenError, match="a day"):
        ProsodyTokens(one_level(more), Register(), more)


@pytest.mark.parametrize("num_frames", [MAX_FRAMES + 1, 2**31 - 1, 10**12])
def test_a_short_line_that_claims_years(num_frames: int, tmp_path: Path) -> None:
    record = to_dict(make_tokens(names=["word"]))
    level = record["levels"][0]
    level |= {"start": [0.0], "end": [num_frames / 100], "codes": [[0, 0]], "label": [""]}
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(record | {"num_frames": num_frames, "duration": num_frames / 100}))
    with memory_of(20), pytest.raises(TokenError, match=r"t\.jsonl, line 1"):
        read_tokens(path)


def test_a_stream_that_claims_years() -> None:
    vocabulary = ProsodyVocabulary({"word": (1,)})
    text = "<prosody><levels_word><word_0_0><long_100><long_100><long_100><dur_100></prosody>"
    with pytest.raises(TokenError, match="token 5: <long_100>, expected <dur_1>"):
        vocabulary.from_string(text, Register())


@pytest.mark.parametrize(
    "sizes", [(MAX_CODEBOOK_SIZE + 1,), (1,) * (MAX_CODEBOOKS + 1), (2**31 - 1,)]
)
def test_more_codebooks_or_codes(sizes: tuple[int, ...]) -> None:
    codes = np.zeros((len(sizes), 1), dtype=np.int64)
    with pytest.raises(TokenError, match="at most 32 codebooks of 65536 codes"):
        TokenLevel("word", codes, sizes, Segmentation.unlabelled([0, 1]))
    with memory_of(20), pytest.raises(TokenError, match="at most 32 codebooks of 65536 codes"):
        ProsodyVocabulary({"word": sizes})


def test_the_maximum_of_codebooks_and_codes_is_accepted() -> None:
    sizes = (MAX_CODEBOOK_SIZE,) + (1,) * (MAX_CODEBOOKS - 1)
    codes = np.zeros((len(sizes), 1), dtype=np.int64)
    TokenLevel("word", codes, sizes, Segmentation.unlabelled([0, 1]))
    assert len(ProsodyVocabulary({"word": sizes})) > MAX_CODEBOOK_SIZE


def test_a_line_without_an_end(tmp_path: Path) -> None:
    path = sparse(tmp_path / "t.jsonl", 8 << 30, b'{"version": 1, "id": "')
    with memory_of(300), pytest.raises(TokenError, match=r"t\.jsonl, line 1: longer than 67108864"):
        read_tokens(path)


@pytest.mark.parametrize("key", ["label", "start", "codes", "codebook_sizes"])
def test_a_list_of_wrong_items_is_one_error(key: str, tmp_path: Path) -> None:
    """One error for each of a million items took a gigabyte."""
    record = to_dict(make_tokens(names=["word"]))
    record["levels"][0][key] = [{}] * 1_000_000
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(record))
    with memory_of(200), pytest.raises(TokenError, match=rf"line 1: levels\[0\]\.{key}\[0\]"):
        read_tokens(path)


@pytest.mark.parametrize("key", ["register", "bits"])
def test_an_object_of_many_keys(key: str) -> None:
    record = {**to_dict(make_tokens(names=["word"]))}
    record[key] = {str(n): 0.0 for n in range(limits.MAX_KEYS + 1)}
    with pytest.raises(TokenError, match=f"{key}: .*257 keys, and at most 256"):
        from_dict(record)


@pytest.mark.parametrize(
    ("kind", "reason"), [(np.uint8, "int64 is needed"), (np.int64, "more than 67108864 bytes")]
)
def test_arrays_that_are_large_lists(kind: type[np.generic], reason: str, tmp_path: Path) -> None:
    """One byte of an array becomes 136 bytes of lists."""
    path, header = tmp_path / "t.safetensors", to_dict(make_tokens(names=["word"]))
    header["levels"][0] |= {"codebook_sizes": [1]}
    count = limits.MAX_LINE_BYTES // 8
    tensors = {
        "0.word.codes": np.zeros((1, count), dtype=kind),
        "0.word.boundaries": np.zeros(count + 1, dtype=kind),
    }
    save_file(tensors, path, {"format": "prosodytok.tokens", "utterances": json.dumps([header])})
    with memory_of(300), pytest.raises(TokenError, match=reason):
        read_tokens(path)


def test_arrays_without_numbers(tmp_path: Path) -> None:
    """A shape of (0, 10**9) takes no bytes in the file, but 56 GB as lists."""
    path, header = tmp_path / "t.safetensors", to_dict(make_tokens(names=["word"]))
    header["levels"][0] |= {"codebook_sizes": []}
    tensors = {
        "0.word.codes": np.empty((0, 10**9), dtype=np.int64),
        "0.word.boundaries": np.array([0, 100]),
    }
    save_file(tensors, path, {"format": "prosodytok.tokens", "utterances": json.dumps([header])})
    with memory_of(20), pytest.raises(TokenError, match=r"t\.safetensors: utterance 0: level"):
        read_tokens(path)


def test_one_array_as_many_levels(tmp_path: Path) -> None:
    path, header = tmp_path / "t.safetensors", to_dict(make_tokens(names=["word"]))
    level = header["levels"][0] | {"codebook_sizes": [1]}
    tensors = {
        "0.word.codes": np.zeros((1, 100_000), dtype=np.int64),
        "0.word.boundaries": np.arange(100_001),
    }
    whole = json.dumps([header | {"levels": [level] * 1000}])
    save_file(tensors, path, {"format": "prosodytok.tokens", "utterances": whole})
    with memory_of(100), pytest.raises(TokenError, match="1000 levels, and there are phrase"):
        read_tokens(path)


@pytest.mark.slow
def test_a_row_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path, count = tmp_path / "t.parquet", limits.MAX_LINE_BYTES // 8
    pq.write_table(pa.table({"word_start": [np.zeros(count)]}), path)
    assert path.stat().st_size < 20_000
    with memory_of(400), pytest.raises(TokenError, match=r"t\.parquet, row 0: more than 67108864"):
        read_tokens(path)


def test_a_table_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that reaches the true limit takes a minute to make."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"word_start": [np.arange(1e5)]}), path, compression="zstd")
    monkeypatch.setattr("prosodytok.io.parquet.MAX_TABLE_BYTES", 99_999)
    with pytest.raises(TokenError, match=r"t\.parquet: unpacks to \d+ bytes, and at most 99999"):
        read_tokens(path)


def test_a_column_in_an_unknown_time_zone(tmp_path: Path) -> None:
    times = pa.array([0], pa.timestamp("us", tz="Foo/Bar"))
    pq.write_table(pa.table({"id": times}), tmp_path / "t.parquet")
    with pytest.raises(TokenError, match=r"t\.parquet"):
        read_tokens(tmp_path / "t.parquet")


# Prosody


@pytest.mark.slow
@pytest.mark.parametrize("count", [-1, 0])
def test_an_array_of_invalid_size(count: int, tmp_path: Path) -> None:
    """NumPy interprets -1 as the size of the file."""
    path = tmp_path / "p.npz"
    head = b"\x93NUMPY\x01\x00v\x00" + f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},), }}".encode().ljust(117) + b"\n"  # fmt: skip # noqa: E501
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("f0_hz", "voiced", "energy_db"):
            archive.writestr(f"{name}.npy", head + bytes(10**8))
    with memory_of(20), pytest.raises(ProsodytokError, match=rf"f0_hz has shape \({count},"):
        Prosody.from_npz(path)


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path, count = tmp_path / "p.npz", MAX_FRAMES + 1
    head = b"\x93NUMPY\x01\x00v\x00" + f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},), }}".encode().ljust(117) + b"\n"  # fmt: skip # noqa: E501
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("f0_hz", "voiced", "energy_db"):
            archive.writestr(f"{name}.npy", head + bytes(1000))
    with memory_of(20), pytest.raises(ProsodytokError, match=rf"p\.npz: f0_hz has shape \({count}"):
        Prosody.from_npz(path)


def test_an_array_shorter_than_its_header(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    head = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (8000000,), }".ljust(117) + b"\n"  # fmt: skip # noqa: E501
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("f0_hz.npy", head + bytes(1000))
    with memory_of(20), pytest.raises(ProsodytokError, match=r"p\.npz: not a whole npz file"):
        Prosody.from_npz(path)


@pytest.mark.parametrize("missing", ["f0_hz", "voiced", "energy_db"])
def test_an_archive_that_lacks_an_array(missing: str, tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    names = {"f0_hz", "voiced", "energy_db"} - {missing}
    np.savez(path, **{name: np.ones(3, dtype=np.float32) for name in names})
    with pytest.raises(ProsodytokError, match=rf"p\.npz: .*{missing}"):
        Prosody.from_npz(path)


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, f0_hz=np.array([print], dtype=object), voiced=[1], energy_db=[1.0])
    with pytest.raises(ProsodytokError, match=r"p\.npz: f0_hz has .* type object"):
        Prosody.from_npz(path)


# Texts


def test_a_large_textgrid(tmp_path: Path) -> None:
    path = sparse(tmp_path / "a.TextGrid", limits.MAX_TEXTGRID_BYTES + 1)
    with memory_of(20), pytest.raises(SegmentationError, match=r"a\.TextGrid: more than 67108864"):
        read_textgrid(path)


@pytest.mark.parametrize("letter", ["a", '""'])
def test_a_label_of_megabytes(letter: str, tmp_path: Path) -> None:
    """Regular expression backtracking for each letter took 130 times the memory."""
    path = tmp_path / "a.TextGrid"
    tier = '"IntervalTier" "words" 0 1 1 0 1'
    path.write_text(
        f'File type = "ooTextFile"\n"TextGrid" 0 1 <exists> 1 {tier} "{letter * 4_000_000}"'
    )
    with memory_of(100):
        (tier_read,) = read_textgrid(path)
    assert len(tier_read.entries[0].label) == 4_000_000


@pytest.mark.parametrize("time", [str(MAX_SECONDS + 1), "1e999", "-86401"])
def test_a_textgrid_of_more_than_a_day(time: str, tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(f'File type = "ooTextFile"\n"TextGrid" 0 {time} <exists> 0')
    with pytest.raises(SegmentationError, match=r"a\.TextGrid: a time of .* exceeds a day"):
        read_textgrid(path)


def test_a_large_manifest(tmp_path: Path) -> None:
    path = sparse(tmp_path / "m.jsonl", limits.MAX_MANIFEST_BYTES + 1)
    with memory_of(20), pytest.raises(ManifestError, match=r"m\.jsonl: more than 1073741824"):
        read_manifest(path)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"audio": ' + "9" * 5000 + "}"])
def test_a_manifest_that_python_cannot_parse(line: str, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(line)
    with pytest.raises(ManifestError, match=r"m\.jsonl, line 1: not JSON"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("base: a.yaml\n", "more than 16 configs name each other"),
        ("base: 3\n", "base is int"),
        ("- " * 2000, "a.yaml"),
        ("run: 2001-99-99", "cannot be read as YAML"),
        ("a: &a [*a]", "a.yaml"),
        ("!!python/object/apply:os.system [true]", "cannot be read as YAML"),
    ],
)
def test_invalid_and_circular_configs(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        load_config(path)


def test_a_config_that_expands_exponentially(tmp_path: Path) -> None:
    """Nested aliases as a path: 200 bytes that expand to gigabytes of text."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    path = tmp_path / "a.yaml"
    path.write_text("\n".join([*lines, "run: *a8"]))
    with memory_of(50), pytest.raises(ConfigError, match=r"a\.yaml"):
        load_config(path)


def test_a_large_config(tmp_path: Path) -> None:
    path = sparse(tmp_path / "a.yaml", limits.MAX_CONFIG_BYTES + 1)
    with pytest.raises(ConfigError, match=r"a\.yaml: a config of more than 1048576"):
        load_config(path)


# Checkpoints


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint."""
    for file in (DATA / "tiny").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def assert_rejected(checkpoint: Path, reason: str) -> None:
    with memory_of(50), pytest.raises(CheckpointError, match=reason) as caught:
        load_checkpoint(checkpoint)
    assert str(checkpoint) in str(caught.value)


def test_a_large_config_of_a_checkpoint(checkpoint: Path) -> None:
    sparse(checkpoint / "config.json", limits.MAX_CONFIG_BYTES + 1)
    assert_rejected(checkpoint, "config.json has more than 1048576 bytes")


def test_a_config_of_wrong_keys_is_a_short_error(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    config["model"] |= {str(n) * 20: 0 for n in range(1000)}
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="and 995 more") as caught:
        load_checkpoint(checkpoint)
    assert len(str(caught.value)) < 2000


def test_large_weights(checkpoint: Path) -> None:
    sparse(checkpoint / "model.safetensors", limits.MAX_WEIGHTS_BYTES + 1)
    assert_rejected(checkpoint, "the limit is 4294967296")


def test_a_long_list_of_tensors(checkpoint: Path) -> None:
    length = struct.pack("<Q", limits.MAX_HEADER_BYTES + 1)
    sparse(checkpoint / "model.safetensors", 2 * limits.MAX_HEADER_BYTES, length)
    assert_rejected(checkpoint, "header exceeds 1048576")


def test_a_config_larger_than_the_weights(checkpoint: Path) -> None:
    """The config declares 60 GB, the maximum; the weights are 24 kB."""
    config = json.loads((checkpoint / "config.json").read_text())
    config["model"] |= {
        "dim": limits.MAX_WIDTH,
        "encoder_dilations": [limits.MAX_DILATION] * limits.MAX_BLOCKS,
    }
    (checkpoint / "config.json").write_text(json.dumps(config))
    assert_rejected(checkpoint, r"model.safetensors has .* config.json requires")


def test_weights_with_nan(checkpoint: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(checkpoint / "model.safetensors")
    weights["decoder.absent.word"][0] = float("nan")
    save_file(weights, checkpoint / "model.safetensors")
    assert_rejected(checkpoint, "decoder.absent.word contains NaN")


def test_levels_in_another_order(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    config["model"]["levels"].reverse()
    (checkpoint / "config.json").write_text(json.dumps(config))
    assert_rejected(checkpoint, "levels must be phrase, word, frame")


LM = {"tokenizer": "a", "codebook_sizes": {}, "alphabet": "a", "languages": ()}
OVER = {
    "width": (ModelConfig, {"dim": limits.MAX_WIDTH + 1}),
    "blocks": (ModelConfig, {"encoder_dilations": [1] * (limits.MAX_BLOCKS + 1)}),
    "dilation": (ModelConfig, {"fine_dilations": [limits.MAX_DILATION + 1]}),
    "no dilation": (ModelConfig, {"fine_dilations": [0]}),
    "ssl": (ModelConfig, {"ssl_dim": limits.MAX_WIDTH + 1}),
    "lm width": (LMConfig, LM | {"dim": limits.MAX_WIDTH + 4}),
    "lm layers": (LMConfig, LM | {"layers": limits.MAX_BLOCKS + 1}),
    "lm heads": (LMConfig, LM | {"heads": 5}),
    "lm register": (LMConfig, LM | {"register_default": {"mood": 1.0}}),
    "lm codes": (LMConfig, LM | {"codebook_sizes": {"word": [MAX_CODEBOOK_SIZE + 1]}}),
    "boundaries": (BoundaryConfig, {"expansion": limits.MAX_BLOCKS + 1}),
    "bestrq": (BestRQConfig, {"kernel": limits.MAX_BLOCKS + 1}),
}


@pytest.mark.parametrize(("config", "values"), OVER.values(), ids=OVER)
def test_shapes_beyond_the_limits(config: type[ModelConfig], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        config.model_validate(values)


def test_the_sample_rate_of_a_sound_in_memory_is_checked() -> None:
    with pytest.raises(AudioError, match="sample_rate must lie between"):
        Audio(np.zeros(10, dtype=np.float32), 1)
