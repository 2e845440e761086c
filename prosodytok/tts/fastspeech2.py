"""Prosody in the layout that FastSpeech 2 implementations train on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.errors import ProsodytokError, TokenError
from prosodytok.files import atomic_path
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Segmentation
from prosodytok.tokens.types import ProsodyTokens

#: Where the words of each utterance stand, a line each: ``ID|word word ...``.
METADATA = "metadata.txt"
#: What stands there for a pause, or for a unit whose word is unknown.
PAUSE = "sp"


def export_fastspeech2(tokens: ProsodyTokens, prosody: Prosody, folder: str | Path) -> None:
    """Write pitch, energy and duration of each word of an utterance.

    The files are ``pitch/ID.npy``, ``energy/ID.npy`` and ``duration/ID.npy``, with one value for
    each of the N units of the word level (pauses too), and a line ``ID|word word ...`` with N words
    in ``metadata.txt``, in which a pause or an unknown word is ``sp``. They follow Ren et al.
    (2021), "FastSpeech 2", and Łańcucki (2021), "FastPitch", which averages over units too:

    - pitch, float32: mean F0 in Hz over the unit's voiced frames, and where none is voiced over
      all, through which F0 is interpolated;
    - energy, float32: mean energy in dB over the unit's frames;
    - duration, int64: frames of 10 ms, which sum to the utterance's.

    An utterance that is there already is replaced. The line is written last, and no file by halves.

    Parameters
    ----------
    tokens : ProsodyTokens
        Tokens with a word level and an id.
    prosody : Prosody
        What they decode to, or what was measured; as many frames.
    folder : path
        Where to write; made if need be.

    Raises
    ------
    TokenError
        If there is no word level, or the id cannot name a file and stand in a line.
    ProsodytokError
        If tokens and prosody have different numbers of frames.
    """
    folder, words = Path(folder), tokens["word"].segmentation
    if not tokens.id or tokens.id != Path(tokens.id).name or re.search(r"[|\n\r]", tokens.id):
        raise TokenError(f"the id {tokens.id!r} cannot name a file and stand in {METADATA}")
    if prosody.num_frames != tokens.num_frames:
        raise ProsodytokError(
            f"the tokens have {tokens.num_frames} frames and the prosody {prosody.num_frames}"
        )
    arrays: dict[str, NDArray[Any]] = {
        "pitch": _pitch(prosody, words),
        "energy": _means(prosody.energy, words).astype(np.float32),
        "duration": words.durations,
    }
    for kind, values in arrays.items():
        with atomic_path(folder / kind / f"{tokens.id}.npy") as path:
            np.save(path, values, allow_pickle=False)
    _write_words(folder / METADATA, tokens.id, words)


def _pitch(prosody: Prosody, words: Segmentation) -> NDArray[np.float32]:
    voiced = _means(prosody.voiced, words)
    of_voiced = _means(prosody.f0 * prosody.voiced, words) / np.where(voiced > 0, voiced, 1.0)
    return np.where(voiced > 0, of_voiced, _means(prosody.f0, words)).astype(np.float32)


def _means(values: NDArray[np.generic], words: Segmentation) -> NDArray[np.float64]:
    """Mean over the frames of each unit."""
    sums = np.add.reduceat(values.astype(np.float64), words.boundaries[:-1])
    return np.asarray(sums / words.durations)


def _write_words(metadata: Path, name: str, words: Segmentation) -> None:
    """Put an utterance's line in place, before others or instead of its earlier one."""
    old = metadata.read_text(encoding="utf-8").splitlines() if metadata.is_file() else []
    lines = {line.partition("|")[0]: line for line in old}
    # One word is one item of the line, whatever is in it.
    items = [re.sub(r"[\s|]+", "_", label.strip()) or PAUSE for label in words.labels]
    lines[name] = f"{name}|{' '.join(items)}"
    with atomic_path(metadata) as path:
        path.write_text("".join(f"{line}\n" for line in lines.values()), encoding="utf-8")
