"""Peers of the rate-distortion benchmark on synthetic prosody: bits and errors."""

import sys
from functools import partial
from math import log2
from pathlib import Path

import numpy as np
import pytest

from prosodytok import Prosody
from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import Hierarchy, ProsodyTokens, Segmentation, TokenLevel

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes/benchmarks/rate_distortion"))

from evaluation_speech import Speech
from methods import Result, cached_peer_result
from peers import FAMILIES, STREAMS, TrainedPeer, make_peers, network_training
from peers.autoencoder import ConvAutoencoder
from peers.block_peers import BlockKMeans, F0Bins
from peers.kmeans import ResidualKMeans
from peers.peer_files import load_or_fit, peer_path, save_peer
from peers.transform_coders import RunTransformCoder, TransformCoder
from peers.unigram_tables import UnigramTables
from peers.voicing_runs import LONGEST, RunCoder, from_runs, to_runs, without_short_runs
from peers.word_peers import FiveNumbers, WordKMeans
from report import summarize, to_markdown

FRAMES, UPDATES = 320, 100


def utterance(seed: int) -> CachedUtterance:
    """3.2 s: random F0, runs of voicing, louder where voiced, and words of 200 to 500 ms."""
    rng = np.random.default_rng(seed)
    knots = np.linspace(0, FRAMES, 14)
    semitones = np.interp(np.arange(FRAMES), knots, rng.normal(0, 3, knots.size))
    edges = np.cumsum(rng.integers(8, 40, size=40))
    voiced = np.searchsorted(edges, np.arange(FRAMES)) % 2 == 1
    energy = -50 + 25 * voiced + np.cumsum(rng.normal(0, 0.7, FRAMES))
    bounds = np.append(0, np.cumsum(rng.integers(20, 50, size=20)))
    words = Segmentation.unlabelled([*bounds[bounds < FRAMES - 5], FRAMES])
    prosody = Prosody(200 * 2 ** (semitones / 12), voiced, energy)
    hierarchy = Hierarchy(Segmentation.unlabelled([0, FRAMES]), words, "acoustic")
    return CachedUtterance(f"u{seed}", f"group{seed % 2}", prosody, (hierarchy,))


TRAINING = [utterance(seed) for seed in range(40)]
HELD_OUT = [utterance(seed).example() for seed in range(100, 106)]


def small_network(channels: int = 3) -> TrainedPeer:
    sizes, streams = (8, 8), STREAMS[:channels]
    build = partial(ConvAutoencoder, 2, sizes, channels=channels, dim=16)
    return TrainedPeer("small network", build, sizes, streams, minutes=0)


SIMPLE = [F0Bins, BlockKMeans, FiveNumbers, WordKMeans]
CODERS = [partial(TransformCoder, 3.0), partial(RunTransformCoder, 3.0)]


@pytest.fixture(scope="module")
def fitted():
    """Function that returns a peer fitted to the training utterances, cached.

    Networks train for a number of updates, not for a time: the same on any machine.
    """
    peers = {}

    def fit(make):
        if make not in peers:
            peers[make] = make()
            peers[make].fit(TRAINING)
        return peers[make]

    with pytest.MonkeyPatch.context() as patch:
        progress = np.linspace(0, 1, UPDATES, endpoint=False)
        patch.setattr(network_training, "_clock", lambda _: progress)
        yield fit


def errors_of(peer, examples=HELD_OUT) -> dict[str, float]:
    total = ProsodyErrors()
    for e in examples:
        coded = peer.code(e.prosody, e.hierarchy, e.register)
        total += prosody_errors(e.prosody, coded.estimate)
    return total.scores


def rate_of(peer) -> float:
    coded = [peer.code(e.prosody, e.hierarchy, e.register) for e in HELD_OUT]
    return sum(c.entropy_bits for c in coded) / (len(HELD_OUT) * FRAMES / 100)


@pytest.mark.slow
@pytest.mark.parametrize("make", [*SIMPLE, *CODERS, small_network])
def test_a_peer_read_from_disk_decodes_the_same_from_codes_alone(make, fitted, tmp_path):
    peer, other = fitted(make), make()
    save_peer(peer, tmp_path)
    assert not load_or_fit(other, tmp_path, lambda: pytest.fail("was fitted again"))
    example = HELD_OUT[0]
    coded = peer.code(example.prosody, example.hierarchy, example.register)
    words = example.hierarchy.words
    units = Segmentation.unlabelled([0, FRAMES]) if not getattr(peer, "needs_words", 0) else words
    side = FRAMES if isinstance(peer, TransformCoder | RunTransformCoder) else units
    decoded = other.decode(coded.codes, side, example.register)
    np.testing.assert_array_equal(decoded.f0, coded.estimate.f0)
    np.testing.assert_array_equal(decoded.voiced, coded.estimate.voiced)
    np.testing.assert_array_equal(decoded.energy, coded.estimate.energy)
    again = other.code(example.prosody, example.hierarchy, example.register)
    assert again.entropy_bits == pytest.approx(coded.entropy_bits)


def test_a_peer_is_fitted_without_a_file_or_on_request(tmp_path):
    for again, fitted_now in ((False, True), (False, False), (True, True)):
        assert load_or_fit(F0Bins(), tmp_path, lambda: TRAINING[:8], again) is fitted_now


@pytest.mark.parametrize(("make", "bits_per_block"), [(F0Bins, 6), (BlockKMeans, 12)])
def test_a_grid_of_80_ms_costs_its_codes_and_no_boundaries(make, bits_per_block, fitted):
    example = HELD_OUT[0]
    coded = fitted(make).code(example.prosody, example.hierarchy, example.register)
    assert coded.bits == FRAMES / 8 * bits_per_block


@pytest.mark.slow
def test_a_network_costs_its_codes(fitted):
    example = HELD_OUT[0]
    coded = fitted(small_network).code(example.prosody, example.hierarchy, example.register)
    assert coded.bits == FRAMES / 16 * 2 * log2(8)


def test_five_numbers_cost_20_bits_a_word_and_nothing_else(fitted):
    example = HELD_OUT[0]
    coded = fitted(FiveNumbers).code(example.prosody, example.hierarchy, example.register)
    assert coded.bits == 20 * len(example.hierarchy.words)


def test_word_durations_cost_as_many_bits_as_in_our_tokens(fitted):
    example = HELD_OUT[0]
    words = example.hierarchy.words
    coded = fitted(WordKMeans).code(example.prosody, example.hierarchy, example.register)
    level = TokenLevel("word", coded.codes, (64, 64), words)
    tokens = ProsodyTokens((level,), example.register, FRAMES)
    assert tokens.bits["boundaries"] > 4 * len(words)
    assert coded.bits == pytest.approx(sum(tokens.bits.values()))


@pytest.mark.parametrize("make", [TransformCoder, RunTransformCoder])
def test_smaller_steps_cost_more_and_err_less(make, fitted):
    coarse, fine = fitted(partial(make, 6.0)), fitted(partial(make, 1.5))
    assert rate_of(fine) > 1.3 * rate_of(coarse)
    for measure in ("f0_mae", "energy_rmse"):
        assert errors_of(fine)[measure] < 0.7 * errors_of(coarse)[measure]


def test_two_codebooks_err_less_than_one():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4000, 6)).astype(np.float32)
    ones = np.ones_like(values)
    quantisers = [ResidualKMeans.fit(values, ones, sizes) for sizes in ((8,), (8, 8))]
    decoded = [q.decode(q.encode(values, ones)) for q in quantisers]
    one, two = (np.square(values - d).mean() for d in decoded)
    assert two < 0.75 * one


def test_joint_search_finds_the_exact_codes():
    rng = np.random.default_rng(0)
    books = tuple(rng.normal(size=(size, 3)).astype(np.float32) for size in (3, 4))
    quantiser = ResidualKMeans(books)
    codes = np.stack(np.meshgrid(np.arange(3), np.arange(4), indexing="ij")).reshape(2, -1)
    sums = quantiser.decode(codes)
    np.testing.assert_array_equal(quantiser.encode(sums, np.ones_like(sums)), codes)


def test_entries_without_weight_do_not_move_centres():
    rng = np.random.default_rng(0)
    values = np.repeat([[0.0, 0.0], [5.0, 5.0]], 50, axis=0) + rng.normal(0, 0.1, (100, 2))
    values = values.astype(np.float32)
    weights = np.ones_like(values)
    values[::2, 1], weights[::2, 1] = 99.0, 0.0
    quantiser = ResidualKMeans.fit(values, weights, (2,))
    np.testing.assert_allclose(np.sort(quantiser.centres[0][:, 1]), [0, 5], atol=0.2)


@pytest.mark.slow
def test_more_bits_make_a_better_network_than_a_flat_voice(fitted):
    example = HELD_OUT[0].prosody
    level = np.full(FRAMES, example.energy.mean())
    flat = Prosody(np.full(FRAMES, np.median(example.f0)), np.ones(FRAMES, bool), level)
    trivial = prosody_errors(example, flat).scores
    found = errors_of(fitted(small_network), HELD_OUT[:1])
    assert found["vde"] < trivial["vde"]
    assert found["energy_rmse"] < trivial["energy_rmse"]


@pytest.mark.slow
def test_a_vq_vae_ignores_energy(fitted):
    peer, example = fitted(partial(small_network, 2)), HELD_OUT[0]
    louder = Prosody(example.prosody.f0, example.prosody.voiced, example.prosody.energy + 20)
    codes = [
        peer.code(p, example.hierarchy, example.register).codes for p in (example.prosody, louder)
    ]
    np.testing.assert_array_equal(*codes)


def test_runs_convert_back_to_voicing():
    rng = np.random.default_rng(0)
    for length in (1, 5, 3 * LONGEST):
        for voiced in (np.ones(length, bool), np.zeros(length, bool), rng.random(length) < 0.5):
            runs = to_runs(voiced)
            assert runs.max() <= LONGEST
            np.testing.assert_array_equal(from_runs(runs), voiced)


def test_runs_cost_the_information_of_their_lengths():
    # Unvoiced runs have 4 or 8 frames with equal probability: 1 bit. Voiced ones have 6: 0 bits.
    rng = np.random.default_rng(0)
    lengths = rng.choice([4, 8], size=4000)
    voiced = np.concatenate([np.repeat([False, True], [n, 6]) for n in lengths])
    coder = RunCoder.fit([voiced])
    assert coder.bits(to_runs(voiced)) == pytest.approx(len(lengths), rel=0.1)


def test_only_short_runs_are_merged():
    voiced = np.repeat([False, True, False, True, False], [9, 6, 2, 7, 9])
    joined = without_short_runs(voiced, 4)
    np.testing.assert_array_equal(joined, np.repeat([False, True, False], [9, 15, 9]))
    np.testing.assert_array_equal(without_short_runs(voiced, 2), voiced)


def test_tables_of_codes_used_evenly_cost_their_fixed_length():
    codes = np.tile(np.arange(16), 1000)[None]
    assert UnigramTables.fit(codes, [16]).bits(codes) == pytest.approx(4 * codes.size)


def test_every_peer_has_a_unique_name_and_a_family_in_the_figure():
    peers = make_peers(minutes=1.0)
    assert len({p.name for p in peers}) == len(peers)
    assert all((type(p).__name__, p.streams) in FAMILIES for p in peers)


def test_the_table_leaves_out_streams_that_a_method_does_not_code():
    truth = HELD_OUT[0].prosody
    error = prosody_errors(truth, truth, truth)
    result = Result("bins", "bins", ("f0", "voicing"), [error], [32.0], [16.0])
    methods = summarize([result], ["a"], 3.2)
    corpus = {"utterances": 1, "seconds": 3.2, "methods": methods}
    (row,) = [x for x in to_markdown({"corpora": {"dev": corpus}}).splitlines() if "bins" in x]
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[2:4] == ["10", "5"]
    assert cells[-2] == "n/a"
    assert cells[4] == "0 (0 to 0)"


def test_a_network_is_measured_once_for_the_same_speech(fitted, tmp_path):
    peer = fitted(small_network)
    path = peer_path(peer, tmp_path)
    save_peer(peer, tmp_path)
    first = cached_peer_result(peer, "networks", [speech(HELD_OUT[0])], path)
    second = cached_peer_result(Unusable(peer), "networks", [speech(HELD_OUT[0])], path)
    assert first == second
    with pytest.raises(RuntimeError, match="must not be called"):
        cached_peer_result(Unusable(peer), "networks", [speech(HELD_OUT[1])], path)


class Unusable:
    def __init__(self, peer) -> None:
        self.name, self.streams = peer.name, peer.streams

    def code(self, *_):
        raise RuntimeError("must not be called")


def speech(example) -> Speech:
    p = example.prosody
    return Speech("a", Path("a.wav"), p, p, p, example.hierarchy, example.register)
