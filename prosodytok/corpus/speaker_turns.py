"""Recordings of several speakers, divided into their turns."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from pathlib import Path

from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import unique_names
from prosodytok.io.rttm import Turn, read_rttm
from prosodytok.io.sound_file import read_duration
from prosodytok.io.textgrid import read_textgrid
from prosodytok.io.textgrid_folder import TextGridFolder
from prosodytok.segmentation.speaker_tiers import turns_from_tiers
from prosodytok.segmentation.textgrid_part import TextGridPart
from prosodytok.types.errors import ConfigError, ProsodytokError, SegmentationError

#: Shorter turns (s) are left out: there is nothing to measure in them.
SHORTEST_TURN = 0.1
#: Excess (s) of a turn over the end of the sound that is a rounding error.
ROUNDING = 0.05
#: Short turns that are named in a message.
MAX_NAMED = 3

#: Turns of a recording of some duration (s). Raises SegmentationError.
TurnSource = Callable[[Recording, float], list[Turn]]


def with_speakers(
    recordings: Sequence[Recording],
    speakers: str,
    warn: Callable[[Path, list[str]], None],
    silence_labels: Collection[str] = (),
) -> list[Recording]:
    """Divide recordings into the turns of their speakers.

    Each turn is a part of its file, with the id ID-SPEAKER-NNN. A recording whose turns cannot be
    used becomes one recording with a problem.

    Parameters
    ----------
    recordings : sequence of Recording
        Whole files.
    speakers : str
        An RTTM file, whose file ids are the names of the sounds; a TextGrid, ``FILE`` or
        ``FILE:TIER`` (see `turns_from_tiers`), for one sound; or a folder with ``NAME.rttm`` or
        ``FOLDER/NAME.rttm`` of ``FOLDER/NAME.wav``, or TextGrids (see `TextGridFolder`), ``DIR`` or
        ``DIR:TIER``.
    warn : callable
        Called with a file and sentences about its turns that are left out.
    silence_labels : collection of str
        Labels of TextGrids without a turn, beside the known ones.

    Raises
    ------
    ConfigError
        If the source does not exist or is damaged, or a recording has a transcript.
    """
    if any(recording.units.text is not None for recording in recordings):
        raise ConfigError("--speakers: a transcript cannot be divided into turns; take a TextGrid")
    turns_of = _turn_source(recordings, speakers, silence_labels)
    turns = [turn for recording in recordings for turn in _divide(recording, turns_of, warn)]
    names = unique_names(turn.id for turn in turns)
    return [replace(turn, id=name) for turn, name in zip(turns, names, strict=True)]


def _divide(
    recording: Recording, turns_of: TurnSource, warn: Callable[[Path, list[str]], None]
) -> list[Recording]:
    if recording.problem:
        return [recording]
    if recording.audio.exists() and not recording.audio.is_file():
        return [replace(recording, problem="a pipe is read once, turns need a file: save it")]
    try:
        seconds = read_duration(recording.audio)
        turns = sorted(set(turns_of(recording, seconds)))
    except ProsodytokError as error:
        return [replace(recording, problem=str(error))]
    short = [turn for turn in turns if turn.end - turn.start < SHORTEST_TURN]
    if len(short) == len(turns):
        return [replace(recording, problem=f"no turn lasts {SHORTEST_TURN} s")]
    if short:
        warn(recording.audio, [_left_out(short)])
    others = {speaker: _others(turns, speaker) for speaker in {turn.speaker for turn in turns}}
    counts: Counter[str] = Counter()
    parts = []
    for turn in turns:
        counts[turn.speaker] += 1
        if turn not in short:
            part = _part(recording, turn, counts[turn.speaker], seconds)
            overlap = _overlap(turn, others[turn.speaker])
            if overlap >= ROUNDING:
                sentence = f"another speaker overlaps {overlap:.1f} s"
                part = replace(part, warnings=(sentence, *part.warnings))
            parts.append(part)
    return parts


def _part(recording: Recording, turn: Turn, number: int, seconds: float) -> Recording:
    """A turn as a part of its file."""
    name = re.sub(r"[^\w.-]+", "_", turn.speaker).strip("._") or "speaker"
    part = replace(
        recording,
        id=f"{recording.id}-{name}-{number:03d}",
        offset=turn.start,
        speaker=turn.speaker,
    )
    end = min(turn.end, seconds)
    if end - turn.start < SHORTEST_TURN:
        where = f"turn of {turn.speaker} from {turn.start:.2f} to {turn.end:.2f} s"
        return replace(part, problem=f"{where}: the sound ends at {seconds:.2f} s")
    if turn.end - end > ROUNDING:
        part = replace(part, warnings=(f"the turn ends {turn.end - end:.1f} s after the sound",))
    if recording.units.textgrid is not None:
        units = replace(recording.units, part=TextGridPart(turn.start, end, seconds, turn.speaker))
        part = replace(part, units=units)
    return replace(part, duration=end - turn.start)


def _left_out(turns: Sequence[Turn]) -> str:
    named = ", ".join(f"{turn.speaker} at {turn.start:.2f} s" for turn in turns[:MAX_NAMED])
    more = ", ..." if len(turns) > MAX_NAMED else ""
    kind = "turn" if len(turns) == 1 else "turns"
    return f"{len(turns)} {kind} shorter than {SHORTEST_TURN} s left out: {named}{more}"


def _others(turns: Sequence[Turn], speaker: str) -> list[tuple[float, float]]:
    """Times at which other speakers have a turn: disjoint intervals (s), in order."""
    merged: list[tuple[float, float]] = []
    for turn in turns:
        if turn.speaker == speaker:
            continue
        if merged and turn.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], turn.end))
        else:
            merged.append((turn.start, turn.end))
    return merged


def _overlap(turn: Turn, others: Sequence[tuple[float, float]]) -> float:
    """Seconds of a turn that lie in disjoint intervals of others."""
    first = bisect_right(others, turn.start, key=itemgetter(1))
    after = bisect_left(others, turn.end, key=itemgetter(0))
    return sum(min(turn.end, end) - max(turn.start, start) for start, end in others[first:after])


def _turn_source(
    recordings: Sequence[Recording], speakers: str, silence_labels: Collection[str]
) -> TurnSource:
    path, tier = _split_tier(speakers)
    if path.is_dir():
        return _folder(recordings, path, tier, silence_labels)
    if path.suffix.lower() == ".textgrid":
        if len(recordings) != 1:
            raise ConfigError(
                f"--speakers {path} has the turns of one sound, but there are {len(recordings)}"
            )
        return lambda _, seconds: _from_textgrid(path, tier, silence_labels, seconds)
    return _rttm(recordings, path)


def _split_tier(speakers: str) -> tuple[Path, str | None]:
    """Path and tier of ``PATH:TIER``; names may have colons too."""
    colons = [*(found.start() for found in re.finditer(":", speakers)), len(speakers)]
    for colon in colons[::-1]:
        path = Path(speakers[:colon])
        if path.exists():
            return path, speakers[colon + 1 :] or None
    raise ConfigError(f"--speakers {speakers}: no such file or folder")


def _from_textgrid(
    path: Path, tier: str | None, silence_labels: Collection[str], seconds: float
) -> list[Turn]:
    grid = read_textgrid(path, seconds)
    try:
        return turns_from_tiers(grid, tier, silence_labels)
    except SegmentationError as error:
        raise SegmentationError(f"{path}: {error}") from error


def _rttm(recordings: Sequence[Recording], path: Path) -> TurnSource:
    try:
        turns = read_rttm(path)
    except SegmentationError as error:
        raise ConfigError(str(error)) from error
    stems = Counter(recording.audio.stem for recording in recordings)

    def turns_of(recording: Recording, seconds: float) -> list[Turn]:
        del seconds
        if stems[recording.audio.stem] > 1:
            raise SegmentationError(
                f"several sounds are called {recording.audio.stem!r}: put the RTTM of each "
                "into a folder, as FOLDER/NAME.rttm"
            )
        return _turns_in(turns, path, recording)

    return turns_of


def _folder(
    recordings: Sequence[Recording], folder: Path, tier: str | None, silence_labels: Collection[str]
) -> TurnSource:
    stems = Counter(recording.audio.stem for recording in recordings)
    rttm: dict[str, Path] = {}
    for recording in recordings:
        name = f"{recording.audio.stem}.rttm"
        by_folder, by_name = folder / recording.audio.parent.name / name, folder / name
        if by_folder.is_file():
            rttm[recording.id] = by_folder
        elif by_name.is_file() and stems[recording.audio.stem] == 1:
            rttm[recording.id] = by_name
    others = [recording for recording in recordings if recording.id not in rttm]
    grids: dict[str, Path | SegmentationError] = {}
    with suppress(ConfigError):  # a folder without TextGrids
        found = TextGridFolder(folder).find_all([(r.audio, r.id) for r in others])
        grids = {recording.id: path for recording, path in zip(others, found, strict=True)}

    def turns_of(recording: Recording, seconds: float) -> list[Turn]:
        if path := rttm.get(recording.id):
            return _turns_in(read_rttm(path), path, recording)
        grid = grids.get(recording.id)
        if isinstance(grid, Path):
            return _from_textgrid(grid, tier, silence_labels, seconds)
        name = f"{recording.audio.stem}.rttm"
        twins = f", subfolder {recording.audio.parent.name}" * (stems[name[:-5]] > 1)
        raise grid or SegmentationError(f"no {name} in {folder}{twins}")

    return turns_of


def _turns_in(turns: dict[str, list[Turn]], path: Path, recording: Recording) -> list[Turn]:
    """The turns of a recording: those of its name, or all if the file has its name and one id."""
    names = {recording.audio.stem, recording.audio.name, recording.id}
    found = [turns.get(name, []) for name in names]
    if not any(found) and path.stem in (recording.id, recording.audio.stem) and len(turns) == 1:
        found = list(turns.values())
    if not any(found):
        ids = ", ".join(map(repr, list(turns)[:MAX_NAMED])) + ", ..." * (len(turns) > MAX_NAMED)
        raise SegmentationError(
            f"{path} has no turn of file id {recording.audio.stem!r}; it has those of {ids}"
        )
    return list(chain(*found))
