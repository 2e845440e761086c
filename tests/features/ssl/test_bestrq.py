"""The BEST-RQ encoder: bundled and saved weights, and its network."""

import json

import numpy as np
import pytest
import torch

from prosodytok.features import load_ssl
from prosodytok.features.ssl.bestrq import (
    BUNDLED,
    BestRQEncoder,
    encode_blocks,
    save_encoder,
)
from prosodytok.features.ssl.bestrq_network import BestRQConfig, BestRQNetwork
from prosodytok.types.audio import Audio
from prosodytok.types.errors import CheckpointError, ConfigError
from tests import synth

SOUND = synth.modulated(synth.harmonics(synth.glide(100, 200), seconds=1.2))
TINY = BestRQConfig(dim=8, kernel=3, dilations=(1, 2), expansion=2, outputs=(1, 2))


@pytest.fixture(scope="module")
def encoder():
    return load_ssl("bestrq")


@pytest.fixture
def network():
    torch.manual_seed(0)
    return BestRQNetwork(TINY).eval().requires_grad_(False)


def test_the_bundled_encoder(encoder):
    assert (encoder.name, encoder.frame_rate) == ("bestrq", 25.0)
    embeddings = encoder(SOUND)
    assert embeddings.shape == (30, encoder.dim)
    assert embeddings.dtype == np.float32
    assert np.isfinite(embeddings).all()
    np.testing.assert_array_equal(encoder(SOUND), embeddings)
    np.testing.assert_array_equal(BestRQEncoder()(SOUND), embeddings)


def test_the_bundled_weights_are_small():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 6e6
    assert (BUNDLED / "MODEL_CARD.md").is_file()


def test_embeddings_do_not_depend_on_the_level(encoder):
    quiet = Audio(SOUND.samples * 10 ** (-40 / 20), 16_000)
    np.testing.assert_allclose(encoder(quiet), encoder(SOUND), atol=5e-3)


@pytest.mark.shared_data
def test_bundled_embeddings_are_standardised_on_speech(encoder, shared_data):
    from prosodytok.io.manifest import read_manifest
    from prosodytok.io.sound import load

    chosen = read_manifest(shared_data / "speech/dev.jsonl")[::40]
    frames = np.concatenate([encoder(load(utterance.audio)) for utterance in chosen])
    assert np.abs(frames.mean(axis=0)).mean() < 0.3
    assert 0.7 < frames.std(axis=0).mean() < 1.3


@pytest.mark.parametrize("num_samples", [1, 319, 320, 960, 3200, 16_001])
def test_number_of_embeddings(encoder, num_samples):
    embeddings = encoder(synth.noise(num_samples / 16_000))
    assert len(embeddings) == max(1, int(num_samples / 640 + 0.5))
    assert np.isfinite(embeddings).all()


@pytest.mark.parametrize("sound", [synth.silence(0.5), synth.clipped(SOUND), synth.creak()])
def test_sounds_without_clear_speech(encoder, sound):
    assert np.isfinite(encoder(sound)).all()


@pytest.mark.parametrize("sample_rate", [8000, 22_050, 48_000])
def test_any_sample_rate(encoder, sample_rate):
    sound = synth.harmonics(synth.constant(150), 0.8, sample_rate)
    assert encoder(sound).shape == (20, encoder.dim)


@pytest.mark.parametrize("frame", [10, 25, 37])
def test_embeddings_are_local(encoder, frame):
    before = synth.harmonics(synth.constant(150), 2.0)
    samples = before.samples.copy()
    samples[frame * 640 : (frame + 1) * 640] = synth.noise(0.04).samples
    change = np.linalg.norm(encoder(Audio(samples, 16_000)) - encoder(before), axis=1)
    # The receptive field of half of the embedding is 100 ms, so the adjacent frames change too.
    moved = np.flatnonzero(change > change.max() / 2)
    np.testing.assert_array_equal(moved, [frame - 1, frame, frame + 1])


def test_embeddings_do_not_depend_on_windows(network):
    mel = np.random.default_rng(0).standard_normal((4 * 53, 80), dtype=np.float32)
    whole = encode_blocks(network, mel)
    assert whole.shape == (53, 16)
    for window_frames in (1, 10, 26, 52):
        windows = encode_blocks(network, mel, window_frames)
        np.testing.assert_allclose(windows, whole, atol=1e-5)


def test_context_is_the_receptive_field(network):
    mel = torch.zeros(1, 4 * 41, 80, requires_grad=True)
    network.requires_grad_(True)
    network.embed(mel)[0, 20].square().sum().backward()
    used = mel.grad[0].abs().sum(dim=1).reshape(41, 4).sum(dim=1).nonzero().flatten()
    assert (used.min(), used.max()) == (20 - network.context, 20 + network.context)


def test_standardize(network):
    generator = torch.Generator().manual_seed(0)
    mels = [torch.randn(2, 80, 80, generator=generator) for _ in range(3)]
    network.standardize(mels)
    frames = torch.cat([network.embed(mel).flatten(0, 1) for mel in mels])
    torch.testing.assert_close(frames.mean(dim=0), torch.zeros(16), atol=1e-5, rtol=0)
    torch.testing.assert_close(frames.std(dim=0), torch.ones(16), atol=1e-4, rtol=0)


def test_an_encoder_from_a_folder(network, tmp_path):
    save_encoder(network, tmp_path / "mine")
    encoder = load_ssl(f"bestrq:{tmp_path / 'mine'}")
    assert (encoder.name, encoder.dim) == (f"bestrq:{tmp_path / 'mine'}", 16)
    assert encoder(SOUND).shape == (30, 16)


def test_a_folder_without_files(tmp_path):
    with pytest.raises(
        CheckpointError, match=r"no config\.json and no model\.safetensors; recipes"
    ):
        load_ssl(f"bestrq:{tmp_path}")


def test_no_folder():
    with pytest.raises(ConfigError, match="names no folder"):
        load_ssl("bestrq:")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b"damaged"),
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b'{"format": 1}'),
        ("config.json", json.dumps({"format": 1, "model": {"dim": 7}}).encode()),
        ("config.json", json.dumps({"format": 1, "model": {"heads": 2}}).encode()),
    ],
)
def test_damaged_files(network, tmp_path, file, content):
    save_encoder(network, tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(CheckpointError, match="not a whole BEST-RQ encoder"):
        load_ssl(f"bestrq:{tmp_path}")


def test_another_version(network, tmp_path):
    save_encoder(network, tmp_path)
    (tmp_path / "config.json").write_text('{"format": 99, "model": {}}', encoding="utf-8")
    with pytest.raises(CheckpointError, match="format 99, and this prosodytok reads 1"):
        load_ssl(f"bestrq:{tmp_path}")


@pytest.mark.parametrize("outputs", [(), (3,), (-1,)])
def test_invalid_outputs(outputs):
    with pytest.raises(ValueError, match="outputs"):
        BestRQConfig(dilations=(1, 2), outputs=outputs)
