import sys
from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation.leakage import (
    Leakage,
    LeakageItem,
    NotMeasured,
    measure_leakage,
    resynthesis_probe,
    speaker_embedding,
    speaker_probe,
)
from prosodytok.evaluation.leakage.resynthesis_probe import measure_resynthesis
from prosodytok.evaluation.leakage.speaker_embedding import embed_speaker, synthesize_carrier
from prosodytok.evaluation.leakage.speaker_features import code_pairs, durations
from prosodytok.evaluation.leakage.speaker_probe import probe_speakers
from prosodytok.features import extract
from prosodytok.types import Register
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError
from prosodytok.types.prosody import Prosody
from tests.evaluation.known_tokenizer import FRAMES, KnownTokenizer, make_tokens

SPEAKERS = ("a", "b", "c")


def make_items(each: int = 8) -> list[LeakageItem]:
    """Word codes identify the speaker, F0 is 100, 150 or 200 Hz; the rest is random."""
    rng = np.random.default_rng(0)
    items = []
    for number, speaker in enumerate(SPEAKERS):
        for _ in range(each):
            register = Register(f0_median_hz=100 + 50 * number)
            tokens = make_tokens(rng, register=register, word=number)
            f0 = np.full(FRAMES, register.f0_median_hz)
            voiced = np.repeat(rng.random(FRAMES // 8) > 0.4, 8)
            prosody = Prosody(f0, voiced, rng.normal(-30, 5, FRAMES))
            audio = Audio(rng.normal(0, 0.1, 24 * 1600).astype(np.float32), 16_000)
            items.append(LeakageItem(speaker, audio, prosody, tokens))
    return items


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for the test data, and fast."""
    monkeypatch.setattr(speaker_probe, "TREES", 10)


@pytest.fixture
def by_pitch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier that encodes the logarithm of the median F0, and an embedding of this value."""

    def hum(prosody: Prosody) -> Audio:
        return Audio(np.full(10, np.log(np.median(prosody.f0)) / 10, np.float32), 16_000)

    def embed(audio: Audio) -> np.ndarray:
        angle = 10 * float(audio.samples[0])
        return np.array([np.cos(angle), np.sin(angle)])

    monkeypatch.setattr(resynthesis_probe, "synthesize_carrier", hum)
    monkeypatch.setattr(resynthesis_probe, "embed_speaker", embed)


def test_features_that_identify_the_speaker_are_always_classified() -> None:
    speakers = list(SPEAKERS) * 10
    found = probe_speakers(np.eye(3)[[SPEAKERS.index(s) for s in speakers]], speakers)
    assert found.balanced.value == pytest.approx(1)
    assert found.accuracy == 1
    assert min(found.attackers.values()) == pytest.approx(1)


def test_noise_is_classified_by_chance() -> None:
    speakers = [str(i % 10) for i in range(200)]
    found = probe_speakers(np.random.default_rng(0).normal(size=(200, 20)), speakers)
    assert found.balanced.value < 0.2
    assert found.balanced.low <= found.balanced.value <= found.balanced.high


def test_a_frequent_speaker_does_not_raise_balanced_accuracy() -> None:
    speakers = ["often"] * 80 + ["seldom"] * 8
    found = probe_speakers(np.random.default_rng(1).normal(size=(88, 3)), speakers)
    assert found.accuracy > 0.8
    assert found.balanced.value < 0.65


@pytest.mark.slow
@pytest.mark.usefixtures("by_pitch")
def test_leakage_by_features() -> None:
    found = measure_leakage(KnownTokenizer(), make_items())
    assert isinstance(found, Leakage)
    accuracy = {name: probe.balanced.value for name, probe in found.probes.items()}
    assert found.chance == pytest.approx(1 / 3)
    assert found.target == pytest.approx(2 / 3 + 0.05)
    assert (
        accuracy["word codes"]
        == accuracy["all codes"]
        == accuracy["word embeddings"]
        == pytest.approx(1)
    )
    assert accuracy["register"] == accuracy["raw F0 (Hz)"] == pytest.approx(1)
    assert accuracy["frame codes"] < 0.7
    assert accuracy["durations of units, no codes"] < 0.6
    assert accuracy["measured F0, register taken out"] < 0.6
    probe = found.probes["register"]
    assert probe.attackers[probe.strongest] == probe.balanced.value


@pytest.mark.slow
@pytest.mark.usefixtures("by_pitch")
def test_a_speaker_of_two_utterances_or_of_no_name_is_left_out() -> None:
    items = make_items()
    nameless = replace(items[0], speaker="")
    found = measure_leakage(KnownTokenizer(), [*items[:18], nameless])
    assert isinstance(found, Leakage)
    assert (found.speakers, found.utterances, found.left_out) == (2, 16, 3)


@pytest.mark.parametrize("items", [[], make_items(3), make_items()[:8]])
def test_too_little_is_not_measured(items: list[LeakageItem]) -> None:
    found = measure_leakage(KnownTokenizer(), items)
    assert isinstance(found, NotMeasured)
    assert "2 speakers" in found.not_measured


@pytest.mark.usefixtures("by_pitch")
def test_tokens_in_another_register_are_nearest_to_its_owner() -> None:
    items = [
        replace(i, tokens=make_tokens(np.random.default_rng(0), register=i.tokens.register))
        for i in make_items()
    ]
    found = measure_resynthesis(KnownTokenizer(), items)
    assert found.swap["register_owner"].value == 1.0
    assert found.swap["tokens_owner"].value == 0.0
    accuracy = {name: probe.balanced.value for name, probe in found.conditions.items()}
    assert accuracy["tokens in their own register"] == pytest.approx(1)
    assert accuracy["tokens in one register"] <= 0.4


def test_the_carrier_has_the_given_prosody() -> None:
    f0 = np.geomspace(120, 240, 150)
    voiced = (np.arange(150) > 30) & (np.arange(150) < 120)
    energy = np.where(np.arange(150) < 75, -20.0, -35.0)
    sound = synthesize_carrier(Prosody(f0, voiced, energy))
    assert sound.samples.size == 150 * 160
    measured = extract(sound)
    inner = slice(40, 110)
    np.testing.assert_allclose(measured.f0[inner], f0[inner], rtol=0.02)
    assert measured.energy[35:65].mean() - measured.energy[85:115].mean() == pytest.approx(
        15, abs=1
    )


def test_the_level_of_a_recording_does_not_change_the_carrier() -> None:
    quiet, loud = (
        Prosody(np.full(100, 150.0), np.ones(100, bool), np.linspace(-40, -20, 100) + gain)
        for gain in (-20.0, 0.0)
    )
    np.testing.assert_allclose(
        synthesize_carrier(quiet).samples, synthesize_carrier(loud).samples, atol=1e-4
    )


def test_error_names_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    speaker_embedding._encoder.cache_clear()
    with pytest.raises(MissingExtraError, match=r"prosodytok\[eval\]"):
        embed_speaker(Audio(np.zeros(1600, np.float32), 16_000))


@pytest.mark.slow
def test_embeddings_distinguish_sounds_and_print_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    low, high = (
        Prosody(np.full(200, hz), np.ones(200, bool), np.full(200, -20.0)) for hz in (100.0, 250.0)
    )
    one, same, other = (embed_speaker(synthesize_carrier(p)) for p in (low, low, high))
    assert np.linalg.norm(one) == pytest.approx(1)
    assert one @ same == pytest.approx(1)
    assert one @ other < 0.95
    assert capsys.readouterr() == ("", "")


def test_pairs_of_codes_need_several_utterances() -> None:
    rng = np.random.default_rng(0)
    alike = [make_tokens(rng, word=1) for _ in range(4)]
    np.testing.assert_allclose(code_pairs(alike, "word"), np.ones((4, 1)))
    np.testing.assert_array_equal(code_pairs(alike[:2], "word"), np.zeros((2, 1)))


def test_durations_do_not_depend_on_codes() -> None:
    rng = np.random.default_rng(0)
    one, other = durations([make_tokens(rng), make_tokens(rng)])
    np.testing.assert_array_equal(one, other)
