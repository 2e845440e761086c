"""Security of the server: no access from other machines, and only uploaded files are read."""

import http.client
import socket
import sys
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.command import call
from tests.synth import constant, harmonics
from tests.ui.app.server import Server, request_json, send_chunk, status_of, submit, upload

pytestmark = pytest.mark.slow

pytest.importorskip("gradio", reason="make test installs gradio")


def test_no_access_from_other_machines(server: Server) -> None:
    port = int(server.address.rpartition(":")[2])
    # 127.0.0.2 is another address of the same machine.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_no_analytics_and_no_api(server: Server) -> None:
    config = request_json(f"{server.address}/config")
    assert config["analytics_enabled"] is False
    assert request_json(f"{server.address}/gradio_api/info") == {
        "named_endpoints": {},
        "unnamed_endpoints": {},
    }


def test_uploaded_files_are_read(server: Server, sounds: Path) -> None:
    """Control of the tests below: valid requests succeed."""
    sound = upload(server.address, "good.wav", (sounds / "good.wav").read_bytes())
    grid = upload(server.address, "good.TextGrid", (sounds / "good.TextGrid").read_bytes())
    done = submit(server.address, sound, grid)
    assert done["success"], server.errors.read_text()
    message, *shown = done["output"]["data"]
    assert message == ""
    assert "<b>good</b> · " in str(shown)


def test_microphone(server: Server) -> None:
    chunk = harmonics(constant(150), 0.2).to_bytes()
    done = send_chunk(server.address, upload(server.address, "audio.wav", chunk))
    assert done["success"], server.errors.read_text()
    message, _, picture = done["output"]["data"]
    assert message == ""
    assert "0.1 s · waiting for half a second of voice" in picture


@pytest.mark.parametrize("name", ["audio.wav", "audio.m3u8", "audio.webm"])
@pytest.mark.parametrize("send", [send_chunk, submit])
def test_no_other_program_reads_uploads(
    server: Server, name: str, send: Callable[..., dict[str, Any]]
) -> None:
    """ffmpeg would open the files that such a playlist names."""
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    done = send(server.address, upload(server.address, name, playlist))
    assert done["success"], server.errors.read_text()
    assert f"{name}: not a sound file" in done["output"]["data"][0]
    assert "uploads" not in server.converted


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/etc/passwd", "not uploaded by a user"),
        ("http://127.0.0.1:9/sound.wav", "takes uploaded files, not URLs"),
        ("https://example.com/sound.wav", "takes uploaded files, not URLs"),
    ],
)
def test_requests_cannot_name_sounds(server: Server, path: str, reason: str) -> None:
    done = submit(server.address, {"path": path, "meta": {"_type": "gradio.FileData"}})
    assert not done["success"]
    # The response contains no internal errors; the log does.
    assert reason in (done["output"]["error"] or server.errors.read_text())


def test_requests_cannot_name_textgrids(server: Server) -> None:
    named = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    assert not submit(server.address, None, named)["success"]
    assert "not uploaded by a user" in server.errors.read_text()


@pytest.mark.parametrize(
    "sound",
    [
        "/etc/passwd",
        {"path": "/etc/passwd"},
        {"path": None, "url": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": "{uploads}/../sitecustomize.py", "meta": {"_type": "gradio.FileData"}},
        {"path": "sitecustomize.py", "meta": {"_type": "gradio.FileData"}},
        {"path": ["/etc/passwd"], "meta": {"_type": "gradio.FileData"}},
    ],
)
def test_malformed_file_data_is_refused(server: Server, sound: object) -> None:
    uploads = server.errors.parent / "uploads"
    if isinstance(sound, dict) and isinstance(sound["path"], str):
        sound = sound | {"path": sound["path"].replace("{uploads}", str(uploads))}
    assert not submit(server.address, sound)["success"]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "/proc/self/environ",
        "file:///etc/passwd",
        "{folder}/sitecustomize.py",  # the server's working directory
        "sitecustomize.py",
        "{folder}/uploads",
        "{folder}/uploads/",  # no directory listing
        "{folder}/uploads/../sitecustomize.py",
        "{folder}/uploads/%2e%2e/sitecustomize.py",
    ],
)
def test_files_of_the_machine_are_not_served(server: Server, name: str) -> None:
    named = name.format(folder=server.errors.parent)
    assert status_of(f"{server.address}/gradio_api/file={named}") == 403


@pytest.mark.parametrize("route", ["file=", "proxy=", "file=/"])
@pytest.mark.parametrize("url", ["http://example.com/a", "https:/example.com", "HTTP://a.b/c"])
def test_urls_are_not_fetched(server: Server, route: str, url: str) -> None:
    """The fixture of the server asserts that no host name was resolved."""
    assert status_of(f"{server.address}/gradio_api/{route}{url}") == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [(("Content-Length", str((64 << 20) + 1)), 413), (("Transfer-Encoding", "chunked"), 411)],
)
@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/queue/join"])
def test_requests_without_a_size_limit_are_refused(
    server: Server, path: str, header: tuple[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=20)
    with closing(connection):
        connection.putrequest("POST", path)
        connection.putheader(*header)
        connection.endheaders()
        assert connection.getresponse().status == status


def test_large_files_are_refused(server: Server) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
    body = head + bytes(33 * 2**20) + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{server.address}/gradio_api/upload", body, headers)
    assert status_of(request) == 413


def test_port_in_use(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert call("app", "--port", port) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert f"cannot listen on 127.0.0.1, port {port} (Address already in use)" in line
    assert "--port" in line


def test_address_of_another_machine(capfd: pytest.CaptureFixture[str]) -> None:
    assert call("app", "--host", "192.0.2.1") == 2
    assert "cannot listen on 192.0.2.1" in capfd.readouterr().err


def test_error_without_gradio_names_the_extra(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert call("app") == 2
    assert "pip install 'prosodytok[app]'" in capfd.readouterr().err
