"""Corpus recipes on miniature LibriTTS and Libriheavy folders with the bundled recordings."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from prosodytok import load
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.training import load_config, write_shards
from prosodytok.training.shard_format import FeatureSpec, read_shard
from tests.training.tiny import write_config

RECIPES = Path(__file__).parents[2] / "recipes/corpora"


@pytest.fixture(scope="module")
def samples() -> list[Utterance]:
    return read_manifest(sample_manifest())


def run(script: str, *arguments: object) -> tuple[str, str]:
    """Run a script; return stdout and stderr."""
    command = [sys.executable, str(RECIPES / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def libritts(folder: Path, samples: list[Utterance], speakers: dict[str, str]) -> Path:
    """Write a corpus with one sample in each part, by the given speaker."""
    for sample, (part, speaker) in zip(samples, speakers.items(), strict=True):
        chapter = folder / "LibriTTS" / part / speaker / "208"
        chapter.mkdir(parents=True)
        name = f"{speaker}_208_000001_000000"
        load(sample.audio).resample(24000).write(chapter / f"{name}.wav")
        (chapter / f"{name}.normalized.txt").write_text(f"{sample.text}\n")
        (chapter / f"{name}.original.txt").write_text(f"{sample.text}!\n")
        (chapter / f"{speaker}_208.trans.tsv").write_text(f"{name}\t{sample.text}\t{sample.text}\n")
    return folder / "LibriTTS"


def test_libritts_to_manifests(tmp_path: Path, samples: list[Utterance]) -> None:
    speakers = {"train-clean-100": "14", "train-clean-360": "1272", "dev-clean": "1272"}
    corpus = libritts(tmp_path, samples, speakers)
    out, parts = tmp_path / "linked/out", ("train-clean-100", "train-clean-360")
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "far/away")  # as .cache may be
    stdout, stderr = run("libritts.py", corpus, out, "--train", *parts, "--dev", "dev-clean")
    # Speaker 1272 is in dev.
    assert stdout == "{'dev': 1, 'train': 1, 'dropped': 1, 'missing': 0}\n"
    assert not stderr
    (train,), (dev,) = (read_manifest(out / f"{part}.jsonl") for part in ("train", "dev"))
    assert (train.id, train.speaker, train.language) == ("14_208_000001_000000", "14", "en")
    assert train.text == samples[0].text
    assert (dev.speaker, dev.text) == ("1272", samples[2].text)
    assert train.load().duration == pytest.approx(load(samples[0].audio).duration, abs=0.01)


def test_other_folders_are_errors_that_name_the_folder(tmp_path: Path) -> None:
    command = [sys.executable, str(RECIPES / "libritts.py"), str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{tmp_path / 'dev-clean'}: no SPEAKER/CHAPTER/*.wav" in done.stderr
    assert not list((tmp_path / "out").glob("*"))


def libriheavy(folder: Path, samples: list[Utterance]) -> tuple[Path, Path]:
    """Write one recording of all samples with cuts of the speakers 100, 100 and 200."""
    cuts, sounds = folder / "libriheavy", folder / "librilight"
    recording = "small/100/sea_fairies_0812_librivox_64kb_mp3/01_baum_sea_fairies_64kb"
    path = sounds / f"{recording}.flac"
    path.parent.mkdir(parents=True)
    cuts.mkdir()
    audio = [load(sample.audio).samples for sample in samples]
    sf.write(path, np.concatenate(audio), 16000)
    shutil.copytree(path.parent, sounds / "small/200" / path.parent.name)
    start, lines = 0.0, []
    for index, (sample, part) in enumerate(zip(samples, audio, strict=True)):
        speaker = ("100", "100", "200")[index]
        name = recording.replace("100", speaker, 1)
        lines.append(cut(f"{name}_{index}", name, speaker, start, part.size / 16000, sample.text))
        start += part.size / 16000
    lines.append(cut("large/9/x_0", "large/9/x", "9", 0.0, 1.0, "not unpacked"))
    for subset, part in {"small": lines, "dev": lines[2:3]}.items():
        with gzip.open(cuts / f"libriheavy_cuts_{subset}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(line) + "\n" for line in part)
    return cuts, sounds


def cut(name: str, recording: str, speaker: str, start: float, duration: float, text: str) -> dict:
    """A cut as in Libriheavy's README."""
    return {
        "id": name,
        "start": start,
        "duration": duration,
        "channel": 0,
        "supervisions": [
            {
                "id": name,
                "recording_id": recording,
                "start": 0,
                "duration": duration,
                "channel": 0,
                "language": "English",
                "speaker": speaker,
                "custom": {"texts": [text, text.upper()], "begin_byte": 0, "end_byte": 9},
            }
        ],
        "recording": {
            "id": recording,
            "sources": [
                {"type": "file", "channels": [0], "source": f"download/librilight/{recording}.flac"}
            ],
            "sampling_rate": 16000,
            "num_samples": 250000,
            "duration": 15.6,
            "channel_ids": [0],
        },
        "custom": {"text_path": "download/librilight_text/x/text.txt"},
        "type": "MonoCut",
    }


@pytest.mark.slow
def test_libriheavy_to_manifests_and_shards(tmp_path: Path, samples: list[Utterance]) -> None:
    cuts, sounds = libriheavy(tmp_path, samples)
    out = tmp_path / "out"
    stdout, stderr = run("libriheavy.py", cuts, sounds, out, "--train", "small", "--parts", 2)
    assert stdout == "{'dev': 1, 'train': 2, 'dropped': 1, 'missing': 1}\n"
    assert stderr == f"incomplete: 1 utterances are left out: {sounds} lacks their recordings\n"
    manifests = [out / f"train-00{part}.jsonl" for part in (0, 1)]
    for sample, manifest in zip(samples, manifests, strict=False):
        (utterance,) = read_manifest(manifest)
        np.testing.assert_array_equal(utterance.load().samples, load(sample.audio).samples)
        assert (utterance.speaker, utterance.text) == ("100", sample.text)
        config = load_config(write_config(tmp_path, manifest))
        (shard,) = write_shards(config, manifest, tmp_path / "shards", workers=1)
        (features,) = read_shard(shard, FeatureSpec.from_config(config))
        assert (features.id, features.group) == (utterance.id, "100")
        assert features.prosody.num_frames == round(utterance.duration * 100)
    (dev,) = read_manifest(out / "dev.jsonl")
    assert dev.speaker == "200"
