"""A fake Hugging Face Hub on loopback, in memory, with the requests of huggingface_hub."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest


@dataclass
class Repository:
    """Files of each commit, and the commit of each revision."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    revisions: dict[str, str] = field(default_factory=dict)
    gated: bool = False

    def commit(self, files: dict[str, bytes], revision: str = "main") -> str:
        """Add files to those of a revision."""
        parent = self.commits.get(self.revisions.get(revision, ""), {})
        merged = {**parent, **files}
        listing = repr(sorted((k, hashlib.sha1(v).hexdigest()) for k, v in merged.items()))
        sha = hashlib.sha1(listing.encode()).hexdigest()
        self.commits[sha] = merged
        self.revisions[revision] = sha
        return sha


@dataclass
class Hub:
    """The fake hub: its URL, repositories, received requests, and the token with write access."""

    endpoint: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    token: str = "hf_write"
    #: File sizes in listings, where they differ from the true ones.
    sizes: dict[str, int | None] = field(default_factory=dict)


@contextmanager
def standing_in(monkeypatch: pytest.MonkeyPatch, cache: str) -> Iterator[Hub]:
    """Run a fake hub, and configure huggingface_hub to use it with a cache folder of the test."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    template = hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", cache)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # uploads use LFS
    monkeypatch.setenv("HF_TOKEN", hub.token)
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self._log_request()
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            return self._models(parts[2:])
        if parts[0] == "api":
            return self._error(404, "EntryNotFound")
        return self._resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))

    def do_POST(self) -> None:
        path, body = self._log_request(), self._body()
        if path == "/api/validate-yaml":
            assert json.loads(body)["content"].startswith("---\n")
            return self._json({"errors": [], "warnings": []})
        if self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            return self._error(401)
        if path == "/api/repos/create":
            wanted = json.loads(body)
            name = f"{wanted.get('organization') or 'me'}/{wanted['name']}"
            if name in self.hub.repositories:
                return self._json({"url": f"{self.hub.endpoint}/{name}"}, 409)
            self.hub.repositories[name] = Repository()
            self.hub.repositories[name].commit({".gitattributes": b""})
            return self._json({"url": f"{self.hub.endpoint}/{name}"})
        if path.endswith("/info/lfs/objects/batch"):
            objects = [self._lfs(x) for x in json.loads(body)["objects"]]
            return self._json({"transfer": "basic", "objects": objects})
        repo, _, rest = path.removeprefix("/api/models/").partition("/")
        name, action, revision = [f"{repo}/{rest.split('/')[0]}", *rest.split("/")[1:3]]
        if action == "preupload":
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            return self._json({"files": modes})
        if action == "commit":
            return self._commit(self.hub.repositories[name], name, revision, body)
        return self._error(404)

    def do_PUT(self) -> None:
        oid = self._log_request().rpartition("/")[2]
        self.hub.uploaded[oid] = self._body()
        self._json({})

    def _models(self, parts: list[str]) -> None:
        name = "/".join(parts[:2])
        repository = self.hub.repositories.get(name)
        if repository is None:
            return self._error(401, "RepoNotFound")  # as the real hub responds without permission
        if repository.gated:
            return self._error(403, "GatedRepo")
        revision = unquote(parts[3]) if len(parts) > 3 else "main"
        sha = repository.revisions.get(revision, revision)
        if sha not in repository.commits:
            return self._error(404, "RevisionNotFound")
        files = repository.commits[sha]
        sizes = {name: self.hub.sizes.get(name, len(content)) for name, content in files.items()}
        if parts[2:3] == ["tree"]:
            listed = [
                {"type": "file", "path": file, "size": sizes[file], "oid": _etag(files[file])}
                for file in files
            ]
            return self._json(listed)
        siblings = [{"rfilename": file, "size": sizes[file]} for file in files]
        return self._json({"id": name, "modelId": name, "sha": sha, "siblings": siblings})

    def _resolve(self, name: str, revision: str, file: str) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            return self._error(401, "RepoNotFound")
        sha = repository.revisions.get(revision, revision)
        content = repository.commits.get(sha, {}).get(file)
        if content is None:
            return self._error(404, "EntryNotFound")
        return self._respond(200, content, {"ETag": f'"{_etag(content)}"', "X-Repo-Commit": sha})

    def _lfs(self, wanted: dict[str, object]) -> dict[str, object]:
        href = f"{self.hub.endpoint}/lfs/{wanted['oid']}"
        return {**wanted, "actions": {"upload": {"href": href}}}

    def _commit(self, repository: Repository, name: str, revision: str, body: bytes) -> None:
        files = {}
        for line in body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            if entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.uploaded[value["oid"]]
        sha = repository.commit(files, revision)
        url = f"{self.hub.endpoint}/{name}/commit/{sha}"
        self._json({"success": True, "commitOid": sha, "commitUrl": url})

    def _log_request(self) -> str:
        path = urlsplit(self.path).path
        self.hub.requests.append(f"{self.command} {path}")
        return path

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _json(self, values: object, status: int = 200) -> None:
        self._respond(status, json.dumps(values).encode(), {"Content-Type": "application/json"})

    def _error(self, status: int, code: str = "") -> None:
        self._respond(status, b'{"error": "no"}', {"X-Error-Code": code, "X-Error-Message": "no"})

    def _respond(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _etag(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
