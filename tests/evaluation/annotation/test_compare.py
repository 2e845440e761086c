"""Tokens against annotation: single steps against independent results, and the command."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.point_tier import PointTier
from praatio.data_classes.textgrid import Textgrid
from sklearn.metrics import f1_score, roc_auc_score

from prosodytok import Prosody, ProsodyTokenizer, Register, Segmentation, load
from prosodytok.evaluation.annotation import label_contours, label_features, label_probe
from prosodytok.evaluation.annotation.compare import (
    Comparison,
    CorpusComparison,
    TaskComparison,
    groups_of,
)
from prosodytok.evaluation.annotation.comparison_figures import draw_comparison, marks_of_words
from prosodytok.evaluation.annotation.label_contours import Marks, bits_of_marks, read_marks
from prosodytok.evaluation.annotation.label_information import Contingency, contingency, information
from prosodytok.evaluation.annotation.label_probe import (
    majority,
    probe_labels,
    probe_scores,
    wording,
)
from prosodytok.evaluation.annotation.label_tasks import Task, tasks_of
from prosodytok.evaluation.annotation.labelled_utterances import (
    Labelled,
    close_voiced_gaps,
    read_labelled,
    unique_recordings,
)
from prosodytok.evaluation.reconstruction.measurement import measure
from prosodytok.io import to_dict
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation import align, segment_acoustic
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import tokenize_utterance
from prosodytok.types import FoundSource
from tests.command import call

ANNOTATED = {"words": "words", "accents": "accents", "boundaries": "boundaries"}


def task(labels: list[str], utterance: list[int] | None = None) -> Task:
    """A task with a unit for each label."""
    units = np.arange(len(labels))
    owner = np.array(utterance if utterance is not None else units)
    return Task("accent", owner, units, np.array(labels))


def comparison_of(name: str, tasks: dict[str, TaskComparison]) -> Comparison:
    """A comparison on one corpus with these tasks and no contours."""
    corpus = CorpusComparison(1, "recordings", 1, "word", tasks, None)
    return Comparison(1, "none", "given", 0, {name: corpus})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with accents on every other word, and a file that is no sound."""
    folder = tmp_path_factory.mktemp("annotated")
    lines = []
    for utterance in read_manifest(sample_manifest()):
        shutil.copy(utterance.audio, folder)
        audio = load(utterance.audio)
        words = align(audio, utterance.text or "").words
        middles = [(s + e) / 2 for s, e, _ in words[::2]]
        accents = [(t, ("H*L", "L*H")[i % 2]) for i, t in enumerate(middles)]
        edges = [(words[0][0], "%L"), (words[-1][1], "L%")]
        grid = Textgrid(0, audio.duration)
        grid.addTier(IntervalTier("words", list(words), 0, audio.duration))
        grid.addTier(PointTier("accents", accents, 0, audio.duration))
        grid.addTier(PointTier("boundaries", edges, 0, audio.duration))
        grid.save(str(folder / f"{utterance.id}.TextGrid"), "long_textgrid", True)
        lines.append(
            {
                "audio": utterance.audio.name,
                "id": utterance.id,
                "textgrid": f"{utterance.id}.TextGrid",
                "tiers": ANNOTATED,
                "scheme": "ToDI",
            }
        )
    (folder / "broken.flac").write_text("no sound")
    lines.append({**lines[0], "audio": "broken.flac", "id": "broken"})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "manifest.jsonl").write_text(text)
    return folder


@pytest.fixture(scope="module")
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained(search=False)


@pytest.mark.slow
@pytest.mark.parametrize("units", [None, "acoustic"])
@pytest.mark.parametrize("checkpoint", ["base", "stream"])
def test_compare_and_evaluate_use_the_units_of_the_checkpoint(
    folder: Path, checkpoint: str, units: FoundSource | None
) -> None:
    tokenizer = ProsodyTokenizer.from_pretrained(checkpoint)
    utterance = read_manifest(folder / "manifest.jsonl")[0]
    expected = tokenize_utterance(load(utterance.audio), tokenizer, UnitSpec(units))
    words = segment_acoustic(expected.prosody).words.boundaries
    offline_rule = np.array_equal(words, expected.tokens["word"].segmentation.boundaries)
    assert offline_rule == (checkpoint == "base" and units == "acoustic")
    for tokens in (
        measure(tokenizer, utterance, units=units).tokens,
        read_labelled(tokenizer, utterance, units or tokenizer.frontend.units).tokens,
    ):
        assert to_dict(tokens)["levels"] == to_dict(expected.tokens)["levels"]


@pytest.fixture(scope="module")
def utterances(folder: Path, tokenizer: ProsodyTokenizer) -> list[Labelled]:
    return [read_labelled(tokenizer, u) for u in read_manifest(folder / "manifest.jsonl")[:3]]


@pytest.fixture(scope="module")
def comparison(folder: Path) -> tuple[int, Any, str]:
    out = folder / "out"
    with pytest.MonkeyPatch.context() as patch:  # small models are fast
        patch.setattr(label_probe, "TREES", 10)
        patch.setitem(label_contours.BOOSTING, "max_iter", 10)
        patch.setitem(label_contours.TREES, "n_estimators", 10)
        code = call("compare", folder / "manifest.jsonl", "--out", out)
    found = json.loads((out / "compare.json").read_text())
    return code, found, (out / "compare.md").read_text()


@pytest.mark.slow
def test_the_command_reports_the_broken_file_and_writes_the_rest(
    comparison: Any, folder: Path
) -> None:
    code, found, text = comparison
    assert code == 1
    (corpus,) = found["corpora"].values()
    assert corpus["utterances"] == 3
    assert corpus["held_out"] == "recordings"
    accent = corpus["tasks"]["accent"]
    assert set(accent["classes"]) == {"accented", "unaccented"}
    assert {"majority", "duration", "shuffled codes", "raw prosody", "latent", "wording"} < set(
        accent["probes"]
    )
    assert accent["probes"]["majority"]["auc"]["value"] == 0.5
    assert corpus["contours"]["phrase + word + frame"]["r2"]["value"] > 0.75
    assert "| hand labels | " in text
    assert "### accent" in text
    for task in corpus["tasks"]:
        counts = np.array(corpus["tasks"][task]["contingency"]["counts"])
        assert counts.sum() == sum(corpus["tasks"][task]["classes"].values())
    shown = re.findall(r"^!\[.+?\]\((.*?\.png)\)\n\n\w.+\.\n$", text, re.MULTILINE)  # with captions
    assert len(shown) == len(set(shown)) == len(corpus["tasks"]) + 4
    assert {path.name for path in (folder / "out").glob("*.png")} == set(shown)


@pytest.mark.slow
def test_figures_hold_the_codes_of_the_corpus(
    tokenizer: ProsodyTokenizer, utterances: list[Labelled]
) -> None:
    """Without tasks and contours the figures are use, atlas and map, with every word."""
    figures = draw_comparison(comparison_of("a/b", {}), tokenizer, {"a/b": utterances})
    assert [f.file for f in figures] == [
        "a-b-use-of-codes.png",
        "a-b-atlas-of-word-codes.png",
        "a-b-map-of-word-codes.png",
    ]
    use, atlas, _ = (f.figure for f in figures)
    books = sum(len(level.codebook_sizes) for level in utterances[0].tokens.levels)
    assert len(use.axes[0].lines) == books
    counts = [int(ax.get_title(loc="right").removeprefix("n = ")) for ax in atlas.axes]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) <= sum(len(u.tokens["word"]) for u in utterances)


def test_the_map_is_coloured_by_the_most_frequent_label(
    tokenizer: ProsodyTokenizer, utterances: list[Labelled]
) -> None:
    code = int(utterances[0].tokens["word"].codes[0, 0])
    counts = Contingency(codes=[code], labels=["H*", "L*"], counts=[[1, 3]])
    comparison = comparison_of("x", {"accent": TaskComparison({}, {}, counts, {})})
    *_, drawn = draw_comparison(comparison, tokenizer, {"x": utterances})
    dots = {c.get_label(): len(c.get_offsets()) for c in drawn.figure.axes[0].collections}
    assert dots["L*"] == 1
    assert set(dots) == {"L*", "no label"}
    assert "accent" in drawn.caption


def test_marks_of_words_are_accents_and_tones(utterances: list[Labelled]) -> None:
    """Every other word is accented, and the last one ends low."""
    for utterance in utterances:
        units = zip(
            marks_of_words(utterance), utterance.tokens["word"].segmentation.labels, strict=True
        )
        marks = [mark for mark, word in units if word]
        types = ["H*L", "L*H"] * len(marks)
        expected = [types[i // 2] if i % 2 == 0 else "none" for i in range(len(marks))]
        last = expected.pop()
        assert marks[:-1] == expected
        assert marks[-1] == f"{last} L%".removeprefix("none ")


def test_every_annotated_word_counts_once(utterances: list[Labelled]) -> None:
    found = {t.name: t for t in tasks_of(utterances)}
    words = sum(len(u.annotation.words) for u in utterances)
    assert sum(found["accent"].classes.values()) == words
    assert found["accent"].classes["accented"] == sum(len(u.annotation.accents) for u in utterances)
    assert set(found["accent type"].classes) <= {"H*L", "L*H", "other"}
    assert "break index" not in found


def test_gaps_without_silence_are_closed() -> None:
    """A gap within loud voice is closed, and a silent one stays."""
    frames = 200
    energy = np.full(frames, -20.0, dtype=np.float32)
    energy[120:160] = -80.0
    prosody = Prosody(np.full(frames, 100.0, dtype=np.float32), energy > -50, energy)
    words = Segmentation([0, 10, 40, 60, 120, 160, 200], ("", "a", "", "b", "", "c"))
    closed = close_voiced_gaps(words, prosody)
    assert closed.boundaries.tolist() == [0, 60, 120, 160, 200]
    assert closed.labels == ("a", "b", "", "c")


def test_repeated_recordings_count_once(utterances: list[Labelled]) -> None:
    assert unique_recordings([*utterances, utterances[0]]) == utterances


def test_with_few_speakers_recordings_are_groups(utterances: list[Labelled]) -> None:
    assert groups_of(utterances) == (["0", "1", "2"], "recordings")


def test_shuffled_codes_keep_segmentation_and_frequencies(
    tokenizer: ProsodyTokenizer, utterances: list[Labelled]
) -> None:
    """Shuffling changes the decoded prosody, and keeps the frequencies of the codes."""
    permuted = label_features.shuffled(utterances, seed=0)
    for before, after in zip(
        *[[level for u in group for level in u.tokens.levels] for group in (utterances, permuted)],
        strict=True,
    ):
        assert before.segmentation is after.segmentation
    for position in range(3):
        pools = [
            np.sort(np.concatenate([u.tokens.levels[position].codes for u in g], axis=1))
            for g in (utterances, permuted)
        ]
        np.testing.assert_array_equal(*pools)
    contours = [tokenizer.decode(group[0].tokens).f0 for group in (utterances, permuted)]
    assert np.abs(np.log2(contours[0] / contours[1])).max() > 0.1


def test_features_are_those_of_the_unit_at_the_middle(utterances: list[Labelled]) -> None:
    one = utterances[0]
    words = one.tokens["word"].segmentation
    rows = label_features.unit_features(one.example.prosody, words, one.example.register)
    assert rows.shape[0] == len(words)
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(np.exp(rows[:, 0]), words.durations)
    case = Task("accent", np.zeros(1, int), np.array([2]), np.array(["accented"]))
    place = words.unit_at(one.middles[2])
    np.testing.assert_allclose(label_features.rows_of(case, [one], [rows])[0], rows[place])


def test_context_features_measure_prominence_in_the_utterance() -> None:
    """A unit of one semitone, one that rises to five, and one of three."""
    steps = np.concatenate([np.ones(40), np.linspace(1, 5, 40), np.full(40, 3.0)])
    prosody = Prosody(100 * 2 ** (steps / 12), np.ones(120, dtype=bool), np.zeros(120))
    units = Segmentation.unlabelled([0, 40, 80, 120])
    rows = label_features.context_features(prosody, units, Register(f0_median_hz=100.0))
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(rows[:, :2], [[0, -4], [4, 2], [-2, 0]], atol=1e-4)
    np.testing.assert_allclose(rows[:, -1], [2, 2, 0], atol=1e-4)


def test_scores_equal_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels = task(rng.choice(["a", "b"], 60).tolist())
    predicted = rng.dirichlet([1, 1], 60).round(1)
    found = probe_scores(predicted, labels, [str(i) for i in range(60)])
    truth = labels.label == "b"
    assert found["auc"].value == pytest.approx(roc_auc_score(truth, predicted[:, 1]))
    assert found["macro_f1"].value == pytest.approx(
        f1_score(truth, predicted.argmax(axis=1), average="macro")
    )
    assert found["auc"].low < found["auc"].value < found["auc"].high


@pytest.mark.slow
def test_groups_are_not_memorized() -> None:
    """A feature that identifies the group predicts nothing in other groups."""
    owner = np.repeat(np.arange(20), 5)
    rng = np.random.default_rng(1)
    of_group = rng.choice(["a", "b"], 20)
    labels = task(of_group[owner].tolist(), owner.tolist())
    predicted = probe_labels(np.eye(20)[owner], labels, [str(i) for i in range(20)])
    score = probe_scores(predicted, labels, [str(i) for i in range(20)])["auc"].value
    assert score < 0.7


@pytest.mark.slow
def test_separable_classes_are_classified() -> None:
    rng = np.random.default_rng(2)
    labels = task(rng.choice(["a", "b", "c"], 90).tolist())
    features = np.stack([labels.label == x for x in "abc"], axis=1) + rng.normal(0, 0.1, (90, 3))
    predicted = probe_labels(features, labels, [str(i) for i in range(90)])
    assert probe_scores(predicted, labels, [str(i) for i in range(90)])["macro_f1"].value > 0.95
    trivial = probe_scores(majority(labels), labels, [str(i) for i in range(90)])
    assert trivial["macro_f1"].value < 0.25


def test_the_wording_baseline_uses_the_sentence_of_others(utterances: list[Labelled]) -> None:
    """Two speakers, one sentence: each is predicted from the other."""
    pair = [utterances[0], utterances[0]]
    found = next(t for t in tasks_of(pair) if t.name == "accent")
    predicted = wording(found, pair, ["a", "b"])
    classes = np.unique(found.label)
    assert (classes[predicted.argmax(axis=1)] == found.label).all()


def test_mutual_information_of_equal_and_of_independent_labels() -> None:
    labels = np.array(list("aabbccdd" * 10))
    same = information(np.unique(labels, return_inverse=True)[1], labels)
    assert same.ami == pytest.approx(1)
    assert same.purity == same.v_measure == pytest.approx(1)
    rng = np.random.default_rng(0)
    independent = information(rng.integers(40, size=80), labels)
    assert abs(independent.ami) < 0.1
    assert independent.purity > 0.5  # purity alone is no evidence
    counts = contingency(np.array([3, 3, 7]), np.array(["x", "y", "x"]))
    assert counts == Contingency([3, 7], ["x", "y"], [[1, 1], [1, 0]])


def test_bits_of_marks(utterances: list[Labelled]) -> None:
    """A type costs its information content; a place costs a flag per unit, or a step of 20 ms."""
    marks, names = read_marks([u.annotation for u in utterances])
    assert all((np.diff(m.middle) >= 0).all() for kinds in marks for m in kinds.values())
    cheap, dear = bits_of_marks(marks, utterances, len(names))
    assert 0 < cheap < dear
    none = Marks(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
    nothing = [{"accents": none, "edges": none} for _ in marks[1:]]
    one_less = bits_of_marks([marks[0], *nothing], utterances, len(names))
    assert one_less[1] < dear
