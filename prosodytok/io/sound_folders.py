"""Sound files in folders, by their suffixes."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from prosodytok.types.errors import AudioError


def _suffixes(names: str) -> tuple[str, ...]:
    return tuple(f".{name}" for name in names.split())


#: Suffixes of sound files that libsndfile reads, and that FFmpeg reads (extra `av`).
SNDFILE_SUFFIXES = _suffixes(
    "wav wave flac opus ogg oga mp3 mp2 aiff aif aifc au snd caf w64 rf64 bwf sph nist voc"
)
FFMPEG_SUFFIXES = _suffixes(
    "m4a m4b mp4 m4v mov 3gp 3g2 aac webm weba mka mkv amr wma asf wv ape tta ac3 avi flv"
)
#: Suffixes of sound files in a folder.
AUDIO_SUFFIXES = (*SNDFILE_SUFFIXES, *FFMPEG_SUFFIXES)
#: Suffixes of files that often lie beside sounds, and are not named when they are passed over.
COMPANION_SUFFIXES = _suffixes(
    "textgrid txt lab json jsonl csv tsv xml eaf rttm ctm stm trn trs phn wrd mlf srt vtt "
    "pitch pitchtier npz npy parquet tar md html pdf yaml yml toml png svg jpg py sh log"
)
#: The same for names without a suffix.
COMPANION_NAMES = ("README", "LICENSE", "LICENCE", "NOTICE", "COPYING", "CHANGES", "AUTHORS")


@dataclass
class FolderFiles:
    """Files below a folder.

    Parameters
    ----------
    files : list of Path
        Those with the wanted suffixes, and what cannot be read: links to files that do not exist,
        and folders that cannot be listed.
    others : Counter of str
        Number of the others by suffix, without companions of sounds.
    """

    files: list[Path] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    @property
    def skipped(self) -> str:
        """A sentence about the others; "" if there is none."""
        if not self.others:
            return ""
        count = self.others.total()
        kinds = ", ".join(f"{suffix} ({n})" for suffix, n in self.others.most_common(8))
        more = ", ..." if len(self.others) > 8 else ""
        files = "file that is" if count == 1 else "files that are"
        return f"skipped {count} {files} not named as sound: {kinds}{more}"


def find_audio(path: str | Path) -> list[Path]:
    """List the sound files at `path`: the file itself, or all files below the folder, sorted.

    A ``-`` is the standard input.

    Raises
    ------
    AudioError
        If `path` does not exist, or is a folder without sound files.
    """
    return list_audio(path).files


def list_audio(path: str | Path) -> FolderFiles:
    """List the sound files at `path` as `find_audio` does, and count the others.

    Raises
    ------
    AudioError
        As `find_audio` raises.
    """
    path = Path(path)
    if str(path) == "-" and not path.exists():
        path = Path("/dev/stdin")
    if not path.exists():
        raise AudioError(f"{path}: no such file or folder")
    if not path.is_dir():
        return FolderFiles([path])
    found = list_folder(path, AUDIO_SUFFIXES)
    if not found.files:
        reason = f"; {found.skipped}" if found.others else ""
        raise AudioError(
            f"{path}: no sound file in this folder ({', '.join(AUDIO_SUFFIXES)}){reason}"
        )
    return found


def list_folder(folder: Path, suffixes: Collection[str]) -> FolderFiles:
    """List the files with these suffixes (lower case) below a folder, sorted.

    Links to folders are followed, each real folder once. Hidden files and folders are left out, and
    of files with the same stem those that FFmpeg would read (a video beside its sound).
    """
    result = FolderFiles()
    folders, links = deque([folder]), deque[Path]()
    seen: set[tuple[int, int]] = set()
    while folders or links:
        current = folders.popleft() if folders else links.popleft()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError:
            result.files.append(current)  # reading it raises
            continue
        files = [Path(entry) for entry in entries if not _is_folder(entry)]
        _sort_files(files, suffixes, result)
        for entry in entries:
            if _is_folder(entry) and not entry.name.startswith("."):
                (links if entry.is_symlink() else folders).append(Path(entry))
    result.files.sort()
    return result


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _sort_files(files: Iterable[Path], suffixes: Collection[str], result: FolderFiles) -> None:
    """Add the files of one folder to the result."""
    visible = [path for path in files if not path.name.startswith(".")]
    sounds = {path.stem for path in visible if path.suffix.lower() in SNDFILE_SUFFIXES}
    for path in visible:
        suffix = path.suffix.lower()
        if suffix in suffixes and path.exists() and not path.is_file():
            result.others[f"{suffix} that is no plain file"] += 1
        elif suffix in suffixes:  # also a link to a missing file: reading it raises
            if suffix not in FFMPEG_SUFFIXES or path.stem not in sounds:
                result.files.append(path)
            else:
                result.others[f"{suffix} beside a sound of the same name"] += 1
        elif suffix not in COMPANION_SUFFIXES and path.name not in COMPANION_NAMES:
            result.others[suffix or "no suffix"] += 1
