"""Results of every method on the utterances of a corpus: peers, our tokens, and floors."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from evaluation_speech import Speech
from peers import STREAMS, Peer
from peers.block_peers import block_means, from_block_means

from prosodytok import Prosody, ProsodyTokenizer, ProsodyTokens
from prosodytok.evaluation import ProsodyErrors, flat_prosody, prosody_errors
from prosodytok.evaluation.rate import measure_bits
from prosodytok.evaluation.reconstruction import decode_word_durations
from prosodytok.io.atomic import atomic_path
from prosodytok.io.sound import load


@dataclass
class Result:
    """Errors, fixed and coded bits by utterance of a method; `family`: its line in the figure."""

    name: str
    family: str
    streams: tuple[str, ...] = STREAMS
    errors: list[ProsodyErrors] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)
    coded_bits: list[float] = field(default_factory=list)


def floors(speech: Sequence[Speech]) -> Iterator[Result]:
    """Baselines without a rate: flat voice, tracker disagreement, and 12.5 Hz unquantised."""
    yield _floor("flat voice", speech, [flat_prosody(s.truth) for s in speech], STREAMS)
    second = [s.second for s in speech]
    yield _floor("SwiftF0 against Praat", speech, second, ("f0", "voicing"))
    sampled = [_sampled(s) for s in speech]
    yield _floor("12.5 Hz, unquantised", speech, sampled, STREAMS)


def peer_result(peer: Peer, family: str, speech: Sequence[Speech]) -> Result:
    """Result of a peer on a corpus."""
    result = Result(peer.name, family, peer.streams)
    for utterance in speech:
        coded = peer.code(utterance.prosody, utterance.hierarchy, utterance.register)
        result.errors.append(_errors(utterance, coded.estimate))
        result.bits.append(coded.bits)
        result.coded_bits.append(coded.entropy_bits)
    return result


def cached_peer_result(peer: Peer, family: str, speech: Sequence[Speech], fitted: Path) -> Result:
    """As `peer_result`, cached beside the file of the `fitted` peer, by its content and the speech.

    Networks take most of the time of a run, and only our checkpoint changes between most runs.
    """
    digest = hashlib.sha256(fitted.read_bytes())
    for utterance in speech:
        for prosody in (utterance.truth, utterance.second, utterance.prosody):
            for array in (prosody.f0, prosody.voiced, prosody.energy):
                digest.update(array.tobytes())
    path = fitted.parent / "scores" / f"{fitted.stem}-{digest.hexdigest()[:12]}.npz"
    if not path.is_file():
        fresh = peer_result(peer, family, speech)
        sums = np.stack([e.sums for e in fresh.errors])
        with atomic_path(path) as temporary:
            np.savez(temporary, sums=sums, bits=fresh.bits, coded_bits=fresh.coded_bits)
    with np.load(path, allow_pickle=False) as kept:
        errors = [ProsodyErrors(*row) for row in kept["sums"].tolist()]
        bits, coded = kept["bits"].tolist(), kept["coded_bits"].tolist()
    return Result(peer.name, family, peer.streams, errors, bits, coded)


def our_results(tokenizer: ProsodyTokenizer, speech: Sequence[Speech]) -> list[Result]:
    """Each prefix of levels of our tokens; unigram tables are those of the other speakers."""
    errors: dict[str, list[ProsodyErrors]] = defaultdict(list)
    tokens, durations = [], []
    for utterance in speech:
        tokens.append(_encode(tokenizer, utterance))
        durations.append(decode_word_durations(tokenizer, tokens[-1]))
        for prefix, estimate in tokenizer.decode_prefixes(tokens[-1]).items():
            errors[prefix].append(_errors(utterance, estimate))
    rates = measure_bits(tokens, durations, [s.speaker for s in speech]).streams
    return [
        Result(
            f"ours: {prefix}",
            "ours",
            errors=prefix_errors,
            bits=sum(rates[prefix]["fixed"].values()).tolist(),
            coded_bits=sum(rates[prefix]["unigram"].values()).tolist(),
        )
        for prefix, prefix_errors in errors.items()
    ]


def _encode(tokenizer: ProsodyTokenizer, utterance: Speech) -> ProsodyTokens:
    audio = load(utterance.audio) if tokenizer.config.ssl_dim else None
    return tokenizer.encode(
        utterance.prosody, utterance.hierarchy, register=utterance.register, audio=audio
    )


def _sampled(utterance: Speech) -> Prosody:
    means, voiced = block_means(utterance.prosody, utterance.register)
    return from_block_means(means, voiced, utterance.prosody.num_frames, utterance.register)


def _floor(
    name: str, speech: Sequence[Speech], estimates: Sequence[Prosody], streams: tuple[str, ...]
) -> Result:
    errors = [_errors(s, e) for s, e in zip(speech, estimates, strict=True)]
    return Result(name, "floors", streams, errors)


def _errors(utterance: Speech, estimate: Prosody) -> ProsodyErrors:
    return prosody_errors(utterance.truth, estimate, utterance.second)
