"""Random examples, and the perceptual cost of their tokens."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from prosodytok.nn.batch import Example
from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.distortion import perceptual_cost
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch, make_layout
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import Hierarchy, ProsodyTokens, Register, Segmentation
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import NO_NOISE


def random_prosody(rng: np.random.Generator, num_frames: int) -> Prosody:
    f0 = 150 * np.exp(np.cumsum(rng.normal(0, 0.01, num_frames)))
    voiced = np.repeat(rng.random(num_frames // 10 + 1) > 0.4, 10)[:num_frames]
    return Prosody(f0, voiced, rng.normal(-30, 8, num_frames))


def random_hierarchy(rng: np.random.Generator, num_frames: int) -> Hierarchy:
    inner = rng.choice(np.arange(1, num_frames), size=num_frames // 33, replace=False)
    words = Segmentation.unlabelled([0, *sorted(inner), num_frames])
    return Hierarchy.from_words(words, range(0, len(words), 5), "acoustic")


def random_example(rng: np.random.Generator, num_frames: int) -> Example:
    """An utterance without a noise level, so that its own energy is that of a perfect decoding."""
    prosody = random_prosody(rng, num_frames)
    register = replace(Register.estimate(prosody), noise_level_db=NO_NOISE)
    return Example(prosody, random_hierarchy(rng, num_frames), register)


def costs(
    tokenizer: ProsodyTokenizer, example: Example, tokens: Sequence[ProsodyTokens]
) -> list[float]:
    """Perceptual cost of several tokenizations of an utterance, which the search minimises."""
    patch = tokenizer.config.patch
    batch = make_batch([example], patch)
    codes = {
        name: torch.from_numpy(np.concatenate([t[name].codes for t in tokens], axis=1).T)
        for name in tokens[0].names
    }
    layout = make_layout([example.hierarchy] * len(tokens), patch)
    errors = perceptual_cost(batch, tokenizer.network.decode(codes, layout))
    return errors[:, : example.prosody.num_frames].sum(1).tolist()


def small_network(lookahead: int | None = None) -> ProsodyNetwork:
    """A small network with initialised codebooks."""
    torch.manual_seed(0)
    network = ProsodyNetwork(
        ModelConfig(
            dim=32,
            lookahead=lookahead,
            encoder_dilations=(1, 2),
            coarse_dilations=(1, 4),
            fine_dilations=(1,),
            frame_channels=8,
            frame_blocks=1,
        ),
        trainable=True,
    )
    rng = np.random.default_rng(0)
    with torch.no_grad():
        network.encode(make_batch([random_example(rng, 900) for _ in range(40)], 8))
    return network


def own_time_config() -> ModelConfig:
    """A small network with phrases and words in their own time."""
    levels = (
        LevelConfig(name="phrase", codebook_sizes=(4,), own_time=True, hidden=16),
        LevelConfig(name="word", codebook_sizes=(8, 8), own_time=True, hidden=16),
        LevelConfig(name="frame", codebook_sizes=(16,), dilations=(1,), moments=1),
    )
    return small_network().config.model_copy(update={"levels": levels})


def own_time_network() -> ProsodyNetwork:
    """The network of `own_time_config` with random codebooks, not trained."""
    torch.manual_seed(0)
    network = ProsodyNetwork(own_time_config(), trainable=True)
    rng = np.random.default_rng(0)
    batch = make_batch([random_example(rng, 900) for _ in range(40)], 8)
    with torch.no_grad():
        for name in ("phrase", "word"):
            units = network.encoder.levels[name](batch)[:, :-1]
            for book in network.quantizer(name).codebooks:
                book.copy_(units[torch.randperm(len(units))[: len(book)]])
        network.encode(batch)
    return network.eval()
