"""Does resynthesis give the speaker away? A speaker embedding on a neutral carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import Floats, bootstrap
from prosodytok.evaluation.leakage_probe import probe
from prosodytok.evaluation.prosody import ratio
from prosodytok.evaluation.speaker_embedding import carry, embed_speaker
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, Register
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody

#: Utterances of each speaker that are made to sound.
MOST = 12
OWN = "tokens in their own register"


def measure_resynthesis(
    tokenizer: ProsodyTokenizer,
    speakers: Sequence[str],
    audios: Sequence[Audio],
    prosodies: Sequence[Prosody],
    tokens: Sequence[ProsodyTokens],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Tell speakers by a speaker embedding of sound in which prosody alone differs.

    A speaker's own spectrum would give anybody away, so the prosody rides on one neutral vowel.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Who made the tokens.
    speakers, audios, prosodies, tokens : sequences of length N
        Utterances of at least two speakers; at most `MOST` of each are used.
    seed : int
        Of everything that is drawn.

    Returns
    -------
    dict
        ``"utterances"``; ``"conditions"``: probes (see `leakage_probe.Probe`) of the original
        sound and of the carrier with the measured prosody, and with tokens in their own register
        and in one register for all; and ``"swap"``: of tokens in another speaker's register, how
        often the nearest speaker is ``"tokens_owner"``, ``"register_owner"`` or ``"neither"``,
        each with its interval. Speakers are the mean embeddings of their other utterances' tokens
        in their own register.
    """
    rng = np.random.default_rng(seed)
    chosen = _choose(speakers, rng)
    who = [speakers[i] for i in chosen]
    voices = {
        name: Register.estimate(*(prosodies[i] for i in chosen if speakers[i] == name))
        for name in sorted(set(who))
    }
    common = _middle(list(voices.values()))
    sounds: dict[str, Callable[[int], Audio]] = {
        "original sound": lambda i: audios[i],
        "measured prosody": lambda i: carry(prosodies[i]),
        OWN: lambda i: carry(tokenizer.decode(tokens[i])),
        "tokens in one register": lambda i: carry(
            tokenizer.decode(tokens[i], register=_voice(common, tokens[i]))
        ),
    }
    heard = {
        name: np.array([embed_speaker(make(i)) for i in chosen]) for name, make in sounds.items()
    }
    others = [str(rng.choice([n for n in voices if n != name])) for name in who]
    swapped = [
        embed_speaker(carry(tokenizer.decode(tokens[i], register=_voice(voices[other], tokens[i]))))
        for i, other in zip(chosen, others, strict=True)
    ]
    return {
        "utterances": len(chosen),
        "conditions": {n: probe(x, who, seed=seed).to_dict() for n, x in heard.items()},
        "swap": _swap(np.array(swapped), heard[OWN], who, others, seed),
    }


def _choose(speakers: Sequence[str], rng: np.random.Generator) -> list[int]:
    found: list[int] = []
    for name in sorted(set(speakers)):
        own = [i for i, speaker in enumerate(speakers) if speaker == name]
        found += rng.choice(own, size=min(MOST, len(own)), replace=False).tolist()
    return sorted(found)


def _middle(registers: Sequence[Register]) -> Register:
    """The median of each field."""
    fields = [r.to_dict() for r in registers]
    return Register.from_dict({k: float(np.median([f[k] for f in fields])) for k in fields[0]})


def _voice(register: Register, tokens: ProsodyTokens) -> Register:
    """Another register, at the tokens' own rate: that is in the sound, whatever is put there."""
    return replace(register, word_rate_hz=tokens.register.word_rate_hz)


def _swap(
    swapped: Floats, own: Floats, who: Sequence[str], others: Sequence[str], seed: int
) -> dict[str, Any]:
    names, index = np.unique(list(who), return_inverse=True)
    other = np.searchsorted(names, list(others))
    nearest = _nearest(swapped, own, index)
    hits = np.stack([nearest == index, nearest == other, np.ones_like(nearest)], axis=1)
    found = bootstrap(hits, list(who), _rates, seed=seed)
    return {name: asdict(interval) for name, interval in found.items()}


def _nearest(swapped: Floats, own: Floats, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nearest speaker by the angle, each without the utterance itself."""
    sums = np.zeros((index.max() + 1, own.shape[1]))
    np.add.at(sums, index, own)
    found = []
    for row, speaker in enumerate(index):
        centres = sums.copy()
        centres[speaker] -= own[row]
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
        found.append(int((centres @ swapped[row]).argmax()))
    return np.array(found)


def _rates(sums: Floats) -> dict[str, Floats]:
    tokens, register = (ratio(sums[:, k], sums[:, 2]) for k in (0, 1))
    return {"tokens_owner": tokens, "register_owner": register, "neither": 1 - tokens - register}
