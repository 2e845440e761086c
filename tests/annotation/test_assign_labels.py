import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.annotation import Accent, Annotation, AnnotationError, Boundary, Break, assign
from prosodytok.io.textgrid import Entry

WORDS = (
    Entry(0.2, 0.5, "one"),
    Entry(0.5, 1.0, "two"),
    Entry(1.0, 1.4, "three"),
    Entry(2.0, 2.4, "four"),
)
SYLLABLES = (*WORDS[:2], Entry(1.0, 1.1, "thr"), Entry(1.1, 1.4, "ee"), WORDS[3])


def accent(start, end=None, kind="H*", **given):
    return Accent(start, start if end is None else end, kind, kind, **given)


def edge(time, tone="L%", side="final", level="intonational", **given):
    return Boundary(time, tone, side, level, tone, **given)


def annotation(*marks, syllables=()):
    kinds = {Accent: [], Boundary: [], Break: []}
    for mark in marks:
        kinds[type(mark)].append(mark)
    accents, boundaries, breaks = map(tuple, kinds.values())
    return Annotation("a", "ToBI", WORDS, syllables, accents, boundaries, breaks)


def place(labels, name):
    return [i for i, marks in enumerate(getattr(labels, name)) if marks]


@pytest.mark.parametrize(
    ("start", "end", "unit"),
    [
        *((0.2, 0.2, 0), (0.35, 0.35, 0), (0.52, 0.52, 1), (0.99, 0.99, 1), (1.44, 1.44, 2)),
        *((0.15, 0.15, 0), (1.95, 1.95, 3), (2.45, 2.45, 3), (0.45, 0.9, 1), (0.2, 0.55, 0)),
    ],
)
def test_accents_belong_to_the_unit_that_contains_them(start, end, unit):
    labels, unassigned = assign(annotation(accent(start, end)))
    assert place(labels, "accents") == [unit]
    assert labels.accented.tolist() == [i == unit for i in range(4)]
    assert unassigned == ()


@pytest.mark.parametrize("time", [0.1, 1.7, 2.6])
def test_accents_in_pauses(time):
    labels, (unassigned,) = assign(annotation(accent(time)))
    assert not labels.accented.any()
    assert (unassigned.mark.start, unassigned.reason) == (time, "in a pause")


@pytest.mark.parametrize(
    ("time", "unit"),
    [
        *((0.5, 0), (0.55, 0), (0.6, 1), (0.75, 1), (0.99, 1), (1.02, 1), (1.2, 2), (1.4, 2)),
        *((1.6, 2), (2.0, 3), (2.39, 3), (2.65, 3)),
    ],
)
def test_edges_belong_to_the_last_unit_before_them(time, unit):
    labels, unassigned = assign(annotation(edge(time), Break(time, "4", 4)))
    assert place(labels, "intonational") == place(labels, "breaks") == [unit]
    assert unassigned == ()


@pytest.mark.parametrize("time", [0.1, 1.9, 2.8])
def test_edges_far_from_any_end(time):
    labels, unassigned = assign(annotation(edge(time), Break(time, "4", 4)))
    assert not labels.boundary.any()
    assert {each.reason for each in unassigned} == {"no unit ends within 0.3 s before it"}
    assert len(unassigned) == 2


@pytest.mark.parametrize(("time", "unit"), [(0.0, 0), (0.3, 0), (0.52, 1), (1.8, 3)])
def test_initial_edges_belong_to_the_unit_that_starts_there(time, unit):
    labels, unassigned = assign(annotation(edge(time, "%H", "initial")))
    assert labels.initial_tone == tuple("%H" if i == unit else "" for i in range(4))
    assert not labels.boundary.any()
    assert unassigned == ()


def test_initial_edge_far_from_any_start():
    _, (unassigned,) = assign(annotation(edge(1.5, "%H", "initial")))
    assert unassigned.reason == "no unit starts within 0.3 s"


def test_two_accents_on_a_unit_are_kept_and_the_last_is_nuclear():
    labels, _ = assign(annotation(accent(0.6, kind="L*"), accent(0.9, kind="H*")))
    assert [a.type for a in labels.accents[1]] == ["L*", "H*"]
    assert labels.accent_type == ("", "H*", "", "")


def test_second_edge_of_a_unit_is_listed():
    phrase_accent = edge(1.0, "L-", level="intermediate")
    labels, (second,) = assign(annotation(edge(1.0, "L%"), edge(1.01, "H%"), phrase_accent))
    assert labels.boundary_tone[1] == "L-L%"
    assert (second.mark.tone, second.reason) == ("H%", "its unit has another mark of this kind")


def test_break_of_4_ends_a_phrase():
    labels, _ = assign(
        annotation(Break(0.5, "3", 3), Break(1.0, "4", 4), Break(1.4, "4-", 4, False))
    )
    assert labels.break_index.tolist() == [3, 4, 4, -1]
    assert labels.boundary.tolist() == [False, True, True, False]
    assert labels.boundary_tone == ("", "", "", "")
    assert labels.boundary_certain.tolist() == [True, True, False, True]


def test_intermediate_phrases_end_no_intonational_one():
    labels, _ = assign(annotation(edge(0.5, "L-", level="intermediate")))
    assert labels.boundary_tone == ("L-", "", "", "")
    assert not labels.boundary.any()


def test_doubt():
    labels, _ = assign(
        annotation(accent(0.3, kind="*", certain=False), edge(1.0, "%", certain=False))
    )
    assert labels.accented.tolist() == [True, False, False, False]
    assert labels.accent_certain.tolist() == [False, True, True, True]
    assert labels.boundary_certain.tolist() == [True, False, True, True]


def test_doubtful_accent_beside_a_certain_one():
    labels, _ = assign(annotation(accent(0.6, kind="*", certain=False), accent(0.9)))
    assert labels.accent_certain.all()


def test_syllables():
    given = annotation(accent(1.05), edge(1.4), syllables=SYLLABLES)
    labels, _ = assign(given, "syllable")
    assert len(labels) == 5
    assert place(labels, "accents") == [2]
    assert place(labels, "intonational") == [3]


def test_no_syllables():
    with pytest.raises(AnnotationError, match=r'a has no syllables.*"syllables"'):
        assign(annotation(accent(0.3)), "syllable")


times = st.floats(0.0, 3.0)
marks = st.one_of(
    st.builds(accent, times),
    st.builds(edge, times, level=st.sampled_from(["intonational", "intermediate"])),
    st.builds(edge, times, tone=st.just("%H"), side=st.just("initial")),
    st.builds(lambda time, index: Break(time, str(index), index), times, st.integers(0, 4)),
)


@given(st.lists(marks, max_size=12), st.sampled_from(["word", "syllable"]))
def test_every_mark_is_assigned_or_listed(given, units):
    labels, unassigned = assign(annotation(*given, syllables=SYLLABLES), units)
    placed = [a for accents in labels.accents for a in accents]
    for name in ("initial", "intermediate", "intonational", "breaks"):
        placed += [mark for mark in getattr(labels, name) if mark is not None]
    assert sorted(map(repr, [*placed, *(each.mark for each in unassigned)])) == sorted(
        map(repr, given)
    )


def test_speech_without_marks_between_pauses_is_not_annotated():
    labels, _ = assign(annotation(accent(0.3)))
    assert labels.annotated.tolist() == [True, True, True, False]
    labels, _ = assign(annotation(edge(2.4)))
    assert labels.annotated.tolist() == [False, False, False, True]


def test_nothing_is_annotated_without_marks():
    assert not assign(annotation())[0].annotated.any()


def test_words_before_the_first_break_are_not_annotated():
    labels, _ = assign(annotation(Break(1.0, "1", 1), Break(1.4, "4", 4)))
    assert labels.annotated.tolist() == [False, True, True, False]


def test_breaks_of_phrases_only_do_not_limit():
    labels, _ = assign(annotation(Break(1.4, "4", 4)))
    assert labels.annotated.tolist() == [True, True, True, False]


def test_syllables_of_annotated_words_are_annotated():
    given = annotation(Break(1.4, "1", 1), accent(2.2), syllables=SYLLABLES)
    labels, _ = assign(given, "syllable")
    assert labels.annotated.tolist() == [False, False, True, True, False]
