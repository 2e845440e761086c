import numpy as np
import pytest
import torch

from prosodytok.lm import LMNetwork, Script, batch_of, field_bits
from prosodytok.lm.items import kinds
from prosodytok.lm.model import ITEMS
from prosodytok.lm.network import Told
from tests.lm.toy import CONFIG, toy_script

SCRIPTS = [toy_script(seed) for seed in range(12)]


def batch(name: str, scripts: list[Script]) -> tuple[Told, torch.Tensor]:
    items = [ITEMS[name](script, CONFIG) for script in scripts]
    return batch_of(
        items, [s.words for s in scripts], torch.zeros(len(scripts), 4), CONFIG.alphabet
    )


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_shapes(name: str) -> None:
    told, fields = batch(name, SCRIPTS)
    logits = LMNetwork(CONFIG)[name](told, fields)
    sizes = list(kinds(CONFIG)[name].fields.values())
    assert [tuple(x.shape) for x in logits] == [(*fields.shape[:2], size) for size in sizes]
    bits = field_bits(logits, fields)
    assert bits.shape == fields.shape
    assert (bits[fields < 0] == 0).all()


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_padding_changes_nothing_and_the_future_is_not_seen(name: str) -> None:
    stage = LMNetwork(CONFIG)[name].eval()
    told, fields = batch(name, SCRIPTS)
    together = stage(told, fields)
    alone_told, alone = batch(name, SCRIPTS[:1])
    count = alone.shape[1]
    changed = alone.clone()
    changed[:, count // 2 :] = 0
    for field, full in enumerate(stage(alone_told, alone)):
        assert torch.allclose(full[0], together[field][0, :count], atol=1e-5)
        other = stage(alone_told, changed)[field]
        assert torch.allclose(full[:, : count // 2], other[:, : count // 2], atol=1e-5)


def test_words_do_not_read_each_other() -> None:
    stage = LMNetwork(CONFIG)["word"].eval()
    told, _ = batch("word", SCRIPTS[:1])
    x = stage._read(told.spelling)
    first = slice(0, int(told.lengths[:2].sum()))
    assert torch.allclose(stage._read(told.spelling[first]), x[first], atol=1e-6)


@pytest.mark.parametrize("name", ["phrase", "word", "frame"])
def test_it_learns_what_a_unigram_cannot(name: str) -> None:
    torch.manual_seed(0)
    stage = LMNetwork(CONFIG)[name].train()
    optimizer = torch.optim.Adam(stage.parameters(), lr=1e-2)
    told, fields = batch(name, SCRIPTS)
    said = fields >= 0
    for _ in range(60):
        bits = field_bits(stage(told, fields), fields).sum((0, 1)) / said.sum((0, 1))
        optimizer.zero_grad()
        bits.sum().backward()
        optimizer.step()
    counts = [np.bincount(fields[..., k][said[..., k]]) for k in range(fields.shape[-1])]
    shares = [c[c > 0] / c.sum() for c in counts]
    unigram = torch.tensor([-(share * np.log2(share)).sum() for share in shares])
    assert (bits.detach() < 0.5 * unigram).all()
