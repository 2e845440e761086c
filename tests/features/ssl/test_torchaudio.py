"""Encoders from bundles of torchaudio, with a tiny one of random weights.

torchaudio is not installed in the environment: beside a CPU build of torch it breaks the import of
transformers. `make test` puts it into a folder of its own.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch

from prosodytok.features import TorchaudioSSL, load_ssl
from prosodytok.features.ssl.torchaudio_import import import_torchaudio
from prosodytok.types.errors import CheckpointError, ConfigError
from tests import synth

APART = Path(sys.prefix) / "torchaudio"
SOUND = synth.modulated(synth.harmonics(synth.glide(100, 200), seconds=0.73))


@pytest.fixture(scope="module")
def torchaudio():
    with pytest.MonkeyPatch.context() as patch:
        if APART.is_dir():
            patch.syspath_prepend(APART)
        elif not find_spec("torchaudio"):
            pytest.skip(f"torchaudio is neither installed nor in {APART}")
        yield import_torchaudio()
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]


@pytest.fixture
def tiny_bundle(torchaudio, tmp_path, monkeypatch):
    """A bundle TINY of random weights, added to torchaudio and the folder of torch.hub."""
    params = dict(torchaudio.pipelines.WAV2VEC2_BASE._params)
    params |= {"encoder_embed_dim": 16, "encoder_num_layers": 2, "encoder_num_heads": 2}
    params |= {"encoder_ff_interm_features": 16, "encoder_pos_conv_kernel": 8}
    layers = [(8, 10, 5), *[(8, 3, 2)] * 4, *[(8, 2, 2)] * 2]
    params |= {"encoder_pos_conv_groups": 2, "extractor_conv_layer_config": layers}
    bundle = torchaudio.pipelines.Wav2Vec2Bundle("tiny.pth", params, 16_000, False, "Wav2Vec2")
    monkeypatch.setattr(torchaudio.pipelines, "TINY", bundle, raising=False)
    torch.hub.set_dir(str(tmp_path))
    torch.manual_seed(0)
    weights = tmp_path / "checkpoints" / "tiny.pth"
    weights.parent.mkdir()
    torch.save(torchaudio.models.wav2vec2_model(**params).state_dict(), weights)
    yield weights
    torch.hub._hub_dir = None


@pytest.mark.usefixtures("tiny_bundle")
def test_bundle():
    encoder = load_ssl("torchaudio:TINY")
    assert isinstance(encoder, TorchaudioSSL)
    assert (encoder.name, encoder.frame_rate, encoder.dim) == ("TINY", 50, 16)
    embeddings = encoder(SOUND)
    assert embeddings.shape == (37, 16)
    assert not np.allclose(TorchaudioSSL("TINY", 1)(SOUND), embeddings)
    np.testing.assert_array_equal(TorchaudioSSL("TINY", 2)(SOUND), embeddings)


def test_unreachable_weights(tiny_bundle, monkeypatch):
    def download(*_arguments, **_options):
        raise URLError("no route to host")

    tiny_bundle.unlink()
    monkeypatch.setattr("torch.hub.download_url_to_file", download)
    with pytest.raises(CheckpointError, match=r"models/tiny\.pth and put it into") as caught:
        TorchaudioSSL("TINY")
    assert str(tiny_bundle.parent) in str(caught.value)


@pytest.mark.usefixtures("torchaudio")
def test_unknown_bundle():
    with pytest.raises(ConfigError, match=r"no bundle 'NONE'.*HUBERT_BASE"):
        TorchaudioSSL("NONE")


@pytest.mark.usefixtures("tiny_bundle")
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_in_any_program(device):
    with torch.device(device):
        encoder = load_ssl("torchaudio:TINY")
    with torch.device(device), torch.autocast("cpu", dtype=torch.bfloat16):
        embeddings = encoder(SOUND)
    np.testing.assert_array_equal(embeddings, encoder(SOUND))


@pytest.mark.usefixtures("tiny_bundle")
def test_other_default_dtypes_are_refused(monkeypatch):
    monkeypatch.setattr(torch, "get_default_dtype", lambda: torch.float64)
    with pytest.raises(ConfigError, match="default dtype"):
        TorchaudioSSL("TINY")


def test_the_bundles_of_the_real_one(torchaudio):
    assert torchaudio.pipelines.HUBERT_BASE.sample_rate == 16_000
