"""The same tokens whatever the program around the tokenizer has set, copied, forked or moved."""

import copy
import multiprocessing
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from prosodytok import ProsodyTokenizer, StreamingTokenizer, segment
from prosodytok.features import load_ssl
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import ConfigError
from tests.nn.examples import random_prosody
from tests.synth import glide, harmonics, join, modulated, noise
from tests.torch_settings import SETTINGS

SPEECH = join(
    noise(0.25, level=0.002), modulated(harmonics(glide(220, 150), 1.1)), noise(0.4, level=0.002)
)
PROSODY = random_prosody(np.random.default_rng(2), 300)
TOKENIZERS = {name: ProsodyTokenizer.from_pretrained(name) for name in ("base", "stream", "melody")}
in_any_program = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


def codes(tokens: ProsodyTokens) -> dict[str, list[list[int]]]:
    return {level.name: level.codes.tolist() for level in tokens.levels}


def encode(tokenizer: ProsodyTokenizer) -> dict[str, list[list[int]]]:
    return codes(tokenizer.encode(PROSODY))


CODES = {name: encode(tokenizer) for name, tokenizer in TOKENIZERS.items()}


@in_any_program
@pytest.mark.parametrize("name", TOKENIZERS)
def test_encode_and_decode(settings, name):
    tokenizer = TOKENIZERS[name]
    tokens = tokenizer.encode(PROSODY)
    decoded, durations = tokenizer.decode(tokens), tokenizer.decode_durations(tokens)
    with settings():
        assert encode(tokenizer) == encode(ProsodyTokenizer.from_pretrained(name)) == CODES[name]
        np.testing.assert_array_equal(tokenizer.decode(tokens).f0, decoded.f0)
        np.testing.assert_array_equal(tokenizer.decode_durations(tokens), durations)
        assert tokenizer.embed_codes("word", tokens["word"].codes.T).dtype == np.float32


@in_any_program
def test_features_and_units(settings):
    prosody = TOKENIZERS["base"].extract(SPEECH)
    embeddings, units = load_ssl("bestrq")(SPEECH), segment(SPEECH, prosody, "learned")
    with settings():
        np.testing.assert_array_equal(load_ssl("bestrq")(SPEECH), embeddings)
        np.testing.assert_array_equal(
            segment(SPEECH, prosody, "learned").words.boundaries, units.words.boundaries
        )


@in_any_program
def test_streams(settings):
    expected = stream(StreamingTokenizer(SPEECH.sample_rate, TOKENIZERS["stream"]))
    with settings():
        found = stream(StreamingTokenizer(SPEECH.sample_rate, TOKENIZERS["stream"]))
    assert found == expected


def stream(tokenizer: StreamingTokenizer, first: int = 0) -> dict[str, list[list[int]]]:
    tokenizer.push(SPEECH.samples[first:])
    tokenizer.finish()
    return codes(tokenizer.tokens)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies(copied):
    assert encode(copied(TOKENIZERS["base"])) == CODES["base"]
    whole = StreamingTokenizer(SPEECH.sample_rate, TOKENIZERS["stream"])
    whole.push(SPEECH.samples[:20_000])
    again = copied(whole)  # in the middle of the stream
    assert stream(again, 20_000) == stream(whole, 20_000)


def test_threads():
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(encode, [TOKENIZERS["base"]] * 8)) == [CODES["base"]] * 8


def _encode_base(_: int) -> dict[str, list[list[int]]]:
    return encode(TOKENIZERS["base"])


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_forks_do_not_wait_for_the_threads_of_their_parent():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.ones(1000, 1000) @ torch.ones(1000, 1000)  # starts them
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert pool.map_async(_encode_base, [0]).get(20) == [CODES["base"]]
    finally:
        torch.set_num_threads(threads)


def test_strict_programs():
    tokenizer = TOKENIZERS["base"]
    torch.use_deterministic_algorithms(True)
    try:
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.simplefilter("error")
            prosody = tokenizer.extract(SPEECH)
            tokenizer.decode(tokenizer.encode(prosody, segment(SPEECH, prosody, "learned")))
            assert encode(tokenizer) == CODES["base"]
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("device", ["cuda:99", "meta", "no device", torch.float16, None])
def test_only_devices_that_are_there(device):
    tokenizer = copy.deepcopy(TOKENIZERS["stream"])
    with pytest.raises(ConfigError, match=f"cannot run on {device}"):
        tokenizer.to(device)
    assert encode(tokenizer.to("cpu").eval()) == CODES["stream"]


@pytest.mark.parametrize("name", ["base", "stream"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_refused(name, dtype):
    tokenizer = copy.deepcopy(TOKENIZERS[name])
    tokens = tokenizer.encode(PROSODY)
    tokenizer.network.to(dtype)
    with pytest.raises(ConfigError, match="converted to"):
        tokenizer.encode(PROSODY)
    with pytest.raises(ConfigError, match="converted to"):
        tokenizer.decode(tokens)
