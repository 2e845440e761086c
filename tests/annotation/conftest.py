import pytest

from prosodytok.annotation import read_annotation
from prosodytok.io.manifest import Utterance

#: Four words, a pause of 0.4 s, and another word; the gap of 30 ms after "two" is not a pause.
WORDS = [
    *((0.0, 0.2, ""), (0.2, 0.5, "one"), (0.5, 0.97, "two"), (0.97, 1.0, ""), (1.0, 1.4, "three")),
    *((1.4, 1.6, "four"), (1.6, 2.0, "#"), (2.0, 2.4, "five"), (2.4, 2.5, "")),
]


def text_grid(tiers, end=2.5, start=0):
    """TextGrid in the short format; tiers are lists of intervals or of points, by name."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", start, end, "<exists>"]
    lines.append(len(tiers))
    for name, entries in tiers.items():
        points = not entries or len(entries[0]) == 2
        lines += [f'"{"TextTier" if points else "IntervalTier"}"', f'"{name}"', 0, end]
        lines.append(len(entries))
        for *times, label in entries:
            lines += [*times, f'"{label}"']
    return "\n".join(map(str, lines)) + "\n"


@pytest.fixture
def annotated(tmp_path):
    """Write an utterance with tiers named after their roles."""

    def annotated(scheme="ToBI", *, words=WORDS, end=2.5, roles=None, **tiers):
        path = tmp_path / "a.TextGrid"
        tiers = {"words": words, **tiers}
        path.write_text(text_grid(tiers, end), encoding="utf-8")
        roles = {role: role for role in tiers} if roles is None else roles
        return Utterance(
            audio=tmp_path / "a.wav", id="a", textgrid=path, scheme=scheme, tiers=roles
        )

    return annotated


@pytest.fixture
def annotate(annotated):
    """Write an utterance with tiers named after their roles, and read its annotation."""

    def annotate(scheme="ToBI", **given):
        return read_annotation(annotated(scheme, **given))

    return annotate
