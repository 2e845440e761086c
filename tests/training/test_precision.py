from pathlib import Path

import numpy as np
import pytest
import torch
from lightning import Callback

from prosodytok import ProsodyTokenizer
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch
from prosodytok.training import train
from prosodytok.types.errors import ConfigError
from tests.nn.examples import random_example
from tests.training.corpus import make_corpus
from tests.training.tiny import LEVELS, MODEL, QUIET_LIGHTNING, write_config

pytestmark = [pytest.mark.slow, *QUIET_LIGHTNING]


def test_training_in_bfloat16_ends_in_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prosodytok.training.trainer.ValidationFigures", lambda _: Callback())
    corpus = make_corpus(tmp_path / "speech", 6)
    folder = train(write_config(tmp_path, corpus, None, {"precision": "bf16-mixed"}))
    tokenizer = ProsodyTokenizer.from_pretrained(folder)
    prosody = tokenizer.extract(corpus.parent / "speaker0/u0.wav")
    assert tokenizer.decode(tokenizer.encode(prosody)).num_frames == prosody.num_frames


@pytest.mark.parametrize("cosines", [0, 4])
def test_quantizers_stay_in_single_precision(cosines: int) -> None:
    """In bfloat16, embeddings would be wrong by some thousandths."""
    levels = [LEVELS[0], LEVELS[1] | {"cosines": cosines}, LEVELS[2]]
    torch.manual_seed(0)
    network = ProsodyNetwork(ModelConfig.model_validate(MODEL | {"levels": levels}))
    for quantizer in (network.quantizer(name) for name in ("phrase", "word", "frame")):
        for book in quantizer.codebooks:
            torch.nn.init.normal_(book)
        for buffer in quantizer.buffers():
            if buffer.dtype == torch.bool:
                buffer.fill_(True)  # already initialized: no k-means
    rng = np.random.default_rng(0)
    batch = make_batch([random_example(rng, 300) for _ in range(4)], 8)
    network.eval()
    with torch.autocast("cpu", torch.bfloat16):
        encoded = network.encode(batch)
        features = network.encoder.input(torch.cat([batch.frames, batch.layout.places], -1))
    assert features.dtype == torch.bfloat16
    for name, embeddings in encoded.embeddings.items():
        exact = network.quantizer(name).embed(encoded.codes[name])
        torch.testing.assert_close(embeddings, exact, rtol=1e-6, atol=1e-6)


def test_a_precision_or_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "speech", 1)
    with pytest.raises(ConfigError, match=r"precision|config\.yaml"):
        train(write_config(tmp_path, corpus, None, {"precision": "8"}))
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="accelerator gpu"):
            train(write_config(tmp_path, corpus, None, {"accelerator": "gpu"}))
