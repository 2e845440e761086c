"""Readers reject arbitrary values in place of any part of valid data."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from prosodytok.io import from_dict, to_dict
from prosodytok.io.manifest import read_manifest
from prosodytok.io.parquet import row_to_tokens, tokens_to_row
from prosodytok.lm import LMConfig
from prosodytok.nn.config import ModelConfig
from prosodytok.sequences import ProsodyColumns, ProsodyVocabulary
from prosodytok.training.config import load_config
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import ConfigError, ManifestError, TokenError
from prosodytok.types.register import Register
from tests.sequences.strategies import make_tokens
from tests.trust.targets import YAML

TOKENS = make_tokens()
VOCABULARY = ProsodyVocabulary.of(TOKENS)
few = settings(max_examples=100, derandomize=True, deadline=None)

_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 300), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from([2**31, 2**63, 10**400, -0.0, 1e308, 5e-324, "\ud800", "NaN"]),
)  # fmt: skip
values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, valid: Any) -> Any:
    """Valid data with a part replaced, removed or added."""
    whole = deepcopy(valid)
    part: Any = whole
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            return whole
        key = draw(st.sampled_from(keys))
        if isinstance(part[key], dict | list) and draw(st.integers(0, 3)):
            part = part[key]
            continue
        mutation = draw(st.sampled_from(["replace", "remove", "add"]))
        if mutation == "replace":
            part[key] = draw(values)
        elif mutation == "remove":
            del part[key]
        elif isinstance(part, dict):
            part[draw(st.text(max_size=3))] = draw(values)
        else:
            part.insert(key, draw(values))
        return whole


def assert_read_or(error: type[Exception], read: Callable[[Any], Any], value: Any) -> None:
    try:
        result = read(value)
    except error:
        return
    assert result is not None


@few
@given(mutated(to_dict(TOKENS)))
def test_records(record: Any) -> None:
    assert_read_or(TokenError, from_dict, record)


@few
@given(values)
def test_invalid_records(record: Any) -> None:
    with pytest.raises(TokenError):
        from_dict(record)


@few
@given(mutated(tokens_to_row(TOKENS)))
def test_rows(row: Any) -> None:
    assert_read_or(TokenError, row_to_tokens, row)


@few
@given(mutated(VOCABULARY.to_ids(TOKENS)))
def test_ids(ids: Any) -> None:
    assert_read_or(TokenError, lambda x: VOCABULARY.from_ids(x, Register()), ids)


@few
@given(mutated(ProsodyColumns.of(TOKENS).to_columns(TOKENS).tolist()))
def test_columns(columns: Any) -> None:
    grid = ProsodyColumns.of(TOKENS)
    assert_read_or(TokenError, lambda x: grid.from_columns(x, Register()), columns)


@few
@given(mutated([VOCABULARY.tokens[number] for number in VOCABULARY.to_ids(TOKENS)]))
def test_strings(names: Any) -> None:
    assert_read_or(
        TokenError, lambda x: VOCABULARY.from_string(x, Register()), "".join(map(str, names))
    )


@few
@given(line=mutated({"audio": "a.wav", "id": "a", "duration": 1.0, "tiers": {"words": "w"}}))
def test_manifest_lines(line: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.jsonl"
    path.write_text(json.dumps(line))
    assert_read_or(ManifestError, read_manifest, path)


@few
@given(config=mutated(yaml.safe_load(YAML)))
def test_training_configs(config: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML
    assert_read_or(ConfigError, load_config, path)


@pytest.mark.parametrize(
    "valid", [ModelConfig(), LMConfig(tokenizer="a", codebook_sizes={}, alphabet="", languages=())]
)
def test_configs_of_networks(valid: ModelConfig) -> None:
    @few
    @given(mutated(valid.model_dump(mode="json")))
    def check(config: Any) -> None:
        assert_read_or(ValidationError, type(valid).model_validate, config)

    check()


def test_unchanged_records_are_read() -> None:
    """Else the tests above would pass trivially."""
    assert isinstance(from_dict(to_dict(TOKENS)), ProsodyTokens)
