import pytest

from prosodytok.annotation import assign

ACCENTS = [(0.3, "H*"), (1.2, "H*"), (2.2, "H*")]
INTERMEDIATE = [(0.0, 0.2, ""), (0.2, 1.0, "H-"), (1.0, 1.6, "L-"), (2.0, 2.4, "L-")]
INTONATIONAL = [(0.0, 0.2, ""), (0.2, 1.6, "L%"), (1.6, 2.0, ""), (2.0, 2.4, "H%")]
#: Marked at their audible positions, within the last words.
CLOSING = [(0.7, "H-"), (1.5, "L-"), (1.55, "L%"), (2.3, "L-"), (2.35, "H%")]


@pytest.fixture
def emu(annotate):
    """Read the layout of emuR: tones as points, phrases as intervals."""

    def emu(tones=(), **tiers):
        return annotate("ToBI", tones=sorted([*ACCENTS, *tones]), **tiers)

    return emu


def edges(annotation):
    return [(edge.time, edge.tone, edge.level) for edge in annotation.boundaries]


PHRASES = {"intermediate": INTERMEDIATE, "intonational": INTONATIONAL}


@pytest.mark.parametrize("tones", [[], CLOSING], ids=["intervals", "intervals and points"])
def test_phrases_end_where_their_intervals_do(emu, tones):
    annotation = emu(tones, **PHRASES)
    assert edges(annotation) == [
        (1.0, "H-", "intermediate"),
        (1.6, "L%", "intonational"),
        (1.6, "L-", "intermediate"),
        (2.4, "H%", "intonational"),
        (2.4, "L-", "intermediate"),
    ]
    assert annotation.unknown == ()


def test_both_tones_of_a_phrase_are_joined(emu):
    labels, unassigned = assign(emu(CLOSING, **PHRASES))
    assert labels.boundary_tone == ("", "H-", "", "L-L%", "L-H%")
    assert labels.boundary.tolist() == [False, False, False, True, True]
    assert unassigned == ()


def test_points_alone_give_the_same_tones(emu):
    with_phrases, without = assign(emu(CLOSING, **PHRASES))[0], assign(emu(CLOSING))[0]
    assert with_phrases.boundary_tone == without.boundary_tone
    assert with_phrases.accent_type == without.accent_type


@pytest.mark.parametrize("scheme", ["ToBI", None])
def test_pauses_within_phrases_are_not_their_ends(annotate, scheme):
    phrases = [(0.0, 2.0, "IP"), (2.0, 2.5, "IP")]
    annotation = annotate(scheme, intonational=phrases, tones=[(1.9, "L%")])
    assert edges(annotation) == [(1.6, "L%", "intonational"), (2.4, "%", "intonational")]
    assert assign(annotation)[0].boundary.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("label", ["IP", "%", "1"])
def test_phrases_without_tones_have_those_of_the_points(emu, label):
    phrases = [(0.2, 1.6, label), (2.0, 2.4, label)]
    annotation = emu([(1.5, "!H-L%"), (2.3, "L-%?")], intonational=phrases)
    assert edges(annotation) == [(1.6, "H-L%", "intonational"), (2.4, "L-%", "intonational")]
    assert [edge.downstepped for edge in annotation.boundaries] == [True, False]
    assert [edge.certain for edge in annotation.boundaries] == [True, False]


def test_open_phrase_accents_are_not_silence(emu):
    phrases = [(0.2, 1.6, "-"), (1.6, 2.0, ""), (2.0, 2.4, "L-")]
    assert [tone for _, tone, _ in edges(emu(intermediate=phrases))] == ["-", "L-"]


def test_longer_tones_take_precedence(emu):
    annotation = emu([(1.5, "L-L%"), (2.3, "H%")], intonational=INTONATIONAL)
    assert [tone for _, tone, _ in edges(annotation)] == ["L-L%", "H%"]
    assert annotation.unknown == ()


def test_tones_that_contradict_their_phrase_are_listed(emu):
    annotation = emu([(1.5, "H%"), (1.8, "L%")], intonational=INTONATIONAL)
    assert [tone for _, tone, _ in edges(annotation)] == ["L%", "H%"]
    contradiction, stray = annotation.unknown
    assert (contradiction.label, contradiction.tier) == ("H%", "tones")
    assert contradiction.reason == "the phrase that ends here has L%"
    assert "no intonational phrase ends here" in stray.reason


def test_levels_without_phrases_keep_their_points(emu):
    annotation = emu([(0.7, "H-"), (1.5, "L%")], intonational=INTONATIONAL)
    assert edges(annotation)[0] == (0.7, "H-", "intermediate")


def test_phrases_as_points_are_tones(annotate):
    annotation = annotate(intonational=[(1.6, "L-L%"), (2.4, "%")])
    assert edges(annotation) == [(1.6, "L-L%", "intonational"), (2.4, "%", "intonational")]
