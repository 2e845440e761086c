"""Registers of speakers: from their turns in a file, or from other recordings or tokens."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from prosodytok.corpus.encode import Prepared, prepare
from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.token_files import read_tokens
from prosodytok.tokenizer.frontend import Frontend
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types.errors import ConfigError, ProsodytokError, TokenError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

#: Suffixes of token files, one of which manifests share.
TOKEN_SUFFIXES = (".parquet", ".safetensors")
#: Utterances of a manifest that are measured for the register of one speaker, spread evenly.
MAX_UTTERANCES = 100
#: Speakers that are named in a message.
MAX_NAMED = 5

#: Receives a recording that cannot be measured, and the error.
Failed = Callable[[Path, ProsodytokError], None]


class TurnRegisters:
    """Prepares the turns of files, each with the register of its speaker in that file.

    The register is that of all turns of the speaker in the file. They are measured when the first
    of them is prepared; their prosodies are kept until they are used.

    Parameters
    ----------
    tokenizer : Tokenizer
        The tokenizer.
    recordings : sequence of Recording
        All recordings to prepare. Those with a register, and whole files, are prepared alone.
    """

    def __init__(self, tokenizer: Tokenizer, recordings: Sequence[Recording]) -> None:
        self._tokenizer = tokenizer
        self._turns: dict[tuple[Path, str], list[Recording]] = defaultdict(list)
        self._prosodies: dict[str, Prosody] = {}
        for recording in recordings:
            if recording.start is not None and recording.register is None:
                self._turns[recording.audio, recording.speaker].append(recording)
        self._registers: dict[tuple[Path, str], Register] = {}

    def prepare(self, recording: Recording) -> Prepared:
        """Prepare a recording; errors are those of `corpus.prepare`."""
        key = recording.audio, recording.speaker
        if key not in self._turns or recording.register is not None:
            return prepare(self._tokenizer, recording)
        if key not in self._registers:
            found = measure(self._tokenizer.frontend, self._turns[key])
            if found:
                self._registers[key] = Register.estimate(*found.values())
            self._prosodies |= found
        register = self._registers.get(key)
        prosody = self._prosodies.pop(recording.id, None)
        return prepare(self._tokenizer, replace(recording, register=register), prosody)


@dataclass(frozen=True)
class Registers:
    """Registers for recordings.

    Parameters
    ----------
    source : Path
        The file from which they are.
    one : Register, optional
        The register of all recordings.
    by_speaker : dict of str to Register
        Else the register of each speaker.
    speakers : dict of Path to str
        Speakers of files that the source names.
    """

    source: Path
    one: Register | None = None
    by_speaker: dict[str, Register] = field(default_factory=dict)
    speakers: dict[Path, str] = field(default_factory=dict)

    def apply(self, recording: Recording) -> Recording:
        """The recording with its register, or with a problem if it has none here."""
        speaker = recording.speaker or self.speakers.get(recording.audio.resolve(), "")
        if not speaker and len(self.by_speaker) == 1:
            (speaker,) = self.by_speaker
        register = self.one or self.by_speaker.get(speaker)
        if register is not None:
            return replace(recording, speaker=speaker, register=register)
        names = ", ".join(map(repr, list(self.by_speaker)[:MAX_NAMED]))
        more = ", ..." if len(self.by_speaker) > MAX_NAMED else ""
        who = f"no register of speaker {speaker!r}" if speaker else "its speaker is not known"
        return replace(
            recording, problem=f"{who}; {self.source} has those of {names or 'none'}{more}"
        )


def read_registers(
    path: Path, frontend: Frontend, failed: Failed, f0_range: F0Range = FITTED
) -> Registers:
    """Read or measure registers.

    Parameters
    ----------
    path : Path
        A recording, whose register is measured; a token file, whose register is used, or that of
        each speaker if they differ; or a manifest, of whose speakers each is measured over up to
        100 utterances.
    frontend : Frontend
        Measures sounds.
    failed : callable
        Receives the file and the error of each utterance of a manifest that cannot be measured.
    f0_range : F0Range
        The range in which F0 is searched, where a manifest has none.

    Raises
    ------
    ConfigError
        If the file cannot be used, the utterances of a token file have different registers and
        do not name their speakers, or a manifest names no speaker.
    """
    try:
        if path.suffix.lower() in TOKEN_SUFFIXES or _has_tokens(path):
            return _from_tokens(path, read_tokens(path))
        if path.suffix.lower() == ".jsonl":
            return _from_manifest(path, frontend, failed, f0_range)
        recording = Recording(path.stem, path, f0_range=f0_range)
        prosody = frontend.extract(recording.load(), f0_range)
    except ProsodytokError as error:
        raise ConfigError(f"--register-from {path}: {error}") from error
    if not prosody.voiced.any():
        raise ConfigError(f"--register-from {path}: no voiced frame, so no register")
    return Registers(path, Register.estimate(prosody))


def measure(
    frontend: Frontend, recordings: Iterable[Recording], failed: Failed | None = None
) -> dict[str, Prosody]:
    """The prosody of each recording that can be measured, by id."""
    found = {}
    for recording in recordings:
        try:
            found[recording.id] = frontend.extract(recording.load(), recording.f0_range)
        except ProsodytokError as error:
            if failed is not None:
                failed(recording.audio, error)
    return found


def _has_tokens(path: Path) -> bool:
    """Whether a .jsonl file has tokens, not a manifest."""
    if path.suffix.lower() != ".jsonl" or not path.is_file():
        return False
    with path.open("rb") as file:
        line = next((line for line in file if line.strip()), b"")
    try:
        first = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False  # reading it as a manifest raises
    return isinstance(first, dict) and "levels" in first


def _from_tokens(path: Path, utterances: Sequence[ProsodyTokens]) -> Registers:
    registers = {_without_rate(tokens.register) for tokens in utterances}
    if len(registers) == 1:
        return Registers(path, registers.pop())
    by_speaker: dict[str, Register] = {}
    for tokens in utterances:
        register = _without_rate(tokens.register)
        if not tokens.speaker or by_speaker.setdefault(tokens.speaker, register) != register:
            raise TokenError(
                f"{len(utterances)} utterances with {len(registers)} registers: give tokens of one "
                "utterance, or with one register for each speaker (--speakers)"
            )
    return Registers(path, by_speaker=by_speaker)


def _from_manifest(path: Path, frontend: Frontend, failed: Failed, f0_range: F0Range) -> Registers:
    utterances: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in read_manifest(path):
        if utterance.speaker:
            utterances[utterance.speaker].append(utterance)
    if not utterances:
        raise ConfigError("no utterance names its speaker")
    found = {}
    for speaker, own in utterances.items():
        recordings = [
            Recording.of(utterance).with_f0_range(f0_range)
            for utterance in own[:: -(-len(own) // MAX_UTTERANCES)]
        ]
        prosodies = measure(frontend, recordings, failed).values()
        if any(prosody.voiced.any() for prosody in prosodies):
            found[speaker] = Register.estimate(*prosodies)
    speakers = {
        utterance.audio.resolve(): speaker
        for speaker, own in utterances.items()
        for utterance in own
        if utterance.offset is None
    }
    return Registers(path, by_speaker=found, speakers=speakers)


def _without_rate(register: Register) -> Register:
    """The register without the rate of the words, which each utterance has of its own."""
    return replace(register, word_rate_hz=Register.word_rate_hz)
