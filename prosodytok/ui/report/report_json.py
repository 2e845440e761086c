"""JSON objects of utterances, which the script of the page reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from prosodytok.io.textgrid import Tier
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.ui.embedded_media import audio_to_base64, waveform
from prosodytok.ui.report.prefix_scores import PrefixScore, scores_to_rows
from prosodytok.ui.report.report_utterance import ReportUtterance
from prosodytok.viz.figure_style import code_colors

#: Name of the recording among the sounds.
ORIGINAL = "original"
#: Characters that end a script or open a comment in HTML, and their JSON escapes.
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def utterance_record(
    utterance: ReportUtterance, scores: Mapping[str, PrefixScore]
) -> dict[str, Any]:
    """All data of an utterance: times (s), F0 (Hz, null if unvoiced), energy (dB)."""
    tokens = utterance.tokens
    sounds = {ORIGINAL: utterance.audio, **utterance.resynthesized}
    return {
        **list_entry(utterance),
        "audio": Path(tokens.audio).name,
        "source": tokens.source,
        "warnings": list(tokens.warnings),
        "register": tokens.register.to_dict(),
        "frame_rate": utterance.prosody.frame_rate,
        "waveform": waveform(utterance.audio),
        "measured": _contours(utterance.prosody),
        "decoded": [{"name": n, **_contours(p)} for n, p in utterance.decoded.items()],
        "levels": [_level(level, tokens.frame_rate) for level in tokens.levels],
        "tiers": [_tier(tier) for tier in utterance.tiers],
        "scores": scores_to_rows(scores),
        "sounds": [{"name": n, "data": audio_to_base64(sound)} for n, sound in sounds.items()],
    }


def list_entry(utterance: ReportUtterance) -> dict[str, Any]:
    """Data of one utterance in the list of utterances."""
    return {
        "id": utterance.tokens.id,
        "duration": round(utterance.audio.duration, 4),
        "text": _text(utterance.tokens),
    }


def to_script_json(value: object) -> str:
    """Encode a value as ASCII JSON that is safe within a script element for any strings."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character, escaped in UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def _text(tokens: ProsodyTokens) -> str:
    words = tokens["word"].segmentation.labels if "word" in tokens else ()
    return " ".join(word for word in words if word)


def _contours(prosody: Prosody) -> dict[str, Any]:
    f0 = np.round(prosody.f0.astype(np.float64), 1).tolist()
    return {
        "f0": [hz if voiced else None for hz, voiced in zip(f0, prosody.voiced, strict=True)],
        "energy": np.round(prosody.energy.astype(np.float64), 1).tolist(),
    }


def _level(level: TokenLevel, frame_rate: float) -> dict[str, Any]:
    labels = level.segmentation.labels
    return {
        "name": level.name,
        "codebook_sizes": level.codebook_sizes,
        "edges": (level.segmentation.boundaries / frame_rate).tolist(),
        "codes": level.codes.T.tolist(),
        "colors": [to_hex(c) for c in code_colors(level.codes[0], level.codebook_sizes[0])],
        "labels": list(labels) if any(labels) else None,
    }


def _tier(tier: Tier) -> dict[str, Any]:
    entries = [[round(e.start, 4), round(e.end, 4), e.label] for e in tier.entries]
    return {"name": tier.name, "kind": tier.kind, "entries": entries}
