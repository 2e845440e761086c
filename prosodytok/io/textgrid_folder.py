"""The TextGrid of each sound in a folder of TextGrids."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from prosodytok.io.sound_folders import list_folder
from prosodytok.types.errors import ConfigError, SegmentationError


class TextGridFolder:
    """A folder with TextGrids, in subfolders too.

    The TextGrid of a sound has its name and lies in a folder of the same name, as
    ``SPEAKER/NAME.TextGrid`` of ``corpus/SPEAKER/NAME.wav`` (the Montreal Forced Aligner); of
    several, the one with the longest common path is used. Else it is ``ID.TextGrid`` or
    ``NAME.TextGrid`` at the top of the folder, or in a subfolder with the name of any folder of the
    sound.

    Parameters
    ----------
    folder : path
        The folder; the suffix may be in upper or lower case.

    Raises
    ------
    ConfigError
        If it has no TextGrid.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._paths: dict[str, list[Path]] = {}
        for path in list_folder(self.folder, (".textgrid",)).files:
            if path.suffix.lower() == ".textgrid":  # an unreadable folder is listed too
                self._paths.setdefault(_normalize(path.stem), []).append(path)
        if not self._paths:
            raise ConfigError(f"{folder}: no folder with .TextGrid files")

    def find(self, sound: Path, id: str) -> Path:
        """The TextGrid of a sound with an id.

        Raises
        ------
        SegmentationError
            If there is none, or several may be meant; the message names the sound.
        """
        candidates = self._by_path(sound) or self._by_name(sound, id)
        if len(candidates) == 1:
            return candidates[0]
        expected = f"{sound.parent.name}/{sound.stem}.TextGrid or {id}.TextGrid"
        others = candidates or self.named(id) or self.named(sound.stem)
        listed = ", ".join(map(str, others[:3]))
        problem = (
            f"several TextGrids in {self.folder} may be its own"
            if candidates
            else (f"no TextGrid of it in {self.folder}, expected {expected}")
        )
        raise SegmentationError(f"{sound}: {problem}" + (f"; there are {listed}" if listed else ""))

    def find_all(self, sounds: Sequence[tuple[Path, str]]) -> list[Path | SegmentationError]:
        """The TextGrid of each sound with an id, or the reason why it has none.

        A TextGrid that may be of several sounds is used for none of them.
        """
        found = [self._try(sound, id) for sound, id in sounds]
        users = Counter(path for path in found if isinstance(path, Path))
        return [
            self._shared(sound, path)
            if isinstance(path, Path) and users[path] > 1 and path not in self._by_path(sound)
            else path
            for path, (sound, _) in zip(found, sounds, strict=True)
        ]

    def named(self, name: str) -> list[Path]:
        """All TextGrids with a name."""
        return self._paths.get(_normalize(name), [])

    def _by_path(self, sound: Path) -> list[Path]:
        """TextGrids with the sound's name whose paths have most folders in common with its path."""
        common = {path: _common_folders(path, sound) for path in self.named(sound.stem)}
        most = max(common.values(), default=0)
        return [path for path, count in common.items() if count == most] if most else []

    def _by_name(self, sound: Path, id: str) -> list[Path]:
        """TextGrids with the id or the name of a sound that lie in no folder of another name."""
        folders = _folders(sound)
        for name in (id, sound.stem):
            top = [path for path in self.named(name) if path.parent == self.folder]
            if top:
                return top
        return [path for path in self.named(sound.stem) if _folders(path)[-1] in folders]

    def _try(self, sound: Path, id: str) -> Path | SegmentationError:
        try:
            return self.find(sound, id)
        except SegmentationError as error:
            return error

    def _shared(self, sound: Path, path: Path) -> SegmentationError:
        better = self.folder / sound.parent.name / f"{sound.stem}{path.suffix}"
        return SegmentationError(
            f"{sound}: ambiguous, {path} may be of another sound with this name: move it to the "
            f"folder of its speaker, such as {better}"
        )


def _common_folders(path: Path, other: Path) -> int:
    """Number of innermost folders with the same names."""
    count = 0
    for one, two in zip(reversed(_folders(path)), reversed(_folders(other)), strict=False):
        if one != two:
            break
        count += 1
    return count


def _folders(path: Path) -> list[str]:
    return [_normalize(part) for part in path.absolute().parent.parts]


def _normalize(name: str) -> str:
    """A name with accented letters as one character each; systems store them differently."""
    return unicodedata.normalize("NFC", name)
