"""Files with odd names, folders, links, pipes and archives."""

import os
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.trust.odd_inputs.checks import Case, clean, command, expect, first, same_tokens, tokenize

NAMES: dict[str, bytes | str] = {
    "a line break": "a\nb.wav", "a carriage return": "a\rb.wav", "emoji": "👩‍🎤🎤.wav", "quotes": "'\"`.wav",
    "a leading dash": "-x.wav", "two dashes": "--out.wav", "a leading tilde": "~root.wav",
    "spaces at both ends": " a .wav", "a tab": "a\tb.wav", "percent signs": "%s%d{0}.wav",
    "brackets": "[bold]a[red].wav", "a backslash": "a\\b.wav", "colons": "C:a:2.wav",
    "a decomposed accent": "e\u0301te\u0301.wav", "right to left": "\u202eabc.wav", "only dots": "....wav",
    "a star and a question mark": "*?.wav", "an escape sequence": "\x1b[31mred.wav", "Latin-1": b"stra\xdfe.wav",
    "Shift JIS": b"\x89\xb9\x90\xba.wav", "half of UTF-8": b"\xe2\x82.wav", "250 letters": "l" * 246 + ".wav",
    "80 Chinese letters": "声" * 80 + ".wav", "the name of an option": "acoustic", "a number": "1.0",
    "a dollar sign": "$HOME.wav", "a zero-width space": "a\u200b.wav", "a line separator": "a\u2028b.wav",
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, file in NAMES.items():
        yield Case("names", name, "a line for it and its sibling", partial(_name, name=file))
        yield Case(
            "names",
            f"{name}, no sound",
            "one line of error, sibling written",
            partial(_bad_name, name=file),
        )
    for name in ("a line break", "Latin-1", "250 letters", "brackets", "an escape sequence"):
        yield Case(
            "names",
            f"{name}, TextGrid export",
            "a file, or one line",
            partial(_export, name=NAMES[name]),
        )
    for name, check, right in (
        ("a link to itself", _own_link, "error of the link, sibling written"),
        ("a loop of folders", _folder_loop, "each sound once"),
        ("a link to a pipe", _linked_pipe, "counted in a line"),
        ("a pipe", _pipe_in_folder, "counted in a line"),
        ("a socket", _socket, "counted in a line"),
        ("a device", _device, "error of the device"),
        ("a folder named a.wav", _folder_as_sound, "its sound is read"),
        ("an empty folder", _empty, "error with its name"),
        ("only unknown suffixes", _unknown, "error with the suffix and count"),
        ("an empty file among others", _empty_file, "one line of error, sibling written"),
        ("a file twice", _twice, "once"),
        ("two sounds of one name", _same_names, "two ids"),
        ("ids that collide with numbered ones", _colliding, "three ids"),
        ("hidden files", _hidden, "left out in folders, read by name"),
        ("a folder that vanishes: a missing argument", _missing, "error, the other written"),
        ("stdin", _stdin, "tokens as clean"),
        ("an empty stdin", _empty_stdin, "error"),
        ("stdin twice", _stdin_twice, "once"),
        ("a text in stdin", _text_stdin, "error"),
        ("a FIFO", _fifo, "tokens as clean"),
        ("a FIFO that closes early", _short_fifo, "error or warning"),
        ("/proc/self/fd", _descriptor, "tokens as clean"),
    ):
        yield Case("folders and pipes", name, right, check)


def sound() -> bytes:
    return clean().to_bytes(".wav")


def put(folder: Path, name: str | bytes, content: bytes | None = None) -> Path:
    """Write a sound, or other content, under a name."""
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(name)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound() if content is None else content)
    return path


def _folder(folder: Path, name: str | bytes, content: bytes | None = None) -> tuple[Path, Path]:
    inner = folder / "in"
    path = put(inner, name, content)
    put(inner, "sibling.wav")
    return inner, path


def _name(folder: Path, name: str | bytes) -> str:
    inner, path = _folder(folder, name)
    os.chdir(inner)
    outcome, tokens = tokenize(folder, "--", path.name, "sibling.wav")
    return first(
        expect(outcome, 0, lines=0),
        "" if len(tokens) == 2 else f"{len(tokens)} lines",
        same_tokens(tokens[0]) if tokens else "",
    )


def _bad_name(folder: Path, name: str | bytes) -> str:
    inner, path = _folder(folder, name, b"no sound")
    os.chdir(inner)
    outcome, tokens = tokenize(folder, "--", path.name, "sibling.wav")
    return first(
        expect(outcome, 1, "not a sound", lines=1),
        "" if len(tokens) == 1 else f"{len(tokens)} lines",
    )


def _export(folder: Path, name: str | bytes) -> str:
    inner, path = _folder(folder, name)
    tokenize(folder, path, inner / "sibling.wav")
    outcome = command("export", folder / "out.jsonl", "--format", "textgrid", "--out", folder / "g")
    written = len(list((folder / "g").iterdir()))
    good = (outcome.code, written, len(outcome.errors)) in ((0, 2, 0), (1, 1, 1))
    return "" if good else f"{outcome.code}, {written} files, {outcome.errors}"


def _run(folder: Path, code: int, count: int, *words: str, lines: int | None = None) -> str:
    """Tokenize folder/in; check the exit code, the number of utterances and stderr."""
    outcome, tokens = tokenize(folder, folder / "in")
    found = "" if len(tokens) == count else f"{len(tokens)} utterances, not {count}"
    ids = {item.id for item in tokens}
    return first(
        expect(outcome, code, *words, lines=lines), found, "" if len(ids) == count else str(ids)
    )


def _own_link(folder: Path) -> str:
    put(folder / "in", "a.wav")
    (folder / "in" / "b.wav").symlink_to("b.wav")
    return _run(folder, 1, 1, "b.wav", lines=1)


def _folder_loop(folder: Path) -> str:
    put(folder / "in", "x/a.wav")
    (folder / "in" / "x" / "up").symlink_to(folder / "in")
    (folder / "in" / "y").symlink_to(folder / "in" / "x")
    return _run(folder, 0, 1, lines=0)


def _linked_pipe(folder: Path) -> str:
    put(folder / "in", "a.wav")
    os.mkfifo(folder / "pipe")
    (folder / "in" / "b.wav").symlink_to(folder / "pipe")
    outcome, tokens = tokenize(folder, folder / "in")
    return first(
        "" if len(tokens) == 1 else f"{len(tokens)}",
        "" if len(outcome.errors) == 1 else f"{outcome.errors}",
    )


def _pipe_in_folder(folder: Path) -> str:
    put(folder / "in", "a.wav")
    os.mkfifo(folder / "in" / "b.wav")
    return _run(folder, 0, 1, "1", lines=1)


def _socket(folder: Path) -> str:
    put(folder / "in", "a.wav")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "in" / "b.wav"))
        return _run(folder, 0, 1, "1", lines=1)


def _device(folder: Path) -> str:
    put(folder, "a.wav")
    outcome, tokens = tokenize(folder, "/dev/zero", folder / "a.wav")
    return first(
        expect(outcome, 1, "/dev/zero", "device", lines=1), "" if len(tokens) == 1 else "lost"
    )


def _folder_as_sound(folder: Path) -> str:
    put(folder / "in", "a.wav/b.wav")
    return _run(folder, 0, 1, lines=0)


def _empty(folder: Path) -> str:
    (folder / "in" / "deep" / "er").mkdir(parents=True)
    return _run(folder, 1, 0, str(folder / "in"), lines=1)


def _unknown(folder: Path) -> str:
    put(folder / "in", "a.xyz")
    put(folder / "in", "b.xyz")
    return _run(folder, 1, 0, ".xyz (2)", lines=1)


def _empty_file(folder: Path) -> str:
    put(folder / "in", "a.wav")
    put(folder / "in", "b.wav", b"")
    return _run(folder, 1, 1, "b.wav", "empty", lines=1)


def _twice(folder: Path) -> str:
    path = put(folder / "in", "a.wav")
    outcome, tokens = tokenize(folder, folder / "in", path, folder / "in")
    return first(expect(outcome, 0, lines=0), "" if len(tokens) == 1 else f"{len(tokens)}")


def _same_names(folder: Path) -> str:
    put(folder / "in", "x/a.wav")
    put(folder / "in", "y/a.flac")
    return _run(folder, 0, 2, lines=0)


def _colliding(folder: Path) -> str:
    for name in ("x/a.wav", "y/a.wav", "y/a_2.wav"):
        put(folder / "in", name)
    return _run(folder, 0, 3, lines=0)


def _hidden(folder: Path) -> str:
    put(folder / "in", ".a.wav")
    put(folder / "in", ".git/b.wav")
    put(folder / "in", "c.wav")
    outcome, tokens = tokenize(folder, folder / "in" / ".a.wav")
    return first(
        expect(outcome, 0), "" if tokens[0].id == ".a" else tokens[0].id, _run(folder, 0, 1)
    )


def _missing(folder: Path) -> str:
    put(folder / "in", "a.wav")
    outcome, tokens = tokenize(folder, folder / "gone", folder / "in")
    return first(expect(outcome, 1, "gone", lines=1), "" if len(tokens) == 1 else "lost")


def _stdin(folder: Path) -> str:
    outcome, tokens = tokenize(folder, "-", stdin=sound())
    return first(expect(outcome, 0, lines=0), same_tokens(tokens[0]) if tokens else "lost")


def _empty_stdin(folder: Path) -> str:
    outcome, tokens = tokenize(folder, "-")
    return first(expect(outcome, 1, "stdin", "empty", lines=1), "tokens" if tokens else "")


def _stdin_twice(folder: Path) -> str:
    outcome, tokens = tokenize(folder, "-", "/dev/stdin", stdin=sound())
    return first(expect(outcome, 0), "" if len(tokens) == 1 else f"{len(tokens)}")


def _text_stdin(folder: Path) -> str:
    outcome, _ = tokenize(folder, "-", stdin=b"good morning\n" * 40)
    return expect(outcome, 1, "stdin", "not a sound", lines=1)


def _fed(folder: Path, content: bytes) -> tuple[Path, threading.Thread]:
    path = folder / "pipe.wav"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,), daemon=True)
    writer.start()
    return path, writer


def _fifo(folder: Path) -> str:
    path, writer = _fed(folder, sound())
    outcome, tokens = tokenize(folder, path)
    writer.join(5)
    return first(expect(outcome, 0, lines=0), same_tokens(tokens[0]) if tokens else "lost")


def _short_fifo(folder: Path) -> str:
    path, writer = _fed(folder, sound()[:50_000])
    outcome, tokens = tokenize(folder, path)
    writer.join(5)
    return first(expect(outcome, 1, "pipe.wav", "truncated", lines=1), "tokens" if tokens else "")


def _descriptor(folder: Path) -> str:
    path = put(folder, "a.wav")
    with path.open("rb") as file:
        outcome, tokens = tokenize(folder, f"/proc/self/fd/{file.fileno()}")
    return first(expect(outcome, 0, lines=0), same_tokens(tokens[0]) if tokens else "lost")
