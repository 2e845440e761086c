"""Download and upload of checkpoints, with a fake hub."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prosodytok.io import read_tokens
from prosodytok.io.hub import split_name
from prosodytok.io.limits import MAX_WEIGHTS_BYTES
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.samples import sample_manifest
from prosodytok.tokenizer import ProsodyTokenizer, load_checkpoint, save_checkpoint
from prosodytok.tokenizer.checkpoint_names import fingerprint
from prosodytok.types.errors import CheckpointError, MissingExtraError
from tests.command import call
from tests.local_hub import Hub, Repository, standing_in

# Raised in huggingface_hub on uploads by LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(network: ProsodyNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one model, ann/intonation, a README and an unrelated file."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint(network, tmp_path / "pushed")
    files = {path.name: path.read_bytes() for path in (tmp_path / "pushed").iterdir()}
    with standing_in(monkeypatch, str(tmp_path / "cache")) as hub:
        repository = hub.repositories["ann/intonation"] = Repository()
        repository.commit({**files, "README.md": b"# Intonation", "code.py": b"raise SystemExit"})
        repository.revisions["v1"] = repository.revisions["main"]
        yield hub


@pytest.mark.usefixtures("hub")
def test_load_by_name(network: ProsodyNetwork) -> None:
    tokenizer = ProsodyTokenizer.from_pretrained("ann/intonation")
    assert tokenizer.config == network.config
    name, _, weights = tokenizer.checkpoint.partition("@")
    assert name == "intonation"
    assert weights == fingerprint(load_checkpoint("pushed")[1])


def test_only_files_of_a_checkpoint_are_downloaded(hub: Hub, tmp_path: Path) -> None:
    load_checkpoint("ann/intonation")
    got = {path.name for path in (tmp_path / "cache").rglob("snapshots/*/*")}
    assert got == {"config.json", "model.safetensors", "README.md"}
    assert not any("code.py" in request for request in hub.requests)


def test_files_are_downloaded_once(hub: Hub) -> None:
    load_checkpoint("ann/intonation")
    hub.requests.clear()
    load_checkpoint("ann/intonation")
    assert not any(request.startswith("GET /ann") for request in hub.requests)


@pytest.mark.parametrize("how", ["in the name", "beside it"])
def test_load_a_revision(hub: Hub, how: str) -> None:
    old = load_checkpoint("ann/intonation@v1")[1]
    hub.repositories["ann/intonation"].commit({"config.json": b"{}"})
    args = ("ann/intonation@v1",) if how == "in the name" else ("ann/intonation", "v1")
    assert load_checkpoint(*args)[1] == old
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        load_checkpoint("ann/intonation")


def test_offline_mode_uses_the_cache(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    online = load_checkpoint("ann/intonation")[1]
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert load_checkpoint("ann/intonation")[1] == online
    assert not hub.requests
    with pytest.raises(CheckpointError, match=r"ben/other: not in the local cache, and http"):
        load_checkpoint("ben/other")


@pytest.mark.usefixtures("hub")
def test_unreachable_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    online = load_checkpoint("ann/intonation")[1]
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert load_checkpoint("ann/intonation")[1] == online
    with pytest.raises(CheckpointError, match=r"ben/other: not in the local cache, .* --local-dir"):
        load_checkpoint("ben/other")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ann/nothing", "ann/nothing: no such model on http"),
        ("ann/gated", "ann/gated: it is gated: request access"),
        ("ann/intonation@v9", "ann/intonation@v9: it has no such branch"),
        ("ann/empty", "ann/empty: not a prosodytok tokenizer: .* no config.json"),
        ("ann/in--tonation", "not a valid model name"),
    ],
)
def test_errors_of_the_hub(hub: Hub, name: str, reason: str) -> None:
    hub.repositories["ann/gated"] = Repository(gated=True)
    hub.repositories["ann/empty"] = Repository()
    hub.repositories["ann/empty"].commit({"pytorch_model.bin": b"pickle"})
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(name)


@pytest.mark.parametrize("size", [MAX_WEIGHTS_BYTES + 1, None])
def test_a_too_large_model_is_not_downloaded(hub: Hub, size: int | None) -> None:
    hub.sizes["model.safetensors"] = size
    found = f"{size} bytes" if size else "of unknown size"
    with pytest.raises(CheckpointError, match=f"model.safetensors is {found}"):
        load_checkpoint("ann/intonation")
    assert not any(request.startswith("GET /ann") for request in hub.requests)


def test_a_folder_takes_precedence(hub: Hub, network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path / "ann" / "intonation")
    load_checkpoint("ann/intonation")
    assert not hub.requests
    load_checkpoint("ann/intonation", "v1")
    assert hub.requests


def test_an_incomplete_folder_is_not_downloaded(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    with pytest.raises(CheckpointError, match=r"in the local folder 'ann'.* not searched"):
        load_checkpoint("ann/intonation")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(Path("ben/intonation"))
    assert not hub.requests


@pytest.mark.parametrize(
    "name",
    ["a", "a/b/c", "./a/b", "/a/b", "../a", "~/a", ".a/b", "a/..", "a/b/", "a\\b", "a/b@"],
)
def test_paths_are_not_names_of_the_hub(hub: Hub, name: str) -> None:
    assert split_name(name) is None
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(name)
    assert not hub.requests


@pytest.mark.usefixtures("hub")
def test_names_of_the_hub_on_the_command_line(tmp_path: Path) -> None:
    sound, out = sample_manifest().parent / "austen-0930.flac", tmp_path / "t.jsonl"
    assert call("tokenize", sound, "--checkpoint", "ann/intonation", "--out", out) == 0
    (tokens,) = read_tokens(out)
    assert tokens.checkpoint.startswith("intonation@")
    assert call("decode", out, "--checkpoint", "ann/intonation@v1", "--out", tmp_path / "d") == 0
    assert (tmp_path / "d" / "austen-0930.npz").is_file()


def test_decoding_a_token_file_does_not_download(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sound, out = sample_manifest().parent / "austen-0930.flac", tmp_path / "t.jsonl"
    assert call("tokenize", sound, "--checkpoint", "pushed", "--out", out) == 0
    out.write_text(json.dumps({**json.loads(out.read_text()), "checkpoint": "ann/intonation"}))
    assert call("decode", out, "--out", tmp_path / "d") == 1
    assert "no checkpoint 'ann/intonation'" in capfd.readouterr().err
    assert not hub.requests


def test_push_and_load(hub: Hub, network: ProsodyNetwork, tokenizer: ProsodyTokenizer) -> None:
    address = tokenizer.push_to_hub("ben/mine", license="cc0-1.0")
    repository = hub.repositories["ben/mine"]
    assert address == f"{hub.endpoint}/ben/mine/commit/{repository.revisions['main']}"
    files = repository.commits[repository.revisions["main"]]
    assert {*files} == {".gitattributes", "config.json", "model.safetensors", "README.md"}
    card = files["README.md"].decode()
    head = card.split("---")[1]
    for line in ("license: cc0-1.0", "library_name: prosodytok", "- prosody"):
        assert line in head.splitlines()
    assert 'from_pretrained("ben/mine")' in card
    again, name = load_checkpoint("ben/mine")
    assert again.config == network.config
    assert name == f"mine@{fingerprint(load_checkpoint('pushed')[1])}"


def test_push_keeps_an_existing_readme(hub: Hub, tokenizer: ProsodyTokenizer) -> None:
    tokenizer.push_to_hub("ann/intonation")
    repository = hub.repositories["ann/intonation"]
    assert repository.commits[repository.revisions["main"]]["README.md"] == b"# Intonation"


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("repo", "reason"),
    [("ann/intonation", "log in"), ("intonation", "org/name"), ("ann/x@v1", "org/name")],
)
def test_push_without_permission_is_refused(
    tokenizer: ProsodyTokenizer, monkeypatch: pytest.MonkeyPatch, repo: str, reason: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(CheckpointError, match=reason):
        tokenizer.push_to_hub(repo)


def test_missing_huggingface_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"prosodytok\[hub\]"):
        load_checkpoint("ann/intonation")
