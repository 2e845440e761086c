"""Prosody in the layout of the training data of NVIDIA's FastPitch 1.0.

The layout is that of DeepLearningExamples; later versions align and average F0 themselves::

    durations/ID.pt        (N,) int64, frames of the mel spectrogram
    pitch_char/ID.pt       (N,) float32, one value per phone, normalised
    energy_char/ID.pt      (N,) float32, likewise; version 1.0 does not read it
    stats.json             {"mean": of pitch (Hz), "std", "energy_mean", "energy_std"}
    train.txt, val.txt     mels/ID.pt|durations/ID.pt|pitch_char/ID.pt|{N phones}

Ends and pauses are as in `prosodytok.tts.fastspeech2_files`; mel spectrograms are not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.tts.fastspeech2_files import FastSpeech2Utterance, write_lists
from prosodytok.types.errors import TokenError


def write_fastpitch(utterances: Iterable[FastSpeech2Utterance], folder: str | Path) -> None:
    """Write utterances in the layout of this module.

    Parameters
    ----------
    utterances : iterable of FastSpeech2Utterance
        At least one; all are held in memory.
    folder : path
        Output folder, created if missing. Existing files are replaced, the lists last.

    Raises
    ------
    TokenError
        If there is no utterance, or two have the same id.
    """
    folder, kept = Path(folder), list(utterances)
    if not kept:
        raise TokenError(f"{folder}: no utterance to write")
    if len({u.id for u in kept}) < len(kept):
        raise TokenError(f"{folder}: two utterances have the same id, which names their files")
    stats: dict[str, float] = {}
    for kind, prefix in (("pitch", ""), ("energy", "energy_")):
        values = np.concatenate([getattr(u, kind) for u in kept])
        mean, std = float(values.mean()), float(values.std()) or 1.0
        stats |= {f"{prefix}mean": mean, f"{prefix}std": std}
        for u in kept:
            scaled = torch.from_numpy((getattr(u, kind) - mean) / std).float()
            _save(folder / f"{kind}_char" / f"{u.id}.pt", scaled)
    for u in kept:
        _save(folder / "durations" / f"{u.id}.pt", torch.from_numpy(u.duration))
    write_text(folder / "stats.json", json.dumps(stats))
    lines = [
        f"mels/{u.id}.pt|durations/{u.id}.pt|pitch_char/{u.id}.pt|{{{' '.join(u.symbols)}}}\n"
        for u in kept
    ]
    write_lists(lines, folder)


def _save(target: Path, values: torch.Tensor) -> None:
    with atomic_path(target) as path:
        torch.save(values, path)
