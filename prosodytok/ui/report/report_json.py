"""An utterance as the JSON object that the page reads."""

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
from prosodytok.ui.embedded_media import to_base64, waveform
from prosodytok.ui.report.prefix_scores import Score, rows_of
from prosodytok.ui.report.report_utterance import Exhibit
from prosodytok.viz.figure_style import code_colors

#: The recording's name among what can be heard.
ORIGINAL = "original"
#: Characters that end a script or open a comment in HTML, as JSON writes them too.
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def to_record(exhibit: Exhibit, scores: Mapping[str, Score]) -> dict[str, Any]:
    """All that the page shows of one utterance.

    Times are in seconds, F0 in Hz and null where unvoiced, energy in dB; one value a frame.
    """
    tokens = exhibit.tokens
    sounds = {ORIGINAL: exhibit.audio, **exhibit.spoken}
    return {
        **to_entry(exhibit),
        "audio": Path(tokens.audio).name,
        "source": tokens.source,
        "register": tokens.register.to_dict(),
        "frame_rate": exhibit.prosody.frame_rate,
        "waveform": waveform(exhibit.audio),
        "measured": _curve(exhibit.prosody),
        "decoded": [{"name": n, **_curve(p)} for n, p in exhibit.decoded.items()],
        "levels": [_level(level, tokens.frame_rate) for level in tokens.levels],
        "tiers": [_tier(tier) for tier in exhibit.tiers],
        "scores": rows_of(dict(scores)),
        "sounds": [{"name": name, "data": to_base64(sound)} for name, sound in sounds.items()],
    }


def to_entry(exhibit: Exhibit) -> dict[str, Any]:
    """What the list of utterances shows of one."""
    return {
        "id": exhibit.tokens.id,
        "duration": round(exhibit.audio.duration, 4),
        "text": _text(exhibit.tokens),
    }


def to_json(value: object) -> str:
    """Write JSON that can stand in a script element whatever its texts are; ASCII alone."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character, escaped in UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def _text(tokens: ProsodyTokens) -> str:
    words = tokens["word"].segmentation.labels if "word" in tokens else ()
    return " ".join(word for word in words if word)


def _curve(prosody: Prosody) -> dict[str, Any]:
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
