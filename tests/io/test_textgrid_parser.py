"""TextGrids as other programs and old computers write them."""

import pytest

from prosodytok.io.textgrid_parser import parse_textgrid
from prosodytok.types.errors import SegmentationError
from tests.io.test_textgrid import LONG

UTF_16_LE = LONG.encode("utf-16-le")
FORMS = {
    "no spaces around =": LONG.replace(" = ", "=").encode(),
    "tabs": LONG.replace(" = ", "\t=\t").encode(),
    "indented": LONG.replace("\n", "\n    ").replace("File", "    File", 1).encode(),
    "blank line first": b"\r\n\r\n" + LONG.encode(),
    "decimal commas": LONG.replace(".", ",").encode(),
    "exponents": LONG.replace("2.2", "22e-1").encode(),
    "no flag": LONG.replace("tiers? <exists>\n", "").encode(),
    "no space before the flag": LONG.replace("? <", "?<").encode(),
    "a comment in a file with CR": LONG.replace('"TextGrid"', '"TextGrid"\n! 3.5 "x"', 1)
    .replace("\n", "\r")
    .encode(),
    "UTF-16 LE": UTF_16_LE,
    "UTF-16 BE": LONG.encode("utf-16-be"),
    "UTF-16 with an odd byte": b"\xff\xfe" + UTF_16_LE + b"\n",
    "Mac Roman": LONG.encode("mac-roman"),
    "Windows": LONG.encode("cp1252"),
    "NUL behind": LONG.encode() + b"\0\0",
    "text behind": LONG.encode() + b"-- the end --\n",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_forms(content):
    grid = parse_textgrid(content)
    assert (grid.start, grid.end) == (0.0, 2.2)
    assert [(tier.name, tier.kind) for tier in grid] == [("Words", "interval"), ("tones", "point")]
    assert grid[0].entries == ((0.0, 2.2, "née"),)
    assert grid[1].entries == ((1.4, 1.4, "L%"),)


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        *((word, "mac-roman") for word in ("spök", "über", "garçon", "niño", "naïve", "Ångström")),
        *((word, "cp1252") for word in ("spök", "don\u2019t", "\u201chi\u201d", "ESPAÑA", "été")),
    ],
)
def test_old_encodings(label, encoding):
    grid = parse_textgrid(LONG.replace("née", label).encode(encoding))
    assert grid[0].entries[0].label == label


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('text = "née"\n', "\n"),
        ('"née"', "née"),
        ('"née"', '"né"e"'),
        ("xmin = 0\n            xmax", "xmin = NaN\n            xmax"),
        ("xmin = 0\n            xmax", "xmin = --undefined--\n            xmax"),
        ("intervals: size = 1", "intervals: size = 2"),
        ("intervals: size = 1", "intervals: size = -1"),
        ("points: size = 1", "points: size = 0"),
        ("size = 2", "size = 2000000000"),
        ('"IntervalTier"', '"intervaltier"'),
        ('mark = "L%"', 'mark = "L%"\n17'),
    ],
)
def test_damaged(old, new):
    assert old in LONG
    with pytest.raises(SegmentationError, match="damaged"):
        parse_textgrid(LONG.replace(old, new).encode())
