"""The choice of other speech."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from prosodytok.evaluation.stability import BabbleVoices
from prosodytok.io.manifest import Utterance


@pytest.fixture
def utterances(tmp_path: Path) -> list[Utterance]:
    """Two utterances of each of four speakers; the sound of n is n + 1 samples; one is broken."""
    found = []
    for number in range(8):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, np.full(number + 1, 0.1), 16_000)
        found.append(Utterance(audio=path, id=str(number), speaker=f"s{number % 4}"))
    found[7].audio.write_text("no sound")
    return found


def test_other_speakers_come_first_and_the_utterance_itself_never(
    utterances: list[Utterance],
) -> None:
    voices = BabbleVoices.draw(utterances)
    sizes = [audio.samples.size for audio in voices.beside(utterances[0])]
    assert sorted(sizes) == [2, 3, 4, 5, 6, 7]
    assert sizes[-1] == 5  # of the same speaker


def test_each_speaker_is_drawn_before_the_second_sound_of_any(utterances: list[Utterance]) -> None:
    drawn = [utterance.speaker for utterance, _ in BabbleVoices.draw(utterances[:7]).voices]
    assert set(drawn[:4]) == {"s0", "s1", "s2", "s3"}
    assert BabbleVoices().beside(utterances[0]) == []
