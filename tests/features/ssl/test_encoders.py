"""Self-supervised encoders, with tiny models of random weights saved to disk."""

from importlib.util import find_spec

import numpy as np
import pytest

from prosodytok.features import HuggingFaceSSL, align_frames, load_ssl
from prosodytok.features.ssl import encoders as ssl_module
from prosodytok.types.errors import CheckpointError, ConfigError
from tests import synth

needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed"
)

SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
CONVOLUTIONS = {
    "conv_dim": (8,) * 7,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
}
SOUND = synth.modulated(synth.harmonics(synth.glide(100, 200), seconds=0.73))


def save_hugging_face(folder, kind):
    import torch

    transformers = ssl_module._import_transformers()
    torch.manual_seed(0)
    if kind == "Wav2Vec2Bert":
        preprocess = transformers.SeamlessM4TFeatureExtractor()
        shape = {"feature_projection_input_dim": 160}
    else:
        preprocess, shape = transformers.Wav2Vec2FeatureExtractor(), CONVOLUTIONS
    preprocess.save_pretrained(folder)
    config = getattr(transformers, f"{kind}Config")(**SMALL, **shape)
    getattr(transformers, f"{kind}Model")(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def wav2vec2(tmp_path_factory):
    return save_hugging_face(tmp_path_factory.mktemp("wav2vec2"), "Wav2Vec2")


@pytest.mark.slow
@needs_transformers
@pytest.mark.parametrize("kind", ["Wav2Vec2", "Hubert", "WavLM", "Wav2Vec2Bert"])
def test_hugging_face_models(tmp_path, kind):
    encoder = HuggingFaceSSL(save_hugging_face(tmp_path, kind))
    assert (encoder.frame_rate, encoder.dim) == (50, 16)
    assert encoder.name == str(tmp_path)
    embeddings = encoder(SOUND)
    assert embeddings.shape == (37, 16)
    assert embeddings.dtype == np.float32
    assert np.isfinite(embeddings).all()
    np.testing.assert_array_equal(encoder(SOUND), embeddings)


@needs_transformers
def test_layers(wav2vec2):
    first, second = HuggingFaceSSL(wav2vec2, 1)(SOUND), HuggingFaceSSL(wav2vec2, 2)(SOUND)
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(HuggingFaceSSL(wav2vec2)(SOUND), second)
    np.testing.assert_array_equal(HuggingFaceSSL(wav2vec2, -2)(SOUND), first)
    np.testing.assert_array_equal(load_ssl(f"{wav2vec2}@1")(SOUND), first)
    for layer in (0, 3, -3):
        with pytest.raises(ConfigError, match="layers 1 to 2"):
            HuggingFaceSSL(wav2vec2, layer)


@needs_transformers
@pytest.mark.parametrize("num_samples", [1, 100, 319, 320, 480, 3200, 16_001])
def test_number_of_embeddings(wav2vec2, num_samples):
    embeddings = HuggingFaceSSL(wav2vec2)(synth.noise(num_samples / 16_000))
    assert len(embeddings) == max(1, int(num_samples / 320 + 0.5))


@needs_transformers
def test_any_sample_rate(wav2vec2):
    sound = synth.harmonics(synth.constant(150), 0.5, 44_100)
    assert HuggingFaceSSL(wav2vec2)(sound).shape == (25, 16)


@needs_transformers
def test_long_sounds_are_encoded_in_blocks(wav2vec2, monkeypatch):
    encoder = HuggingFaceSSL(wav2vec2)
    monkeypatch.setattr(ssl_module, "BLOCK_FRAMES", 10)
    sound = synth.noise(0.5)
    blocks = encoder(sound)
    assert blocks.shape == (25, 16)
    # The first block depends on its own part and the 40 samples that its last window adds.
    padded = np.pad(sound.samples, (40, 0))[: 10 * 320 + 80]
    np.testing.assert_allclose(blocks[:10], encoder._embed(padded), atol=1e-5)


@needs_transformers
def test_unreachable_hub(monkeypatch):
    def model_info(*_arguments, **_options):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("huggingface_hub.model_info", model_info)
    with pytest.raises(CheckpointError, match="hf download facebook/none --local-dir") as caught:
        HuggingFaceSSL("facebook/none")
    assert "no route to host" in str(caught.value)
    assert "cache" in str(caught.value)


@needs_transformers
def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(CheckpointError, match="not a model"):
        HuggingFaceSSL(tmp_path)


@needs_transformers
def test_damaged_weights(tmp_path):
    save_hugging_face(tmp_path, "Wav2Vec2")
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match="not a model"):
        HuggingFaceSSL(tmp_path)


def test_align_frames_interpolates_and_holds_the_ends():
    embeddings = np.array([[0.0], [10.0], [20.0]], dtype=np.float32)
    aligned = align_frames(embeddings, 50.0, 100.0, 7)
    np.testing.assert_allclose(aligned[:, 0], [0, 2.5, 7.5, 12.5, 17.5, 20, 20])
    assert aligned.dtype == np.float32


def test_align_frames_to_the_same_grid():
    embeddings = np.random.default_rng(0).standard_normal((9, 3)).astype(np.float32)
    np.testing.assert_allclose(align_frames(embeddings, 50.0, 50.0, 9), embeddings, atol=1e-6)


def test_align_frames_of_one():
    np.testing.assert_array_equal(
        align_frames(np.ones((1, 2), np.float32), 50, 12.5, 3), np.ones((3, 2))
    )
