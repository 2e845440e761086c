import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.annotation.annotation_types import Accent, Boundary, Break, Mark
from prosodytok.annotation.schemes import (
    GENERIC,
    IVIE,
    TOBI,
    TODI,
    read_break,
    read_tones,
    scheme_of,
)
from prosodytok.io.textgrid import Entry

ALL = [TOBI, TODI, IVIE, GENERIC]


def read(scheme, label, start=1.0, end=1.0):
    (mark,) = read_tones(scheme, Entry(start, end, label), "tones")
    return mark


@pytest.mark.parametrize(
    ("scheme", "label", "kind"),
    [
        *((TOBI, accent, accent) for accent in ("H*", "L*", "L+H*", "L*+H", "H+L*", "H+!H*")),
        *((TOBI, "!H*", "H*"), (TOBI, "L+!H*", "L+H*"), (TOBI, "L*+!H", "L*+H")),
        *((TOBI, "^H*", "H*"), (TOBI, "L+¡H*", "L+H*"), (TOBI, "H*+L", "H*+L")),
        *((TOBI, "*", "*"), (TOBI, "*?", "*"), (TOBI, "X*?", "*"), (TOBI, "L+H*?", "*")),
        *((TODI, accent, accent) for accent in ("H*L", "H*", "L*H", "L*", "L*HL", "H*LH", "H*!H")),
        *((TODI, "!H*L", "H*L"), (TODI, "!H*", "H*"), (TODI, "L*!HL", "L*HL")),
        *((IVIE, accent, accent) for accent in ("L*H", "H*", "L*", "H*L", "H*LH", "L*HL", ">H*")),
        *((IVIE, "!H*", "H*"), (IVIE, "L*!H", "L*H"), (IVIE, ">!H*", ">H*"), (IVIE, "!H*L", "H*L")),
        *((IVIE, label, "L*H") for label in ("^[L*H]", "L*^[H]", "^[L*H", "^[L*]H", "L*H]")),
        *((IVIE, "\nL*H", "L*H"), (IVIE, "^[H*]", "H*"), (GENERIC, "L+>H*", "L+>H*")),
        *((GENERIC, "!H*L", "H*L"), (GENERIC, "H+!H*", "H+!H*"), (GENERIC, "M*", "M*")),
    ],
)
def test_accents(scheme, label, kind):
    accent = read(scheme, label, 1.0, 1.2)
    assert isinstance(accent, Accent)
    assert (accent.start, accent.end, accent.label) == (1.0, 1.2, label.strip())
    assert accent.type == kind
    assert accent.downstepped == ("!" in label)
    assert accent.certain == (label != "*?")


@pytest.mark.parametrize(
    ("scheme", "label", "tone"),
    [
        *((TOBI, tone, tone) for tone in ("L-L%", "H-H%", "H-%", "L%", "%", "L-", "H-", "-")),
        *((TOBI, "!H-L%", "H-L%"), (TOBI, "!H-", "H-"), (TOBI, "L-^H%", "L-H%")),
        *((TOBI, "%?", "%"), (TOBI, "-?", "-"), (TOBI, "X%?", "%"), (TOBI, "X-?", "-")),
        *((TOBI, "L-X%?", "L-%"), (TOBI, "L-%?", "L-%"), (TOBI, "X-L%", "-L%")),
        *((TODI, tone, tone) for tone in ("L%", "H%", "%")),
        *((IVIE, label, "%") for label in ("%", "%<", ">%", "%]", "^[%<")),
        *((IVIE, label, "L%") for label in ("L%", ">L%", "L%]")),
        *((GENERIC, tone, tone) for tone in ("L-H%", "HL%", "M-", "%")),
    ],
)
def test_closing_tones(scheme, label, tone):
    boundary = read(scheme, label)
    assert isinstance(boundary, Boundary)
    assert (boundary.time, boundary.label) == (1.0, label)
    assert (boundary.side, boundary.tone) == ("final", tone)
    assert boundary.level == ("intermediate" if tone.endswith("-") else "intonational")
    assert boundary.downstepped == ("!" in label)
    assert boundary.certain == (label not in {"%?", "-?", "L-%?"})


@pytest.mark.parametrize(
    ("scheme", "label", "tone"),
    [
        *((TOBI, "%H", "%H"), (TOBI, "%H?", "%"), (GENERIC, "%H", "%H")),
        *((TODI, tone, tone) for tone in ("%L", "%H", "%HL")),
        *((IVIE, label, "%L") for label in ("%L", "%L<", "[%L<")),
    ],
)
def test_opening_tones(scheme, label, tone):
    expected = Boundary(1.0, label, "initial", "intonational", tone)
    assert read(scheme, label) == expected


@pytest.mark.parametrize(
    ("scheme", "label", "reason"),
    [
        *((TODI, label, "no * and no %") for label in ("P", "L", "H")),
        *((TOBI, label, "no tone") for label in ("HiF0", "LoF0", "<", ">", "%r")),
        *((IVIE, label, "foot") for label in ("<", ">", "><")),
        *((IVIE, "(*)", "without a pitch accent"), (IVIE, "P", "prominent")),
        *((IVIE, "L<", "no * and no %"), (IVIE, "R", "no * and no %")),
        *((TODI, "L-L%", "not a label of ToDI"), (TOBI, "HL*", "not a label of ToBI")),
        *((TODI, "HiF0", "no * and no %"), (TOBI, "H**", "not a label"), (TODI, "", "no label")),
    ],
)
def test_non_tonal_marks(scheme, label, reason):
    mark = read(scheme, label)
    assert isinstance(mark, Mark)
    assert (mark.time, mark.label, mark.tier) == (1.0, label, "tones")
    assert reason in mark.reason


def test_one_point_with_several_marks():
    accent, boundary = read_tones(TOBI, Entry(1.0, 1.0, "L+H*  L-H%"), "tones")
    assert (accent.type, accent.label) == ("L+H*", "L+H*")
    assert (boundary.tone, boundary.label) == ("L-H%", "L-H%")


def test_edges_of_an_interval():
    entry = Entry(1.0, 2.0, "%H H* L%")
    opening, accent, closing = read_tones(TOBI, entry, "tones")
    assert (opening.time, closing.time) == (1.0, 2.0)
    assert (accent.start, accent.end) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("label", "index", "certain", "disfluent"),
    [
        *((str(index), index, True, False) for index in range(5)),
        *(("3-", 3, False, False), ("4-", 4, False, False), (" 1 ", 1, True, False)),
        *(("1p", 1, True, True), ("3p", 3, True, True), ("2-p", 2, False, True)),
        *(("2p-", 2, False, True), ("X", -1, False, False), ("4?", 4, False, False)),
    ],
)
def test_break_indices(label, index, certain, disfluent):
    read_index = read_break(Entry(1.0, 1.0, label), "breaks")
    assert read_index == Break(1.0, label.strip(), index, certain, disfluent)


@pytest.mark.parametrize("label", ["", "5", "p", "-", "12", "H*"])
def test_invalid_break_index(label):
    assert isinstance(read_break(Entry(1.0, 1.0, label), "breaks"), Mark)


@pytest.mark.parametrize("name", ["ToBI", "tobi", " TOBI "])
def test_schemes_by_name(name):
    assert scheme_of(name) is TOBI
    assert scheme_of("ToDI") is TODI
    assert scheme_of("IViE") is IVIE


@pytest.mark.parametrize("name", [None, "", "INTSINT"])
def test_other_schemes_are_generic(name):
    assert scheme_of(name) is GENERIC


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
@given(st.text("HLMXP*%-+!?^[]<>() r0", max_size=8))
def test_every_label_becomes_a_mark(scheme, text):
    labels = text.split() or [""]
    marks = read_tones(scheme, Entry(1.0, 1.0, text), "tones")
    assert [mark.label for mark in marks] == labels


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.name)
@given(st.text("HLX*%-+!?^<>", min_size=1, max_size=6))
def test_normalization_is_idempotent(scheme, label):
    (mark,) = read_tones(scheme, Entry(1.0, 1.0, label), "tones")
    if isinstance(mark, Accent):
        assert read(scheme, mark.type).type == mark.type
    elif isinstance(mark, Boundary):
        again = read(scheme, mark.tone)
        assert (again.tone, again.level) == (mark.tone, mark.level)
        # A bare "%", to which "%H?" is normalized too, has no side.
        assert again.side == mark.side or mark.tone == "%"
