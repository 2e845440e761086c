from pathlib import Path

import pytest

from prosodytok.training import load_config
from prosodytok.types.errors import ConfigError

RECIPES = Path(__file__).parents[2] / "recipes/tokenizer"
BASE = """
run: runs/base
data: {train: train.jsonl, dev: dev.jsonl, cache: cache}
fit: {steps: 10, seed: 3}
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "a/base.yaml", BASE))
    assert config.run == tmp_path / "a/runs/base"
    assert config.data.train == tmp_path / "a/train.jsonl"


def test_a_diff_changes_only_what_it_names(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", BASE)
    diff = write(tmp_path / "x/diff.yaml", "base: ../base.yaml\nrun: here\nfit: {steps: 99}\n")
    config = load_config(diff)
    assert (config.fit.steps, config.fit.seed) == (99, 3)
    assert config.run == tmp_path / "x/here"
    assert config.data.train == tmp_path / "train.jsonl"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BASE + "model: {dimm: 3}", r"model\.dimm"),
        (BASE.replace("steps: 10", "steps: 0"), r"fit\.steps"),
        (BASE + "model: {levels: [{name: syllable}]}", r"model\.levels"),
        (BASE + "loss: {pitch: 1.0}", r"loss\.pitch"),
        ("run: [", "YAML"),
        ("- a list", "mapping"),
        ("run: x", r"data: Field required"),
        ("base: nowhere.yaml", r"nowhere\.yaml"),
    ],
)
def test_errors_of_a_config_name_the_key(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        load_config(write(tmp_path / "c.yaml", text))


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        load_config(tmp_path / "none.yaml")


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_recipes_are_valid(recipe: Path) -> None:
    assert load_config(recipe).data.dev.parts[-4:] == ("shared", "data", "speech", "dev.jsonl")
