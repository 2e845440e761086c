"""The suite on synthetic sounds, with changes of known effect."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from prosodytok.evaluation.stability import StabilitySuite, draw_evenly, summarize_stability
from prosodytok.evaluation.stability.copy_comparison import code_scores
from prosodytok.features.sound_changes import CHANGES, Change, ChangedSound, shift
from prosodytok.io.manifest import Utterance
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.errors import AudioError, SegmentationError
from tests.synth import harmonics, vibrato


def silent(audio: Audio, *_: object) -> ChangedSound:
    return ChangedSound(Audio(np.zeros_like(audio.samples), audio.sample_rate))


def broken(*_: object) -> ChangedSound:
    raise SegmentationError("no unit is left")


#: With "empty", nothing of the sound is left after its offset.
TRIALS: dict[str, Change] = {
    "same": lambda audio, *_: ChangedSound(audio),
    "silent": silent,
    "broken": broken,
    "empty": partial(shift, seconds=5.0),
    "babble, 10 dB": CHANGES["babble, 10 dB"],
}


@pytest.fixture(scope="module")
def utterance(tmp_path_factory: pytest.TempPathFactory) -> Utterance:
    path = tmp_path_factory.mktemp("sounds") / "one.wav"
    sound = harmonics(vibrato(150.0, 3.0, 2.0), 1.0)
    silence = np.zeros(SAMPLE_RATE // 2, dtype=np.float32)
    soundfile.write(path, np.concatenate([silence, sound.samples, silence]), SAMPLE_RATE)
    return Utterance(audio=path, id="one", speaker="s")


@pytest.fixture(scope="module")
def suite(greedy: ProsodyTokenizer) -> StabilitySuite:
    return StabilitySuite(greedy, changes=TRIALS)


def test_an_equal_copy_has_the_same_tokens_and_another_sound_does_not(
    suite: StabilitySuite, utterance: Utterance
) -> None:
    copies = suite.measure(utterance).copies
    assert list(copies) == ["same", "silent"]
    for name, sums in copies["same"].codes.items():
        assert code_scores(sums) == {"agreement": 1, "speech": 1, "edit_distance": 0}, name
    assert code_scores(copies["silent"].codes["frame"])["speech"] < 0.5


def test_failed_copies_are_reported_and_the_rest_goes_on(
    suite: StabilitySuite, utterance: Utterance
) -> None:
    found = suite.measure(utterance)
    assert found.failures["broken"] == "no unit is left"
    assert "nothing is left" in found.failures["empty"]
    assert summarize_stability([found]).failed_copies == 2


def test_a_sound_without_any_copy_is_an_error(
    greedy: ProsodyTokenizer, utterance: Utterance
) -> None:
    with pytest.raises(AudioError, match=r"one\.wav.*no unit is left"):
        StabilitySuite(greedy, changes={"broken": broken}).measure(utterance)


def test_without_other_speech_there_is_no_babble(
    suite: StabilitySuite, utterance: Utterance
) -> None:
    assert "babble, 10 dB" not in suite.measure(utterance).copies
    other = utterance.model_copy(update={"id": "two"})
    beside = suite.beside([utterance], [utterance, other])
    assert "babble, 10 dB" in beside.measure(utterance).copies
    assert beside.yardstick.not_measured


def test_a_sound_that_a_cut_would_empty_is_an_error(suite: StabilitySuite, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.full(4000, 0.1), 16_000)
    with pytest.raises(AudioError, match=r"short\.wav"):
        suite.measure(Utterance(audio=tmp_path / "short.wav", id="short"))


def test_given_words_are_those_of_the_original(
    greedy: ProsodyTokenizer, utterance: Utterance, tmp_path: Path
) -> None:
    (tmp_path / "one.TextGrid").write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n0 2 <exists> 1\n'
        '"IntervalTier" "words" 0 2 3\n0 0.5 "" 0.5 1.1 "one" 1.1 2 "two"\n'
    )
    given = utterance.model_copy(
        update={"textgrid": tmp_path / "one.TextGrid", "tiers": {"words": "words"}}
    )
    changes = {name: CHANGES[name] for name in ("shift 10 ms", "first 0.3 s cut")}
    found = StabilitySuite(greedy, "given", changes=changes).measure(given)
    assert not found.failures
    summary = summarize_stability([found])
    assert [c.edge_f1["word"].value for c in summary.changes.values()] == [1, 1]


def test_utterances_are_drawn_at_equal_distances() -> None:
    utterances = [Utterance(audio=Path(f"{i}.wav"), id=str(i)) for i in range(10)]
    assert [u.id for u in draw_evenly(utterances, 4)] == ["0", "2", "5", "7"]
    assert draw_evenly(utterances, 40) == utterances
    assert draw_evenly([], 40) == []
