"""Server of the page, started by the command in a separate process."""

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


#: Logs all hosts that Python connects to, as `sitecustomize`, which Python imports automatically.
LOG_HOSTS = """
import sys

def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        with open({file!r}, "a") as file:
            print(args[0] if event == "socket.getaddrinfo" else args[1][0], file=file)

sys.addaudithook(note)
"""

#: Replacement of ffmpeg and ffprobe, which logs its arguments and fails.
CONVERTER = """#!/bin/sh
echo "$@" >> '{file}'
exit 1
"""


class Server(NamedTuple):
    """Address of the page, and the file with the stderr of its process."""

    address: str
    errors: Path

    @property
    def converted(self) -> str:
        """Arguments of ffmpeg; uploaded files are in the folder ``uploads``."""
        log = self.errors.parent / "converted"
        return log.read_text() if log.exists() else ""


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Run `prosodytok app`; it must exit with 0 and contact no other machine."""
    errors, hosts = folder / "stderr", folder / "hosts"
    (folder / "sitecustomize.py").write_text(LOG_HOSTS.format(file=str(hosts)))
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
    # Gradio checks its own address.
    assert set(hosts.read_text().split()) == {"127.0.0.1"}


def request_json(address: str, body: object = None, timeout: float = 20.0) -> Any:
    """Send a GET request, or a POST request with a JSON body; return the JSON response."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return json.load(response)


def status_of(request: str | urllib.request.Request) -> int:
    """HTTP status of a response."""
    try:
        with urllib.request.urlopen(request, timeout=20.0) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def upload(address: str, name: str, content: bytes) -> dict[str, Any]:
    """Upload a file; return its description for further requests."""
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{address}/gradio_api/upload", body, headers)
    with urllib.request.urlopen(request, timeout=20.0) as response:
        (path,) = json.load(response)
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def submit(address: str, sound: object, textgrid: object = None) -> dict[str, Any]:
    """Send the event of the submit button with any values for its files; return the result."""
    values = {"sound": sound, "units": "acoustic", "levels": ["phrase"], "textgrid": textgrid}
    return fire(address, "submit", "click", values)


def send_chunk(address: str, chunk: object) -> dict[str, Any]:
    """Send the first chunk of the microphone."""
    return fire(address, "microphone", "stream", {"microphone": chunk})


def fire(address: str, component: str, event: str, values: dict[str, object]) -> dict[str, Any]:
    """Send an event of a component in a new session; return the result."""
    config = request_json(f"{address}/config")
    ids = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
    number, inputs = next(
        (number, dependency["inputs"])
        for number, dependency in enumerate(config["dependencies"])
        if [ids[component], event] in dependency["targets"]
    )
    named = {ids[name]: value for name, value in values.items()}
    session = uuid.uuid4().hex
    body = {
        "data": [named.get(each) for each in inputs],
        "fn_index": number,
        "session_hash": session,
    }
    event_id = request_json(f"{address}/gradio_api/queue/join", body)["event_id"]
    results = f"{address}/gradio_api/queue/data?session_hash={session}"
    with urllib.request.urlopen(results, timeout=60.0) as lines:
        for line in lines:
            message = json.loads(line.partition(b":")[2] or b"{}")
            if message.get("msg") == "process_streaming":  # waits for the next chunk
                request_json(f"{address}/gradio_api/stream/{event_id}/close", {})
            if message.get("msg") == "process_completed":
                return dict(message)
    raise AssertionError("the event did not complete")
