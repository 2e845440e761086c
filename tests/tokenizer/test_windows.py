"""Long utterances in windows: the same codes and contours, with windows of limited size."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok import ProsodyTokenizer, load
from prosodytok.features import extract
from prosodytok.io import to_dict
from prosodytok.io.manifest import read_manifest
from prosodytok.nn.batch import Example
from prosodytok.nn.receptive_field import decoder_reaches, encoder_reaches
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import windows
from prosodytok.tokenizer.windows import Window, group_by_length
from prosodytok.types import LEVELS, Hierarchy, ProsodyTokens, Register, Segmentation
from prosodytok.types.prosody import Prosody
from tests.nn.examples import random_example, random_prosody

SUBSETS = [["phrase"], ["word"], ["frame"], ["phrase", "word"], ["word", "frame"], list(LEVELS)]


@pytest.fixture
def of_size(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Function that sets the length of windows."""
    return lambda frames: monkeypatch.setattr(windows, "WINDOW_FRAMES", frames)


def assert_same(one: Prosody, other: Prosody) -> None:
    np.testing.assert_allclose(one.f0, other.f0, rtol=1e-5)
    np.testing.assert_array_equal(one.voiced, other.voiced)
    np.testing.assert_allclose(one.energy, other.energy, atol=1e-4)


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60),
    st.lists(st.integers(0, 100), max_size=5),
    st.integers(1, 3000),
)
def test_windows_cover_an_utterance_with_margins(
    durations: list[int], reaches: list[int], size: int
) -> None:
    units = Segmentation.unlabelled([0, *np.cumsum(durations)])
    edges, total = units.boundaries.tolist(), units.num_frames
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "WINDOW_FRAMES", size)
        found = windows.windows(units, reaches)
    assert [w.first for w in found] == [0, *(w.last for w in found[:-1])]
    assert found[-1].last == total
    assert len(found) == 1 or total >= 1.5 * size
    for window in found:
        assert {window.first, window.last} <= set(edges)
        assert window.start % 8 == 0
        assert window.end % 8 == 0 or window.end == total
        left, right = window.first, window.last
        for reach in (*reaches, 0):  # whole units, a number of frames, and none
            left = max(e for e in edges if e <= max(left, 0)) - reach
            right = min(e for e in edges if e >= min(right, total)) + reach
        assert window.start <= max(left, 0) < window.start + 8
        assert window.end >= min(right, total) > window.end - 8


@pytest.mark.parametrize("search", [True, False])
def test_codes_do_not_depend_on_windows(
    tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer, of_size, search: bool
) -> None:
    chosen = tokenizer if search else greedy
    example = random_example(np.random.default_rng(0), 8000)
    (whole,) = chosen.encode_batch([example])
    of_size(500)
    short = random_example(np.random.default_rng(1), 77)
    beside, (again,) = chosen.encode_batch([short, example]), chosen.encode_batch([example])
    assert to_dict(again) == to_dict(beside[1]) == to_dict(whole)


@pytest.mark.parametrize("names", SUBSETS)
def test_decoding_does_not_depend_on_windows(
    tokenizer: ProsodyTokenizer, of_size, names: list[str]
) -> None:
    (tokens,) = tokenizer.encode_batch([random_example(np.random.default_rng(2), 4000)])
    whole = tokenizer.decode(tokens, names)
    of_size(300)
    assert_same(tokenizer.decode(tokens, names), whole)


def test_results_depend_on_the_margins(
    tokenizer: ProsodyTokenizer, of_size, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without margins the tests above fail, since receptive fields exceed the windows."""
    example = random_example(np.random.default_rng(0), 8000)
    (whole,) = tokenizer.encode_batch([example])
    of_size(500)
    monkeypatch.setattr(tokenizer, "_encoder_reaches", ())
    (blind,) = tokenizer.encode_batch([example])
    assert (blind["frame"].codes != whole["frame"].codes).any()


def test_durations_do_not_depend_on_windows(tokenizer: ProsodyTokenizer, of_size) -> None:
    (tokens,) = tokenizer.encode_batch([random_example(np.random.default_rng(3), 3000)])
    whole = tokenizer.decode_durations(tokens)
    of_size(300)
    np.testing.assert_allclose(tokenizer.decode_durations(tokens), whole, rtol=1e-5)


def test_an_incomplete_step_at_the_end(tokenizer: ProsodyTokenizer, of_size) -> None:
    """Frames that pad the last step are those of the first unit; see docs/architecture.md."""
    example = random_example(np.random.default_rng(4), 4003)
    (whole,) = tokenizer.encode_batch([example])
    of_size(300)
    (parts,) = tokenizer.encode_batch([example])
    for one, other in zip(whole.levels, parts.levels, strict=True):
        inner = one.segmentation.boundaries[1:] < 4003 - 24
        np.testing.assert_array_equal(one.codes[:, inner], other.codes[:, inner])


def test_size_of_network_inputs_is_limited(
    tokenizer: ProsodyTokenizer, of_size, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(1000)
    seen: list[int] = []
    encode = tokenizer.backend.encode

    def spy(examples: list[Example]) -> dict[str, np.ndarray]:
        seen.extend(e.prosody.num_frames for e in examples)
        return encode(examples)

    monkeypatch.setattr(tokenizer.backend, "encode", spy)
    most = []
    for num_frames in (8_000, 20_000):
        seen.clear()
        tokenizer.encode_batch([random_example(np.random.default_rng(5), num_frames)])
        most.append(max(seen))
    longest_phrases = 7 * 500  # at either side of a window
    around = sum(encoder_reaches(tokenizer.config)) + longest_phrases
    assert max(most) < 1500 + 2 * around < 20_000


def test_a_phrase_longer_than_a_window(tokenizer: ProsodyTokenizer, of_size) -> None:
    prosody = random_prosody(np.random.default_rng(6), 3200)
    words = Segmentation.unlabelled(range(0, 3201, 40))
    hierarchy = Hierarchy.from_words(words, [0, 5, 10, 70, 75], "acoustic")  # one of 2400 frames
    example = Example(prosody, hierarchy, Register.estimate(prosody))
    (whole,) = tokenizer.encode_batch([example])
    of_size(300)
    found = windows.windows(hierarchy.phrases, decoder_reaches(tokenizer.config))
    assert max(window.last - window.first for window in found) == 2400
    assert to_dict(tokenizer.encode_batch([example])[0]) == to_dict(whole)


def test_embeddings_in_windows() -> None:
    example = random_example(np.random.default_rng(7), 83)
    ssl = np.arange(11, dtype=np.float32)[:, None]
    part = Window(16, 83, 20, 83).example(replace(example, ssl=ssl), patch=8)
    assert part.ssl is not None
    assert part.ssl[:, 0].tolist() == list(range(2, 11))
    assert part.prosody.num_frames == part.hierarchy.words.num_frames == 67


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint", ["base", "melody"])
def test_real_speech_in_windows(checkpoint: str, of_size) -> None:
    tokenizer = ProsodyTokenizer.from_pretrained(checkpoint)
    sounds = [extract(load(u.audio)) for u in read_manifest(sample_manifest())]
    joined = {
        name: np.concatenate([getattr(p, name) for p in sounds])
        for name in ("f0", "voiced", "energy")
    }
    even = len(joined["f0"]) // 8 * 8
    prosody = Prosody(**{name: values[:even] for name, values in joined.items()})
    whole = tokenizer.encode(prosody)
    contour = tokenizer.decode(whole)
    of_size(even // 4)
    parts: ProsodyTokens = tokenizer.encode(prosody)
    assert to_dict(parts) == to_dict(whole)
    assert_same(tokenizer.decode(whole), contour)


@given(st.lists(st.integers(1, 50), max_size=20), st.integers(1, 100))
def test_groups_contain_each_item_once_within_the_limit(lengths: list[int], limit: int) -> None:
    groups = list(group_by_length(lengths, limit))
    assert sorted(row for rows in groups for row in rows) == list(range(len(lengths)))
    for rows in groups:
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= limit
