"""Datasets: start, resume and refuse."""

import json
from pathlib import Path

import pytest

from prosodytok.corpus.corpus_item import Item
from prosodytok.corpus.dataset import Dataset, Shard, data_row, error_row
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
    with dataset.open_for_writing(SETTINGS, resume=False):
        dataset.write(0, [data_row(GOOD, make_tokens([0, 50, 100]))], [error_row(BAD, ERROR)])
    return dataset


def test_a_shard_is_finished_when_it_is_whole(dataset: Dataset) -> None:
    assert dataset.count(SHARD) == (1, 1)
    assert dataset.is_finished(SHARD)
    assert not dataset.is_finished(Shard(1, [GOOD]))
    dataset.data(0).write_bytes(dataset.data(0).read_bytes()[:-5])
    assert not dataset.is_finished(SHARD)
    dataset.data(0).unlink()  # as after a kill between the two writes
    assert not dataset.is_finished(SHARD)


def test_a_shard_written_again_is_written_whole(dataset: Dataset) -> None:
    tokens = make_tokens([0, 50, 100])
    dataset.write(0, [data_row(GOOD, tokens), data_row(BAD, tokens)], [])
    assert dataset.count(SHARD) == (2, 0)


def test_an_existing_dataset_is_not_started_again(dataset: Dataset) -> None:
    with (
        pytest.raises(ConfigError, match="--resume"),
        dataset.open_for_writing(SETTINGS, resume=False),
    ):
        pass
    with dataset.open_for_writing(SETTINGS, resume=True):
        assert dataset.is_finished(SHARD)


def test_a_dataset_is_not_resumed_with_other_settings(dataset: Dataset) -> None:
    other = {**SETTINGS, "f0": "world"}
    with (
        pytest.raises(ConfigError, match="f0 was 'praat' and is 'world'"),
        dataset.open_for_writing(other, resume=True),
    ):
        pass


def test_a_dataset_without_shards_is_started_again(tmp_path: Path) -> None:
    for settings in (SETTINGS, {"f0": "world"}):
        with Dataset(tmp_path).open_for_writing(settings, resume=False):
            pass
    assert json.loads((tmp_path / "dataset.json").read_text())["settings"] == {"f0": "world"}


def test_a_dataset_has_one_writer(dataset: Dataset) -> None:
    again = Dataset(dataset.folder)
    with (
        dataset.open_for_writing(SETTINGS, resume=True),
        pytest.raises(ConfigError, match="another extraction"),
        again.open_for_writing(SETTINGS, resume=True),
    ):
        pass


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"settings": 3}'])
def test_a_damaged_description_is_an_error(dataset: Dataset, content: str) -> None:
    (dataset.folder / "dataset.json").write_text(content)
    with (
        pytest.raises(ConfigError, match=r"dataset\.json"),
        dataset.open_for_writing(SETTINGS, resume=True),
    ):
        pass


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("...")
    with (
        pytest.raises(ConfigError, match="not empty"),
        Dataset(tmp_path).open_for_writing(SETTINGS, True),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_datasets_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"mine": 1}')
    with (
        pytest.raises(ConfigError, match="not written by"),
        Dataset(tmp_path).open_for_writing(SETTINGS, False),
    ):
        pass
    assert (tmp_path / "dataset.json").read_text() == '{"mine": 1}'


def test_failures_are_forgotten(dataset: Dataset) -> None:
    dataset.forget_failures()
    assert not dataset.is_finished(SHARD)


def test_rows_contain_the_offset_of_a_segment() -> None:
    item = Item(Recording("a", Path("a.wav"), offset=2.5, duration=1.0))
    tokens = make_tokens([0, 50, 100])
    assert (data_row(item, tokens)["offset"], error_row(item, ERROR)["offset"]) == (2.5, 2.5)
    assert (data_row(GOOD, tokens)["offset"], error_row(BAD, ERROR)["offset"]) == (None, None)


def test_temporary_files_of_killed_workers_are_removed(dataset: Dataset) -> None:
    left = dataset.folder / "data" / ".0123.parquet"
    left.touch()
    with dataset.open_for_writing(SETTINGS, resume=True):
        assert not left.exists()
        assert not json.loads((dataset.folder / "dataset.json").read_text())["complete"]


def test_names_that_are_not_unicode_are_escaped_in_error_rows() -> None:
    item = Item(Recording("a", Path("a\udcff.wav")))
    row = error_row(item, AudioError("a\udcff.wav: no such file"))
    assert row["audio"] == "a\\xff.wav"
    assert row["archive"] is None


def test_a_text_that_is_not_unicode_is_an_error() -> None:
    item = Item(Recording("a", Path("a.wav")), text="\ud800")
    with pytest.raises(TokenError, match="Unicode"):
        data_row(item, make_tokens([0, 50, 100]))
