"""A small GPT trained on sequences: its loss falls, and its constrained output is valid."""

import numpy as np
import pytest
import torch

from prosodytok.sequences import InterleavedStream, ProsodyVocabulary
from prosodytok.types.register import Register
from tests.sequences.strategies import make_tokens
from tests.sequences.test_interleaved import hugging_face_tokenizer

transformers = pytest.importorskip("transformers")
WORDS = ("never", "", "mind")
STEPS = 30


@pytest.fixture(scope="module")
def stream():
    return InterleavedStream(ProsodyVocabulary.of(make_tokens()), hugging_face_tokenizer())


@pytest.fixture(scope="module")
def trained(stream):
    """The model, and its losses by step."""
    torch.manual_seed(0)
    size = len(stream.tokenizer)
    config = transformers.GPT2Config(
        vocab_size=size, n_positions=256, n_embd=48, n_layer=2, n_head=2,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = transformers.GPT2LMHeadModel(config)
    lengths = np.random.default_rng(0).integers(9, 40, size=(16, 3))
    utterances = [make_tokens((0, *map(int, np.cumsum(row))), WORDS, (0, int(row.sum())))
                  for row in lengths]  # fmt: skip
    ids = [torch.tensor(stream.to_ids(tokens)) for tokens in utterances]
    pad = int(stream.ids[stream.vocabulary.pad_id])
    batch = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=pad)
    labels = batch.where(batch != pad, -100)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    losses = []
    for _ in range(STEPS):
        loss = model(input_ids=batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model.eval(), losses


def test_the_loss_falls(trained):
    _, losses = trained
    assert losses[0] > 5.5  # near the logarithm of 526 tokens
    assert losses[-1] < 1.5


@torch.inference_mode()
def test_held_to_the_grammar_it_writes_a_stream(trained, stream):
    model, _ = trained
    reader, ids = stream.reader(), []
    while not reader.sequence.finished and len(ids) < 250:
        context = torch.tensor([ids or [int(stream.ids[stream.vocabulary.start_id])]])
        logits = model(input_ids=context).logits[0, -1]
        allowed = torch.from_numpy(stream.mask(reader, logits.numel()))
        ids.append(int(logits.where(allowed, -torch.inf).argmax()))
        stream.push(reader, ids[-1])
    tokens = stream.from_ids(ids, Register())
    assert tokens.names == ("phrase", "word", "frame")
    assert "never" in tokens["word"].segmentation.labels
    assert stream.to_ids(tokens) == ids
