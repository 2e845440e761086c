"""Units of streaming prosody: they are final, and close to those of the whole sound."""

from itertools import pairwise

import numpy as np
import pytest

from prosodytok import Audio, Prosody, load
from prosodytok.features import extract
from prosodytok.features.initial_register import initial_register
from prosodytok.features.streaming_prosody import HOP, split_hops
from prosodytok.samples import sample_manifest
from prosodytok.segmentation import find_pauses, segment_acoustic
from prosodytok.segmentation.online import (
    LONG_PHRASE,
    LOOK_AHEAD,
    MAX_DELAY,
    OnlineSegmenter,
    OnlineUnit,
    segment_online,
)
from tests.synth import glide, harmonics, join, modulated, noise, silence

SAMPLE = extract(load(sample_manifest().parent / "austen-0890.flac"))


def spoken(*seconds: float, gap: float = 0.5) -> Prosody:
    parts: list[Audio] = [noise(gap, level=0.001)]
    for length in seconds:
        parts += [modulated(harmonics(glide(180, 120), length)), noise(gap, level=0.001)]
    return extract(join(*parts))


def pushed(prosody: Prosody) -> list[tuple[int, OnlineUnit]]:
    """Each unit with the number of frames received when it was returned."""
    segmenter, found, received = OnlineSegmenter(initial_register(prosody)), [], 0
    for hop in split_hops(prosody):
        received += hop.num_frames
        found += [(received, unit) for unit in segmenter.push(hop)]
    return [*found, *((received, unit) for unit in segmenter.finish())]


@pytest.mark.parametrize("prosody", [SAMPLE, spoken(0.8, 1.3)], ids=["speech", "tones"])
def test_units_tile_the_sound(prosody: Prosody) -> None:
    units = [unit for _, unit in pushed(prosody)]
    assert units[0].start == 0
    assert units[-1].end == prosody.num_frames
    assert units[-1].ends_phrase
    assert all(a.end == b.start for a, b in pairwise(units))
    hierarchy = segment_online(prosody, initial_register(prosody))
    assert hierarchy.words.boundaries[1:].tolist() == [unit.end for unit in units]


def test_delay_of_edges() -> None:
    units = pushed(SAMPLE)
    delays = [received - unit.end for received, unit in units if received < SAMPLE.num_frames]
    assert len(delays) > 10
    assert min(delays) >= LOOK_AHEAD
    assert max(delays) <= MAX_DELAY
    assert np.mean([delay < LOOK_AHEAD + HOP for delay in delays]) > 0.8


def test_most_edges_are_those_of_the_offline_rule() -> None:
    online = segment_online(SAMPLE, initial_register(SAMPLE)).words.boundaries
    offline = segment_acoustic(SAMPLE).words.boundaries
    near = np.abs(online[:, None] - offline).min(axis=1) <= 2
    assert near.mean() > 0.75
    assert abs(online.size - offline.size) <= 0.15 * offline.size


def test_edges_do_not_depend_on_later_frames() -> None:
    register = initial_register(SAMPLE)
    half = SAMPLE.num_frames // 2 // HOP * HOP
    first = Prosody(SAMPLE.f0[:half], SAMPLE.voiced[:half], SAMPLE.energy[:half])
    segmenter = OnlineSegmenter(register)
    early = [unit for hop in split_hops(first) for unit in segmenter.push(hop)]
    edges = segment_online(SAMPLE, register).words.boundaries
    assert len(early) > 5
    assert [unit.end for unit in early] == edges[1 : len(early) + 1].tolist()


def test_phrases_end_with_their_pauses() -> None:
    prosody = spoken(1.0, 1.0, 1.0)
    hierarchy = segment_online(prosody, initial_register(prosody))
    assert len(hierarchy.phrases) == 3
    silent = find_pauses(prosody)
    for edge in hierarchy.phrases.boundaries[1:-1]:
        assert silent[edge - 10 : edge - 2].all()
        assert not silent[edge + 2]


def test_a_phrase_without_pause_is_limited() -> None:
    prosody = spoken(9.5)
    phrases = segment_online(prosody, initial_register(prosody)).phrases
    assert len(phrases) >= 2
    assert phrases.durations[1:-1].max(initial=0) < LONG_PHRASE + 130


def test_silence_is_one_pause_and_one_phrase() -> None:
    prosody = extract(silence(1.5))
    hierarchy = segment_online(prosody, initial_register(prosody))
    assert hierarchy.pauses is not None
    assert len(hierarchy.phrases) == 1
