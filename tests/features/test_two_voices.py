"""Two voices in one sound, found in its F0."""

from __future__ import annotations

import numpy as np
import pytest

from prosodytok import StreamingTokenizer
from prosodytok.features import extract
from prosodytok.features.two_voices import two_voices
from prosodytok.types.prosody import Prosody
from tests.synth import constant, harmonics, join, silence


def contour(*stretches: tuple[float, float], pause: float = 0.4) -> Prosody:
    """Stretches of F0 (Hz) and duration (s), each followed by a pause (s)."""
    f0 = [np.full(round(100 * seconds), hz) for hz, seconds in stretches]
    gap = np.full(round(100 * pause), 100.0)
    voiced = np.concatenate([x for part in f0 for x in (part > 0, gap < 0)])
    hz = np.concatenate([x for part in f0 for x in (part, gap)])
    return Prosody(hz, voiced, np.zeros(hz.size))


def test_centres_of_two_voices() -> None:
    dialogue = contour((110, 1.0), (220, 1.2), (105, 0.8), (210, 1.5))
    low, high = two_voices(dialogue) or (0.0, 0.0)
    assert low == pytest.approx(107.7, abs=0.5)
    assert high == pytest.approx(214.4, abs=0.5)


@pytest.mark.parametrize(
    "one",
    [
        contour((200, 2.0)),
        contour((100, 1.0), (140, 1.0), (100, 1.0)),  # 6 semitones
        contour((100, 3.0), (200, 0.5)),  # one word
        contour((100, 10.0), (200, 1.0)),  # a tenth
        contour((100, 1), (150, 1), (220, 1), (330, 1)),  # no two groups
        contour((100, 1.0), (200, 1.0), pause=0.1),  # no pause
        Prosody(np.full(9, 150.0), np.zeros(9, bool), np.zeros(9)),
    ],
)
def test_one_voice(one: Prosody) -> None:
    assert two_voices(one) is None


def test_a_dialogue_has_a_warning_and_so_has_its_stream() -> None:
    low, high = harmonics(constant(110), 1.0), harmonics(constant(220), 1.0)
    sound = join(low, silence(0.4), high)
    (sentence,) = extract(sound).warnings
    assert sentence == "two voices? F0 centres at 110 and 220 Hz; name the turns by --speakers"
    stream = StreamingTokenizer(16_000)
    stream.push(sound.samples)
    stream.finish()
    assert stream.tokens.warnings == stream.tokenizer.extract(sound).warnings
    assert stream.tokens.warnings[0].startswith("two voices?")
