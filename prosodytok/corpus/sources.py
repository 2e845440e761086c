"""Which sounds to work on, and what is known about the words of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from prosodytok.io.manifest import Utterance, read_manifest, unique_ids
from prosodytok.io.sound import find_audio, load
from prosodytok.types import FoundSource, UnitSource
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError, ConfigError, ProsodytokError


@dataclass(frozen=True)
class Source:
    """One sound to work on.

    Parameters
    ----------
    id : str
        Name of the utterance: the file's stem, made unique.
    audio : Path
        The sound file.
    textgrid : Path, optional
        Where its words are marked.
    words_tier, phrases_tier : str, optional
        Tiers to read there; see `hierarchy_from_textgrid`.
    text : str, optional
        Its transcript, to be aligned.
    offset, duration : float, optional
        Which stretch of the file it is (s), where it is not the whole.
    units : {"acoustic", "learned", "even"}
        How its words are found where neither is known: by rule, by the trained network, or by the
        clock.
    """

    id: str
    audio: Path
    textgrid: Path | None = None
    words_tier: str | None = None
    phrases_tier: str | None = None
    text: str | None = None
    units: FoundSource = "acoustic"
    offset: float = 0.0
    duration: float | None = None

    def load(self) -> Audio:
        """Read the sound."""
        return load(self.audio, self.offset, self.duration)

    @property
    def means(self) -> UnitSource:
        """How its words are found: a TextGrid goes before a transcript, and that before `units`."""
        if self.textgrid is not None:
            return "textgrid"
        return self.units if self.text is None else "transcript"

    @classmethod
    def of(cls, utterance: Utterance) -> Source:
        """What a manifest knows of a sound; a TextGrid goes before a transcript."""
        offset, duration = utterance.stretch
        return cls(
            utterance.id,
            utterance.audio,
            utterance.textgrid,
            utterance.words_tier,
            utterance.phrases_tier,
            text=None if utterance.textgrid else utterance.text,
            offset=offset,
            duration=duration,
        )


def find_files(
    inputs: Iterable[str | Path], failed: Callable[[Path, ProsodytokError], None]
) -> list[Source]:
    """List the sounds among files and folders, each with a unique id.

    Parameters
    ----------
    inputs : iterable of path
        Sound files, and folders to search.
    failed : callable
        Told of each input where there is no sound, with the reason.
    """
    files: list[Path] = []
    for item in inputs:
        try:
            files += find_audio(item)
        except AudioError as error:
            failed(Path(item), error)
    files = list(dict.fromkeys(files))
    return [Source(name, path) for name, path in zip(unique_ids(files), files, strict=True)]


def find_sources(
    sources: Sequence[Source],
    *,
    segments: Path | None = None,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
    text: str | None = None,
    text_file: Path | None = None,
) -> list[Source]:
    """Say where the words of each sound come from.

    Parameters
    ----------
    sources : sequence of Source
        What `find_files` gave.
    segments : Path, optional
        A TextGrid (for one sound), a folder with ``ID.TextGrid`` files, or a manifest (``.jsonl``);
        or one of the words ``acoustic``, ``learned`` and ``even``: how they are found in the sound.
    words_tier, phrases_tier : str, optional
        Tiers of the TextGrids; a manifest names its own.
    text : str, optional
        The transcript, for one sound.
    text_file : Path, optional
        The transcript of one sound; or for several, a line ``ID<tab>text`` or ``ID|text`` for each.

    Raises
    ------
    ConfigError
        If these contradict each other or do not fit the sounds.
    """
    if sum(x is not None for x in (segments, text, text_file)) > 1:
        raise ConfigError("words come from --segments, --text or --text-file: give one of them")
    if segments is not None:
        return _with_segments(sources, segments, words_tier, phrases_tier)
    if text is not None:
        return [replace(_only(sources, "--text"), text=text)]
    if text_file is not None:
        return _with_texts(sources, text_file)
    return list(sources)


def _only(sources: Sequence[Source], option: str) -> Source:
    if len(sources) != 1:
        raise ConfigError(f"{option} holds the words of one sound, and there are {len(sources)}")
    return sources[0]


def _with_segments(
    sources: Sequence[Source], segments: Path, words_tier: str | None, phrases_tier: str | None
) -> list[Source]:
    for units in get_args(FoundSource):
        if str(segments) == units:
            return [replace(source, units=units) for source in sources]
    if segments.suffix == ".jsonl":
        return _with_manifest(sources, segments)
    if segments.is_dir():
        return [
            replace(
                source,
                textgrid=segments / f"{source.id}.TextGrid",
                words_tier=words_tier,
                phrases_tier=phrases_tier,
            )
            for source in sources
        ]
    source = _only(sources, f"--segments {segments}")
    return [replace(source, textgrid=segments, words_tier=words_tier, phrases_tier=phrases_tier)]


def _with_manifest(sources: Sequence[Source], manifest: Path) -> list[Source]:
    utterances = read_manifest(manifest)
    known: dict[Path, Utterance] = {u.audio.resolve(): u for u in utterances if u.offset is None}
    missing = [str(s.audio) for s in sources if s.audio.resolve() not in known]
    if missing:
        raise ConfigError(f"{manifest} does not list {', '.join(missing[:3])}")
    return [replace(Source.of(known[s.audio.resolve()]), id=s.id, audio=s.audio) for s in sources]


def _with_texts(sources: Sequence[Source], text_file: Path) -> list[Source]:
    try:
        content = text_file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{text_file}: cannot be read as text: {error}") from error
    if len(sources) == 1:
        return [replace(sources[0], text=content.strip())]
    texts = {}
    for line in filter(str.strip, content.splitlines()):
        name, separator, text = line.partition("\t" if "\t" in line else "|")
        if not separator:
            raise ConfigError(f"{text_file}: expected ID<tab>text or ID|text, got {line[:40]!r}")
        texts[name.strip()] = text.strip()
    missing = [source.id for source in sources if source.id not in texts]
    if missing:
        raise ConfigError(f"{text_file} has no text for {', '.join(missing[:3])}")
    return [replace(source, text=texts[source.id]) for source in sources]
