from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation.intervention import (
    Intervention,
    NullEffect,
    SwapEffect,
    measure_intervention,
)
from prosodytok.evaluation.intervention.code_swaps import Codebook, draw_swaps
from prosodytok.evaluation.intervention.swap_effect import effect_statistics, effect_sums, regions
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.viz import plot_intervention
from tests.evaluation.known_tokenizer import EDGES, KnownTokenizer, make_tokens

FLAT = Prosody(np.full(400, 200.0), np.ones(400, bool), np.full(400, -30.0))
UNIT = slice(100, 150)


@pytest.fixture(scope="module")
def measured() -> Intervention:
    rng = np.random.default_rng(0)
    tokens = [make_tokens(rng, books=2) for _ in range(12)]
    return measure_intervention(KnownTokenizer(), tokens, max_changes=30)


def swap_of(
    measured: Intervention, level: str, book: int = 1, decoded: str = "all", choice: str = "random"
) -> SwapEffect:
    wanted = (level, book, decoded, choice)
    (swap,) = (
        s for s in measured.swaps if (s.level, s.codebook, s.levels_heard, s.choice) == wanted
    )
    return swap


def measures(before: Prosody, after: Prosody) -> dict[str, float]:
    row = effect_sums(before, after, UNIT.start, UNIT.stop)
    found = effect_statistics(list(row), np.array([list(row.values())]))
    return {name: float(value[0]) for name, value in found.items()}


def changed(part: slice, cents: float = 0.0, decibels: float = 0.0) -> Prosody:
    f0, energy = FLAT.f0.copy(), FLAT.energy.copy()
    f0[part] *= 2 ** (cents / 1200)
    energy[part] += decibels
    return replace(FLAT, f0=f0, energy=energy)


def test_a_level_without_effect_changes_nothing(measured: Intervention) -> None:
    for decoded in ("all", "prefix"):
        swap = swap_of(measured, "phrase", decoded=decoded)
        assert swap.measures["unchanged"].value == 1.0
        assert swap.measures["f0 inside"].value == 0.0
        assert np.isnan(swap.measures["f0 extent ms"].value)


def test_a_word_code_moves_the_f0_of_its_word_only(measured: Intervention) -> None:
    swap = swap_of(measured, "word")
    assert swap.measures["unchanged"].value == 0.0
    assert swap.measures["f0 inside"].value >= 100 - 0.1
    assert swap.measures["f0 share inside"].value == pytest.approx(1)
    assert swap.measures["f0 0-80 ms"].value == 0
    assert swap.measures["energy inside"].value == 0
    assert 0.9 * swap.unit_ms <= swap.measures["f0 extent ms"].value <= swap.unit_ms


def test_a_frame_code_moves_its_80_ms_only(measured: Intervention) -> None:
    swap = swap_of(measured, "frame")
    assert swap.measures["energy inside"].value > 2
    assert swap.measures["energy share inside"].value == pytest.approx(1)
    assert swap.measures["energy extent ms"].value <= 80
    assert swap.measures["f0 inside"].value == 0


def test_codebooks_are_changed_one_by_one(measured: Intervention) -> None:
    assert swap_of(measured, "word", 2).measures["unchanged"].value == 1.0


def test_the_farthest_code_moves_more_than_a_random_one(measured: Intervention) -> None:
    far, drawn = (swap_of(measured, "word", choice=c) for c in ("farthest", "random"))
    assert far.measures["f0 inside"].value > 1.1 * drawn.measures["f0 inside"].value


def test_the_same_code_changes_exactly_nothing(measured: Intervention) -> None:
    assert measured.null == NullEffect(f0_cents=0, energy_db=0, flips=0, changes=120)


def test_durations_change_with_the_code_of_their_word(measured: Intervention) -> None:
    phrase, word = (
        next(d for d in measured.durations if d.level == name and d.codebook == 1)
        for name in ("phrase", "word")
    )
    assert phrase.inside_octaves.value == 0
    assert word.inside_octaves.value >= 0.25
    assert word.outside_octaves.value == 0


def test_json_and_figure(measured: Intervention) -> None:
    plain = measured.to_dict()
    assert plain["swaps"][0]["f0 inside"] == vars(measured.swaps[0].measures["f0 inside"])
    assert "measures" not in plain["swaps"][0]
    figure = plot_intervention(plain, levels_heard="prefix")
    assert [len(ax.lines) for ax in figure.axes] == [6, 6, 6]


def test_the_same_seed_draws_the_same(measured: Intervention) -> None:
    rng = np.random.default_rng(0)
    tokens = [make_tokens(rng, books=2) for _ in range(12)]
    again = measure_intervention(KnownTokenizer(), tokens, max_changes=30)
    assert repr(again) == repr(measured)  # NaN is not equal to itself


def test_no_tokens_are_an_error() -> None:
    with pytest.raises(ProsodytokError, match="no tokens"):
        measure_intervention(KnownTokenizer(), [])


def test_a_swap_puts_another_code_in_one_place() -> None:
    rng = np.random.default_rng(1)
    tokens = [make_tokens(rng, word=3), make_tokens(rng, word=3)]
    codebook = Codebook(KnownTokenizer(), tokens, "word", 0)
    swaps = draw_swaps(codebook, 100, rng)
    assert len(swaps) == 8
    assert {(s.utterance, s.unit) for s in swaps} == {(u, w) for u in (0, 1) for w in range(4)}
    assert all(code != 3 for s in swaps for code in s.codes.values())
    swap = next(s for s in swaps if (s.utterance, s.unit) == (0, 2))
    other = codebook.apply(swap, 5)
    np.testing.assert_array_equal(other["word"].codes, [[3, 3, 5, 3]])
    np.testing.assert_array_equal(other["frame"].codes, tokens[0]["frame"].codes)


def test_regions_count_from_the_edges_of_the_unit() -> None:
    found = regions(400, UNIT.start, UNIT.stop)
    assert set(found[UNIT]) == {0}
    for frame, region in ((99, 1), (92, 1), (91, 2), (150, 1), (158, 2), (213, 4), (214, 5)):
        assert found[frame] == region, frame


def test_a_change_of_known_size() -> None:
    found = measures(FLAT, changed(UNIT, cents=50, decibels=-3))
    assert found["f0 inside"] == pytest.approx(50, rel=1e-3)
    assert found["energy inside"] == pytest.approx(3, rel=1e-3)
    assert found["f0 extent ms"] == 450
    assert found["voicing inside"] == 0


def test_f0_counts_in_voiced_frames() -> None:
    mute = replace(FLAT, voiced=np.zeros(400, bool))
    after = replace(changed(UNIT, cents=500), voiced=mute.voiced)
    assert measures(mute, after)["unchanged"] == 1.0
    assert measures(mute, replace(after, voiced=FLAT.voiced))["voicing inside"] == 1.0


@pytest.mark.parametrize(("cents", "decibels"), [(4, 0), (0, 0.4), (4, 0.4)])
def test_small_changes_are_inaudible(cents: float, decibels: float) -> None:
    assert measures(FLAT, changed(UNIT, cents, decibels))["unchanged"] == 1.0


def test_a_change_outside_the_unit_is_inaudible() -> None:
    found = measures(FLAT, changed(slice(160, 170), cents=100))
    assert found["unchanged"] == 1.0
    assert found["f0 share inside"] == 0.0
    assert found["f0 80-160 ms"] > 50


@pytest.mark.parametrize(("hz", "band"), [(0.25, "slow"), (2.0, "middle"), (8.0, "fast")])
def test_modulation_measures_the_time_scale_of_a_change(hz: float, band: str) -> None:
    times = (np.arange(400) + 0.5) / 100
    wave = replace(FLAT, f0=200 * 2 ** (np.cos(2 * np.pi * hz * times) / 12))
    found = measures(FLAT, wave)
    assert found[f"f0 modulation {band}"] == pytest.approx(1, abs=1e-3)
    assert found["f0 modulation Hz"] == pytest.approx(hz, rel=0.01)


def test_the_test_utterances_are_nested() -> None:
    assert set(EDGES["phrase"]) <= set(EDGES["word"])
