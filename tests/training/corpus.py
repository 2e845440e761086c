"""A small corpus of synthetic speech on disk, with a manifest."""

import json
from pathlib import Path

import numpy as np

from tests.synth import glide, harmonics, join, modulated, silence, write


def make_corpus(folder: Path, num_utterances: int = 12) -> Path:
    """Gliding voices with pauses; the last line of the manifest is a file without audio."""
    rng = np.random.default_rng(0)
    rows = []
    for index in range(num_utterances):
        start, end = rng.uniform(100, 300, size=2)
        voice = modulated(harmonics(glide(start, end), rng.uniform(0.8, 1.6)))
        audio = join(silence(0.2), voice, silence(0.4), voice, silence(0.2))
        speaker = folder / f"speaker{index % 3}"
        speaker.mkdir(parents=True, exist_ok=True)
        write(audio, speaker / f"u{index}.wav")
        rows.append({"audio": f"{speaker.name}/u{index}.wav", "speaker": speaker.name})
    (folder / "broken.wav").write_text("no sound")
    rows.append({"audio": "broken.wav"})
    manifest = folder / "train.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return manifest
