"""A folder of TextGrids with phones, as the Montreal Forced Aligner writes it."""

from __future__ import annotations

from pathlib import Path

from prosodytok.io.textgrid_folder import TextGridFolder
from prosodytok.segmentation import phones_from_textgrid
from prosodytok.types import Segmentation
from prosodytok.types.errors import SegmentationError
from prosodytok.types.tokens import ProsodyTokens


class PhoneFolder:
    """Phones of utterances in ``FOLDER/ID.TextGrid`` or ``FOLDER/SPEAKER/ID.TextGrid``.

    Parameters
    ----------
    folder : path
        Folder of the TextGrids.

    Raises
    ------
    ConfigError
        If the folder is missing, or has no TextGrid.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._grids = TextGridFolder(folder)

    def phones(self, tokens: ProsodyTokens) -> Segmentation:
        """Phones of an utterance, over its frames.

        Raises
        ------
        SegmentationError
            If it has no TextGrid, several, or an invalid one.
        """
        return phones_from_textgrid(self._path(tokens), tokens.num_frames)

    def speaker(self, tokens: ProsodyTokens) -> str | None:
        """Name of the subfolder of its TextGrid, if any."""
        parent = self._path(tokens).parent
        return None if parent == self.folder else parent.name

    def _path(self, tokens: ProsodyTokens) -> Path:
        """The only TextGrid named like the utterance, or that of its sound's folder."""
        paths = self._grids.named(tokens.id)
        if len(paths) == 1:
            return paths[0]
        sound = Path(tokens.audio)
        if tokens.audio and (paths or sound.stem != tokens.id):
            return self._grids.find(sound, tokens.id)
        raise SegmentationError(
            f"{self.folder}: {len(paths)} files are called {tokens.id}.TextGrid, instead of one"
        )
