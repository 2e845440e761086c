import pytest

from prosodytok.annotation import Annotation, AnnotationError, read_annotation
from prosodytok.io.manifest import Utterance
from prosodytok.segmentation import hierarchy_from_textgrid
from prosodytok.types.errors import ProsodytokError, SegmentationError
from tests.annotation.conftest import WORDS, text_grid
from tests.synth import constant, harmonics

TONES = [(0.3, "H*"), (1.5, "L-L%"), (2.2, "L+!H*"), (2.38, "L-"), (2.39, "H%")]


def labels(marks):
    return [mark.label for mark in marks]


def test_tobi_in_point_tiers(annotate):
    breaks = [(0.5, "1"), (1.0, "1p"), (1.4, "3-"), (1.6, "4"), (2.4, "4")]
    annotation = annotate(tones=TONES, breaks=breaks)
    assert isinstance(annotation, Annotation)
    assert (annotation.id, annotation.scheme, annotation.syllables) == ("a", "ToBI", ())
    assert [accent.type for accent in annotation.accents] == ["H*", "L+H*"]
    assert [accent.downstepped for accent in annotation.accents] == [False, True]
    assert [edge.tone for edge in annotation.boundaries] == ["L-L%", "L-", "H%"]
    assert [index.index for index in annotation.breaks] == [1, 1, 3, 4, 4]
    assert [index.certain for index in annotation.breaks] == [True, True, False, True, True]
    assert annotation.unknown == annotation.other == ()


def test_words_are_those_of_the_tokenizer(annotated):
    utterance = annotated(tones=TONES)
    words = read_annotation(utterance).words
    assert [word.label for word in words] == ["one", "two", "three", "four", "five"]
    tiled = hierarchy_from_textgrid(utterance.textgrid, 250, words_tier="words").words
    assert [label for label in tiled.labels if label] == [word.label for word in words]
    # The gap of 30 ms is closed; the "#" of 400 ms is a pause.
    assert words[1].end == words[2].start == 1.0
    assert (words[3].end, words[4].start) == (1.6, 2.0)


def test_syllables(annotate):
    syllables = [(0.2, 0.5, "W"), (0.5, 1.0, "S"), (1.0, 1.2, "thr"), (1.2, 1.6, "ee")]
    assert labels(annotate(tones=TONES, syllables=syllables).syllables) == ["W", "S", "thr", "ee"]


def test_other_and_unknown_marks_are_distinguished(annotate):
    annotation = annotate(tones=[(0.3, "H*"), (0.35, "HiF0"), (0.4, "?!"), (0.5, "")])
    assert labels(annotation.accents) == ["H*"]
    assert labels(annotation.other) == ["HiF0"]
    assert labels(annotation.unknown) == ["?!", ""]
    assert {mark.tier for mark in annotation.unknown} == {"tones"}


def test_todi_pauses_and_lone_tones_are_unknown(annotate):
    annotation = annotate(
        "ToDI",
        accents=[(0.35, "H*L"), (1.2, "L"), (2.2, "!H*")],
        boundaries=[(0.2, "%L"), (1.6, "%"), (1.6, "P"), (2.0, "%H"), (2.4, "L%")],
    )
    assert labels(annotation.accents) == ["H*L", "!H*"]
    assert [(edge.tone, edge.side) for edge in annotation.boundaries] == [
        *(("%L", "initial"), ("%", "final"), ("%H", "initial"), ("L%", "final"))
    ]
    assert labels(annotation.unknown) == ["L", "P"]
    assert [mark.tier for mark in annotation.unknown] == ["accents", "boundaries"]


def test_ivie_edges_feet_and_their_joins(annotate):
    annotation = annotate(
        "IViE",
        accents=[(0.0, 0.2, ""), (0.2, 0.5, ">H*"), (0.5, 0.9, "(*)"), (1.0, 1.4, "^[L*H]")],
        boundaries=[(0.2, "%<"), (0.5, "><"), (1.0, "<"), (1.6, ">%"), (2.0, "%"), (2.4, "L%]")],
    )
    assert [(accent.type, accent.start, accent.end) for accent in annotation.accents] == [
        *((">H*", 0.2, 0.5), ("L*H", 1.0, 1.4))
    ]
    assert [(edge.time, edge.tone, edge.side) for edge in annotation.boundaries] == [
        *((0.2, "%", "initial"), (1.6, "%", "final"), (2.0, "%", "initial"), (2.4, "L%", "final"))
    ]
    assert labels(annotation.other) == ["(*)", "><", "<"]
    assert annotation.unknown == ()


def test_gaps_between_intervals_are_not_marks(annotate):
    accents = [(0.0, 0.2, "#"), (0.2, 0.5, "H*"), (0.5, 1.6, "  "), (1.6, 2.5, "sil")]
    annotation = annotate("IViE", accents=accents)
    assert labels(annotation.accents) == ["H*"]
    assert annotation.unknown == ()


def test_bare_edge_between_words_ends_a_phrase(annotate):
    annotation = annotate("IViE", accents=[(0.3, "H*")], boundaries=[(0.5, "%"), (1.0, "%")])
    assert [edge.side for edge in annotation.boundaries] == ["final", "final"]


def test_bare_edge_of_tobi_ends_a_phrase(annotate):
    (edge,) = annotate(tones=[(0.2, "%?")]).boundaries
    assert (edge.side, edge.certain) == ("final", False)


@pytest.mark.parametrize("scheme", [None, "INTSINT"])
def test_unsupported_schemes_are_generic(annotate, scheme):
    marks = [(0.2, "%H"), (0.3, "!H*L"), (0.5, "L-"), (1.2, "T"), (1.6, "L%"), (2.0, "%")]
    annotation = annotate(scheme, tones=marks)
    assert annotation.scheme == "generic"
    assert [accent.type for accent in annotation.accents] == ["H*L"]
    assert [(edge.tone, edge.side, edge.level) for edge in annotation.boundaries] == [
        ("%H", "initial", "intonational"),
        ("L-", "final", "intermediate"),
        ("L%", "final", "intonational"),
        ("%", "initial", "intonational"),
    ]
    assert labels(annotation.unknown) == ["T"]


def test_tier_of_two_roles_is_read_once(annotated):
    utterance = annotated(
        tones=TONES, roles={"words": "words", "accents": "tones", "boundaries": "tones"}
    )
    annotation = read_annotation(utterance)
    assert len(annotation.accents) == 2
    assert len(annotation.boundaries) == 3


def test_name_of_the_words_tier_is_optional(annotated):
    utterance = annotated(tones=TONES, roles={"tones": "tones"})
    assert len(read_annotation(utterance).words) == 5


def test_break_intervals_apply_to_their_ends(annotate):
    annotation = annotate(
        breaks=[(0.2, 0.5, "1"), (0.5, 1.6, "4"), (1.6, 2.0, ""), (2.0, 2.4, "x")]
    )
    assert [(index.time, index.index) for index in annotation.breaks] == [
        *((0.5, 1), (1.6, 4), (2.4, -1))
    ]


def test_invalid_break_indices_are_unknown(annotate):
    annotation = annotate("IViE", accents=[(0.3, "P")], breaks=[(0.5, "P"), (1.0, "")])
    assert labels(annotation.other) == ["P"]
    assert [(mark.label, mark.tier) for mark in annotation.unknown] == [
        *(("P", "breaks"), ("", "breaks"))
    ]


def test_no_textgrid():
    with pytest.raises(AnnotationError, match='a has no "textgrid"'):
        read_annotation(Utterance(audio="a.wav", id="a"))


def test_missing_tier(annotated):
    utterance = annotated(tones=TONES, roles={"words": "words", "accents": "Accents"})
    with pytest.raises(AnnotationError, match=r"a\.TextGrid: accents: no tier.*'Accents'.*'tones'"):
        read_annotation(utterance)


def test_no_tier_of_marks(annotated):
    utterance = annotated(tones=TONES, roles={"words": "words"})
    with pytest.raises(AnnotationError, match=r"a\.TextGrid: .*no tier with.*'tones'.*ROLE"):
        read_annotation(utterance)


def test_missing_textgrid(tmp_path):
    utterance = Utterance(audio="a.wav", id="a", textgrid=tmp_path / "b.TextGrid")
    with pytest.raises(SegmentationError, match="no such file"):
        read_annotation(utterance)


def test_unusable_words(annotated):
    with pytest.raises(SegmentationError, match="no labelled interval"):
        read_annotation(annotated(words=[(0.0, 2.5, "#")], tones=TONES))


def test_error_class():
    assert issubclass(AnnotationError, ProsodytokError)


def later(entries, seconds):
    return [(*(time + seconds for time in times), label) for *times, label in entries]


@pytest.mark.parametrize("in_manifest", [True, False])
def test_times_of_a_longer_recording(annotated, in_manifest):
    """As after "Extract part" with "Preserve times"; else the length is that of the sound."""
    utterance = annotated(tones=TONES)
    expected = read_annotation(utterance)
    tiers = {"words": later(WORDS, 3), "tones": later(TONES, 3)}
    utterance.textgrid.write_text(text_grid(tiers, end=5.5, start=3), encoding="utf-8")
    harmonics(constant(150), 2.5).write(utterance.audio)
    moved = read_annotation(utterance.model_copy(update={"duration": 2.5 if in_manifest else None}))
    assert moved.words == expected.words
    assert [a.start for a in moved.accents] == pytest.approx([a.start for a in expected.accents])
    assert [b.time for b in moved.boundaries] == pytest.approx(
        [b.time for b in expected.boundaries]
    )


def test_tiers_by_number(annotated):
    roles = {"words": "1", "accents": "2", "boundaries": "tones"}
    annotation = read_annotation(annotated(tones=TONES, roles=roles))
    assert (len(annotation.accents), len(annotation.boundaries)) == (2, 3)
