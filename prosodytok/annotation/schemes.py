"""Label syntax of ToBI, ToDI and IViE: accents, boundary tones and break indices.

Beckman & Ayers Elam (1997), "Guidelines for ToBI labelling", version 3; Gussenhoven (2005),
"Transcription of Dutch intonation", in Jun (ed.), Prosodic Typology; Grabe (2001), "The IViE
labelling guide", version 3. docs/annotation.md has the tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosodytok.annotation.annotation_types import Accent, Boundary, Break, Mark
from prosodytok.io.textgrid import Entry

#: Downstep, and two notations of upstep.
STEPS = "!^¡"
#: Accents of an open type.
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
    """A labelling scheme of intonation, by patterns of its marks.

    `accent`: accents without downstep, upstep and doubt. `final`: closing tones, with the groups
    ``accent`` (a phrase accent) and ``boundary``. `distinctive_downstep`: accents with an inherent
    ``!``, without which they are another type, or none. `non_tonal`: marks other than tones, and
    their meanings. `ignored`: parts of labels unrelated to accents and edges, which are removed
    first. `bare_edges_by_position`: whether a bare ``%`` may begin a phrase, so that its position
    determines its side.
    """

    name: str
    accent: re.Pattern[str]
    final: re.Pattern[str]
    distinctive_downstep: frozenset[str] = frozenset()
    non_tonal: tuple[tuple[re.Pattern[str], str], ...] = ()
    ignored: re.Pattern[str] = re.compile(r"(?!)")
    bare_edges_by_position: bool = False


NON_TONAL = (
    (re.compile(r"(Hi|Lo)F0\??"), "an extreme of F0, no tone"),
    (re.compile(r"[<>]"), "an early or late F0 event of an accent, no tone"),
    (re.compile(r"%r"), "a restart after a disfluency, no tone"),
)
TOBI = Scheme(
    name="ToBI",
    # One starred tone, and others joined to it by +: canonical ToBI and its adaptations to other
    # languages, which add types (H*+L) and delayed peaks (L+>H*).
    accent=re.compile(r"([HLM]\+)?[<>]?[HLM]\*(\+[HLM])?"),
    final=re.compile(rf"{PHRASE_ACCENT}?{BOUNDARY_TONE}?"),
    distinctive_downstep=frozenset({"H+!H*"}),
    non_tonal=NON_TONAL,
)
TODI = Scheme(
    name="ToDI",
    accent=re.compile(r"[HL]\*[HL]{0,2}"),
    final=re.compile(BOUNDARY_TONE),
    distinctive_downstep=frozenset({"H*!H"}),
)
IVIE = Scheme(
    name="IViE",
    accent=re.compile(r">?[HL]\*[HL]{0,2}"),
    final=re.compile(BOUNDARY_TONE),
    non_tonal=(
        (re.compile(r"[<>]+"), "the start or end of a foot, no tone"),
        (re.compile(r"\(\*\)"), "a strong syllable without a pitch accent"),
        (re.compile(r"P"), "a prominent syllable, no tone"),
    ),
    # ^[ and ] enclose passages of raised register (Derry English). At phrase edges the marks of
    # feet are attached to the %; before a star, > is a late peak.
    ignored=re.compile(r"\^?\[|\]|[<>](?![^*]*\*)"),
    bare_edges_by_position=True,
)
GENERIC = Scheme(
    name="generic",
    accent=re.compile(r"[HLMX+<>]*\*[HLMX+<>]*"),
    final=re.compile(rf"{PHRASE_ACCENT}?{BOUNDARY_TONE}?"),
    distinctive_downstep=frozenset({"H+!H*", "H*!H"}),
    non_tonal=NON_TONAL,
    bare_edges_by_position=True,
)
SCHEMES = {scheme.name.lower(): scheme for scheme in (TOBI, TODI, IVIE)}


def scheme_of(name: str | None) -> Scheme:
    """Scheme by name, case-insensitive; the generic one if the name is absent or not supported."""
    return SCHEMES.get((name or "").strip().lower(), GENERIC)


def read_tones(scheme: Scheme, entry: Entry, tier: str) -> list[Accent | Boundary | Mark]:
    """Read an entry of a tier of tones.

    Its label may contain several marks separated by spaces (``"H* L-L%"``), since Praat allows only
    one point at a time.
    """
    labels = entry.label.split() or [""]
    return [_read_tone(scheme, entry, label, tier) for label in labels]


def read_break(entry: Entry, tier: str) -> Break | Mark:
    """Read an entry of a tier of break indices; the index of an interval applies to its end."""
    label = entry.label.strip()
    match = BREAK.fullmatch(label)
    if match is None:
        return Mark(entry.start, label, tier, NO_INDEX if label else NO_LABEL)
    index = int(match["index"]) if match["index"].isdecimal() else -1
    certain = index >= 0 and not set("-?") & set(match["marks"])
    return Break(entry.end, label, index, certain, "p" in match["marks"])


def _read_tone(scheme: Scheme, entry: Entry, label: str, tier: str) -> Accent | Boundary | Mark:
    meanings = (meaning for pattern, meaning in scheme.non_tonal if pattern.fullmatch(label))
    non_tonal = next(meanings, None)
    if non_tonal is not None:
        return Mark(entry.start, label, tier, non_tonal, in_scheme=True)
    text = scheme.ignored.sub("", label)
    tone = _accent(scheme, entry, label, text) or _boundary(scheme, entry, label, text)
    return tone or Mark(entry.start, label, tier, _rejection(scheme, label))


def _rejection(scheme: Scheme, label: str) -> str:
    if not label:
        return NO_LABEL
    return f"not a label of {scheme.name}" if set("*%-") & set(label) else NO_DIACRITIC


def _accent(scheme: Scheme, entry: Entry, label: str, text: str) -> Accent | None:
    core = text.rstrip("?")
    doubted = core != text
    tones = core if core in scheme.distinctive_downstep else _without_steps(core)
    open_type = tones in OPEN_ACCENTS
    if not (open_type or core in scheme.distinctive_downstep or scheme.accent.fullmatch(tones)):
        return None
    return Accent(
        entry.start,
        entry.end,
        label,
        type="*" if doubted or open_type else tones,
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
        tone="".join(map(_certain_tone, parts)),
        certain=not any(part in {"-?", "%?"} for part in parts),
        downstepped="!" in text,
    )


def _certain_tone(part: str) -> str:
    """Closing tone without doubtful or open tones: ``%`` for ``L%?`` and ``X%``."""
    kind = part.rstrip("?")[-1]
    return kind if part.endswith("?") or part.startswith("X") else part


def _without_steps(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, STEPS)))
