"""Checkpoints on a hub: a stand-in that speaks as much of its language as is used."""

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
from prosodytok.tokenizer.tokenizer import fingerprint
from prosodytok.types.errors import CheckpointError, MissingExtraError
from tests.command import call
from tests.hub import Hub, Repository, standing_in

# Of huggingface_hub itself, when it uploads by LFS.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(network: ProsodyNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one model, ann/intonation, a README and something that nobody asked for."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint(network, tmp_path / "pushed")
    files = {path.name: path.read_bytes() for path in (tmp_path / "pushed").iterdir()}
    with standing_in(monkeypatch, str(tmp_path / "cache")) as hub:
        repository = hub.repositories["ann/intonation"] = Repository()
        repository.commit({**files, "README.md": b"# hers", "code.py": b"raise SystemExit"})
        repository.revisions["v1"] = repository.revisions["main"]
        yield hub


@pytest.mark.usefixtures("hub")
def test_a_model_comes_by_its_name(network: ProsodyNetwork) -> None:
    tokenizer = ProsodyTokenizer.from_pretrained("ann/intonation")
    assert tokenizer.config == network.config
    name, _, weights = tokenizer.checkpoint.partition("@")
    assert name == "intonation"
    assert weights == fingerprint(load_checkpoint("pushed")[1])


def test_only_a_checkpoints_files_are_brought(hub: Hub, tmp_path: Path) -> None:
    load_checkpoint("ann/intonation")
    got = {path.name for path in (tmp_path / "cache").rglob("snapshots/*/*")}
    assert got == {"config.json", "model.safetensors", "README.md"}
    assert not any("code.py" in request for request in hub.requests)


def test_it_is_brought_once(hub: Hub) -> None:
    load_checkpoint("ann/intonation")
    hub.requests.clear()
    load_checkpoint("ann/intonation")
    assert not any(request.startswith("GET /ann") for request in hub.requests)


@pytest.mark.parametrize("how", ["in the name", "beside it"])
def test_a_revision_is_what_was_there_then(hub: Hub, how: str) -> None:
    old = load_checkpoint("ann/intonation@v1")[1]
    hub.repositories["ann/intonation"].commit({"config.json": b"{}"})
    args = ("ann/intonation@v1",) if how == "in the name" else ("ann/intonation", "v1")
    assert load_checkpoint(*args)[1] == old
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        load_checkpoint("ann/intonation")


def test_without_a_network_the_cache_does(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    online = load_checkpoint("ann/intonation")[1]
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert load_checkpoint("ann/intonation")[1] == online
    assert not hub.requests
    with pytest.raises(CheckpointError, match=r"ben/other: not in the local cache, and http"):
        load_checkpoint("ben/other")


@pytest.mark.usefixtures("hub")
def test_no_hub_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_what_the_hub_does_not_give_is_a_sentence(hub: Hub, name: str, reason: str) -> None:
    hub.repositories["ann/gated"] = Repository(gated=True)
    hub.repositories["ann/empty"] = Repository()
    hub.repositories["ann/empty"].commit({"pytorch_model.bin": b"pickle"})
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(name)


@pytest.mark.parametrize("size", [MAX_WEIGHTS_BYTES + 1, None])
def test_a_model_that_is_too_large_is_not_brought(hub: Hub, size: int | None) -> None:
    hub.sizes["model.safetensors"] = size
    found = f"{size} bytes" if size else "of unknown size"
    with pytest.raises(CheckpointError, match=f"model.safetensors is {found}"):
        load_checkpoint("ann/intonation")
    assert not any(request.startswith("GET /ann") for request in hub.requests)


def test_a_folder_comes_first(hub: Hub, network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path / "ann" / "intonation")
    load_checkpoint("ann/intonation")
    assert not hub.requests
    load_checkpoint("ann/intonation", "v1")
    assert hub.requests


def test_a_missing_part_of_a_folder_is_no_download(hub: Hub, tmp_path: Path) -> None:
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
def test_what_looks_like_a_path_is_one(hub: Hub, name: str) -> None:
    assert split_name(name) is None
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(name)
    assert not hub.requests


@pytest.mark.usefixtures("hub")
def test_the_command_line_takes_names_of_the_hub(tmp_path: Path) -> None:
    sound, out = sample_manifest().parent / "austen-0930.flac", tmp_path / "t.jsonl"
    assert call("tokenize", sound, "--checkpoint", "ann/intonation", "--out", out) == 0
    (tokens,) = read_tokens(out)
    assert tokens.checkpoint.startswith("intonation@")
    assert call("decode", out, "--checkpoint", "ann/intonation@v1", "--out", tmp_path / "d") == 0
    assert (tmp_path / "d" / "austen-0930.npz").is_file()


def test_a_token_file_makes_nobody_download(
    hub: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sound, out = sample_manifest().parent / "austen-0930.flac", tmp_path / "t.jsonl"
    assert call("tokenize", sound, "--checkpoint", "pushed", "--out", out) == 0
    out.write_text(json.dumps({**json.loads(out.read_text()), "checkpoint": "ann/intonation"}))
    assert call("decode", out, "--out", tmp_path / "d") == 1
    assert "no checkpoint 'ann/intonation'" in capfd.readouterr().err
    assert not hub.requests


def test_what_is_pushed_comes_back(
    hub: Hub, network: ProsodyNetwork, tokenizer: ProsodyTokenizer
) -> None:
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


def test_a_readme_that_is_there_stays(hub: Hub, tokenizer: ProsodyTokenizer) -> None:
    tokenizer.push_to_hub("ann/intonation")
    repository = hub.repositories["ann/intonation"]
    assert repository.commits[repository.revisions["main"]]["README.md"] == b"# hers"


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


def test_without_huggingface_hub_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"prosodytok\[hub\]"):
        load_checkpoint("ann/intonation")
