"""What attackers found out, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def leakage_table(found: Mapping[str, Any]) -> str:
    """The tables of what `measure_leakage` found."""
    resynthesis = found["resynthesis"]
    swap = {name: _percent(interval) for name, interval in resynthesis["swap"].items()}
    return "\n".join(
        [
            f"{found['speakers']} speakers, {found['utterances']} utterances: chance "
            f"{100 * found['chance']:.1f} %, the most frequent speaker "
            f"{100 * found['majority']:.1f} %, the target (twice chance + 5 points) "
            f"{100 * found['target']:.1f} %. Speakers told, mean over speakers, by the strongest "
            "attacker:",
            "",
            *_probes("what the attacker sees", found["probes"]),
            "",
            f"Speaker embedding (Resemblyzer) of {resynthesis['utterances']} utterances; all but "
            "the original sound on one neutral vowel:",
            "",
            *_probes("what is embedded", resynthesis["conditions"]),
            "",
            "Tokens of one speaker in the register of another sound the most like the register's "
            f"owner in {swap['register_owner']} %, like the tokens' in {swap['tokens_owner']} %, "
            f"and like neither in {swap['neither']} %.",
        ]
    )


def _probes(head: str, probes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = list(next(iter(probes.values()))["attackers"])
    lines = [
        f"| {head} | told % | {' | '.join(f'{name} %' for name in names)} |",
        f"| --- | --- | {' | '.join('---' for _ in names)} |",
    ]
    for what, result in probes.items():
        cells = [f"{100 * result['attackers'][name]:.1f}" for name in names]
        lines.append(f"| {what} | {_percent(result['balanced'])} | {' | '.join(cells)} |")
    return lines


def _percent(interval: Mapping[str, float]) -> str:
    value, low, high = (100 * interval[k] for k in ("value", "low", "high"))
    return f"{value:.1f} ({low:.1f} to {high:.1f})"
