"""Bits per token of the language model and of n-grams, on dev.

    python recipes/lm/bits_per_token.py SPEECH .cache/lm runs/lm/model

The utterances held out of training (see train.py) determine the weights of the informed mixture.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
from ngrams import ORDERS, Mixture, Ngrams, Token, tokens_of
from train import HELD_OUT, read_scripts

from prosodytok import read_tokens
from prosodytok.evaluation import Interval, bootstrap
from prosodytok.evaluation.markdown import format_interval
from prosodytok.io.manifest import read_manifest
from prosodytok.lm import LMConfig, LMUtterance, ProsodyLM, load_lm
from prosodytok.lm.stage_sequences import stage_specs

LM, MIXTURE = "language model", "informed mixture"
NAMES = ("unigram", "bigram", "trigram", "4-gram", "5-gram")
assert len(NAMES) == ORDERS


def ngram_bits(
    stage: str, train: list[LMUtterance], dev: list[LMUtterance], config: LMConfig
) -> dict[str, list[np.ndarray]]:
    """Bits of each token of each dev utterance under each n-gram model."""
    streams = [tokens_of(stage, script, config) for script in train]
    fit = [x for i, stream in enumerate(streams) if i % HELD_OUT for x in stream]
    held_out = [x for stream in streams[::HELD_OUT] for x in stream]
    dev_streams = [tokens_of(stage, script, config) for script in dev]
    flat: list[Token] = [x for stream in dev_streams for x in stream]
    ends = np.cumsum([len(stream) for stream in dev_streams])[:-1]
    by_model = {MIXTURE: Mixture(fit, held_out).predict(flat)}
    for smoothing in ("witten-bell", "kneser-ney"):
        by_order = Ngrams(fit, smoothing).predict(flat).T
        by_model |= {f"{name}, {smoothing}": x for name, x in zip(NAMES, by_order, strict=True)}
    return {name: np.split(-np.log2(x), ends) for name, x in by_model.items()}


def lm_bits(lm: ProsodyLM, tokens: list, scripts: list[LMUtterance]) -> dict[str, list[np.ndarray]]:
    """Bits of each token of each utterance under the language model, by stage."""
    bits: dict[str, list[np.ndarray]] = {name: [] for name in stage_specs(lm.config)}
    for utterance, script in zip(tokens, scripts, strict=True):
        for name, values in lm.bits(utterance, script.language).items():
            bits[name].append(values[~np.isnan(values)])
    return bits


def per_token(bits: list[np.ndarray], groups: list[str | None]) -> Interval:
    """Bits per token with an interval."""
    sums = [[x.sum(), x.size] for x in bits]
    return bootstrap(sums, groups, lambda s: {"x": s[:, 0] / s[:, 1]})["x"]


def saved(
    bits: list[np.ndarray], reference: list[np.ndarray], groups: list[str | None]
) -> Interval:
    """Saved share of the reference's bits in per cent, with an interval."""
    sums = [[a.sum(), b.sum()] for a, b in zip(bits, reference, strict=True)]
    return bootstrap(sums, groups, lambda s: {"x": 100 * (1 - s[:, 0] / s[:, 1])})["x"]


def joined(stages: dict[str, list[np.ndarray]]) -> list[np.ndarray]:
    """Bits of all stages, by utterance."""
    return [np.concatenate(parts) for parts in zip(*stages.values(), strict=True)]


show = partial(format_interval, digits=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("model", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    config = load_lm(options.model).config
    tokens = {part: read_tokens(options.prepared / f"{part}.jsonl") for part in ("train", "dev")}
    train, dev = (read_scripts(options.speech / f"{x}.jsonl", tokens[x]) for x in tokens)
    by_model: dict[str, dict[str, list[np.ndarray]]] = {}
    for stage in stage_specs(config):
        for name, bits in ngram_bits(stage, train, dev, config).items():
            by_model.setdefault(name, {})[stage] = bits
    lm = ProsodyLM.from_pretrained(options.model)
    by_model[LM] = lm_bits(lm, tokens["dev"], dev)
    report(by_model, [t.id for t in tokens["dev"]], options.speech, train, dev)


def report(by_model: dict, ids: list[str], speech: Path, train: list, dev: list) -> None:
    """Print the tables of RESULTS.md."""
    by_model = {name: stages | {"all": joined(stages)} for name, stages in by_model.items()}
    by_utterance: list[str | None] = [None] * len(ids)
    stages = list(by_model[LM])
    print("tokens", {name: sum(x.size for x in by_model[LM][name]) for name in stages})
    print("| |", " | ".join(stages), "|")
    for name, bits in by_model.items():
        row = (show(per_token(bits[x], by_utterance)) for x in stages)
        print("|", name, "|", " | ".join(row), "|")
    plain = [name for name in by_model if name not in (LM, MIXTURE)]
    speakers = {u.id: u.speaker for u in read_manifest(speech / "dev.jsonl")}
    train_texts = {s.words for s in train}
    new = [i for i, s in enumerate(dev) if s.words not in train_texts]
    for stage in stages:
        best = min(plain, key=lambda name: per_token(by_model[name][stage], by_utterance).value)
        for against in (best, MIXTURE):
            pair = by_model[LM][stage], by_model[against][stage]
            new_pair = [[bits[i] for i in new] for bits in pair]
            print(
                f"{stage}: saved of {against}: {show(saved(*pair, by_utterance), digits=1)} %, "
                f"over speakers {show(saved(*pair, [speakers[i] for i in ids]), digits=1)}, "
                f"{len(new)} utterances with texts not in train "
                f"{show(saved(*new_pair, by_utterance[: len(new)]), digits=1)}"
            )


if __name__ == "__main__":
    main()
