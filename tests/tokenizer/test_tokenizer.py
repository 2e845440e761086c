from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from prosodytok.io import from_dict, to_dict
from prosodytok.nn.code_search import Search
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import channels, make_batch
from prosodytok.segmentation import segment_acoustic
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import LEVELS, Hierarchy, ProsodyTokens, Register, Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, SegmentationError, TokenError
from prosodytok.types.units import hz_to_semitones
from tests.nn.examples import random_example, random_prosody
from tests.synth import constant, harmonics, silence


@pytest.fixture
def tokens(tokenizer: ProsodyTokenizer) -> ProsodyTokens:
    return tokenizer.encode(random_prosody(np.random.default_rng(1), 433))


def test_levels_are_complete_and_cover_the_utterance(tokens: ProsodyTokens) -> None:
    assert tokens.names == LEVELS
    assert tokens["frame"].segmentation.durations.tolist() == [8] * 54 + [1]
    assert tokens.source == "acoustic"
    assert tokens.checkpoint == "tiny@00000000"


def test_encoding_is_deterministic(tokenizer: ProsodyTokenizer) -> None:
    prosody = random_prosody(np.random.default_rng(2), 300)
    assert to_dict(tokenizer.encode(prosody)) == to_dict(tokenizer.encode(prosody))


@pytest.mark.parametrize("search", [True, False])
def test_batch_size_does_not_change_the_codes(
    tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer, search: bool
) -> None:
    chosen = tokenizer if search else greedy
    rng = np.random.default_rng(3)
    examples = [random_example(rng, n) for n in (700, 33, 250, 8, 401, 64)]
    together = chosen.encode_batch(examples)
    for example, tokens in zip(examples, together, strict=True):
        (alone,) = chosen.encode_batch([example])
        assert to_dict(alone) == to_dict(tokens)


def test_decode_gives_every_subset_of_levels(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    subsets = [names for size in (1, 2, 3) for names in combinations(LEVELS, size)]
    contours = [tokenizer.decode(tokens, subset).f0 for subset in subsets]
    assert all(contour.size == tokens.num_frames for contour in contours)
    for one, first in enumerate(contours):
        assert all(not np.array_equal(first, other) for other in contours[one + 1 :])


def test_decoding_a_subset_ignores_other_levels(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    """Decoding levels equals decoding tokens that have only these levels."""
    for names in (("phrase",), ("word",), ("phrase", "word"), ("frame",)):
        alone = tokenizer.decode(tokens.select(names))
        np.testing.assert_array_equal(tokenizer.decode(tokens, names).f0, alone.f0)


def test_decode_from_the_record_alone_equals_in_process(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    direct, again = tokenizer.decode(tokens), tokenizer.decode(from_dict(to_dict(tokens)))
    np.testing.assert_array_equal(direct.f0, again.f0)
    np.testing.assert_array_equal(direct.voiced, again.voiced)
    np.testing.assert_array_equal(direct.energy, again.energy)


@pytest.mark.parametrize("levels", [None, ["phrase", "word"], ["frame"]])
def test_decoding_in_batches(
    tokenizer: ProsodyTokenizer, levels: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Padding changes nothing, and each utterance is in its own register."""
    rng = np.random.default_rng(8)
    prosodies = [random_prosody(rng, n) for n in (433, 1, 33, 250)]
    voices = [replace(p, f0=p.f0 * k) for k, p in enumerate(prosodies, 1)]
    monkeypatch.setattr("prosodytok.tokenizer.tokenizer.BATCH_FRAMES", 600)  # more than one batch
    utterances = [tokenizer.encode(voice) for voice in voices]
    together = tokenizer.decode_batch(utterances, levels)
    for tokens, prosody in zip(utterances, together, strict=True):
        alone = tokenizer.decode(tokens, levels)
        np.testing.assert_allclose(prosody.f0, alone.f0, rtol=1e-5)
        np.testing.assert_array_equal(prosody.voiced, alone.voiced)
        np.testing.assert_allclose(prosody.energy, alone.energy, atol=1e-4)


def test_tokens_of_another_tokenizer_fail_the_batch(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    with pytest.raises(TokenError, match="have other meanings"):
        tokenizer.decode_batch([tokens, replace(tokens, checkpoint="tiny@ffffffff")])


def test_tokens_of_another_frame_rate_are_refused(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    with pytest.raises(TokenError, match=r"50\.0 frames a second"):
        tokenizer.decode(replace(tokens, frame_rate=50.0))


def test_decoding_in_another_register(tokenizer: ProsodyTokenizer, tokens: ProsodyTokens) -> None:
    own = tokens.register
    other = replace(own, f0_median_hz=2 * own.f0_median_hz, energy_level_db=own.energy_level_db - 6)
    here, there = tokenizer.decode(tokens), tokenizer.decode(tokens, register=other)
    np.testing.assert_allclose(hz_to_semitones(there.f0 / here.f0, 1.0), 12.0, atol=1e-3)
    np.testing.assert_allclose(there.energy - here.energy, -6.0, atol=1e-3)
    np.testing.assert_array_equal(there.voiced, here.voiced)


def test_codes_do_not_depend_on_the_register(tokenizer: ProsodyTokenizer) -> None:
    """The same melody an octave higher and 10 dB louder has the same codes."""
    prosody = random_prosody(np.random.default_rng(4), 300)
    other = replace(prosody, f0=2 * prosody.f0, energy=prosody.energy + 8)
    one, two = tokenizer.encode(prosody), tokenizer.encode(other)
    same = [np.mean(one[n].codes == two[n].codes) for n in LEVELS]
    assert min(same) > 0.95  # rounding may change units between two codes


def test_retime_predicts_durations_from_codes(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    seconds = tokenizer.decode_durations(tokens)
    assert seconds.shape == (len(tokens["word"]),)
    retimed = tokenizer.retime(tokens)
    assert retimed.names == ("phrase", "word")
    np.testing.assert_allclose(
        retimed["word"].segmentation.durations / 100, np.maximum(seconds, 0.01), atol=0.0051
    )
    np.testing.assert_array_equal(retimed["word"].codes, tokens["word"].codes)
    assert tokenizer.decode(retimed).num_frames == retimed.num_frames


def test_output_has_one_shape(tokenizer: ProsodyTokenizer) -> None:
    prosody = random_prosody(np.random.default_rng(5), 200)
    output = tokenizer(prosody)
    assert output.prosody.num_frames == 200
    assert output.loss >= 0
    assert output.metrics["bitrate"] == pytest.approx(output.tokens.bitrate)


@pytest.mark.parametrize("name", ["base", "melody"])
@torch.inference_mode()
def test_all_tensors_move_to_the_device(name: str) -> None:
    """The meta device raises when combined with tensors on the CPU."""
    tokenizer = ProsodyTokenizer.from_pretrained(name)
    rng = np.random.default_rng(3)
    examples = [tokenizer.example(random_prosody(rng, n)) for n in (433, 250)]
    network, device = tokenizer.network.to("meta"), torch.device("meta")
    assert tokenizer.device == device
    batch = make_batch(examples, tokenizer.config.patch, device)
    codes = network.encode(batch, choose=Search(network, batch)).codes
    decoded = network.decode(codes, batch.layout)
    assert decoded.f0.device == device
    assert decoded.f0.shape == channels(batch)[0].shape


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_codes_on_a_gpu() -> None:
    tokenizer = ProsodyTokenizer.from_pretrained()
    prosody = random_prosody(np.random.default_rng(3), 433)
    here, decoded = tokenizer.encode(prosody), tokenizer.decode(tokenizer.encode(prosody))
    there = tokenizer.to("cuda").encode(prosody)
    for name in here.names:
        assert (here[name].codes == there[name].codes).mean() > 0.99
    np.testing.assert_allclose(tokenizer.decode(here).f0, decoded.f0, rtol=1e-3)


def test_tokens_of_other_weights_are_refused(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    with pytest.raises(TokenError, match=r"tiny@ffffffff.*have other meanings"):
        tokenizer.decode(replace(tokens, checkpoint="tiny@ffffffff"))


def test_codebooks(tokenizer: ProsodyTokenizer) -> None:
    for config in tokenizer.config.levels:
        for index, size in enumerate(config.codebook_sizes):
            vectors = tokenizer.codebook(config.name, index)
            assert vectors.shape == (size, config.codebook_dim)
            vectors[:] = np.nan  # a copy, which leaves the tokenizer unchanged
            assert np.isfinite(tokenizer.codebook(config.name, index)).all()
    for level, index in (("syllable", 0), ("word", 9), ("word", -1)):
        with pytest.raises(TokenError, match="no codebook"):
            tokenizer.codebook(level, index)


def test_tokens_with_other_codebooks_are_refused(
    tokenizer: ProsodyTokenizer, tokens: ProsodyTokens
) -> None:
    level = replace(tokens["word"], codebook_sizes=(512,))
    with pytest.raises(TokenError, match="codebooks"):
        tokenizer.decode(replace(tokens, levels=(level,)))


def test_a_segmentation_of_another_length_is_refused(tokenizer: ProsodyTokenizer) -> None:
    whole = Segmentation.unlabelled([0, 50, 99])
    hierarchy = Hierarchy.from_words(whole, [0], "textgrid")
    with pytest.raises(SegmentationError, match=r"99 frames.*100"):
        tokenizer.encode(random_prosody(np.random.default_rng(0), 100), hierarchy)


class Embeddings:
    """An encoder of the level alone."""

    name, frame_rate, dim = "ears", 50.0, 2

    def __call__(self, audio: Audio) -> np.ndarray:
        power = np.abs(audio.samples[: len(audio.samples) // 320 * 320]).reshape(-1, 320).mean(1)
        return np.stack([power, 1 - power], axis=1)


def test_a_checkpoint_with_ssl_uses_the_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prosodytok.tokenizer.frontend.load_ssl", lambda _: Embeddings())
    torch.manual_seed(0)
    network = ProsodyNetwork(ModelConfig(dim=16, ssl="ears", ssl_dim=2), trainable=True)
    audio = harmonics(constant(200), 1.03)
    listener = ProsodyTokenizer.from_network(network, "listener@00000000")
    prosody = listener.extract(audio)
    example = listener.example(prosody, audio=audio)
    assert example.ssl.shape == (13, 2)
    network.encode(make_batch([example] * 50, 8))  # initialises the codebooks
    network.eval()
    tokens = listener.encode(prosody, audio=audio)
    assert listener.decode(tokens).num_frames == prosody.num_frames
    with pytest.raises(ConfigError, match="pass audio="):
        listener.encode(prosody)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.5])
def test_short_sounds_have_tokens(tokenizer: ProsodyTokenizer, seconds: float) -> None:
    prosody = tokenizer.extract(harmonics(constant(200), seconds))
    tokens = tokenizer.encode(prosody)
    assert tokenizer.decode(tokens).num_frames == prosody.num_frames


def test_silence_has_tokens_and_no_voice(tokenizer: ProsodyTokenizer) -> None:
    prosody = tokenizer.extract(silence(1.0))
    assert not prosody.voiced.any()
    tokens = tokenizer.encode(prosody)
    assert tokens.register == Register.estimate(prosody).with_word_rate(len(tokens["word"]), 1.0)
    assert np.isfinite(tokenizer.decode(tokens).f0).all()


def test_ids_and_labels_come_from_the_hierarchy(tokenizer: ProsodyTokenizer) -> None:
    prosody = random_prosody(np.random.default_rng(6), 120)
    words = Segmentation(np.array([0, 60, 120]), ("so", "what"))
    tokens = tokenizer.encode(prosody, Hierarchy.from_words(words, [0], "transcript"))
    assert tokens["word"].segmentation.labels == ("so", "what")
    assert tokens.source == "transcript"


def test_units_of_prosody_alone_are_acoustic(tokenizer: ProsodyTokenizer) -> None:
    prosody = random_prosody(np.random.default_rng(7), 500)
    found = tokenizer.encode(prosody)["word"].segmentation.boundaries
    np.testing.assert_array_equal(found, segment_acoustic(prosody).words.boundaries)


def test_the_exact_length_of_the_sound(tokenizer: ProsodyTokenizer) -> None:
    audio = harmonics(constant(150), 0.9038)
    tokens = tokenizer.encode(tokenizer.extract(audio))
    assert (tokens.num_frames, tokens.sound_duration) == (90, audio.duration)
    assert tokenizer.retime(tokens).sound_duration is None
    assert from_dict(to_dict(tokens)).sound_duration == audio.duration
    with pytest.raises(TokenError, match=r"a sound of 0\.95 s does not have 90 frames"):
        replace(tokens, sound_duration=0.95)
