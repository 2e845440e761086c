"""The way from an utterance to the network is short."""

import inspect

import numpy as np

from prosodytok.tokenizer import ProsodyTokenizer
from tests.nn.examples import random_example


def test_at_most_seven_calls_of_ours_lie_between_encode_and_the_first_layer(
    tokenizer: ProsodyTokenizer,
) -> None:
    calls: list[str] = []

    def record(*_: object) -> None:
        if not calls:
            names = [(f.frame.f_globals.get("__name__", ""), f.function) for f in inspect.stack()]
            calls.extend(function for name, function in names if name.startswith("prosodytok."))

    example = random_example(np.random.default_rng(1), 200)
    hook = tokenizer.network.encoder.input.register_forward_pre_hook(record)
    try:
        tokenizer.encode(example.prosody, example.hierarchy, register=example.register)
    finally:
        hook.remove()
    assert calls[-1] == "encode"
    assert len(calls) <= 7, calls
