import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from prosodytok.nn.network import ProsodyNetwork
from prosodytok.tokenizer import load_checkpoint, save_checkpoint
from prosodytok.tokenizer.checkpoint_names import BUNDLED, bundled_names, fingerprint
from prosodytok.types.errors import CheckpointError
from tests.checkpoints import damage_checkpoint


def test_round_trip_in_half_precision(network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path / "mine")
    again, name = load_checkpoint(tmp_path / "mine")
    assert name.startswith("mine@")
    assert again.config == network.config
    for key, value in network.state_dict().items():
        found = again.state_dict()[key]
        expected = value.half() if value.is_floating_point() else value
        torch.testing.assert_close(found, expected.to(found.dtype), rtol=0, atol=0)
        assert found.dtype == value.dtype


def test_files_of_a_checkpoint(network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    floats = [x.dtype for x in weights.values() if x.is_floating_point()]
    assert set(floats) == {torch.float16}
    assert json.loads((tmp_path / "config.json").read_text())["format"] == 2


def test_saving_a_loaded_checkpoint(network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path / "a")
    again, name = load_checkpoint(tmp_path / "a")
    save_checkpoint(again, tmp_path / "b")
    assert fingerprint(load_checkpoint(tmp_path / "b")[1]) == fingerprint(name)


def test_the_name_depends_on_the_weights(network: ProsodyNetwork, tmp_path: Path) -> None:
    save_checkpoint(network, tmp_path / "a")
    save_checkpoint(network, tmp_path / "b")
    names = [load_checkpoint(tmp_path / folder)[1] for folder in "ab"]
    assert fingerprint(names[0]) == fingerprint(names[1])
    assert fingerprint(load_checkpoint()[1]) != fingerprint(names[0])


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_checkpoint_loads_by_its_fingerprint(name: str) -> None:
    _, full = load_checkpoint(name)
    assert full.startswith(f"{name}@")
    for other in (full, f"renamed@{fingerprint(full)}", Path(full)):
        assert load_checkpoint(other)[1] == full


def test_another_fingerprint_loads_the_bundled_checkpoint_of_the_name() -> None:
    assert load_checkpoint("melody@00000000")[1] == load_checkpoint("melody")[1]


def test_bundled_weights_are_small() -> None:
    assert sum(f.stat().st_size for f in BUNDLED.rglob("*") if f.is_file()) <= 33e6


def test_an_unknown_name_lists_the_bundled_ones() -> None:
    with pytest.raises(
        CheckpointError, match=r"no checkpoint 'nowhere'.*\(base, base-2, melody, stream\)"
    ):
        load_checkpoint("nowhere")


@pytest.mark.parametrize(
    "damage", ["weights missing", "weights cut", "config cut", "other network"]
)
def test_a_damaged_checkpoint_is_named(
    network: ProsodyNetwork, tmp_path: Path, damage: str
) -> None:
    save_checkpoint(network, tmp_path)
    damage_checkpoint(tmp_path, damage)
    with pytest.raises(CheckpointError, match=str(tmp_path)):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("format", [1, 99])
def test_another_format_is_refused(network: ProsodyNetwork, tmp_path: Path, format: int) -> None:
    save_checkpoint(network, tmp_path)
    values = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**values, "format": format}))
    with pytest.raises(CheckpointError, match=f"format {format}, .* reads 2: install .* or train"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["bestrq", BUNDLED / "bestrq"])
def test_the_bundled_ssl_encoder_is_not_a_tokenizer(name: str | Path) -> None:
    with pytest.raises(
        CheckpointError, match=r"not a tokenizer.* are base, base-2, melody, stream$"
    ):
        load_checkpoint(name)
