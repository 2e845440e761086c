"""hibari's voice: unchanged without changes, and controlled by durations, F0 and energy."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from prosodytok.features import extract
from prosodytok.segmentation.aligner import align
from prosodytok.tts import HibariVoice
from prosodytok.tts.hibari_phones import text_to_phones
from prosodytok.tts.hibari_voice import _words
from prosodytok.types.errors import MissingExtraError, TextError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register

hibari = pytest.importorskip("hibari")
TEXT = "She had your dark suit in greasy wash water, all year."


@pytest.fixture(scope="module")
def voice():
    return HibariVoice()


@pytest.fixture(scope="module")
def engine():
    return hibari.Hibari()


@pytest.fixture(scope="module")
def plan(voice):
    return voice.plan(TEXT)


@pytest.fixture(scope="module")
def spoken(voice, plan):
    return extract(voice.speak(plan))


def test_the_cut_network_is_the_stock_network(voice, engine):
    (phones,) = engine.phonemize(TEXT)
    ids = engine.ids(phones)
    speed = np.ones(1, dtype=np.float32)
    stock = engine.sess.run(None, {"ids": np.array([ids]), "speed": speed})
    steps = voice.graph.steps(ids)
    f0, energy = voice.graph.f0_and_energy(ids, steps)
    np.testing.assert_array_equal(f0, stock[5][0])
    sound = voice.graph.sound(ids, steps, f0, energy, np.random.default_rng(0))
    np.testing.assert_array_equal(sound, engine(TEXT, seed=0))


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Dr. Smith's well-known dog didn't bark -- did it? No, \"never\".",
        "It's 3.5 km (far).",
    ],
)
def test_phones_are_those_of_hibari(engine, text):
    pronunciation = text_to_phones(engine, text)
    phones = ["".join(phone.symbol for phone in s[1:-1]) for s in pronunciation.sentences]
    assert phones == engine.phonemize(text)


def test_an_unchanged_plan_is_the_stock_voice(voice, engine, plan):
    ours, stock = voice.speak(plan).samples, engine(TEXT, seed=0)
    assert ours.size == stock.size
    assert np.abs(ours - stock).max() < 0.05 * np.abs(stock).max()


def test_words_are_where_an_aligner_finds_them(voice, plan):
    found = [start for start, _, _ in align(voice.speak(plan), plan.transcript).words]
    planned = plan.words.boundaries[plan.spoken] / plan.prosody.frame_rate
    assert np.median(np.abs(planned - found)) < 0.04


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_f0_follows(voice, plan, spoken, factor):
    prosody = replace(plan.prosody, f0=plan.prosody.f0 * factor)
    got = extract(voice.speak(replace(plan, prosody=prosody)))
    both = got.voiced & spoken.voiced
    assert np.median(got.f0[both] / spoken.f0[both]) == pytest.approx(factor, rel=0.03)


def test_energy_follows_as_it_was_calibrated(voice, plan, spoken):
    gain = np.where(np.arange(plan.prosody.num_frames) > 130, 6.0, 0.0)
    prosody = replace(plan.prosody, energy=plan.prosody.energy + gain)
    got = extract(voice.speak(replace(plan, prosody=prosody)))
    louder = (got.energy - spoken.energy)[spoken.energy > -35]
    first, last = louder[: louder.size // 3], louder[-louder.size // 3 :]
    assert np.median(last) - np.median(first) == pytest.approx(6, abs=1.5)


def test_durations_follow(voice, plan):
    lengths = plan.words.durations.copy()
    lengths[plan.spoken[2]] *= 2
    edges = np.append(0, np.cumsum(lengths))
    places = np.interp(np.arange(edges[-1]), edges, plan.words.boundaries).astype(int)
    own = plan.prosody
    prosody = Prosody(own.f0[places], own.voiced[places], own.energy[places], own.frame_rate)
    words = replace(plan.words, boundaries=edges)
    audio = voice.speak(replace(plan, words=words, prosody=prosody))
    assert audio.duration == pytest.approx(edges[-1] / own.frame_rate, abs=0.03)
    starts = [start for start, _, _ in align(audio, plan.transcript).words]
    assert np.median(np.abs(edges[plan.spoken] / own.frame_rate - starts)) < 0.05


def test_a_pause_is_put_where_it_is_wanted(voice, plan):
    paused = voice.plan(TEXT, {3})
    assert paused.words.labels[paused.spoken[2] + 1] == ""
    assert paused.transcript == plan.transcript
    assert plan.words.labels[plan.spoken[2] + 1] != ""


def test_the_register_is_that_of_its_speech(voice, spoken):
    measured = Register.estimate(spoken)
    assert abs(12 * np.log2(measured.f0_median_hz / voice.register.f0_median_hz)) < 2
    assert abs(measured.energy_level_db - voice.register.energy_level_db) < 4


def test_sentences_follow_each_other(voice):
    plan = voice.plan("No. It is not!")
    assert plan.words.labels == ("", "No", "", "It", "is", "not", "")
    assert voice.speak(plan).duration == pytest.approx(plan.words.num_frames / 80)


def test_a_pause_without_silence_keeps_a_frame(engine):
    pronunciation = text_to_phones(engine, "One, two.")
    steps = np.full(sum(map(len, pronunciation.sentences)), 2)
    words = _words(pronunciation, steps, np.zeros(2 * steps.sum(), dtype=np.float32))
    assert words.labels == ("", "One", "", "two", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "nothing"), (" \n ", "nothing"), ("?! ...", "nothing"), ("word " * 200, "full stops")],
)
def test_text_that_cannot_be_spoken(voice, text, reason):
    with pytest.raises(TextError, match=reason):
        voice.plan(text)


@pytest.mark.parametrize("module", ["hibari", "onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_its_extra(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"'{module}'.*prosodytok\[tts\]"):
        HibariVoice()
