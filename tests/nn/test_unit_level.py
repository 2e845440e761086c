"""Levels of units in their own time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from prosodytok.nn.batch import Example
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Hierarchy, Segmentation
from tests.nn.examples import own_time_network, random_prosody

EDGES = [0, 40, 100, 160, 200, 260, 330, 400]
PAUSES = np.array([True, False, False, True, False, False, True])


@pytest.fixture(scope="module")
def network() -> ProsodyNetwork:
    return own_time_network()


def example(start: int = 0, end: int = 400) -> Example:
    """A part of one utterance, in the register of the whole."""
    prosody = random_prosody(np.random.default_rng(3), 400)
    edges = np.unique(np.clip(EDGES, start, end))
    kept = np.isin(EDGES[:-1], [*edges[1:-1], EDGES[np.searchsorted(EDGES, start, "right") - 1]])
    words = Segmentation.unlabelled(edges - start)
    first = int(np.searchsorted(edges, 200)) if start < 200 < end else 0
    hierarchy = Hierarchy.from_words(words, [0, first], "acoustic", PAUSES[kept])
    return Example(prosody.part(slice(start, end)), hierarchy, Register.estimate(prosody))


def codes(network: ProsodyNetwork, *examples: Example) -> dict[str, np.ndarray]:
    with network.inference():
        found = network.encode(make_batch(examples, 8)).codes
    return {name: own.numpy() for name, own in found.items()}


def test_pauses_have_code_0_and_words_have_not(network: ProsodyNetwork) -> None:
    found = codes(network, example())["word"]
    assert ((found[:, 0] == 0) == PAUSES).all()
    assert (found[PAUSES] == 0).all()


@pytest.mark.parametrize("start", [1, 3, 8])
def test_codes_do_not_depend_on_the_start_of_the_file(network: ProsodyNetwork, start: int) -> None:
    whole, part = codes(network, example()), codes(network, example(start))
    for level in ("phrase", "word"):
        np.testing.assert_array_equal(part[level], whole[level])


def test_silence_after_the_speech_changes_no_code(network: ProsodyNetwork) -> None:
    whole, part = codes(network, example()), codes(network, example(end=370))
    for level in ("phrase", "word"):
        np.testing.assert_array_equal(part[level], whole[level])


def test_codes_of_a_batch_are_those_of_single_utterances(network: ProsodyNetwork) -> None:
    one, other = example(), example(40)
    both = codes(network, one, other)
    for level in ("phrase", "word", "frame"):
        single = [codes(network, e)[level] for e in (one, other)]
        np.testing.assert_array_equal(both[level], np.concatenate(single))


def test_the_decoder_has_no_gradient_into_fitted_codes(network: ProsodyNetwork) -> None:
    encoded = network.encode(make_batch([example()], 8))
    assert not encoded.commitment["word"].requires_grad
    level = network.encoder.levels["word"]
    assert not any(p.requires_grad for p in level.encoder.parameters())
    assert level.quantizer.out.weight.requires_grad


def test_embeddings_of_pauses_are_one(network: ProsodyNetwork) -> None:
    quantizer = network.quantizer("word")
    vectors = quantizer.embed(torch.tensor([[0, 0], [0, 5], [1, 5]]))
    torch.testing.assert_close(vectors[0], vectors[1])
    assert not torch.equal(vectors[1], vectors[2])


def test_all_units_may_be_pauses(network: ProsodyNetwork) -> None:
    silent = example()
    hierarchy = replace(silent.hierarchy, pauses=np.ones(7, dtype=bool))
    assert not codes(network, replace(silent, hierarchy=hierarchy))["word"].any()
