import json
import sys

import numpy as np
import pytest

from prosodytok.evaluation import leakage_probe, leakage_resynthesis, speaker_embedding
from prosodytok.evaluation.leakage import LeakageItem, measure_leakage
from prosodytok.evaluation.leakage_features import code_pairs, durations
from prosodytok.evaluation.leakage_probe import probe
from prosodytok.evaluation.leakage_resynthesis import measure_resynthesis
from prosodytok.evaluation.speaker_embedding import carry, embed_speaker
from prosodytok.features import extract
from prosodytok.types import Register
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError
from prosodytok.types.prosody import Prosody
from tests.evaluation.made_up import FRAMES, KnownTokenizer, make_tokens, table_rows

SPEAKERS = ("a", "b", "c")


def make_items(each: int = 8) -> list[LeakageItem]:
    """Word codes name the speaker, whose F0 is 100, 150 or 200 Hz; all else is chance."""
    rng = np.random.default_rng(0)
    items = []
    for number, speaker in enumerate(SPEAKERS):
        for index in range(each):
            register = Register(f0_median_hz=100 + 50 * number)
            tokens = make_tokens(rng, register=register, word=number)
            f0 = np.full(FRAMES, register.f0_median_hz)
            voiced = np.repeat(rng.random(FRAMES // 8) > 0.4, 8)
            prosody = Prosody(f0, voiced, rng.normal(-30, 5, FRAMES))
            audio = Audio(rng.normal(0, 0.1, 24 * 1600).astype(np.float32), 16_000)
            items.append(LeakageItem(f"{speaker}{index}", speaker, audio, prosody, tokens))
    return items


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for what is made up here, and quick."""
    monkeypatch.setattr(leakage_probe, "TREES", 10)


@pytest.fixture
def by_pitch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier that is the logarithm of the median F0, and an embedding that hears just this."""

    def hum(prosody: Prosody) -> Audio:
        return Audio(np.full(10, np.log(np.median(prosody.f0)) / 10, np.float32), 16_000)

    def embed(audio: Audio) -> np.ndarray:
        angle = 10 * float(audio.samples[0])
        return np.array([np.cos(angle), np.sin(angle)])

    monkeypatch.setattr(leakage_resynthesis, "carry", hum)
    monkeypatch.setattr(leakage_resynthesis, "embed_speaker", embed)


def test_features_that_name_the_speaker_are_told_always() -> None:
    speakers = list(SPEAKERS) * 10
    found = probe(np.eye(3)[[SPEAKERS.index(s) for s in speakers]], speakers)
    assert found.balanced.value == pytest.approx(1)
    assert found.accuracy == 1
    assert min(found.attackers.values()) == pytest.approx(1)


def test_noise_is_told_by_chance() -> None:
    speakers = [str(i % 10) for i in range(200)]
    found = probe(np.random.default_rng(0).normal(size=(200, 20)), speakers)
    assert found.balanced.value < 0.2
    assert found.balanced.low <= found.balanced.value <= found.balanced.high


def test_a_frequent_speaker_does_not_flatter() -> None:
    speakers = ["often"] * 80 + ["seldom"] * 8
    found = probe(np.random.default_rng(1).normal(size=(88, 3)), speakers)
    assert found.accuracy > 0.8
    assert found.balanced.value < 0.65


@pytest.mark.usefixtures("by_pitch")
def test_leakage_says_where_the_speaker_is() -> None:
    found = measure_leakage(KnownTokenizer(), make_items())
    told = {name: result["balanced"]["value"] for name, result in found["probes"].items()}
    assert found["chance"] == pytest.approx(1 / 3)
    assert found["target"] == pytest.approx(2 / 3 + 0.05)
    assert told["word codes"] == told["all codes"] == told["word embeddings"] == pytest.approx(1)
    assert told["register"] == told["raw F0 (Hz)"] == pytest.approx(1)
    assert told["frame codes"] < 0.7
    assert told["durations of units, no codes"] < 0.6
    assert told["measured F0, register taken out"] < 0.6
    json.dumps(found)
    rows = len(found["probes"]) + len(found["resynthesis"]["conditions"])
    assert len(table_rows(found["table"])) == rows + 4


@pytest.mark.usefixtures("by_pitch")
def test_a_speaker_of_two_utterances_or_of_no_name_is_left_out() -> None:
    items = make_items()
    nameless = LeakageItem("x", "", items[0].audio, items[0].prosody, items[0].tokens)
    found = measure_leakage(KnownTokenizer(), [*items[:18], nameless])
    assert (found["speakers"], found["utterances"], found["left_out"]) == (2, 16, 3)


@pytest.mark.parametrize("items", [[], make_items(3), make_items()[:8]])
def test_too_little_is_not_measured(items: list[LeakageItem]) -> None:
    found = measure_leakage(KnownTokenizer(), items)
    assert found["table"] == found["not_measured"]
    assert "not measured" in found["table"]
    assert "probes" not in found


@pytest.mark.usefixtures("by_pitch")
def test_in_anothers_register_tokens_sound_like_the_register() -> None:
    items = make_items()
    tokens = [make_tokens(np.random.default_rng(0), register=i.tokens.register) for i in items]
    found = measure_resynthesis(
        KnownTokenizer(),
        [i.speaker for i in items],
        [i.audio for i in items],
        [i.prosody for i in items],
        tokens,
    )
    assert found["swap"]["register_owner"]["value"] == 1.0
    assert found["swap"]["tokens_owner"]["value"] == 0.0
    told = {name: c["balanced"]["value"] for name, c in found["conditions"].items()}
    assert told["tokens in their own register"] == pytest.approx(1)
    assert told["tokens in one register"] <= 0.4


def test_the_carrier_has_the_prosody_asked_for() -> None:
    f0 = np.geomspace(120, 240, 150)
    voiced = (np.arange(150) > 30) & (np.arange(150) < 120)
    energy = np.where(np.arange(150) < 75, -20.0, -35.0)
    sound = carry(Prosody(f0, voiced, energy))
    assert sound.samples.size == 150 * 160
    heard = extract(sound)
    sure = slice(40, 110)
    np.testing.assert_allclose(heard.f0[sure], f0[sure], rtol=0.02)
    assert heard.energy[35:65].mean() - heard.energy[85:115].mean() == pytest.approx(15, abs=1)


def test_how_loud_a_recording_is_does_not_reach_the_carrier() -> None:
    quiet, loud = (
        Prosody(np.full(100, 150.0), np.ones(100, bool), np.linspace(-40, -20, 100) + gain)
        for gain in (-20.0, 0.0)
    )
    np.testing.assert_allclose(carry(quiet).samples, carry(loud).samples, atol=1e-4)


def test_an_absent_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    speaker_embedding._encoder.cache_clear()
    with pytest.raises(MissingExtraError, match=r"prosodytok\[eval\]"):
        embed_speaker(Audio(np.zeros(1600, np.float32), 16_000))


@pytest.mark.slow
def test_embeddings_tell_sounds_apart_and_keep_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    low, high = (
        Prosody(np.full(200, hz), np.ones(200, bool), np.full(200, -20.0)) for hz in (100.0, 250.0)
    )
    one, same, other = (embed_speaker(carry(p)) for p in (low, low, high))
    assert np.linalg.norm(one) == pytest.approx(1)
    assert one @ same == pytest.approx(1)
    assert one @ other < 0.95
    assert capsys.readouterr() == ("", "")


def test_pairs_of_codes_that_utterances_share() -> None:
    rng = np.random.default_rng(0)
    alike = [make_tokens(rng, word=1) for _ in range(4)]
    np.testing.assert_allclose(code_pairs(alike, "word"), np.ones((4, 1)))
    np.testing.assert_array_equal(code_pairs(alike[:2], "word"), np.zeros((2, 1)))


def test_durations_see_no_code() -> None:
    rng = np.random.default_rng(0)
    one, other = durations([make_tokens(rng), make_tokens(rng)])
    np.testing.assert_array_equal(one, other)
