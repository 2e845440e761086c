"""How ToBI, ToDI and IViE write accents, boundary tones and break indices.

Beckman & Ayers Elam (1997), "Guidelines for ToBI labelling", version 3; Gussenhoven (2005),
"Transcription of Dutch intonation", in Jun (ed.), Prosodic Typology; Grabe (2001), "The IViE
labelling guide", version 3. docs/annotation.md has the tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosodytok.annotation.annotation_types import Accent, Boundary, Break, Mark
from prosodytok.io.textgrid import Entry

#: Downstep, and two ways to write upstep.
STEPS = "!^¡"
#: Accents whose type the annotator left open.
OPEN_ACCENTS = {"*", "X*"}

NO_LABEL = "no label"
NO_INDEX = "no break index: 0 to 4, with - for doubt and p for disfluency"
NO_DIACRITIC = "no * and no %: neither an accent nor a boundary tone"

INITIAL = re.compile(r"%([HLM]{1,2})\??")
PHRASE_ACCENT = r"(?P<accent>[HLMX]?-\??)"
BOUNDARY_TONE = r"(?P<boundary>[HLMX]{0,2}%\??)"
BREAK = re.compile(r"(?P<index>[0-4]|[Xx?])(?P<marks>[p?-]*)")


@dataclass(frozen=True)
class Scheme:
    """One way to write intonation.

    Parameters
    ----------
    name : str
        Its name.
    accent : Pattern
        Accents, after downstep, upstep and doubt are taken away.
    final : Pattern
        Closing tones; groups ``accent`` (a phrase accent) and ``boundary``.
    named : frozenset of str
        Accents of which ``!`` is a part: without it they would be another, or none.
    others : tuple of (Pattern, str)
        Marks that are known and are no tones, and what each is.
    within : Pattern
        What is written within labels and says nothing of accents or edges: taken away first.
    edges_by_place : bool
        Whether a bare ``%`` may begin a phrase, so that only its place tells.
    """

    name: str
    accent: re.Pattern[str]
    final: re.Pattern[str]
    named: frozenset[str] = frozenset()
    others: tuple[tuple[re.Pattern[str], str], ...] = ()
    within: re.Pattern[str] = re.compile(r"(?!)")
    edges_by_place: bool = False


NO_TONES = (
    (re.compile(r"(Hi|Lo)F0\??"), "an extreme of F0, no tone"),
    (re.compile(r"[<>]"), "where the F0 of an accent comes late or early, no tone"),
    (re.compile(r"%r"), "a restart after a disfluency, no tone"),
)
TOBI = Scheme(
    name="ToBI",
    # One starred tone, and others joined to it by +: canonical ToBI and its relatives in other
    # languages, which add types (H*+L) and delayed peaks (L+>H*).
    accent=re.compile(r"([HLM]\+)?[<>]?[HLM]\*(\+[HLM])?"),
    final=re.compile(rf"{PHRASE_ACCENT}?{BOUNDARY_TONE}?"),
    named=frozenset({"H+!H*"}),
    others=NO_TONES,
)
TODI = Scheme(
    name="ToDI",
    accent=re.compile(r"[HL]\*[HL]{0,2}"),
    final=re.compile(BOUNDARY_TONE),
    named=frozenset({"H*!H"}),
)
IVIE = Scheme(
    name="IViE",
    accent=re.compile(r">?[HL]\*[HL]{0,2}"),
    final=re.compile(BOUNDARY_TONE),
    others=(
        (re.compile(r"[<>]+"), "where a foot starts or ends, no tone"),
        (re.compile(r"\(\*\)"), "a strong syllable without a pitch accent"),
        (re.compile(r"P"), "a prominent syllable, no tone"),
    ),
    # ^[ and ] enclose stretches of raised register (Derry English). At phrase edges the marks of
    # feet are joined to the %; before a star, > is a late peak.
    within=re.compile(r"\^?\[|\]|[<>](?![^*]*\*)"),
    edges_by_place=True,
)
GENERIC = Scheme(
    name="generic",
    accent=re.compile(r"[HLMX+<>]*\*[HLMX+<>]*"),
    final=re.compile(rf"{PHRASE_ACCENT}?{BOUNDARY_TONE}?"),
    named=frozenset({"H+!H*", "H*!H"}),
    others=NO_TONES,
    edges_by_place=True,
)
SCHEMES = {scheme.name.lower(): scheme for scheme in (TOBI, TODI, IVIE)}


def scheme_of(name: str | None) -> Scheme:
    """Return the scheme of a name, in any case; the generic one if it is absent or unknown."""
    return SCHEMES.get((name or "").strip().lower(), GENERIC)


def read_tones(scheme: Scheme, entry: Entry, tier: str) -> list[Accent | Boundary | Mark]:
    """Read an entry of a tier of tones.

    Parameters
    ----------
    scheme : Scheme
        How it is written.
    entry : Entry
        The label may hold several marks with space between (``"H* L-L%"``): Praat allows one
        point at a time.
    tier : str
        Name of the tier.
    """
    labels = entry.label.split() or [""]
    return [_read_tone(scheme, entry, label, tier) for label in labels]


def read_break(entry: Entry, tier: str) -> Break | Mark:
    """Read an entry of a tier of break indices; an interval's index is that of its end."""
    label = entry.label.strip()
    match = BREAK.fullmatch(label)
    if match is None:
        return Mark(entry.start, label, tier, NO_INDEX if label else NO_LABEL)
    index = int(match["index"]) if match["index"].isdecimal() else -1
    certain = index >= 0 and not set("-?") & set(match["marks"])
    return Break(entry.end, label, index, certain, "p" in match["marks"])


def _read_tone(scheme: Scheme, entry: Entry, label: str, tier: str) -> Accent | Boundary | Mark:
    known = next((what for pattern, what in scheme.others if pattern.fullmatch(label)), None)
    if known is not None:
        return Mark(entry.start, label, tier, known, known=True)
    text = scheme.within.sub("", label)
    found = _accent(scheme, entry, label, text) or _boundary(scheme, entry, label, text)
    return found or Mark(entry.start, label, tier, _complaint(scheme, label))


def _complaint(scheme: Scheme, label: str) -> str:
    if not label:
        return NO_LABEL
    return f"not a label of {scheme.name}" if set("*%-") & set(label) else NO_DIACRITIC


def _accent(scheme: Scheme, entry: Entry, label: str, text: str) -> Accent | None:
    core = text.rstrip("?")
    doubted = core != text
    tones = core if core in scheme.named else _without_steps(core)
    left_open = tones in OPEN_ACCENTS
    if not (left_open or core in scheme.named or scheme.accent.fullmatch(tones)):
        return None
    return Accent(
        entry.start,
        entry.end,
        label,
        type="*" if doubted or left_open else tones,
        certain=not (doubted and tones == "*"),
        downstepped="!" in core,
    )


def _boundary(scheme: Scheme, entry: Entry, label: str, text: str) -> Boundary | None:
    tones = _without_steps(text)
    initial = INITIAL.fullmatch(tones)
    if initial is not None:
        tone = "%" if tones.endswith("?") else f"%{initial[1]}"
        return Boundary(entry.start, label, "initial", "intonational", tone)
    final = scheme.final.fullmatch(tones)
    if final is None or not tones:
        return None
    parts = [part for part in final.groupdict().values() if part]
    return Boundary(
        entry.end,
        label,
        "final",
        "intermediate" if parts[-1].rstrip("?").endswith("-") else "intonational",
        tone="".join(map(_settled, parts)),
        certain=not any(part in {"-?", "%?"} for part in parts),
        downstepped="!" in text,
    )


def _settled(part: str) -> str:
    """A closing tone without what is doubted or left open: ``L%?`` and ``X%`` leave ``%``."""
    kind = part.rstrip("?")[-1]
    return kind if part.endswith("?") or part.startswith("X") else part


def _without_steps(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, STEPS)))
