from dataclasses import asdict

import pytest

from prosodytok.evaluation.reconstruction import summarize
from prosodytok.evaluation.stats.bootstrap import Interval
from prosodytok.types.errors import ProsodytokError
from tests.evaluation.measurements import make_measurement

UTTERANCES = [
    make_measurement(i, speaker=f"s{i % 6}", part="one" if i < 8 else "two") for i in range(12)
]
SUMMARY = summarize(UTTERANCES)


def test_counts() -> None:
    assert SUMMARY.utterances == 12
    assert SUMMARY.speakers == 6
    assert SUMMARY.resampled == "speakers"
    assert SUMMARY.seconds == pytest.approx(12 * 1.04)
    assert SUMMARY.units_per_second["word"] == pytest.approx(3 / 1.04)


def test_rates_are_those_of_the_tokens() -> None:
    for prefix, names in (("phrase", ["phrase"]), ("phrase + word", ["phrase", "word"])):
        expected = sum(u.tokens.select(names).bitrate for u in UTTERANCES) / 12
        rates = SUMMARY.bits_per_second[prefix]["fixed"]
        assert rates["total"].value == pytest.approx(expected)
        parts = [rate.value for part, rate in rates.items() if part != "total"]
        assert sum(parts) == pytest.approx(expected)
    assert set(SUMMARY.bits_per_second["phrase"]) == {"fixed", "unigram", "context"}


def test_errors_are_pooled() -> None:
    assert SUMMARY.errors["phrase"]["f0_mae"] == Interval(10, 10, 10)
    assert SUMMARY.errors["flat voice"]["vde"].value == pytest.approx(0.5)


def test_durations_of_words_and_pauses_are_separate() -> None:
    words, pauses = SUMMARY.durations.words, SUMMARY.durations.pauses
    assert (words.units, pauses.units) == (24, 12)
    assert words.octaves.value == pytest.approx(0.5)  # one exact, one of double length
    assert words.median_ms.value == 0
    assert pauses.octaves.value == pytest.approx(1)
    assert pauses.median_ms.value == 280


def test_codebooks_of_a_level_are_measured_one_by_one() -> None:
    one, two = SUMMARY.codebooks["frame"]
    assert (one.size, two.size) == (32, 4)
    assert one.units == two.units == 12 * 13
    assert two.usage.value == 1
    assert 3.5 < two.perplexity.value <= 4


def test_parts_of_a_corpus() -> None:
    assert {name: part.utterances for name, part in SUMMARY.parts.items()} == {"one": 8, "two": 4}
    assert summarize(UTTERANCES[:8]).parts == {}


def test_json_has_the_fields_of_a_part_and_of_the_whole() -> None:
    plain = asdict(SUMMARY)
    assert set(plain) - set(plain["parts"]["one"]) == {"durations", "codebooks", "parts"}
    assert plain["errors"]["phrase"]["f0_mae"] == {"value": 10, "low": 10, "high": 10}


def test_no_utterance_is_an_error() -> None:
    with pytest.raises(ProsodytokError, match="nothing to summarize"):
        summarize([])
