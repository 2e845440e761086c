"""The page served as people serve it: by the command, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
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


class Server(NamedTuple):
    """A page that is served, and the file of what its process said on stderr."""

    address: str
    errors: Path


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Run `prosodytok app`; it must end well, and ask no other machine for anything."""
    errors, asked = folder / "stderr", folder / "asked"
    (folder / "sitecustomize.py").write_text(LISTENING.format(file=str(asked)))
    command = [sys.executable, "-m", "prosodytok", "app", "--port", str(free_port())]
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    env = {**os.environ, "GRADIO_TEMP_DIR": str(folder / "uploads"), "PYTHONPATH": path}
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


def submit(address: str, sound: object, textgrid: object = None) -> dict[str, Any]:
    """Press the button as a program would, with anything for its files; give how it ended."""
    config = ask(f"{address}/config")
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    number, event = next(
        (number, event)
        for number, event in enumerate(config["dependencies"])
        if [ids["submit"], "click"] in event["targets"]
    )
    values = {ids["sound"]: sound, ids["units"]: "acoustic", ids["levels"]: ["phrase"]}
    values[ids["textgrid"]] = textgrid
    body = {
        "data": [values.get(part) for part in event["inputs"]],
        "fn_index": number,
        "session_hash": "program",
    }
    ask(f"{address}/gradio_api/queue/join", body)
    answers = f"{address}/gradio_api/queue/data?session_hash=program"
    with urllib.request.urlopen(answers, timeout=20.0) as lines:
        for line in lines:
            message = json.loads(line.partition(b":")[2] or b"{}")
            if message.get("msg") == "process_completed":
                return dict(message)
    raise AssertionError("it did not complete")
