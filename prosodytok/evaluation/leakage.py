"""How much of the speaker is left in the tokens, which should hold what was meant and not by whom.

Attackers try to tell the speakers of single utterances from tokens, and from what tokens are made
of; a speaker embedding tries it from resynthesis (see `leakage_resynthesis`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prosodytok.evaluation import leakage_features as features
from prosodytok.evaluation.bootstrap import Floats
from prosodytok.evaluation.leakage_probe import probe
from prosodytok.evaluation.leakage_resynthesis import measure_resynthesis
from prosodytok.evaluation.leakage_table import leakage_table
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody

#: Fewer speakers, or utterances of a speaker, cannot be measured.
FEWEST_SPEAKERS, FEWEST_UTTERANCES = 2, 4


@dataclass(frozen=True)
class LeakageItem:
    """One utterance of a known speaker.

    Parameters
    ----------
    id : str
        Its name.
    speaker : str
        Who speaks; an empty name is nobody known.
    audio : Audio
        The sound.
    prosody : Prosody
        What the tokenizer extracted from it.
    tokens : ProsodyTokens
        Its tokens.
    """

    id: str
    speaker: str
    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens


def measure_leakage(
    tokenizer: ProsodyTokenizer, items: Sequence[LeakageItem], *, seed: int = 0
) -> dict[str, Any]:
    """Measure how well speakers are told from tokens, beside chance and beside raw F0.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Who made the tokens.
    items : sequence of LeakageItem
        Utterances of several speakers; speakers with fewer than four are left out.
    seed : int
        Of everything that is drawn.

    Returns
    -------
    dict
        ``"speakers"`` and ``"utterances"`` (how many), ``"left_out"`` (utterances), ``"chance"``
        (1 / speakers), ``"majority"`` (share of the speaker with the most utterances), ``"target"``
        (twice chance and 5 points), ``"probes"``: by what the attacker sees, as
        `leakage_probe.Probe.to_dict` has it; ``"resynthesis"``: see `measure_resynthesis`;
        ``"table"``: Markdown. With fewer than two speakers of four utterances each there are
        only ``"not_measured"``, the reason, and ``"table"``.

    Raises
    ------
    MissingExtraError
        If scikit-learn or resemblyzer is not installed.
    """
    counts = Counter(item.speaker for item in items if item.speaker)
    known = sorted(name for name, count in counts.items() if count >= FEWEST_UTTERANCES)
    if len(known) < FEWEST_SPEAKERS:
        reason = (
            f"not measured: it takes {FEWEST_SPEAKERS} speakers with {FEWEST_UTTERANCES} "
            f"utterances each, and there are {len(known)}"
        )
        return {"not_measured": reason, "table": reason}
    kept = [item for item in items if item.speaker in known]
    speakers = [item.speaker for item in kept]
    found: dict[str, Any] = {
        "speakers": len(known),
        "utterances": len(kept),
        "left_out": len(items) - len(kept),
        "chance": 1 / len(known),
        "majority": max(counts[name] for name in known) / len(kept),
        "target": 2 / len(known) + 0.05,
        "probes": {
            name: probe(values, speakers, seed=seed).to_dict()
            for name, values in views(tokenizer, kept).items()
        },
        "resynthesis": measure_resynthesis(
            tokenizer,
            speakers,
            [item.audio for item in kept],
            [item.prosody for item in kept],
            [item.tokens for item in kept],
            seed=seed,
        ),
    }
    return found | {"table": leakage_table(found)}


def views(tokenizer: ProsodyTokenizer, items: Sequence[LeakageItem]) -> Mapping[str, Floats]:
    """What attackers look at, by name: features (N, D) of each."""
    tokens, prosodies = [i.tokens for i in items], [i.prosody for i in items]
    names = tokens[0].names
    found: dict[str, Floats] = {}
    for name in names:
        found[f"{name} codes"] = features.code_histograms(tokens, name)
    found["all codes"] = _join(found.values())
    pairs = [features.code_pairs(tokens, name) for name in names]
    found["all codes and pairs of codes"] = _join([found["all codes"], *pairs])
    units = {name: features.embeddings(tokenizer, tokens, name) for name in names}
    found |= {f"{name} embeddings": values for name, values in units.items()}
    found["all embeddings"] = _join(units.values())
    found["durations of units, no codes"] = features.durations(tokens)
    decoded = [tokenizer.decode(t) for t in tokens]
    for stream, values in features.streams(decoded, tokens).items():
        found[f"decoded {stream}, register taken out"] = values
    for stream, values in features.streams(prosodies, tokens).items():
        found[f"measured {stream}, register taken out"] = values
    found["raw F0 (Hz)"] = features.raw_f0(prosodies)
    found["register"] = features.registers(tokens)
    return found


def _join(values: Any) -> Floats:
    return np.concatenate(list(values), axis=1)
