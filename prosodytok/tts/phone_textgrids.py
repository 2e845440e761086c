"""A folder of TextGrids with phones, as the Montreal Forced Aligner leaves it."""

from __future__ import annotations

from pathlib import Path

from prosodytok.segmentation import phones_from_textgrid
from prosodytok.types import Segmentation
from prosodytok.types.errors import ConfigError, SegmentationError
from prosodytok.types.tokens import ProsodyTokens


class PhoneFolder:
    """``FOLDER/ID.TextGrid`` or ``FOLDER/SPEAKER/ID.TextGrid`` of many utterances.

    Parameters
    ----------
    folder : path
        Where they are.

    Raises
    ------
    ConfigError
        If there is no such folder, or no TextGrid in it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*.TextGrid")):
            self._found.setdefault(path.stem, []).append(path)
        if not self._found:
            raise ConfigError(f"{folder}: no folder with .TextGrid files")

    def phones(self, tokens: ProsodyTokens) -> Segmentation:
        """Phones of an utterance, over its frames.

        Raises
        ------
        SegmentationError
            If it has no TextGrid, or several, or one that cannot be used.
        """
        return phones_from_textgrid(self._path(tokens), tokens.num_frames)

    def speaker(self, tokens: ProsodyTokens) -> str | None:
        """Name of the subfolder that holds its TextGrid, if any."""
        parent = self._path(tokens).parent
        return None if parent == self.folder else parent.name

    def _path(self, tokens: ProsodyTokens) -> Path:
        found = self._found.get(tokens.id, [])
        if len(found) != 1:
            raise SegmentationError(
                f"{self.folder}: {len(found)} files are called {tokens.id}.TextGrid, "
                "and one is needed"
            )
        return found[0]
