"""Streaming tokens: equal to those of the whole sound, for any chunks, with limited delay."""

from itertools import pairwise

import numpy as np
import pytest
import soxr
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from prosodytok import Audio, ProsodyTokenizer, Register, StreamingTokenizer, load
from prosodytok.io import from_dict, to_dict
from prosodytok.nn.causal_encoder import CausalEncoder
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import save_checkpoint
from prosodytok.tokenizer.streaming_encoder import StreamToken
from prosodytok.types import LEVELS, ProsodyTokens
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.errors import AudioError, CheckpointError, ConfigError, TokenError
from prosodytok.types.prosody import Prosody
from tests.nn.examples import random_example, random_prosody, small_network
from tests.synth import glide, harmonics, join, modulated, noise, silence

SPEECH = join(
    noise(0.25, level=0.002),
    modulated(harmonics(glide(220, 150), 1.1)),
    noise(0.4, level=0.002),
    modulated(harmonics(glide(140, 190), 0.73)),
)


@pytest.fixture(scope="module", params=[0, 1, 2])
def causal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ProsodyTokenizer:
    """Small networks with a look-ahead of 0, 1 and 2 steps, saved and loaded."""
    folder = tmp_path_factory.mktemp("causal") / "tiny"
    save_checkpoint(small_network(lookahead=request.param), folder)
    return ProsodyTokenizer.from_pretrained(folder)


def chunks(samples: NDArray[np.float32], size: int) -> list[NDArray[np.float32]]:
    return [samples[i : i + size] for i in range(0, len(samples), size)]


def stream(
    tokenizer: ProsodyTokenizer,
    audio: Audio,
    size: int,
    register: Register | None = None,
) -> tuple[list[StreamToken], ProsodyTokens]:
    streaming = StreamingTokenizer(audio.sample_rate, tokenizer, register)
    emitted = [token for chunk in chunks(audio.samples, size) for token in streaming.push(chunk)]
    return [*emitted, *streaming.finish()], streaming.tokens


def assert_delay(
    emitted: list[StreamToken],
    tokens: ProsodyTokens,
    causal: ProsodyTokenizer,
    by_resampling: float = 0.0,
) -> None:
    """Check the delays: of frames, by tracker and network; of words, by the segmenter."""
    ahead = causal.config.lookahead
    assert ahead is not None
    for token in emitted:
        if token.level == "frame":
            assert token.consumed - token.end <= 0.06 + 0.08 * ahead + 0.001 + by_resampling
        if token.level == "word" and token.consumed < tokens.duration - 0.001:
            assert token.consumed - token.end <= 0.381 + by_resampling
    ends = [token.consumed for token in emitted]
    assert ends == [token.heard for token in emitted]  # the former name
    assert ends == sorted(ends)


@pytest.mark.slow
@pytest.mark.parametrize("register", [None, Register(f0_median_hz=170)], ids=["guessed", "given"])
def test_tokens_are_those_of_the_whole_sound(
    causal: ProsodyTokenizer, register: Register | None
) -> None:
    whole = causal.encode(causal.extract(SPEECH), register=register)
    for size in (160, 333, SPEECH.samples.size):
        emitted, tokens = stream(causal, SPEECH, size, register)
        assert to_dict(tokens) == to_dict(whole)
        for name in LEVELS:
            codes = [token.codes for token in emitted if token.level == name]
            assert codes == [tuple(unit) for unit in whole[name].codes.T.tolist()]
            edges = whole[name].segmentation.boundaries / 100
            spans = [(token.start, token.end) for token in emitted if token.level == name]
            assert spans == list(pairwise(edges))


def test_tokens_and_times_do_not_depend_on_the_chunks(causal: ProsodyTokenizer) -> None:
    sound = Audio(SPEECH.samples[:20_000], SAMPLE_RATE)
    one, _ = stream(causal, sound, 1)
    assert one == stream(causal, sound, 333)[0] == stream(causal, sound, 20_000)[0]
    assert len(one) > 15


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 44_101])
def test_delay_at_other_rates(causal: ProsodyTokenizer, rate: int) -> None:
    sound = SPEECH.resample(rate)
    register = Register(f0_median_hz=170)
    whole = causal.encode(causal.extract(sound), register=register)
    for size in (rate // 100, 997, sound.samples.size):
        emitted, tokens = stream(causal, sound, size, register)
        assert to_dict(tokens) == to_dict(whole)
        assert_delay(emitted, tokens, causal, by_resampling=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000])
def test_other_rates_and_channels(causal: ProsodyTokenizer, rate: int) -> None:
    samples = soxr.resample(SPEECH.samples, SAMPLE_RATE, rate)
    whole = causal.encode(causal.extract(Audio(samples, rate)))
    streaming = StreamingTokenizer(rate, causal)
    for chunk in chunks(samples, 999):
        streaming.push(np.stack([chunk + 0.1, chunk - 0.1], axis=1))
    streaming.finish()
    same = [
        np.mean(streaming.tokens[n].codes == whole[n].codes)
        for n in LEVELS
        if len(streaming.tokens[n]) == len(whole[n])
    ]
    assert len(same) == 3
    assert min(same) > 0.95  # averaging the channels rounds


@pytest.mark.slow
def test_batch_encoding_agrees_on_speech(causal: ProsodyTokenizer) -> None:
    audio = load(sample_manifest().parent / "austen-0890.flac")
    _, tokens = stream(causal, audio, 160)
    assert to_dict(tokens) == to_dict(causal.encode(causal.extract(audio)))


def test_delay_of_tokens(causal: ProsodyTokenizer) -> None:
    emitted, tokens = stream(causal, SPEECH, 160, Register(f0_median_hz=170))
    assert_delay(emitted, tokens, causal)


def test_tokens_wait_for_half_a_second_of_voice(causal: ProsodyTokenizer) -> None:
    streaming, register = StreamingTokenizer(SAMPLE_RATE, causal), None
    for chunk in chunks(SPEECH.samples, 160):
        emitted = streaming.push(chunk)
        if streaming.register is None:
            assert not emitted
        elif register is None:
            register = streaming.register
            assert sum(token.level == "frame" for token in emitted) >= 5
            assert streaming.prosody.voiced.sum() >= 50
        assert register == streaming.register
    streaming.finish()
    assert streaming.tokens.register.f0_median_hz == streaming.register.f0_median_hz


@pytest.mark.parametrize(
    "sound", [silence(0.6), noise(0.5), Audio(noise().samples[:5], SAMPLE_RATE)]
)
def test_tokens_of_unvoiced_sound(causal: ProsodyTokenizer, sound: Audio) -> None:
    emitted, tokens = stream(causal, sound, 160)
    assert to_dict(tokens) == to_dict(causal.encode(causal.extract(sound)))
    assert emitted[-1].level == "phrase"
    assert causal.decode(from_dict(to_dict(tokens))).num_frames == tokens.num_frames


def test_frame_tokens_alone_decode(causal: ProsodyTokenizer) -> None:
    _, tokens = stream(causal, SPEECH, 1600)
    assert causal.decode(tokens, ["frame"]).num_frames == tokens.num_frames


def test_tokens_do_not_depend_on_later_sound(causal: ProsodyTokenizer) -> None:
    """Interpolated F0 of unvoiced frames must not depend on later frames."""
    rng = np.random.default_rng(1)
    prosody = random_prosody(rng, 400)
    f0 = np.where(prosody.voiced, prosody.f0, 80)
    other = Prosody(f0, prosody.voiced, prosody.energy)
    register = Register()
    one, two = (causal.encode(p, register=register) for p in (prosody, other))
    assert to_dict(one) == to_dict(two)
    f0[320:], voiced = 300, prosody.voiced.copy()
    voiced[320:] = True
    later = causal.encode(Prosody(f0, voiced, prosody.energy), register=register)
    known = 40 - (causal.config.lookahead or 0)
    assert np.array_equal(later["frame"].codes[:, :known], one["frame"].codes[:, :known])
    assert not np.array_equal(later["frame"].codes, one["frame"].codes)


def test_batches_do_not_change_the_codes(causal: ProsodyTokenizer) -> None:
    rng = np.random.default_rng(3)
    examples = [random_example(rng, n) for n in (300, 33, 401)]
    for example, tokens in zip(examples, causal.encode_batch(examples), strict=True):
        assert to_dict(causal.encode_batch([example])[0]) == to_dict(tokens)


def test_errors_of_misuse(causal: ProsodyTokenizer, tokenizer: ProsodyTokenizer) -> None:
    with pytest.raises(CheckpointError, match="needs whole utterances"):
        StreamingTokenizer(SAMPLE_RATE, tokenizer)
    for rate in (0, 10**9):
        with pytest.raises(AudioError, match="sample_rate must lie between"):
            StreamingTokenizer(rate, causal)
    with pytest.raises(ConfigError, match="praat"):
        ProsodyTokenizer.from_network(causal.network, "x@1", f0="world")
    streaming = StreamingTokenizer(SAMPLE_RATE, causal)
    with pytest.raises(AudioError, match="shape"):
        streaming.push(np.zeros((2, 2, 2)))
    with pytest.raises(AudioError, match="NaN"):
        streaming.push([np.nan])
    with pytest.raises(TokenError, match="nothing"):
        _ = streaming.prosody
    with pytest.raises(AudioError, match="empty"):
        streaming.finish()
    streaming.push([])
    streaming.push(SPEECH.samples)
    with pytest.raises(TokenError, match="finish"):
        _ = streaming.tokens
    streaming.finish()
    for late in (streaming.finish, lambda: streaming.push([0.0])):
        with pytest.raises(AudioError, match="finished"):
            late()


def test_training_starts_in_single_precision(causal: ProsodyTokenizer) -> None:
    assert isinstance(causal.network.encoder, CausalEncoder)
    assert next(causal.network.encoder.parameters()).dtype == torch.float64
    assert next(ProsodyNetwork(causal.config).parameters()).dtype == torch.float32


@pytest.mark.parametrize("wrong", [{"patch": 4}, {"ssl": "mel", "ssl_dim": 4}])
def test_options_excluded_in_causal_networks(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="lookahead"):
        ModelConfig.model_validate({"lookahead": 1, **wrong})


def test_old_configs_are_not_causal() -> None:
    values = ModelConfig().model_dump()
    del values["lookahead"]
    assert ModelConfig.model_validate(values).lookahead is None
