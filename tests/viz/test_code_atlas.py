"""Code atlas: contours and counts by code, and legible panels."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.viz import CodeEntry, code_entries, plot_atlas
from tests.viz.figure_text import assert_legible, words_of

POINTS = 32
#: Semitones from -1 to 1 over each of the units.
RISE = 2 * (np.arange(POINTS) + 0.5) / POINTS - 1


class Flat:
    """Decoder to the median of the register, raised by the first word code."""

    def __init__(self) -> None:
        self.levels: list[str] = []

    def decode_batch(
        self, utterances: Sequence[ProsodyTokens], levels: Iterable[str] | None = None
    ) -> list[Prosody]:
        self.levels = list(levels or ())
        return [self._decode(tokens) for tokens in utterances]

    def _decode(self, tokens: ProsodyTokens) -> Prosody:
        units = tokens["word"].segmentation.unit_of_frame
        raised = tokens["word"].codes[0][units] / 12
        f0 = tokens.register.f0_median_hz * np.exp2(raised)
        return Prosody(f0, np.full(f0.size, True), np.zeros(f0.size))


def rising(num_units: int, register: Register) -> Prosody:
    times = np.tile((np.arange(100) + 0.5) / 100, num_units)
    f0 = register.f0_median_hz * np.exp2((2 * times - 1) / 12)
    return Prosody(f0, np.full(f0.size, True), np.zeros(f0.size))


def utterance(codes: Sequence[int], median: float = 100.0) -> tuple[ProsodyTokens, Prosody]:
    register = Register(f0_median_hz=median)
    num_frames = 100 * len(codes)
    words = Segmentation.unlabelled(np.arange(len(codes) + 1) * 100)
    levels = (
        TokenLevel("phrase", [[0]], (4,), Segmentation.unlabelled([0, num_frames])),
        TokenLevel("word", [codes, codes], (8, 8), words),
        TokenLevel(
            "frame", np.zeros((1, -(-num_frames // 8))), (4,), Segmentation.grid(num_frames)
        ),
    )
    return ProsodyTokens(levels, register, num_frames), rising(len(codes), register)


def test_units_are_grouped_by_code():
    (a, measured_a), (b, measured_b) = utterance([3, 1, 3]), utterance([3], median=200.0)
    labels = [["H*", "", "L*"], ["H*"]]
    decoder = Flat()
    three, one = code_entries(decoder, [a, b], [measured_a, measured_b], labels)
    assert decoder.levels == ["phrase", "word"]
    assert (three.code, three.count, three.labels) == (3, 3, {"H*": 2, "L*": 1})
    assert (one.code, one.count, one.labels) == (1, 1, {})
    np.testing.assert_allclose(one.decoded, 1.0, atol=0.3)
    np.testing.assert_allclose(one.decoded[4:-4], 1.0, atol=1e-5)
    assert three.examples.shape == (3, POINTS)
    np.testing.assert_allclose(three.examples[1][2:-2], RISE[2:-2], atol=1e-4)


def test_unvoiced_points_are_nan():
    tokens, measured = utterance([2, 2])
    measured = replace(measured, voiced=np.arange(200) >= 50)
    (entry,) = code_entries(Flat(), [tokens], [measured])
    assert np.isnan(entry.examples[0][: POINTS // 2]).all()
    assert np.isfinite(entry.examples[0][POINTS // 2 :]).all()
    assert np.isfinite(entry.decoded).all()


def test_number_of_examples_and_other_levels():
    tokens, measured = utterance([5] * 9)
    (entry,) = code_entries(Flat(), [tokens], [measured], num_examples=4, codebook=1)
    assert (entry.count, len(entry.examples)) == (9, 4)
    (none,) = code_entries(Flat(), [tokens], [measured], num_examples=0)
    assert none.examples.shape == (0, POINTS)
    (phrase,) = code_entries(Flat(), [tokens], [measured], level="phrase")
    assert (phrase.code, phrase.count) == (0, 1)
    assert code_entries(Flat(), [], []) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prosodies": []}, "prosodies of 0 utterances"),
        ({"labels": []}, "labels of 0 utterances"),
        ({"labels": [["H*"]]}, "1 labels for 2 units"),
        ({"prosodies": [utterance([1])[1]]}, "100 frames, but its tokens have 200"),
        ({"codebook": 2}, "no codebook 2"),
        ({"level": "syllable"}, "no level 'syllable'"),
    ],
)
def test_inputs_that_do_not_match(changes, message):
    tokens, measured = utterance([1, 2])
    with pytest.raises(ProsodytokError, match=message):
        code_entries(Flat(), **{"tokens": [tokens], "prosodies": [measured], **changes})


def entry(code: int = 0, labels: dict[str, int] | None = None, num_examples: int = 3) -> CodeEntry:
    examples = np.random.default_rng(code).normal(0, 2, (num_examples, POINTS))
    return CodeEntry(code, 10 * code + num_examples, RISE * code / 10, examples, labels or {})


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 5, 6, 7, 64])
def test_panels_are_legible(number):
    labels = {"L+H*": 5, "$_^": 3, "два": 2, "L-H%": 1, "a very long label " * 5: 9}
    names = list(labels)
    entries = [entry(i, {n: labels[n] for n in names[i % 5 :]}) for i in range(number)]
    figure = plot_atlas(entries, title="An $atlas$_^")
    assert_legible(figure)
    assert len(figure.axes) == number
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert "An $atlas$_^" in words_of(figure)


def test_contents_of_a_panel():
    figure = plot_atlas([entry(7, {"H*": 3, "L*": 1})])
    (ax,) = figure.axes
    assert [ax.get_title(loc=where) for where in ("left", "right")] == ["7", "n = 73"]
    assert ax.get_xlabel() == "H*: 75, L*: 25"
    (decoded,) = [line for line in ax.lines if line.get_label() == "decoded"]
    np.testing.assert_allclose(decoded.get_ydata(), RISE * 0.7)
    assert len(ax.lines) == 1 + 1 + 3


def test_labels_wrap_to_two_lines():
    names = {"L*+H L-H%": 6, "!H* L-L%": 3, "L+H* L-H%": 2, "H*": 1}
    (ax,) = plot_atlas([entry(0, names)]).axes
    assert ax.get_xlabel() == "L*+H L-H%: 50\n!H* L-L%: 25"
    (ax,) = plot_atlas([entry(0, {"none": 5, "H*L H%": 3, "%": 2})]).axes
    assert ax.get_xlabel() == "none: 50\nH*L H%: 30, %: 20"


@pytest.mark.parametrize("num_examples", [0, 2])
def test_unvoiced_codes_have_empty_panels(num_examples):
    nothing = np.full((num_examples, POINTS), np.nan)
    figure = plot_atlas([CodeEntry(1, 2, np.full(POINTS, np.nan), nothing, {})])
    assert_legible(figure)


def test_invalid_shapes():
    with pytest.raises(ProsodytokError, match=r"\(32,\) and \(2, 31\)"):
        CodeEntry(0, 1, RISE, np.ones((2, 31)), {})
    with pytest.raises(ProsodytokError, match=r"\(1, 32\)"):
        CodeEntry(0, 1, RISE[None], np.ones((1, 32)), {})
    with pytest.raises(ProsodytokError, match="0 codes"):
        plot_atlas([])
    with pytest.raises(ProsodytokError, match="0 columns"):
        plot_atlas([entry()], columns=0)
