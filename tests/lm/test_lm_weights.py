import json
from pathlib import Path

import pytest
import torch

from prosodytok.lm import LMNetwork, load_lm, save_lm
from prosodytok.lm.lm_weights import BUNDLED
from prosodytok.types.errors import CheckpointError
from tests.checkpoints import damage_checkpoint
from tests.lm.toy import CONFIG


def test_a_folder_keeps_config_and_weights(tmp_path: Path) -> None:
    network = LMNetwork(CONFIG)
    save_lm(network, tmp_path)
    again = load_lm(tmp_path)
    assert again.config == CONFIG
    for name, weights in network.state_dict().items():
        assert torch.allclose(again.state_dict()[name], weights, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "damage", ["weights missing", "weights cut", "config cut", "other network", "no model"]
)
def test_a_damaged_model_is_named(tmp_path: Path, damage: str) -> None:
    save_lm(LMNetwork(CONFIG), tmp_path)
    damage_checkpoint(tmp_path, damage)
    with pytest.raises(CheckpointError, match=str(tmp_path)):
        load_lm(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    save_lm(LMNetwork(CONFIG), tmp_path)
    values = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**values, "format": 99}))
    with pytest.raises(CheckpointError, match="format 99"):
        load_lm(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "base", BUNDLED / "bestrq"])
def test_what_is_no_language_model_is_refused(name: str | Path) -> None:
    with pytest.raises(CheckpointError):
        load_lm(name)
