"""Datasets: begun, resumed, refused."""

import json
from pathlib import Path

import pytest

from prosodytok.corpus.dataset import Dataset, Shard, data_row, error_row
from prosodytok.corpus.item import Item
from prosodytok.corpus.recordings import Recording
from prosodytok.types.errors import AudioError, ConfigError, TokenError
from tests.evaluation.measurements import make_tokens

SETTINGS = {"f0": "praat", "shard_size": 2}
GOOD, BAD = (Item(Recording(name, Path(f"{name}.wav"))) for name in ("good", "bad"))
ERROR = AudioError("bad.wav: no such file")
SHARD = Shard(0, [GOOD, BAD])


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path / "out")
    with dataset.begun(SETTINGS, resume=False):
        dataset.write(0, [data_row(GOOD, make_tokens([0, 50, 100]))], [error_row(BAD, ERROR)])
    return dataset


def test_a_shard_is_finished_when_it_is_whole(dataset: Dataset) -> None:
    assert dataset.count(SHARD) == (1, 1)
    assert dataset.is_finished(SHARD)
    assert not dataset.is_finished(Shard(1, [GOOD]))
    dataset.data(0).write_bytes(dataset.data(0).read_bytes()[:-5])
    assert not dataset.is_finished(SHARD)
    dataset.data(0).unlink()  # killed between the two files
    assert not dataset.is_finished(SHARD)


def test_a_shard_written_again_is_written_whole(dataset: Dataset) -> None:
    tokens = make_tokens([0, 50, 100])
    dataset.write(0, [data_row(GOOD, tokens), data_row(BAD, tokens)], [])
    assert dataset.count(SHARD) == (2, 0)


def test_a_dataset_is_not_begun_twice(dataset: Dataset) -> None:
    with pytest.raises(ConfigError, match="--resume"), dataset.begun(SETTINGS, resume=False):
        pass
    with dataset.begun(SETTINGS, resume=True):
        assert dataset.is_finished(SHARD)


def test_a_dataset_is_not_resumed_otherwise(dataset: Dataset) -> None:
    other = {**SETTINGS, "f0": "world"}
    with (
        pytest.raises(ConfigError, match="f0 was 'praat' and is 'world'"),
        dataset.begun(other, resume=True),
    ):
        pass


def test_a_dataset_of_which_nothing_came_is_begun_anew(tmp_path: Path) -> None:
    for settings in (SETTINGS, {"f0": "world"}):
        with Dataset(tmp_path).begun(settings, resume=False):
            pass
    assert json.loads((tmp_path / "dataset.json").read_text())["settings"] == {"f0": "world"}


def test_only_one_writes(dataset: Dataset) -> None:
    again = Dataset(dataset.folder)
    with (
        dataset.begun(SETTINGS, resume=True),
        pytest.raises(ConfigError, match="another extraction"),
        again.begun(SETTINGS, resume=True),
    ):
        pass


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"settings": 3}'])
def test_a_damaged_description_is_an_error(dataset: Dataset, content: str) -> None:
    (dataset.folder / "dataset.json").write_text(content)
    with pytest.raises(ConfigError, match=r"dataset\.json"), dataset.begun(SETTINGS, resume=True):
        pass


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("...")
    with pytest.raises(ConfigError, match="not empty"), Dataset(tmp_path).begun(SETTINGS, True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_another_programs_dataset_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"mine": 1}')
    with pytest.raises(ConfigError, match="not what"), Dataset(tmp_path).begun(SETTINGS, False):
        pass
    assert (tmp_path / "dataset.json").read_text() == '{"mine": 1}'


def test_failures_are_forgotten(dataset: Dataset) -> None:
    dataset.forget_failures()
    assert not dataset.is_finished(SHARD)


def test_a_row_tells_which_stretch_it_is() -> None:
    item = Item(Recording("a", Path("a.wav"), offset=2.5, duration=1.0))
    tokens = make_tokens([0, 50, 100])
    assert (data_row(item, tokens)["offset"], error_row(item, ERROR)["offset"]) == (2.5, 2.5)
    assert (data_row(GOOD, tokens)["offset"], error_row(BAD, ERROR)["offset"]) == (None, None)


def test_what_was_left_half_written_is_removed(dataset: Dataset) -> None:
    left = dataset.folder / "data" / ".0123.parquet"
    left.touch()
    with dataset.begun(SETTINGS, resume=True):
        assert not left.exists()
        assert not json.loads((dataset.folder / "dataset.json").read_text())["complete"]


def test_names_that_are_no_text_are_errors_and_can_be_written() -> None:
    item = Item(Recording("a", Path("a\udcff.wav")))
    row = error_row(item, AudioError("a\udcff.wav: no such file"))
    assert row["audio"] == "a\\udcff.wav"
    assert row["archive"] is None


def test_a_text_that_is_none_is_an_error() -> None:
    item = Item(Recording("a", Path("a.wav")), text="\ud800")
    with pytest.raises(TokenError, match="Unicode"):
        data_row(item, make_tokens([0, 50, 100]))
