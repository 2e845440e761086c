"""The page served as people serve it: by the command, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


#: Notes which machines Python asks for; Python imports a module of this name by itself.
LISTENING = """
import sys

def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        with open({file!r}, "a") as file:
            print(args[0] if event == "socket.getaddrinfo" else args[1][0], file=file)

sys.addaudithook(note)
"""

#: Stands in for ffmpeg and ffprobe: notes what it is to read, and fails.
CONVERTER = """#!/bin/sh
echo "$@" >> '{file}'
exit 1
"""


class Server(NamedTuple):
    """A page that is served, and the file of what its process said on stderr."""

    address: str
    errors: Path

    @property
    def converted(self) -> str:
        """What ffmpeg was asked to read, all that was uploaded being in a folder ``uploads``."""
        asked = self.errors.parent / "converted"
        return asked.read_text() if asked.exists() else ""


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Run `prosodytok app`; it must end well, and ask no other machine for anything."""
    errors, asked = folder / "stderr", folder / "asked"
    (folder / "sitecustomize.py").write_text(LISTENING.format(file=str(asked)))
    for name in ("ffmpeg", "ffprobe"):
        (folder / name).write_text(CONVERTER.format(file=folder / "converted"))
        (folder / name).chmod(0o755)
    command = [sys.executable, "-m", "prosodytok", "app", "--port", str(free_port())]
    env = {**os.environ, "GRADIO_TEMP_DIR": str(folder / "uploads")}
    for name in ("PATH", "PYTHONPATH"):
        env[name] = os.pathsep.join(filter(None, (str(folder), os.environ.get(name))))
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True, "cwd": folder, "env": env}
    with errors.open("w") as file, subprocess.Popen(command, stderr=file, **pipes) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("prosodytok app: http://127.0.0.1:"), errors.read_text()
            yield Server(line.split()[2].rstrip("/"), errors)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    # Gradio asks itself whether it is there.
    assert set(asked.read_text().split()) == {"127.0.0.1"}


def ask(address: str, body: object = None, timeout: float = 20.0) -> Any:
    """Get an address, or post JSON to it; the answer is JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def status_of(request: str | urllib.request.Request) -> int:
    """The HTTP status of an answer."""
    try:
        with urllib.request.urlopen(request, timeout=20.0) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def upload(address: str, name: str, content: bytes) -> dict[str, Any]:
    """Upload a file; give what a request then says of it."""
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{address}/gradio_api/upload", body, headers)
    with urllib.request.urlopen(request, timeout=20.0) as answer:
        (path,) = json.load(answer)
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def submit(address: str, sound: object, textgrid: object = None) -> dict[str, Any]:
    """Press the button as a program would, with anything for its files; give how it ended."""
    values = {"sound": sound, "units": "acoustic", "levels": ["phrase"], "textgrid": textgrid}
    return fire(address, "submit", "click", values)


def speak(address: str, chunk: object) -> dict[str, Any]:
    """Send the first chunk of a microphone as a program would."""
    return fire(address, "microphone", "stream", {"microphone": chunk})


def fire(address: str, part: str, event: str, values: dict[str, object]) -> dict[str, Any]:
    """Let an event of a part of the page happen to a new person; give how it ended."""
    config = ask(f"{address}/config")
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    number, inputs = next(
        (number, happens["inputs"])
        for number, happens in enumerate(config["dependencies"])
        if [ids[part], event] in happens["targets"]
    )
    named = {ids[name]: value for name, value in values.items()}
    person = uuid.uuid4().hex
    body = {
        "data": [named.get(part) for part in inputs],
        "fn_index": number,
        "session_hash": person,
    }
    event_id = ask(f"{address}/gradio_api/queue/join", body)["event_id"]
    answers = f"{address}/gradio_api/queue/data?session_hash={person}"
    with urllib.request.urlopen(answers, timeout=60.0) as lines:
        for line in lines:
            message = json.loads(line.partition(b":")[2] or b"{}")
            if message.get("msg") == "process_streaming":  # it waits for the next chunk
                ask(f"{address}/gradio_api/stream/{event_id}/close", {})
            if message.get("msg") == "process_completed":
                return dict(message)
    raise AssertionError("it did not complete")
