"""End-to-end training on synthetic speech: a tiny network, a few steps."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from matplotlib.figure import Figure

from prosodytok import ProsodyTokenizer, StreamingTokenizer, load
from prosodytok.io import to_dict
from prosodytok.nn.f0_shapes import ShapeQuantizer
from prosodytok.tokenizer.pretrained import load_checkpoint
from prosodytok.training import load_config, train, validation_figures
from prosodytok.training.lightning_module import ProsodyModule
from prosodytok.types.errors import CheckpointError, ConfigError, DeadCodebookError
from tests.training.tiny import LEVELS, QUIET_LIGHTNING, write_config

pytestmark = [pytest.mark.slow, *QUIET_LIGHTNING]


def config(corpus: Path, folder: Path, steps: int = 4, **model: object) -> Path:
    return write_config(folder, corpus, model, {"steps": steps})


def test_training_ends_in_a_checkpoint_that_tokenizes(corpus: Path, tmp_path: Path) -> None:
    folder = train(config(corpus, tmp_path))
    tokenizer = ProsodyTokenizer.from_pretrained(folder)
    prosody = tokenizer.extract(corpus.parent / "speaker0/u0.wav")
    assert tokenizer.decode(tokenizer.encode(prosody)).num_frames == prosody.num_frames
    assert len(list((tmp_path / "run/figures").glob("*.png"))) == 4
    assert list((tmp_path / "run/tensorboard").glob("events*"))


def test_figures_stay_in_their_folder_whatever_ids_are(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["../../../escaped", str(tmp_path / "absolute"), "a/b/c", "long" * 80]
    rows = [json.loads(line) for line in corpus.read_text().splitlines()]
    odd = corpus.parent / "odd.jsonl"
    lines = [json.dumps(row | {"id": id}) + "\n" for row, id in zip(rows, ids, strict=False)]
    odd.write_text("".join(lines))
    saved: list[Path] = []
    monkeypatch.setattr(validation_figures, "plot_prosody", lambda *_, **__: Figure())
    monkeypatch.setattr(validation_figures, "save_figure", lambda _, path, **__: saved.append(path))
    train(write_config(tmp_path, corpus, None, {"steps": 2}, dev=str(odd)))
    assert saved == [tmp_path / f"run/figures/{number}.png" for number in range(4)]


def test_training_finds_shapes_and_goes_on_from_them(corpus: Path, tmp_path: Path) -> None:
    levels = [LEVELS[0], LEVELS[1] | {"cosines": 4}, LEVELS[2]]
    path = config(corpus, tmp_path, steps=2, levels=levels)
    first = load_checkpoint(train(path))[0].quantizer("word")
    assert isinstance(first, ShapeQuantizer)
    assert len(first.shapes.unique(dim=0)) == 8
    path.write_text(path.read_text().replace("steps: 2", "steps: 4"))
    again = load_checkpoint(train(path, resume=True))[0].quantizer("word")
    torch.testing.assert_close(again.shapes, first.shapes, rtol=0, atol=0)
    assert not torch.equal(again.out.weight, first.out.weight)


def test_training_with_ssl_ends_in_a_checkpoint_that_needs_audio(
    corpus: Path, tmp_path: Path
) -> None:
    folder = train(config(corpus, tmp_path, ssl="mel", ssl_dim=320))
    tokenizer = ProsodyTokenizer.from_pretrained(folder)
    assert tokenizer.config.ssl == "mel"
    audio = load(corpus.parent / "speaker0/u0.wav")
    prosody = tokenizer.extract(audio)
    tokens = tokenizer.encode(prosody, audio=audio)
    assert tokenizer.decode(tokens).num_frames == prosody.num_frames
    assert len(list((tmp_path / "run/figures").glob("*.png"))) == 4
    with pytest.raises(ConfigError, match="pass audio="):
        tokenizer.encode(prosody)


def test_training_ends_in_a_causal_checkpoint_that_streams(corpus: Path, tmp_path: Path) -> None:
    folder = train(config(corpus, tmp_path, lookahead=1, patch=8))
    stream = StreamingTokenizer(16_000, folder)
    audio = load(corpus.parent / "speaker0/u0.wav")
    stream.push(audio.samples)
    stream.finish()
    whole = stream.tokenizer.encode(stream.tokenizer.extract(audio))
    assert to_dict(stream.tokens) == to_dict(whole)
    assert len(list((tmp_path / "run/figures").glob("*.png"))) == 4


def test_a_seed_gives_the_same_weights(corpus: Path, tmp_path: Path) -> None:
    runs = []
    for name in ("a", "b"):
        folder = train(config(corpus, tmp_path / name))
        runs.append((folder / "model.safetensors").read_bytes())
    assert runs[0] == runs[1]


def test_a_killed_run_resumes_where_it_was(corpus: Path, tmp_path: Path) -> None:
    """Kill the process once it has a checkpoint; resumed, it equals an uninterrupted run."""
    uninterrupted, broken = tmp_path / "uninterrupted", tmp_path / "broken"
    straight = train(config(corpus, uninterrupted, steps=8))
    path = config(corpus, broken, steps=8)
    command = [sys.executable, "-W", "ignore", "-m", "prosodytok", "train", str(path)]
    last = broken / "run/checkpoints/last.ckpt"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not last.exists():
            time.sleep(0.02)
        process.kill()
    assert not (broken / "run/checkpoint").exists()
    resumed = train(path, resume=True)
    a, b = (ProsodyTokenizer.from_pretrained(f).network.state_dict() for f in (straight, resumed))
    for key, value in a.items():
        torch.testing.assert_close(b[key], value)


def test_resuming_nothing_is_an_error(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume"):
        train(config(corpus, tmp_path), resume=True)


def test_a_level_that_uses_no_codes_ends_the_run(corpus: Path, tmp_path: Path) -> None:
    module = ProsodyModule(load_config(write_config(tmp_path, corpus, fit={"min_usage": 0.5})))
    module._check_usage("word", 0.4)
    module._check_usage("word", 0.9)
    module._check_usage("word", 0.4)
    with pytest.raises(DeadCodebookError, match="'word' uses only 30% of its codes"):
        module._check_usage("word", 0.3)
