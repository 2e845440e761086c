import numpy as np
import pytest
import torch

from prosodytok.lm import LMNetwork, LMUtterance, collate_sequences, field_bits
from prosodytok.lm.network import StageBatch
from prosodytok.lm.stage_sequences import stage_sequence, stage_specs
from tests.lm.toy import CONFIG, toy_utterance

UTTERANCES = [toy_utterance(seed) for seed in range(12)]


def stage_batch(name: str, utterances: list[LMUtterance]) -> tuple[StageBatch, torch.Tensor]:
    sequences = [stage_sequence(name, utterance, CONFIG) for utterance in utterances]
    words, voices = [u.words for u in utterances], torch.zeros(len(utterances), 4)
    return collate_sequences(sequences, words, voices, CONFIG.alphabet)


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_shapes(name: str) -> None:
    inputs, fields = stage_batch(name, UTTERANCES)
    logits = LMNetwork(CONFIG)[name](inputs, fields)
    sizes = list(stage_specs(CONFIG)[name].fields.values())
    assert [tuple(x.shape) for x in logits] == [(*fields.shape[:2], size) for size in sizes]
    bits = field_bits(logits, fields)
    assert bits.shape == fields.shape
    assert (bits[fields < 0] == 0).all()


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_padding_changes_nothing_and_the_future_is_not_seen(name: str) -> None:
    stage = LMNetwork(CONFIG)[name].eval()
    inputs, fields = stage_batch(name, UTTERANCES)
    together = stage(inputs, fields)
    alone_inputs, alone = stage_batch(name, UTTERANCES[:1])
    count = alone.shape[1]
    changed = alone.clone()
    changed[:, count // 2 :] = 0
    for field, full in enumerate(stage(alone_inputs, alone)):
        assert torch.allclose(full[0], together[field][0, :count], atol=1e-5)
        other = stage(alone_inputs, changed)[field]
        assert torch.allclose(full[:, : count // 2], other[:, : count // 2], atol=1e-5)


def test_letters_are_encoded_in_their_word_alone() -> None:
    stage = LMNetwork(CONFIG)["word"].eval()
    inputs, _ = stage_batch("word", UTTERANCES[:1])
    x = stage._encode_letters(inputs.spelling)
    first = slice(0, int(inputs.lengths[:2].sum()))
    assert torch.allclose(stage._encode_letters(inputs.spelling[first]), x[first], atol=1e-6)


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_it_learns_what_a_unigram_cannot(name: str) -> None:
    torch.manual_seed(0)
    stage = LMNetwork(CONFIG)[name].train()
    optimizer = torch.optim.Adam(stage.parameters(), lr=1e-2)
    inputs, fields = stage_batch(name, UTTERANCES)
    present = fields >= 0
    for _ in range(60):
        bits = field_bits(stage(inputs, fields), fields).sum((0, 1)) / present.sum((0, 1))
        optimizer.zero_grad()
        bits.sum().backward()
        optimizer.step()
    counts = [np.bincount(fields[..., k][present[..., k]]) for k in range(fields.shape[-1])]
    shares = [c[c > 0] / c.sum() for c in counts]
    unigram = torch.tensor([-(share * np.log2(share)).sum() for share in shares])
    assert (bits.detach() < 0.5 * unigram).all()
