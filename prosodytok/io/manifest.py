"""Manifests: JSON Lines that list the utterances of a corpus with their metadata."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prosodytok.io.limits import MAX_MANIFEST_BYTES, FewKeys
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, ManifestError, explain
from prosodytok.types.f0_range import CEILING_LIMIT, FLOOR_LIMIT, F0Range

#: Tier roles that mark intonational phrases, in order of preference.
PHRASE_ROLES = ("intonational", "boundaries", "breaks")
Hertz = Annotated[float, Field(ge=FLOOR_LIMIT, le=CEILING_LIMIT)]


class Utterance(BaseModel):
    """One line of a manifest; additional fields are kept.

    Parameters
    ----------
    audio : Path
        The sound file.
    id : str
        Name of the utterance, unique in its manifest.
    speaker, language, text, scheme : str, optional
        Speaker, language code, transcript, and scheme of the annotation ("ToBI", "ToDI", "IViE").
    duration : float, optional
        Length in seconds.
    offset : float, optional
        Start of the utterance in a longer sound file (s); its length is then `duration`.
    textgrid : Path, optional
        The annotation.
    tiers : dict of str to str
        Name of the TextGrid's tier for each role: "words", "phones", "accents", "boundaries", ...
    f0_floor, f0_ceiling : float, optional
        Limits of the search for F0 (40 to 1000 Hz).
    """

    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True)

    audio: Path
    id: str = Field(min_length=1)
    speaker: str | None = None
    language: str | None = None
    text: str | None = None
    duration: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    offset: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    textgrid: Path | None = None
    tiers: Annotated[dict[str, str], FewKeys] = Field(default_factory=dict)
    scheme: str | None = None
    f0_floor: Hertz | None = None
    f0_ceiling: Hertz | None = None

    @model_validator(mode="after")
    def _check_f0_range(self) -> Self:
        try:
            F0Range(self.f0_floor, self.f0_ceiling)
        except ConfigError as error:
            raise ValueError(error) from error
        return self

    def load(self) -> Audio:
        """Read the utterance's sound.

        Raises
        ------
        AudioError
            As `prosodytok.load` does.
        """
        return load(self.audio, *self.span)

    @property
    def span(self) -> tuple[float, float | None]:
        """Start and length of the utterance in its file (s); a length of None means to the end."""
        return (0.0, None) if self.offset is None else (self.offset, self.duration)

    @property
    def f0_range(self) -> F0Range:
        """The range in which F0 is searched."""
        return F0Range(self.f0_floor, self.f0_ceiling)

    @property
    def words_tier(self) -> str | None:
        """Name of the word tier, if given."""
        return self.tiers.get("words")

    @property
    def phrases_tier(self) -> str | None:
        """Name of the tier that marks intonational phrases, if given."""
        return next((self.tiers[role] for role in PHRASE_ROLES if role in self.tiers), None)


def read_manifest(path: str | Path) -> list[Utterance]:
    """Read a manifest; paths are resolved against its folder.

    Raises
    ------
    ManifestError
        If the file is missing or empty, a line violates the contract, or two lines share an id;
        the message names the file and the line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ManifestError(f"{path}: more than {MAX_MANIFEST_BYTES} bytes: split it")
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path}: cannot be read ({error})") from error
    rows = [
        (f"{path}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not rows:
        raise ManifestError(f"{path}: no utterance in this manifest")
    objects = [_parse(where, line) for where, line in rows]
    _give_ids([where for where, _ in rows], objects)
    return [
        _utterance(where, values, path.parent)
        for (where, _), values in zip(rows, objects, strict=True)
    ]


def unique_ids(paths: Iterable[str | Path], taken: Iterable[str] = ()) -> list[str]:
    """Name files by their stems; duplicate stems get ``_2``, ``_3``, ...

    Parameters
    ----------
    paths : iterable of path
        The files.
    taken : iterable of str
        Names already in use.
    """
    return unique_names((unicode_name(Path(path).stem) for path in paths), taken)


def unicode_name(path: str | Path) -> str:
    r"""A file name as valid Unicode: bytes in another encoding become ``\xdf``."""
    try:
        return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a pair, from JSON
        return str(path).encode("utf-8", "backslashreplace").decode()


def unique_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Make names unique, in order: duplicates get ``_2``, ``_3``, ..."""
    used, unique = set(taken), []
    counts: Counter[str] = Counter()  # keeps many equal names linear in time
    for name in names:
        chosen = name
        while chosen in used:
            counts[name] += 1
            chosen = f"{name}_{counts[name] + 1}"
        used.add(chosen)
        unique.append(chosen)
    return unique


def _parse(where: str, line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{where}: not JSON ({error})") from error
    if not isinstance(values, dict) or not isinstance(values.get("audio"), str):
        raise ManifestError(f'{where}: expected an object with "audio", the path of a sound file')
    return values


def _give_ids(places: list[str], objects: list[dict[str, Any]]) -> None:
    """Add missing ids, and raise if an id occurs twice."""
    owners: dict[str, str] = {}
    for where, values in zip(places, objects, strict=True):
        if values.get("id") is not None:
            owner = owners.setdefault(str(values["id"]), where)
            if owner != where:
                raise ManifestError(f"{where}: the id {values['id']!r} is also that of {owner}")
    without_id = [values for values in objects if values.get("id") is None]
    names = unique_ids([values["audio"] for values in without_id], owners)
    for values, name in zip(without_id, names, strict=True):
        values["id"] = name


def _utterance(where: str, values: dict[str, Any], folder: Path) -> Utterance:
    paths = {k: folder / values[k] for k in ("audio", "textgrid") if isinstance(values.get(k), str)}
    try:
        return Utterance.model_validate(values | paths)
    except ValidationError as error:
        raise ManifestError(f"{where}: {explain(error)}") from error
