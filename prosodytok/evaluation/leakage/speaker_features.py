"""Input features of the attackers: tokens, parts of them, and the prosody behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import normalize

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
#: Bin edges of the histogram of raw F0 (Hz): quarter octaves.
F0_EDGES = 50.0 * 2.0 ** np.arange(0, 4.01, 0.25)


def code_histograms(tokens: Sequence[ProsodyTokens], level: str) -> Floats:
    """Histogram of each utterance's codes, square roots of shares (for rare codes): (N, codes)."""
    rows = []
    for level_tokens in (t[level] for t in tokens):
        counts = [
            np.bincount(codes, minlength=size)
            for codes, size in zip(level_tokens.codes, level_tokens.codebook_sizes, strict=True)
        ]
        rows.append(np.sqrt(np.concatenate(counts) / len(level_tokens)))
    return np.array(rows)


def code_pairs(tokens: Sequence[ProsodyTokens], level: str, min_utterances: int = 3) -> Floats:
    """Histogram of pairs of first codes that occur in `min_utterances` or more: (N, pairs)."""
    size = tokens[0][level].codebook_sizes[0]
    pairs = [t[level].codes[0, :-1] * size + t[level].codes[0, 1:] for t in tokens]
    occurring = np.concatenate([np.unique(p) for p in pairs])
    values, utterances = np.unique(occurring, return_counts=True)
    kept = values[utterances >= min_utterances]
    if kept.size == 0:
        return np.zeros((len(tokens), 1))
    counts = [(p[:, None] == kept).sum(axis=0) / max(1, p.size) for p in pairs]
    return np.sqrt(np.array(counts, dtype=np.float64))


def embeddings(tokenizer: ProsodyTokenizer, tokens: Sequence[ProsodyTokens], level: str) -> Floats:
    """Mean and standard deviation over units of a level's embeddings: (N, 2 D)."""
    rows = []
    for utterance in tokens:
        units = tokenizer.embed_codes(level, utterance[level].codes.T.copy())
        rows.append(np.concatenate([units.mean(axis=0), units.std(axis=0)]))
    return np.array(rows, dtype=np.float64)


def durations(tokens: Sequence[ProsodyTokens]) -> Floats:
    """Durations and numbers of units, without any code: (N, D)."""
    rows = []
    for utterance in tokens:
        row = [np.log(utterance.num_frames)]
        for level in (x for x in utterance.levels if x.name != "frame"):
            lengths = np.log(level.segmentation.durations)
            row += [len(level), len(level) / utterance.num_frames]
            row += [lengths.mean(), lengths.std(), lengths.min(), lengths.max()]
        rows.append(row)
    return np.array(rows, dtype=np.float64)


def registers(tokens: Sequence[ProsodyTokens]) -> Floats:
    """The registers: (N, 5)."""
    rows = [list(t.register.to_dict().values()) for t in tokens]
    return np.array(rows, dtype=np.float64)


def raw_f0(prosodies: Sequence[Prosody]) -> Floats:
    """Percentiles and histogram of F0 in Hz, on a log scale, over voiced frames: (N, D)."""
    rows = []
    for prosody in prosodies:
        f0 = _voiced(prosody, prosody.f0)
        share = np.histogram(f0, F0_EDGES)[0] / f0.size
        rows.append(np.concatenate([np.log(np.percentile(f0, PERCENTILES)), share]))
    return np.array(rows)


def streams(prosodies: Sequence[Prosody], tokens: Sequence[ProsodyTokens]) -> dict[str, Floats]:
    """Statistics of each stream, normalized by the register of the tokens: (N, D) each."""
    normal = [normalize(p, t.register) for p, t in zip(prosodies, tokens, strict=True)]
    pairs = list(zip(prosodies, normal, strict=True))
    found = {
        "F0": np.array([_statistics(_voiced(p, n[:, 0]), n[:, 0]) for p, n in pairs]),
        "voicing": np.array([_statistics(_runs(p.voiced), p.voiced) for p, _ in pairs]),
        "energy": np.array([_statistics(n[:, 2].astype(np.float64), n[:, 2]) for _, n in pairs]),
    }
    return found | {"F0, voicing and energy": np.concatenate(list(found.values()), axis=1)}


def _statistics(values: Floats, track: NDArray[np.generic]) -> Floats:
    """Percentiles and extremes of values; mean, spread, trend, roughness and ends of a track."""
    track = track.astype(np.float64)
    step = np.abs(np.diff(track)) if track.size > 1 else np.zeros(1)
    half = max(1, track.size // 2)
    shape = [track.mean(), track.std(), track[half:].mean() - track[:half].mean(), step.mean()]
    ends = [track[:15].mean(), track[-15:].mean(), values.min(), values.max()]
    return np.concatenate([np.percentile(values, PERCENTILES), shape, ends])


def _runs(voiced: NDArray[np.bool_]) -> Floats:
    """Logarithm of the lengths of voiced (positive) and unvoiced (negative) runs."""
    edges = np.flatnonzero(np.diff(voiced)) + 1
    starts = np.append(0, edges)
    lengths = np.diff(np.append(starts, voiced.size))
    return np.asarray(np.where(voiced[starts], 1, -1) * np.log1p(lengths), dtype=np.float64)


def _voiced(prosody: Prosody, values: NDArray[np.float32]) -> Floats:
    """Values of voiced frames, or of all frames if none is voiced."""
    chosen = prosody.voiced if prosody.voiced.any() else slice(None)
    return values[chosen].astype(np.float64)
