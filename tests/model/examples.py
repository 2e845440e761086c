"""Random utterances as the network takes them."""

import numpy as np

from prosodytok.features import Register
from prosodytok.model import Example
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Hierarchy, Segmentation


def random_prosody(rng: np.random.Generator, num_frames: int) -> Prosody:
    f0 = 150 * np.exp(np.cumsum(rng.normal(0, 0.01, num_frames)))
    voiced = np.repeat(rng.random(num_frames // 10 + 1) > 0.4, 10)[:num_frames]
    return Prosody(f0, voiced, rng.normal(-30, 8, num_frames))


def random_hierarchy(rng: np.random.Generator, num_frames: int) -> Hierarchy:
    inner = rng.choice(np.arange(1, num_frames), size=num_frames // 33, replace=False)
    words = Segmentation.unlabelled([0, *sorted(inner), num_frames])
    return Hierarchy.from_words(words, range(0, len(words), 5), "acoustic")


def random_example(rng: np.random.Generator, num_frames: int) -> Example:
    prosody = random_prosody(rng, num_frames)
    return Example(prosody, random_hierarchy(rng, num_frames), Register.estimate(prosody))
