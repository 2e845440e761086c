"""RTTM files: the turns of speakers, as diarisation tools write them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from prosodytok.io.limits import MAX_MANIFEST_BYTES
from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import MAX_SECONDS

#: Types of lines without turns (NIST RT-09 evaluation plan, appendix A).
OTHER_TYPES = {
    "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT",
    "SU", "IP", "CB", "A/P", "SPKR-INFO",
}  # fmt: skip
#: Fields of a line; the last two are sometimes absent.
FIELDS = "SPEAKER file channel start duration <NA> <NA> name <NA> <NA>"
LEAST_FIELDS, MOST_FIELDS = 8, 10


class Turn(NamedTuple):
    """A turn of a speaker, from its start to its end (s)."""

    start: float
    end: float
    speaker: str


def read_rttm(path: str | Path) -> dict[str, list[Turn]]:
    """Read the turns in an RTTM file by file id, in the order of the lines.

    Only lines of the type ``SPEAKER`` are used.

    Raises
    ------
    SegmentationError
        If the file cannot be read as UTF-8, a line is damaged, or there is no turn; the message
        names the file and the line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise SegmentationError(f"{path}: more than {MAX_MANIFEST_BYTES} bytes: split it")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SegmentationError(f"{path}: cannot be read ({error})") from error
    turns: dict[str, list[Turn]] = {}
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith(";;") or fields[0] in OTHER_TYPES:
            continue
        try:
            turns.setdefault(fields[1], []).append(_turn(fields))
        except (ValueError, IndexError) as error:
            raise SegmentationError(f"{path}, line {number}: {error}; expected {FIELDS}") from error
    if not turns:
        raise SegmentationError(f"{path}: no turn of a speaker: it has no line SPEAKER ...")
    return turns


def _turn(fields: list[str]) -> Turn:
    if fields[0] != "SPEAKER":
        raise ValueError(f"{fields[0]:.20} is no type of RTTM")
    if not LEAST_FIELDS <= len(fields) <= MOST_FIELDS:
        raise ValueError(f"{len(fields)} fields (names must have no spaces)")
    start, duration, speaker = float(fields[3]), float(fields[4]), fields[7]
    if not (0 <= start <= MAX_SECONDS and 0 <= duration <= MAX_SECONDS):
        raise ValueError(f"no turn starts at {start} s and lasts {duration} s")
    if speaker == "<NA>":
        raise ValueError("the speaker has no name")
    return Turn(start, start + duration, speaker)
