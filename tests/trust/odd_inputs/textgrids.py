"""TextGrids and transcripts of the clean sound in odd forms."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.trust.odd_inputs.checks import Case, clean, expect, first, tokenize

END = clean().duration
Interval = tuple[float, float, str]
#: Words of a made-up annotation.
WORDS: list[Interval] = [
    (0.0, 0.3, ""), (0.3, 0.9, "one"), (0.9, 1.4, "two"), (1.4, 2.1, "three"), (2.1, 2.6, ""),
    (2.6, 3.0, "four"), (3.0, END, ""),
]  # fmt: skip
LABELS = ["one", "two", "three", "four"]


def tier(name: str, items: list[Interval], start: float = 0.0, end: float = END) -> str:
    """An interval tier in Praat's short format."""
    rows = "".join(f'{a}\n{b}\n"{label}"\n' for a, b, label in items)
    return f'"IntervalTier"\n"{name}"\n{start}\n{end}\n{len(items)}\n{rows}'


def points(name: str, items: list[tuple[float, str]]) -> str:
    rows = "".join(f'{time}\n"{label}"\n' for time, label in items)
    return f'"TextTier"\n"{name}"\n0\n{END}\n{len(items)}\n{rows}'


def grid(*tiers: str, start: float = 0.0, end: float = END) -> str:
    head = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n{start}\n{end}\n<exists>\n'
    return f"{head}{len(tiers)}\n{''.join(tiers)}"


def shifted(by: float, words: list[Interval] = WORDS) -> list[Interval]:
    return [(a + by, b + by, label) for a, b, label in words]


def relabelled(**labels: str) -> list[Interval]:
    return [(a, b, labels.get(label, label)) for a, b, label in WORDS]


#: TextGrid, options, words expected (without pauses), words in the warning.
GOOD: dict[str, tuple[str | bytes, list[str], list[str], str]] = {
    "origin 17.2": (grid(tier("words", shifted(17.2), 17.2, END + 17.2), start=17.2, end=END + 17.2), [], LABELS, ""),
    "origin -2": (grid(tier("words", shifted(-2), -2, END - 2), start=-2, end=END - 2), [], LABELS, ""),
    "a tier that ends at 3.0 of 3.3 s": (grid(tier("words", WORDS[:-1], 0, 3.0)), [], LABELS, ""),
    "a tier that begins at 0.3": (grid(tier("words", WORDS[1:], 0.3)), [], LABELS, ""),
    "all ends 0.2 s early": (grid(tier("words", [*WORDS[:-1], (3.0, END - 0.2, "")], 0, END - 0.2), end=END - 0.2), [], LABELS, "before"),
    "all ends 0.3 s late": (grid(tier("words", [*WORDS[:-1], (3.0, END + 0.3, "")], 0, END + 0.3), end=END + 0.3), [], LABELS, "after"),
    "tier number 2 of two words tiers": (grid(tier("words", relabelled(one="uno")), tier("words", WORDS)), ["--words-tier", "2"], LABELS, ""),
    "a tier named 1 is not number 1": (grid(tier("words", relabelled(one="uno")), tier("1", WORDS)), ["--words-tier", "1"], LABELS, ""),
    "a name with trailing spaces": (grid(tier("  words  ", WORDS)), ["--words-tier", "words"], LABELS, ""),
    "upper case": (grid(tier("WORDS", WORDS), tier("notes", [(0, END, "ok")])), [], LABELS, ""),
    "ORT-MAU of MAUS": (grid(tier("ORT-MAU", relabelled(two="<nib>")), tier("MAU", WORDS)), [], ["one", "three", "four"], ""),
    "<p:> is a pause": (grid(tier("words", relabelled(two="<p:>"))), [], ["one", "three", "four"], ""),
    "spn and <unk> are words": (grid(tier("words", relabelled(two="spn", three="<unk>"))), [], ["one", "spn", "<unk>", "four"], ""),
    "xxx is a word": (grid(tier("words", relabelled(two="xxx"))), [], ["one", "xxx", "three", "four"], ""),
    "own silence labels": (grid(tier("words", relabelled(two="@bg", three="PAUZE"))), ["--silence-labels", "@bg, PAUZE"], ["one", "four"], ""),
    "brackets of CHAT and GAT": (grid(tier("words", relabelled(two="(1.25)", three="[noise]"))), [], ["one", "four"], ""),
    "numbers as words": (grid(tier("words", relabelled(two="22", three="3.5"))), [], ["one", "22", "3.5", "four"], ""),
    "quotes and exclamation marks": (grid(tier("words", relabelled(two='""two""', three="! three"))), [], ["one", '"two"', "! three", "four"], ""),
    "Greek, Thai, Arabic, emoji": (grid(tier("words", relabelled(one="ένα", two="สอง", three="ثلاثة", four="🙂"))), [], ["ένα", "สอง", "ثلاثة", "🙂"], ""),
    "a label with a line break": (grid(tier("words", relabelled(two="t\nwo"))), [], ["one", "t\nwo", "three", "four"], ""),
    "UTF-16 with CRLF": (grid(tier("words", relabelled(two="žlutý"))).replace("\n", "\r\n").encode("utf-16"), [], ["one", "žlutý", "three", "four"], ""),
    "UTF-16 BE without a mark": (grid(tier("words", WORDS)).encode("utf-16-be"), [], LABELS, ""),
    "Windows Latin": (grid(tier("words", relabelled(two="déjà"))).encode("cp1252"), [], ["one", "déjà", "three", "four"], ""),
    "decimal commas": (grid(tier("words", WORDS)).replace(".", ","), [], LABELS, ""),
    "exponents": (grid(tier("words", WORDS)).replace("\n0.3\n", "\n3.0E-1\n"), [], LABELS, ""),
    "gaps between intervals": (grid(tier("words", [w for w in WORDS if w[2]])), [], LABELS, ""),
    "overlaps of 15 ms": (grid(tier("words", [(max(0, a - 0.015), b, w) for a, b, w in WORDS])), [], LABELS, ""),
    "intervals in reverse order": (grid(tier("words", WORDS[::-1])), [], LABELS, ""),
    "an interval of no length": (grid(tier("words", [*WORDS[:5], (2.6, 2.6, "ghost"), *WORDS[5:]])), [], None, ""),
    "phrases by number": (grid(tier("words", WORDS), tier("ip", [(0, 1.4, "L%"), (1.4, END, "H%")])), ["--phrases-tier", "2"], LABELS, ""),
    "words as points": (grid(points("words", [(0.9, "one"), (1.4, "two"), (2.1, "three"), (3.0, "four")])), [], LABELS, "points"),
    "only tones": (grid(points("tones", [(0.6, "H*"), (2.1, "L-L%"), (3.2, "L%")])), [], None, "no words"),
    "MFA tiers of a speaker": (grid(tier("Ann - words", WORDS), tier("Ann - phones", WORDS)), [], LABELS, ""),
    "text behind the end": (grid(tier("words", WORDS)) + "made with love\n", [], LABELS, ""),
    "NULs behind the end": (grid(tier("words", WORDS)).encode() + bytes(99), [], LABELS, ""),
}  # fmt: skip
#: TextGrid, options, words in the error.
BAD: dict[str, tuple[str | bytes, list[str], str]] = {
    "another length": (grid(tier("words", [(0, 9, "one")], 0, 9), end=9), [], "same recording"),
    "an origin with two meanings": (grid(tier("words", shifted(0.3), 0.3, END + 0.25), start=0.3, end=END + 0.15), [], "time 0"),
    "milliseconds": (grid(tier("words", [(1000 * a, 1000 * b, w) for a, b, w in WORDS], 0, 1000 * END), end=1000 * END), [], "s"),
    "an overlap of 0.2 s": (grid(tier("words", [*WORDS[:3], (1.2, 2.1, "three"), *WORDS[4:]])), [], "overlap"),
    "a reversed interval": (grid(tier("words", [*WORDS[:3], (2.1, 1.4, "three"), *WORDS[4:]])), [], ""),
    "NaN": (grid(tier("words", WORDS)).replace("\n0.9\n", "\nnan\n"), [], ""),
    "undefined": (grid(tier("words", WORDS)).replace("\n0.9\n", "\n--undefined--\n"), [], ""),
    "no tier": (grid(), [], "no tiers"),
    "an empty tier": (grid(tier("words", [])), [], "words"),
    "only pauses": (grid(tier("words", [(0, END, "sil")])), [], "words"),
    "two speakers": (grid(tier("Ann - words", WORDS), tier("Ben - words", WORDS)), [], "Ann"),
    "a missing tier": (grid(tier("words", WORDS)), ["--words-tier", "ortho"], "ortho"),
    "tier number 0": (grid(tier("words", WORDS)), ["--words-tier", "0"], "0"),
    "tier number 3 of 1": (grid(tier("words", WORDS)), ["--words-tier", "3"], "3"),
    "a word beyond the sound": (grid(tier("words", [*WORDS[:-1], (3.0, END + 0.4, "late")], 0, END + 0.4), end=END + 0.4), [], "late"),
    "fewer intervals than counted": (grid(tier("words", WORDS)).replace(f"\n{len(WORDS)}\n", "\n99\n"), [], ""),
    "cut in a label": (grid(tier("words", WORDS))[:150], [], ""),
    "cut in UTF-16": (grid(tier("words", WORDS)).encode("utf-16")[:301], [], ""),
    "empty": (b"", [], ""),
    "a pitch object": ('File type = "ooTextFile"\nObject class = "Pitch 1"\n\n0\n3\n300\n', [], "TextGrid"),
    "a collection": ('File type = "ooTextFile"\nObject class = "Collection"\n\n1\n' + grid(tier("words", WORDS)), [], ""),
    "an ELAN file": ('<?xml version="1.0"?><ANNOTATION_DOCUMENT></ANNOTATION_DOCUMENT>', [], ""),
    "a WAV": (clean().to_bytes(".wav"), [], ""),
}  # fmt: skip
#: Transcripts of the sound, and a word of the error.
TRANSCRIPTS: dict[str, tuple[str, str]] = {
    "empty": ("", "a.wav"), "only punctuation": ("... -- !", "a.wav"), "digits": ("chapter 12", "12"),
    "Cyrillic": ("доброе утро всем", "a.wav"), "Chinese": ("你好世界", "a.wav"),
    "words that do not exist": ("blorf zwantig quxly mimbo grelt", "a.wav"),
    "another sentence": ("the quarterly budget committee postponed fourteen municipal projects", "a.wav"),
    "one word": ("yes", "a.wav"), "far too many words": ("this is not what was said " * 12, "a.wav"),
    "a control character": ("good \x07 morning", "a.wav"), "10,000 letters in a word": ("a" * 10_000, "a.wav"),
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, (content, options, labels, warning) in GOOD.items():
        right = f"its words{', warning' if warning else ''}"
        check = partial(_read, content=content, options=options, labels=labels, warning=warning)
        yield Case("TextGrids", name, right, check)
    for name, (content, options, word) in BAD.items():
        yield Case(
            "TextGrids",
            name,
            "one line of error",
            partial(_refuse, content=content, options=options, word=word),
        )
    for name, (text, word) in TRANSCRIPTS.items():
        yield Case("transcripts", name, "error or warning", partial(_text, text=text, word=word))
    for name, check, right in (
        ("a file in Latin-1", _latin_text, "exit code 2"),
        ("a list with a missing sound", _missing_text, "exit code 2"),
        ("the right one", _right_text, "all words"),
        ("half of it", _half_text, "error or warning"),
    ):
        yield Case("transcripts", name, right, check)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sound_file(folder: Path, name: str = "a.wav") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    clean().write(path)
    return path


def words_of(tokens) -> list[str]:
    return [label for label in tokens["word"].segmentation.labels if label]


def _read(
    folder: Path, content: str | bytes, options: list[str], labels: list[str] | None, warning: str
) -> str:
    path = write(folder / "a.TextGrid", content)
    outcome, tokens = tokenize(folder, sound_file(folder), "--segments", path, *options)
    if problem := expect(outcome, 0, lines=1 if warning else 0):
        return problem
    if labels is not None and words_of(tokens[0]) != labels:
        return f"words {words_of(tokens[0])}"
    if labels == LABELS and "points" not in warning:
        starts = tokens[0]["word"].segmentation
        found = [b / 100 for b, w in zip(starts.boundaries, starts.labels, strict=False) if w]
        if max(abs(a - b) for a, b in zip(found, (0.3, 0.9, 1.4, 2.6), strict=True)) > 0.02:
            return f"words start at {found}"
    said = any(warning in sentence for sentence in tokens[0].warnings)
    return "" if not warning or said else f"warnings {tokens[0].warnings}"


def _refuse(folder: Path, content: str | bytes, options: list[str], word: str) -> str:
    path = write(folder / "b.TextGrid", content)
    outcome, tokens = tokenize(folder, sound_file(folder), "--segments", path, *options)
    return first(expect(outcome, 1, "b.TextGrid", word, lines=1), "tokens" if tokens else "")


def _text(folder: Path, text: str, word: str) -> str:
    outcome, tokens = tokenize(folder, sound_file(folder), "--text", text)
    if outcome.code == 0 and tokens and tokens[0].warnings:
        return ""
    return expect(outcome, 1, word, lines=1)


def _latin_text(folder: Path) -> str:
    path = write(folder / "t.txt", "déjà vu".encode("latin-1"))
    outcome, _ = tokenize(folder, sound_file(folder), "--text-file", path)
    return expect(outcome, 2, "t.txt", lines=1)


def _missing_text(folder: Path) -> str:
    path = write(folder / "t.txt", "a\tgood morning\n")
    outcome, _ = tokenize(
        folder, sound_file(folder), sound_file(folder, "b.wav"), "--text-file", path
    )
    return expect(outcome, 2, "t.txt", "b", lines=1)


def spoken() -> str:
    from prosodytok.io.manifest import read_manifest
    from prosodytok.samples import sample_manifest

    return next(str(u.text) for u in read_manifest(sample_manifest()) if "0930" in u.audio.name)


def _right_text(folder: Path) -> str:
    outcome, tokens = tokenize(folder, sound_file(folder), "--text", spoken())
    count = len(spoken().split())
    found = len(words_of(tokens[0])) if tokens else 0
    return first(expect(outcome, 0, lines=0), "" if found >= count else f"{found} of {count} words")


def _half_text(folder: Path) -> str:
    words = spoken().split()
    return _text(folder, " ".join(words[: len(words) // 2]), "a.wav")
