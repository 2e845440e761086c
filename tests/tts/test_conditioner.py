"""Embeddings of tokens: shapes, padding, positions, subsets of levels, dropout, gradients."""

import numpy as np
import pytest
import torch

from prosodytok import ProsodyTokenizer
from prosodytok.tts import ProsodyConditioner, frame_spans
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ConfigError, TokenError
from tests.torch_settings import SETTINGS

SIZES = {"phrase": (8,), "word": (16, 4), "frame": (32,)}
LEVELS = tuple(SIZES)


def tokens(edges=(0, 10, 30, 44), phrases=(0, 30, 44), names=LEVELS, seed=0):
    random, sizes = np.random.default_rng(seed), {n: np.array(s)[:, None] for n, s in SIZES.items()}
    units = {
        "phrase": Segmentation.unlabelled(phrases),
        "word": Segmentation.unlabelled(edges),
        "frame": Segmentation.grid(edges[-1]),
    }
    levels = tuple(
        TokenLevel(
            name,
            random.integers(0, sizes[name], (len(sizes[name]), len(units[name]))),
            SIZES[name],
            units[name],
        )
        for name in names
    )
    return ProsodyTokens(levels, Register(), edges[-1])


@pytest.fixture
def conditioner():
    torch.manual_seed(0)
    return ProsodyConditioner(SIZES, 6)


def expected(conditioner, name, utterance, centre):
    """Codes alone: the embedding of the unit at a frame position."""
    level = utterance[name]
    unit = int(level.segmentation.unit_at(centre))
    books = zip(conditioner.codes[name], level.codes[:, unit], strict=True)
    return sum(book.weight[code] for book, code in books)


def test_shapes_and_padding(conditioner):
    long, short = tokens(), tokens((0, 5, 20), (0, 20), seed=1)
    phones = [[0, 4, 10, 30, 41, 44], [0, 5, 20]]
    both = conditioner([long, short], phones)
    assert both.shape == (2, 5, 6)
    assert both.dtype == torch.float32
    assert (both[1, 2:] == 0).all()
    torch.testing.assert_close(both[:1], conditioner([long], phones[:1]))
    torch.testing.assert_close(both[1:, :2], conditioner([short], phones[1:]))


def test_a_span_has_the_codes_at_its_centre():
    conditioner = ProsodyConditioner(SIZES, 6, timing=False)
    utterance = tokens()
    edges = [0, 8, 14, 31, 44]  # the second begins in one word, and has its centre in the next
    for name in ("phrase", "word"):
        found = conditioner([utterance], [edges], [name])[0]
        rest = sum(conditioner.null[other] for other in LEVELS if other != name)
        centres = (np.array(edges[1:]) + edges[:-1]) / 2
        for vector, centre in zip(found, centres, strict=True):
            torch.testing.assert_close(
                vector, expected(conditioner, name, utterance, centre) + rest
            )


def test_a_span_has_the_mean_of_the_frame_tokens_that_it_overlaps():
    conditioner = ProsodyConditioner({"frame": (32,)}, 6)
    utterance = tokens(names=("frame",))
    weight = conditioner.codes["frame"][0].weight
    vectors = weight[torch.from_numpy(utterance["frame"].codes[0])]
    found = conditioner([utterance], [[0, 8, 9, 20, 50]])[0]
    torch.testing.assert_close(found[0], vectors[0])
    torch.testing.assert_close(found[1], vectors[1])
    torch.testing.assert_close(found[2], (7 * vectors[1] + 4 * vectors[2]) / 11)
    over = 4 * vectors[2] + 8 * vectors[3] + 8 * vectors[4] + 10 * vectors[5]  # the last holds on
    torch.testing.assert_close(found[3], over / 30)


def test_frames_at_any_rate(conditioner):
    utterance = tokens()
    assert frame_spans(utterance, 100).tolist() == list(range(45))
    assert frame_spans(utterance, 12.5).tolist() == [0, 8, 16, 24, 32, 40, 48]
    edges = frame_spans(utterance, 22050 / 256)
    assert conditioner([utterance], [edges]).shape == (1, 38, 6)  # 0.44 s times 86.13


def test_durations_and_positions_in_words_are_embedded(conditioner):
    grid = [range(45)]
    by_frame = conditioner([tokens()], grid, ["word"])[0]
    assert not torch.allclose(by_frame[0], by_frame[9])
    alone = ProsodyConditioner(SIZES, 6, timing=False)([tokens()], grid, ["word"])[0]
    torch.testing.assert_close(alone[0], alone[9])
    other = tokens((0, 20, 30, 44))  # the same codes for longer
    assert not torch.allclose(conditioner([other], [[0, 2]]), conditioner([tokens()], [[0, 2]]))


@pytest.mark.parametrize("names", [(), ("phrase",), ("word", "frame"), LEVELS], ids=len)
def test_any_subset_of_levels(conditioner, names):
    spans = [[0, 10, 44]]
    chosen = conditioner([tokens()], spans, names)
    if names:  # equals tokens without the other levels
        torch.testing.assert_close(conditioner([tokens().select(names)], spans), chosen)
    others = torch.stack([conditioner([tokens(seed=s)], spans, names) for s in range(3)])
    assert torch.allclose(others[0], others[1]) == (not names)


def test_null_is_the_same_everywhere_and_learned(conditioner):
    null = conditioner([tokens(), tokens(seed=1)], [[0, 10, 44]] * 2, ())
    torch.testing.assert_close(null, sum(conditioner.null.values()).expand(2, 2, 6))
    null.sum().backward()
    assert all((p.grad == 4).all() for p in conditioner.null.values())


def test_gradients_reach_the_used_level_alone(conditioner):
    conditioner([tokens()], [range(45)], ["word"]).sum().backward()
    used = set(tokens()["word"].codes[0].tolist())
    gradient = conditioner.codes["word"][0].weight.grad
    assert {i for i in range(16) if gradient[i].any()} == used
    assert conditioner.codes["frame"][0].weight.grad is None
    assert conditioner.null["word"].grad is None or not conditioner.null["word"].grad.any()
    assert conditioner.places["word"].weight.grad.any()


def test_dropout_is_of_whole_levels_and_only_in_training():
    torch.manual_seed(0)
    conditioner = ProsodyConditioner(SIZES, 6, level_dropout=0.5, condition_dropout=0.3)
    spans = [[0, 10, 30]] * 400
    out = conditioner([tokens()] * 400, spans).detach()
    kinds, counts = torch.unique(out, dim=0, return_counts=True)
    assert len(kinds) == 8  # every subset of three levels
    null = conditioner.eval()([tokens()], spans[:1], ())
    num_null = counts[[torch.allclose(kind, null[0]) for kind in kinds]].item()
    assert 0.3 < num_null / 400 < 0.48  # 0.3 + 0.7 / 8 = 0.39
    evaluated = [conditioner([tokens()], spans[:1]) for _ in range(5)]
    assert all(torch.equal(evaluated[0], again) for again in evaluated)


def test_a_warm_start_is_of_the_tokenizers_vectors():
    torch.manual_seed(0)
    tokenizer = ProsodyTokenizer.from_pretrained()
    sizes = {level.name: level.codebook_sizes for level in tokenizer.config.levels}
    conditioner = ProsodyConditioner(sizes, 64)
    conditioner.warm_start(tokenizer)
    for name, books in conditioner.codes.items():
        for k, book in enumerate(books):
            expected = np.linalg.norm(
                tokenizer.codebook(name, k) - tokenizer.codebook(name, k)[0], axis=1
            )
            found = (book.weight - book.weight[0]).norm(dim=1).detach().numpy()
            assert np.corrcoef(expected, found)[0, 1] > 0.9
    with pytest.raises(TokenError, match="the tokenizer has codebooks of sizes"):
        ProsodyConditioner({"phrase": (8,)}, 6).warm_start(tokenizer)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_in_any_program(conditioner, settings):
    tokenizer = ProsodyTokenizer.from_pretrained()
    sizes = {level.name: level.codebook_sizes for level in tokenizer.config.levels}
    warm, spans = ProsodyConditioner(sizes, 6, level_dropout=0.5), [[0, 10, 44]]
    expected = conditioner([tokens()], spans)
    with settings():
        warm.warm_start(tokenizer)
        found = conditioner([tokens()], spans)
        conditioner.condition_dropout = 0.5
        assert conditioner([tokens()], spans).shape == (1, 2, 6)
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0.02)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_any_dtype(conditioner, dtype):
    embedded = conditioner.to(dtype)([tokens()], [[0, 10, 44]])
    assert embedded.dtype == dtype
    embedded.sum().backward()


def test_saved_and_loaded(conditioner):
    twin = ProsodyConditioner.of(tokens(), 6)
    twin.load_state_dict(conditioner.state_dict())
    spans = [[0, 10, 44]]
    torch.testing.assert_close(twin([tokens()], spans), conditioner([tokens()], spans))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c([tokens()], []), "spans of 0 utterances for 1"),
        (lambda c: c([], []), "spans of 0 utterances for 0"),
        (lambda c: c([tokens()], [[0, 5, 5]]), "utterance 0: edges of spans must increase"),
        (lambda c: c([tokens()], [[0]]), "edges of spans"),
        (lambda c: c([tokens()], [[0, 5]], ["syllable"]), r"no level \['syllable'\]"),
        (
            lambda _: ProsodyConditioner({"word": (16, 5)}, 6)([tokens()], [[0, 5]]),
            r"codebooks of sizes \(16, 4\), and the conditioner \(16, 5\)",
        ),
        (lambda _: ProsodyConditioner({"syllable": (4,)}, 6), "needs levels"),
    ],
)
def test_arguments_that_do_not_fit(conditioner, call, message):
    with pytest.raises(TokenError, match=message):
        call(conditioner)


def test_dropout_rates_are_checked():
    with pytest.raises(ConfigError, match=r"from 0 to 1, not 1\.5"):
        ProsodyConditioner(SIZES, 6, level_dropout=1.5)
