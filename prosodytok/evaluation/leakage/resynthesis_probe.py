"""Speaker leakage through resynthesis: a speaker embedding of prosody on a neutral carrier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.leakage.speaker_embedding import embed_speaker, synthesize_carrier
from prosodytok.evaluation.leakage.speaker_probe import SpeakerProbe, probe_speakers
from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, ratio
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, Register
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody

#: Utterances of each speaker that are synthesized.
MAX_UTTERANCES = 12
OWN = "tokens in their own register"


@dataclass(frozen=True)
class LeakageItem:
    """An utterance, its speaker (empty if unknown), its sound, extracted prosody and tokens."""

    speaker: str
    audio: Audio
    prosody: Prosody
    tokens: ProsodyTokens


@dataclass(frozen=True)
class ResynthesisLeakage:
    """Speaker classification from embeddings of the sound of a number of utterances.

    By condition: the original sound, and the carrier with the measured prosody, with tokens in
    their own register, and with tokens in one register for all. `swap`: shares of utterances by the
    nearest speaker of tokens decoded in another speaker's register, where a speaker is the mean
    embedding of the tokens of the other utterances in their own register.
    """

    utterances: int
    conditions: dict[str, SpeakerProbe]
    swap: dict[str, Interval]


def measure_resynthesis(
    tokenizer: ProsodyTokenizer, items: Sequence[LeakageItem], *, seed: int = 0
) -> ResynthesisLeakage:
    """Classify speakers from a speaker embedding of sounds that differ in prosody only.

    A speaker's own spectrum would identify the speaker, so all prosodies have one neutral vowel as
    their carrier. At most `MAX_UTTERANCES` of each speaker are used.
    """
    rng = np.random.default_rng(seed)
    chosen = _choose(items, rng)
    owners = [item.speaker for item in chosen]
    registers = {
        name: Register.estimate(*(item.prosody for item in chosen if item.speaker == name))
        for name in sorted(set(owners))
    }
    common = _median_register(list(registers.values()))
    sounds: dict[str, Callable[[LeakageItem], Audio]] = {
        "original sound": lambda item: item.audio,
        "measured prosody": lambda item: synthesize_carrier(item.prosody),
        OWN: lambda item: synthesize_carrier(tokenizer.decode(item.tokens)),
        "tokens in one register": lambda item: _in_register(tokenizer, item.tokens, common),
    }
    embedded = {
        name: np.array([embed_speaker(sound(item)) for item in chosen])
        for name, sound in sounds.items()
    }
    others = [str(rng.choice([n for n in registers if n != name])) for name in owners]
    swapped = [
        embed_speaker(_in_register(tokenizer, item.tokens, registers[other]))
        for item, other in zip(chosen, others, strict=True)
    ]
    return ResynthesisLeakage(
        len(chosen),
        {name: probe_speakers(x, owners, seed=seed) for name, x in embedded.items()},
        _measure_swap(np.array(swapped), embedded[OWN], owners, others, seed),
    )


def _choose(items: Sequence[LeakageItem], rng: np.random.Generator) -> list[LeakageItem]:
    found: list[int] = []
    for name in sorted({item.speaker for item in items}):
        own = [i for i, item in enumerate(items) if item.speaker == name]
        found += rng.choice(own, size=min(MAX_UTTERANCES, len(own)), replace=False).tolist()
    return [items[i] for i in sorted(found)]


def _median_register(registers: Sequence[Register]) -> Register:
    """Median of each field."""
    fields = [r.to_dict() for r in registers]
    return Register.from_dict({k: float(np.median([f[k] for f in fields])) for k in fields[0]})


def _in_register(tokenizer: ProsodyTokenizer, tokens: ProsodyTokens, register: Register) -> Audio:
    """Carrier with tokens in another register, at their own rate, which the sound keeps."""
    register = replace(register, word_rate_hz=tokens.register.word_rate_hz)
    return synthesize_carrier(tokenizer.decode(tokens, register=register))


def _measure_swap(
    swapped: Floats, own: Floats, owners: Sequence[str], others: Sequence[str], seed: int
) -> dict[str, Interval]:
    names, index = np.unique(list(owners), return_inverse=True)
    other = np.searchsorted(names, list(others))
    nearest = _nearest(swapped, own, index)
    hits = np.stack([nearest == index, nearest == other, np.ones_like(nearest)], axis=1)
    return bootstrap(hits, list(owners), _shares, seed=seed)


def _nearest(swapped: Floats, own: Floats, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nearest speaker by cosine similarity, without the utterance itself."""
    sums = np.zeros((index.max() + 1, own.shape[1]))
    np.add.at(sums, index, own)
    found = []
    for row, speaker in enumerate(index):
        centres = sums.copy()
        centres[speaker] -= own[row]
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
        found.append(int((centres @ swapped[row]).argmax()))
    return np.array(found)


def _shares(sums: Floats) -> dict[str, Floats]:
    tokens, register = (ratio(sums[:, k], sums[:, 2]) for k in (0, 1))
    return {"tokens_owner": tokens, "register_owner": register, "neither": 1 - tokens - register}
