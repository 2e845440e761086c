"""Recordings to process, with the specification of their units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from prosodytok.io.manifest import Utterance, read_manifest, unique_ids
from prosodytok.io.sound import load
from prosodytok.io.sound_folders import list_audio
from prosodytok.io.textgrid_folder import TextGridFolder
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types.audio import Audio
from prosodytok.types.errors import (
    AudioError,
    ConfigError,
    ProsodytokError,
    SegmentationError,
)
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FoundSource, UnitRequest

#: The tokenizer's own units.
OWN_UNITS = UnitSpec()


@dataclass(frozen=True)
class Recording:
    """One sound to process: a file, or a part of one.

    Parameters
    ----------
    id : str
        Name of the utterance: the file's stem, made unique.
    audio : Path
        The sound file.
    units : UnitSpec
        Specification of its units.
    offset, duration : float, optional
        Start and length (s) of a part; by default the whole file.
    speaker : str
        Name of the speaker; "" if unknown.
    f0_range : F0Range
        The range in which F0 is searched.
    register : Register, optional
        Register of the speaker; by default that of the recording.
    warnings : tuple of str
        What is doubtful about the recording, found before its sound is read.
    problem : str
        Why it cannot be processed, if this is known before it is read.
    """

    id: str
    audio: Path
    units: UnitSpec = OWN_UNITS
    offset: float = 0.0
    duration: float | None = None
    speaker: str = ""
    f0_range: F0Range = FITTED
    register: Register | None = None
    warnings: tuple[str, ...] = ()
    problem: str = ""

    @property
    def start(self) -> float | None:
        """Start (s) of a part of a file; None for a whole file."""
        return None if self.offset == 0 and self.duration is None else self.offset

    def with_f0_range(self, default: F0Range) -> Recording:
        """The recording with a default of its F0 range; its own limits have precedence.

        Raises
        ------
        ConfigError
            If the resulting floor is not below the ceiling.
        """
        try:
            return replace(self, f0_range=self.f0_range.fill(default))
        except ConfigError as error:
            raise ConfigError(f"{self.audio}: {error}") from error

    def load(self) -> Audio:
        """Read the sound. Raises SegmentationError if there is a `problem`."""
        if self.problem:
            raise SegmentationError(self.problem)
        return load(self.audio, self.offset, self.duration)

    @classmethod
    def of(cls, utterance: Utterance, units: UnitRequest | None = "given") -> Recording:
        """Make a recording from a line of a manifest.

        Parameters
        ----------
        utterance : Utterance
            The line.
        units : {"given", "acoustic", "learned", "even"}, optional
            ``"given"``: from its TextGrid, else its transcript, else the tokenizer's own. None:
            the tokenizer's own.
        """
        offset, duration = utterance.span
        spec = _given_units(utterance) if units == "given" else UnitSpec(units)
        return cls(
            utterance.id,
            utterance.audio,
            spec,
            offset,
            duration,
            utterance.speaker or "",
            utterance.f0_range,
        )


def find_recordings(
    inputs: Iterable[str | Path],
    failed: Callable[[Path, ProsodytokError], None],
    note: Callable[[str], None] | None = None,
) -> list[Recording]:
    """List the sounds in files and folders, with unique ids.

    Parameters
    ----------
    inputs : iterable of path
        Sound files, and folders to search.
    failed : callable
        Called with each input without sounds, and the error.
    note : callable, optional
        Called with a sentence about files that are not named as sound.
    """
    files: list[Path] = []
    for item in inputs:
        try:
            found = list_audio(item)
        except AudioError as error:
            failed(Path(item), error)
            continue
        files += found.files
        if note and found.skipped:
            note(f"{item}: {found.skipped}")
    files = list(dict.fromkeys(files))
    return [Recording(name, path) for name, path in zip(unique_ids(files), files, strict=True)]


def with_units(
    recordings: Sequence[Recording],
    *,
    segments: Path | None = None,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
    silence_labels: Sequence[str] = (),
    text: str | None = None,
    text_file: Path | None = None,
) -> list[Recording]:
    """Set the source of the units of each recording.

    Parameters
    ----------
    recordings : sequence of Recording
        Output of `find_recordings`.
    segments : Path, optional
        A TextGrid (for one sound), a folder with TextGrids (see `TextGridFolder`), or a manifest
        (``.jsonl``); or the name of a method: ``acoustic``, ``learned`` or ``even``.
    words_tier, phrases_tier : str, optional
        Tiers of the TextGrids, by name or by number; a manifest states its own.
    silence_labels : sequence of str
        Labels of silence in the TextGrids, beside the known ones.
    text : str, optional
        The transcript, for one sound.
    text_file : Path, optional
        The transcript of one sound; for several, one line ``ID<tab>text`` or ``ID|text`` each.

    Raises
    ------
    ConfigError
        If several sources are given, or they do not match the sounds.
    """
    if sum(x is not None for x in (segments, text, text_file)) > 1:
        raise ConfigError("words come from --segments, --text or --text-file: give one of them")
    if segments is not None:
        tiers = UnitSpec(
            words_tier=words_tier, phrases_tier=phrases_tier, silence_labels=tuple(silence_labels)
        )
        return _with_segments(recordings, segments, tiers)
    if text is not None:
        return [replace(_only(recordings, "--text"), units=UnitSpec(text=text))]
    if text_file is not None:
        return _with_texts(recordings, text_file)
    if words_tier is not None or phrases_tier is not None:
        raise ConfigError("--words-tier and --phrases-tier are of the TextGrids of --segments")
    return list(recordings)


def _given_units(utterance: Utterance) -> UnitSpec:
    return UnitSpec(
        textgrid=utterance.textgrid,
        words_tier=utterance.words_tier,
        phrases_tier=utterance.phrases_tier,
        text=None if utterance.textgrid else utterance.text,
    )


def _only(recordings: Sequence[Recording], option: str) -> Recording:
    if len(recordings) != 1:
        raise ConfigError(f"{option} has the words of one sound, but there are {len(recordings)}")
    return recordings[0]


def _with_segments(
    recordings: Sequence[Recording],
    segments: Path,
    tiers: UnitSpec,
) -> list[Recording]:
    for method in get_args(FoundSource):
        if str(segments) == method:
            return [replace(recording, units=UnitSpec(method)) for recording in recordings]
    if segments.suffix == ".jsonl":
        return _with_manifest(recordings, segments, tiers.silence_labels)
    if not segments.exists() and segments.suffix.lower() != ".textgrid":
        methods = ", ".join(get_args(FoundSource))
        raise ConfigError(f"--segments {segments}: no such file or folder, and none of {methods}")
    if segments.is_dir():
        return _with_textgrids(recordings, TextGridFolder(segments), tiers)
    units = replace(tiers, textgrid=segments)
    return [replace(_only(recordings, f"--segments {segments}"), units=units)]


def _with_textgrids(
    recordings: Sequence[Recording], folder: TextGridFolder, tiers: UnitSpec
) -> list[Recording]:
    found = folder.find_all([(recording.audio, recording.id) for recording in recordings])
    return [
        replace(recording, units=replace(tiers, textgrid=path))
        if isinstance(path, Path)
        else replace(recording, problem=str(path))
        for recording, path in zip(recordings, found, strict=True)
    ]


def _with_manifest(
    recordings: Sequence[Recording], manifest: Path, silence_labels: tuple[str, ...]
) -> list[Recording]:
    utterances = read_manifest(manifest)
    listed: dict[Path, Utterance] = {u.audio.resolve(): u for u in utterances if u.offset is None}
    missing = [str(r.audio) for r in recordings if r.audio.resolve() not in listed]
    if missing:
        raise ConfigError(f"{manifest} does not list {', '.join(missing[:3])}")
    lines = [(recording, listed[recording.audio.resolve()]) for recording in recordings]
    return [
        replace(
            recording,
            units=replace(_given_units(line), silence_labels=silence_labels),
            speaker=line.speaker or "",
            f0_range=line.f0_range,
        )
        for recording, line in lines
    ]


def _with_texts(recordings: Sequence[Recording], text_file: Path) -> list[Recording]:
    try:
        content = text_file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{text_file}: cannot be read as text: {error}") from error
    if len(recordings) == 1:
        return [replace(recordings[0], units=UnitSpec(text=content.strip()))]
    texts = {}
    for line in filter(str.strip, content.splitlines()):
        name, separator, text = line.partition("\t" if "\t" in line else "|")
        if not separator:
            raise ConfigError(f"{text_file}: expected ID<tab>text or ID|text, got {line[:40]!r}")
        texts[name.strip()] = text.strip()
    missing = [recording.id for recording in recordings if recording.id not in texts]
    if missing:
        raise ConfigError(f"{text_file} has no text for {', '.join(missing[:3])}")
    return [replace(r, units=UnitSpec(text=texts[r.id])) for r in recordings]
