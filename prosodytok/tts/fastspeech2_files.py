"""Prosody in the layout of the training data of FastSpeech 2 implementations.

The layout is that of github.com/ming024/FastSpeech2, which others follow::

    pitch/SPEAKER-pitch-ID.npy         (N,) float64, one value per phone, normalised
    energy/SPEAKER-energy-ID.npy       (N,) float64, likewise
    duration/SPEAKER-duration-ID.npy   (N,) int64, frames of the mel spectrogram
    stats.json                         {"pitch": [min, max, mean, std], "energy": [...]}
    speakers.json                      {SPEAKER: number}
    train.txt, val.txt                 ID|SPEAKER|{N phones}|text

Pauses at the ends are left out, as in that repository: trim the audio before computing mel
spectrograms, which are not written. Inner pauses are the phone ``sp``. Every twentieth utterance is
for validation, 512 at most.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.types import Segmentation
from prosodytok.types.errors import ProsodytokError, TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens

#: Usual mel frame rate (Hz): 22050 Hz with a hop length of 256.
MEL_RATE = 22050 / 256
#: Symbol of a pause.
PAUSE = "sp"
#: One in this many utterances is for validation, and their maximum number.
HELD_OUT, MAX_HELD_OUT = 20, 512

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FastSpeech2Utterance:
    """FastSpeech 2 inputs of an utterance: a value for each of its N phones or words.

    Parameters
    ----------
    id, speaker : str
        Parts of its file names.
    symbols : tuple of str, length N
        The phones, or the words; ``sp`` for a pause.
    text : str
        Words of the utterance.
    pitch : (N,) float64
        Mean F0 (Hz) over the voiced frames, or over all (interpolated) if none is voiced.
    energy : (N,) float64
        Mean energy (dB).
    duration : (N,) int64
        Mel frames; 0 for a phone shorter than half a frame.
    """

    id: str
    speaker: str
    symbols: tuple[str, ...]
    text: str
    pitch: Array
    energy: Array
    duration: NDArray[np.int64]


def fastspeech2_utterance(
    tokens: ProsodyTokens,
    prosody: Prosody,
    phones: Segmentation | None = None,
    *,
    speaker: str = "speaker",
    mel_rate: float = MEL_RATE,
) -> FastSpeech2Utterance:
    """Average pitch and energy over each phone, after Ren et al. (2021), "FastSpeech 2".

    Parameters
    ----------
    tokens : ProsodyTokens
        Tokens with a word level and an id.
    prosody : Prosody
        Decoded or measured prosody of the T frames of the tokens.
    phones : Segmentation, optional
        Phones over the same T frames, pauses with label ``""``; by default, words.
    speaker : str
        Speaker of the utterance.
    mel_rate : float
        Mel frame rate of the acoustic model (Hz).

    Raises
    ------
    TokenError
        If there is no word level, id or speaker is no valid file name or list entry, or the
        utterance has only pauses.
    ProsodytokError
        If tokens, prosody and phones have different numbers of frames.
    """
    for name in (tokens.id, speaker):
        if not name or name != Path(name).name or re.search(r"[|\n\r]", name):
            raise TokenError(f"{name!r} cannot name a file and stand in train.txt")
    words = tokens["word"].segmentation
    units = words if phones is None else phones
    lengths = (tokens.num_frames, prosody.num_frames, units.num_frames)
    if len(set(lengths)) > 1:
        counts = "{}, {} and {}".format(*lengths)
        raise ProsodytokError(f"tokens, prosody and phones have {counts} frames")
    labelled = any(units.labels)  # units found acoustically have no labels: all are used
    spoken = [i for i, label in enumerate(units.labels) if label or not labelled]
    if labelled and not any(label.strip() for label in units.labels):
        raise TokenError(f"{tokens.id}: only pauses, no spoken unit")
    inner = slice(spoken[0], spoken[-1] + 1)
    edges = np.floor(units.boundaries * (mel_rate / prosody.frame_rate) + 0.5).astype(np.int64)
    return FastSpeech2Utterance(
        id=tokens.id,
        speaker=speaker,
        symbols=tuple(_symbol(label) for label in units.labels[inner]),
        text=" ".join(_line(label) for label in words.labels if label),
        pitch=_pitch(prosody, units)[inner],
        energy=_means(prosody.energy, units)[inner],
        duration=np.diff(edges)[inner],
    )


def write_fastspeech2(utterances: Iterable[FastSpeech2Utterance], folder: str | Path) -> None:
    """Write utterances in the layout of this module.

    Pitch and energy are normalised by mean and standard deviation over all utterances, without the
    outliers of each (1.5 interquartile ranges beyond the quartiles).

    Parameters
    ----------
    utterances : iterable of FastSpeech2Utterance
        At least one; all are held in memory.
    folder : path
        Output folder, created if missing. Existing files are replaced, the lists last.

    Raises
    ------
    TokenError
        If there is no utterance, or two of one speaker have the same id.
    """
    folder, kept = Path(folder), list(utterances)
    if not kept:
        raise TokenError(f"{folder}: no utterance to write")
    if len({(u.speaker, u.id) for u in kept}) < len(kept):
        raise TokenError(f"{folder}: two utterances have the same id, which names their files")
    stats: dict[str, list[float]] = {}
    for kind in ("pitch", "energy"):
        values = [getattr(u, kind) for u in kept]
        usual = np.concatenate([_without_outliers(v) for v in values])
        mean, std = float(usual.mean()), float(usual.std()) or 1.0
        scaled = [(v - mean) / std for v in values]
        stats[kind] = [float(min(map(np.min, scaled))), float(max(map(np.max, scaled))), mean, std]
        for utterance, array in zip(kept, scaled, strict=True):
            _save(folder, kind, utterance, array)
    for utterance in kept:
        _save(folder, "duration", utterance, utterance.duration)
    speakers = {name: i for i, name in enumerate(sorted({u.speaker for u in kept}))}
    write_text(folder / "stats.json", json.dumps(stats))
    write_text(folder / "speakers.json", json.dumps(speakers, ensure_ascii=False))
    write_lists([f"{u.id}|{u.speaker}|{{{' '.join(u.symbols)}}}|{u.text}\n" for u in kept], folder)


def write_lists(lines: list[str], folder: Path) -> None:
    """Write the line of each utterance into val.txt or train.txt."""
    held_out = min(len(lines) // HELD_OUT, MAX_HELD_OUT)
    chosen = set(np.linspace(0, len(lines), held_out, endpoint=False).astype(int).tolist())
    for name, wanted in (("val", True), ("train", False)):
        own = [line for i, line in enumerate(lines) if (i in chosen) is wanted]
        write_text(folder / f"{name}.txt", "".join(own))


def _pitch(prosody: Prosody, units: Segmentation) -> Array:
    voiced = _means(prosody.voiced, units)
    of_voiced = _means(prosody.f0 * prosody.voiced, units) / np.where(voiced > 0, voiced, 1.0)
    return np.where(voiced > 0, of_voiced, _means(prosody.f0, units))


def _means(values: NDArray[np.generic], units: Segmentation) -> Array:
    """Mean over the frames of each unit."""
    sums = np.add.reduceat(values.astype(np.float64), units.boundaries[:-1])
    return np.asarray(sums / units.durations)


def _without_outliers(values: Array) -> Array:
    low, high = np.percentile(values, [25, 75])
    margin = 1.5 * (high - low)
    inside: Array = values[(values >= low - margin) & (values <= high + margin)]
    return inside if inside.size else values


def _symbol(label: str) -> str:
    """Symbol without the separators of the line."""
    return re.sub(r"[\s|{}]+", "_", label.strip()) or PAUSE


def _line(label: str) -> str:
    return re.sub(r"[\s|]+", " ", label).strip()


def _save(
    folder: Path, kind: str, utterance: FastSpeech2Utterance, values: NDArray[np.generic]
) -> None:
    with atomic_path(folder / kind / f"{utterance.speaker}-{kind}-{utterance.id}.npy") as path:
        np.save(path, values, allow_pickle=False)
