"""The command line, in its own process or through main()."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import parselmouth
import pytest
import soundfile as sf
from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.textgrid import Textgrid

from prosodytok import ProsodyTokenizer, load, read_tokens
from prosodytok.cli.command_inputs import Decoder
from prosodytok.features import extract
from prosodytok.io import read_parquet, write_jsonl
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.learned.boundary_model import segment_learned
from prosodytok.sequences import ProsodyVocabulary, from_text
from prosodytok.types.prosody import Prosody
from tests.command import call
from tests.synth import constant, glide, harmonics, join, modulated, silence, write

SAMPLES = sample_manifest().parent
SAMPLE = SAMPLES / "austen-0890.flac"


@pytest.fixture(scope="module")
def tokens_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokens") / "tokens.jsonl"
    assert call("tokenize", SAMPLES, "--out", path) == 0
    return path


def speech(seconds: float = 1.5) -> object:
    voice = modulated(harmonics(glide(180, 120), seconds))
    return join(silence(0.3), voice, silence(0.3))


def test_tokenize_writes_the_contract(tokens_file: Path) -> None:
    lines = tokens_file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    record = json.loads(lines[0])
    assert record["id"] == "austen-0870"
    assert {level["name"] for level in record["levels"]} == {"phrase", "word", "frame"}
    assert record["duration"] == pytest.approx(
        sf.info(SAMPLES / "austen-0870.flac").duration, abs=0.01
    )
    for level in record["levels"]:
        assert level["start"][0] == 0
        assert level["end"][:-1] == level["start"][1:]
        assert level["end"][-1] == pytest.approx(record["duration"])


def test_tokenize_is_deterministic(tokens_file: Path, tmp_path: Path) -> None:
    assert call("tokenize", SAMPLES, "--out", tmp_path / "again.jsonl") == 0
    assert (tmp_path / "again.jsonl").read_bytes() == tokens_file.read_bytes()


@pytest.mark.slow
def test_decode_in_another_process_equals_in_process(tokens_file: Path, tmp_path: Path) -> None:
    """From the JSONL alone, moved away from the sound, in another process."""
    elsewhere = tmp_path / "moved.jsonl"
    elsewhere.write_text(tokens_file.read_text().replace(str(SAMPLES), "/nowhere"))
    command = [sys.executable, "-m", "prosodytok", "decode", "moved.jsonl", "--out", "npz"]
    subprocess.run(command, cwd=tmp_path, check=True)
    tokenizer = ProsodyTokenizer.from_pretrained()
    for tokens in read_tokens(tokens_file):
        expected = tokenizer.decode(tokens)
        found = Prosody.from_npz(tmp_path / "npz" / f"{tokens.id}.npz")
        # The command decodes in batches, which changes the order of sums.
        np.testing.assert_allclose(found.f0, expected.f0, rtol=1e-6)
        np.testing.assert_array_equal(found.voiced, expected.voiced)
        np.testing.assert_allclose(found.energy, expected.energy, atol=1e-4)


def test_decode_of_levels_differs_and_has_the_keys(tokens_file: Path, tmp_path: Path) -> None:
    assert call("decode", tokens_file, "--levels", "phrase,word", "--out", tmp_path / "a") == 0
    assert call("decode", tokens_file, "--out", tmp_path / "b") == 0
    with np.load(tmp_path / "a/austen-0890.npz") as a, np.load(tmp_path / "b/austen-0890.npz") as b:
        assert set(a) == {"time_s", "f0_hz", "voiced", "energy_db"}
        assert a["time_s"][:2].tolist() == [0.005, 0.015]
        assert not np.array_equal(a["f0_hz"], b["f0_hz"])


def edit(tokens_file: Path, path: Path, *changes: dict[str, object]) -> Path:
    """Write the records of a token file with a change to each."""
    lines = tokens_file.read_text(encoding="utf-8").splitlines()
    records = [{**json.loads(x), **change} for x, change in zip(lines, changes, strict=True)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def count_batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number of utterances of each batch, recorded while decoding."""
    counts, whole = [], ProsodyTokenizer.decode_batch

    def decode_batch(self: ProsodyTokenizer, chosen: list, levels: object) -> list[Prosody]:
        counts.append(len(chosen))
        return whole(self, chosen, levels)

    monkeypatch.setattr(ProsodyTokenizer, "decode_batch", decode_batch)
    return counts


def test_decoding_in_batches(
    tokens_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For utterances of different levels, in several batches."""
    full = read_tokens(tokens_file)
    coarse = [t.select(["phrase", "word"]) for t in full]
    mixed = [full[0], coarse[1], full[2], full[1], coarse[0], full[0], coarse[2]]
    utterances = [replace(t, id=f"u{i}") for i, t in enumerate(mixed)]
    write_jsonl(tmp_path / "t.jsonl", utterances)
    monkeypatch.setattr(Decoder, "AT_ONCE", 4)
    batches = count_batches(monkeypatch)
    assert call("decode", tmp_path / "t.jsonl", "--out", tmp_path / "npz") == 0
    assert batches == [3, 2, 1, 1]
    tokenizer = ProsodyTokenizer.from_pretrained()
    for tokens in utterances:
        found, alone = Prosody.from_npz(tmp_path / f"npz/{tokens.id}.npz"), tokenizer.decode(tokens)
        np.testing.assert_allclose(found.f0, alone.f0, rtol=1e-5)
        np.testing.assert_array_equal(found.voiced, alone.voiced)
        np.testing.assert_allclose(found.energy, alone.energy, atol=1e-4)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"checkpoint": "base@00000000"}, "whose codes have other meanings"),
        ({"checkpoint": "nowhere@00000000"}, "no checkpoint 'nowhere@00000000'"),
        ({"levels": "another codebook"}, "has codebooks"),
        ({"levels": "phrase"}, "no level 'word'"),
    ],
)
def test_one_failed_utterance_does_not_stop_the_others(
    tokens_file: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    change: dict[str, object],
    reason: str,
    place: int,
) -> None:
    levels = json.loads(tokens_file.read_text().splitlines()[place])["levels"]
    if change.get("levels") == "phrase":
        change = {"levels": levels[:1]}
    if change.get("levels") == "another codebook":
        change = {"levels": [{**levels[0], "codebook_sizes": [65]}, *levels[1:]]}
    changes: list[dict[str, object]] = [{}, {}, {}]
    changes[place] = change
    path = edit(tokens_file, tmp_path / "t.jsonl", *changes)
    out = tmp_path / "npz"
    assert call("decode", path, "--levels", "phrase,word", "--out", out) == 1
    (line,) = capfd.readouterr().err.splitlines()
    bad = read_tokens(tokens_file)[place].id
    assert bad in line
    assert reason in line
    assert len(list(out.glob("*.npz"))) == 2
    assert not (out / f"{bad}.npz").exists()


def test_decoding_with_a_missing_checkpoint_exits_with_2(
    tokens_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "npz"
    assert call("decode", tokens_file, "--checkpoint", "nowhere", "--out", out) == 2
    assert "no checkpoint 'nowhere'" in capfd.readouterr().err


def test_features_have_the_same_keys(tmp_path: Path) -> None:
    assert call("features", SAMPLE, "--out", tmp_path, "--f0", "world") == 0
    with np.load(tmp_path / "austen-0890.npz") as features:
        assert set(features) == {"time_s", "f0_hz", "voiced", "energy_db"}
        assert features["voiced"].mean() > 0.3


def test_words_of_a_textgrid(tmp_path: Path) -> None:
    text = "but he could not be prevailed on"
    wav = write(speech(), tmp_path / "a.wav")
    grid = parselmouth.praat.call("Create TextGrid", 0.0, 2.1, "words", "")
    parselmouth.praat.call(grid, "Insert boundary", 1, 0.3)
    parselmouth.praat.call(grid, "Insert boundary", 1, 1.8)
    parselmouth.praat.call(grid, "Set interval text", 1, 2, text)
    grid.save(str(tmp_path / "a.TextGrid"))
    assert call("tokenize", wav, "--segments", tmp_path, "--out", tmp_path / "t.jsonl") == 0
    (tokens,) = read_tokens(tmp_path / "t.jsonl")
    assert tokens.source == "textgrid"
    assert tokens["word"].segmentation.labels == ("", text, "")


def test_text_file_aligns_a_sample(tmp_path: Path) -> None:
    line = next(json.loads(x) for x in sample_manifest().read_text().splitlines() if "0890" in x)
    (tmp_path / "text.txt").write_text(line["text"])
    out = tmp_path / "t.jsonl"
    assert call("tokenize", SAMPLE, "--text-file", tmp_path / "text.txt", "--out", out) == 0
    (tokens,) = read_tokens(out)
    spoken = [label for label in tokens["word"].segmentation.labels if label]
    assert spoken == line["text"].split()
    assert tokens.source == "transcript"


def test_textgrids_and_texts_of_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    assert call("tokenize", SAMPLES, "--segments", sample_manifest(), "--out", out) == 0
    assert {t.source for t in read_tokens(out)} == {"transcript"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.wav", "no samples"),
        ("zero.wav", "0 bytes"),
        ("text.mp3", "no MPEG frame"),
        ("nan.wav", "NaN"),
        ("text.wav", "not a sound file"),
        ("truncated.wav", "truncated"),
        ("missing.wav", "no such file"),
    ],
)
def test_a_bad_file_is_one_line_on_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    good, bad = write(speech(), tmp_path / "good.wav"), tmp_path / name
    make_bad(bad)
    assert call("tokenize", bad, good, "--out", tmp_path / "t.jsonl") == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert name in line
    assert reason in line
    assert [t.id for t in read_tokens(tmp_path / "t.jsonl")] == ["good"]


def make_bad(path: Path) -> None:
    if path.stem == "zero":
        path.touch()
    if path.stem == "empty":
        sf.write(path, np.zeros(0, np.float32), 16000)
    if path.stem == "nan":
        sf.write(path, np.full(16000, np.nan, np.float32), 16000, subtype="FLOAT")
    if path.stem == "text":
        path.write_text("this is no sound\n" * 50)
    if path.stem == "truncated":
        write(speech(), path)
        path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize("kind", ["silent", "short", "8 kHz", "stereo", "44.1 kHz", "clipped"])
def test_poor_sound_has_tokens(tmp_path: Path, kind: str) -> None:
    path, samples, rate = tmp_path / "poor.wav", harmonics(constant(150)).samples, 16000
    if kind == "silent":
        samples = np.zeros(16000)
    if kind == "short":
        samples = samples[:1600]
    if kind == "8 kHz":
        samples, rate = harmonics(constant(150), sample_rate=8000).samples, 8000
    if kind == "stereo":
        samples = np.stack([samples, samples], axis=1)
    if kind == "44.1 kHz":
        samples, rate = harmonics(constant(150), sample_rate=44100).samples, 44100
    if kind == "clipped":
        samples = np.clip(20 * samples, -1, 1)
    sf.write(path, samples, rate)
    assert call("tokenize", path, "--out", tmp_path / "t.jsonl") == 0
    (tokens,) = read_tokens(tmp_path / "t.jsonl")
    assert tokens.num_frames == round(100 * len(samples) / rate)
    assert tokens.register.f0_median_hz == pytest.approx(150, rel=0.02)
    decoded = ProsodyTokenizer.from_pretrained().decode(tokens)
    assert decoded.voiced.mean() < 0.1 if kind == "silent" else decoded.voiced.mean() > 0.3


def test_a_textgrid_of_another_sound_is_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wav = write(speech(), tmp_path / "a.wav")
    grid = parselmouth.praat.call("Create TextGrid", 0.0, 30.0, "words", "")
    grid.save(str(tmp_path / "a.TextGrid"))
    code = call(
        "tokenize", wav, "--segments", tmp_path / "a.TextGrid", "--out", tmp_path / "t.jsonl"
    )
    assert code == 1
    assert "a.TextGrid" in capfd.readouterr().err
    assert not (tmp_path / "t.jsonl").exists()


def test_one_stem_twice_has_two_ids(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        write(speech(), tmp_path / folder / "a.wav")
    assert call("tokenize", tmp_path, "--out", tmp_path / "t.jsonl") == 0
    assert [t.id for t in read_tokens(tmp_path / "t.jsonl")] == ["a", "a_2"]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["tokenize", SAMPLES, "--text", "two sounds, one text"], "one sound"),
        (["tokenize", SAMPLE, "--checkpoint", "nowhere"], "no checkpoint"),
        (["tokenize", SAMPLE, "--text", "a", "--segments", "b"], "give one of them"),
        (["tokenize", SAMPLE, "--f0", "ears"], "ears"),
        (["tokenize", SAMPLE, "--nonsense"], "nonsense"),
        (["decode", "TOKENS", "--levels", "syllable"], "syllable"),
        (["plot", SAMPLE, "--tokens", "TOKENS", "--segments", "b"], "leave out --segments"),
    ],
)
def test_a_wrong_call_exits_with_2(
    args: list[object],
    reason: str,
    tokens_file: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    args = [tokens_file if arg == "TOKENS" else arg for arg in args]
    assert call(*args, "--out", tmp_path / "out.jsonl") == 2
    assert reason in capfd.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_broken_token_file_exits_with_1(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.jsonl").write_text('{"version": 1}\n')
    assert call("decode", tmp_path / "t.jsonl", "--out", tmp_path) == 1
    assert "t.jsonl, line 1" in capfd.readouterr().err


def test_an_id_cannot_leave_the_output_folder(
    tokens_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    evil = tmp_path / "t.jsonl"
    evil.write_text(tokens_file.read_text().replace('"austen-0870"', '"../../evil"'))
    assert call("decode", evil, "--out", tmp_path / "out") == 1
    assert "evil" in capfd.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.slow
def test_formats_of_plot(tokens_file: Path, tmp_path: Path) -> None:
    assert call("plot", SAMPLE, "--tokens", tokens_file, "--out", tmp_path / "f.pdf") == 0
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    assert call("plot", SAMPLE, "--waveform", "--out", tmp_path / "f.png") == 0
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_plot_shows_the_tiers_of_a_textgrid(tokens_file: Path, tmp_path: Path) -> None:
    """The figure is higher by the tiers of the exported TextGrid: one per level, and the words."""
    assert call("export", tokens_file, "--format", "textgrid", "--out", tmp_path) == 0
    grid = tmp_path / f"{Path(SAMPLE).stem}.TextGrid"
    heights = []
    for name, more in (("bare", []), ("tiers", ["--segments", grid, "--words-tier", "word"])):
        out = tmp_path / f"{name}.png"
        assert call("plot", SAMPLE, *more, "--out", out) == 0
        heights.append(int.from_bytes(out.read_bytes()[20:24]))
    assert heights[1] > heights[0] + 100


def test_resynthesize(tokens_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    assert call("resynthesize", SAMPLE, "--tokens", tokens_file, "--out", out) == 0
    assert sf.info(out).duration == pytest.approx(sf.info(SAMPLE).duration, abs=0.02)


def test_resynthesize_needs_tokens_of_the_sound(
    tokens_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = write(speech(), tmp_path / "other.wav")
    assert call("resynthesize", other, "--tokens", tokens_file, "--out", tmp_path / "o.wav") == 1
    assert "'other'" in capfd.readouterr().err


def test_export_lm_reads_back(tokens_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "lm.txt"
    assert (
        call("export", tokens_file, "--format", "lm", "--levels", "phrase,word", "--out", out) == 0
    )
    utterances = [t.select(["phrase", "word"]) for t in read_tokens(tokens_file)]
    for line, tokens in zip(out.read_text().splitlines(), utterances, strict=True):
        name, text = line.split("\t")
        again = ProsodyVocabulary.of(tokens).from_string(text, tokens.register)
        assert name == tokens.id
        np.testing.assert_array_equal(again["word"].codes, tokens["word"].codes)


def test_export_to_other_formats(tokens_file: Path, tmp_path: Path) -> None:
    assert call("export", tokens_file, "--format", "parquet", "--out", tmp_path / "t.parquet") == 0
    assert len(read_parquet(tmp_path / "t.parquet")) == 3
    assert call("export", tokens_file, "--format", "textgrid", "--out", tmp_path / "grids") == 0
    grid = parselmouth.read(str(tmp_path / "grids/austen-0890.TextGrid"))
    assert parselmouth.praat.call(grid, "Get number of tiers") >= 3
    assert call("export", tokens_file, "--format", "fastspeech2", "--out", tmp_path / "fs2") == 0
    durations = np.load(tmp_path / "fs2/duration/speaker-duration-austen-0890.npy")
    assert durations.size == len(read_tokens(tokens_file)[1]["word"])
    assert call("export", tokens_file, "--format", "fastpitch", "--out", tmp_path / "fp") == 0
    assert len(list((tmp_path / "fp/durations").iterdir())) == 3


def test_export_lm_with_words(tokens_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "lm.txt"
    assert call("export", tokens_file, "--format", "lm", "--with-words", "--out", out) == 0
    tokens = read_tokens(tokens_file)[0]
    text = out.read_text().splitlines()[0].split("\t")[1]
    again = from_text(ProsodyVocabulary.of(tokens), text, tokens.register)
    assert again["word"].segmentation.labels == tokens["word"].segmentation.labels


def test_export_by_phone(
    tokens_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tokens, out = read_tokens(tokens_file)[1], tmp_path / "fs2"
    folder = tmp_path / "grids" / "jane"
    phones = [(0.1, 0.3, "HH"), (0.3, 0.5, "AY1"), (0.8, 1.0, "T")]
    grid = Textgrid()
    grid.addTier(IntervalTier("phones", phones, 0, tokens.duration))
    folder.mkdir(parents=True)
    grid.save(str(folder / f"{tokens.id}.TextGrid"), "long_textgrid", includeBlankSpaces=True)
    options = ("--format", "fastspeech2", "--phones", folder.parent, "--mel-rate", 50)
    assert call("export", tokens_file, *options, "--out", out) == 1  # two have no TextGrid
    assert "0 files are called austen-0870.TextGrid" in capfd.readouterr().err
    durations = np.load(out / f"duration/jane-duration-{tokens.id}.npy")
    assert durations.tolist() == [10, 10, 15, 10]
    assert (out / "train.txt").read_text().startswith(f"{tokens.id}|jane|{{HH AY1 sp T}}|")
    assert call("export", tokens_file, *options[:2], "--phones", out, "--out", out) == 2


def test_a_missing_extra_names_the_pip_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lightning", None)
    assert call("train", tmp_path / "config.yaml") == 2
    assert "pip install 'prosodytok[train]'" in capfd.readouterr().err


def test_help_needs_no_torch() -> None:
    code = "import sys; import prosodytok.cli; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_output_that_cannot_be_written_exits_with_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert call("tokenize", SAMPLE, "--out", tmp_path / "file" / "t.jsonl") == 2
    assert "file" in capfd.readouterr().err


def test_units_by_the_boundary_model_have_their_source(tmp_path: Path) -> None:
    for units in ("learned", "acoustic"):
        out = tmp_path / f"{units}.jsonl"
        assert call("tokenize", SAMPLE, "--segments", units, "--out", out) == 0
    learned, acoustic = (read_tokens(tmp_path / f"{u}.jsonl")[0] for u in ("learned", "acoustic"))
    assert (learned.source, acoustic.source) == ("learned", "acoustic")
    audio = load(SAMPLE)
    words = segment_learned(audio, extract(audio)).words
    np.testing.assert_array_equal(learned["word"].segmentation.boundaries, words.boundaries)
    assert len(acoustic["word"]) != len(words)
