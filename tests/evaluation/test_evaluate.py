"""The command, on the bundled recordings."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from prosodytok.evaluation import choose_rooms, read_corpora
from prosodytok.evaluation.evaluate import ROOMS
from prosodytok.samples import sample_manifest
from prosodytok.types.errors import ConfigError, ManifestError
from tests.command import call

SKIP = ("--skip", "leakage,intervention,stability")
FILES = ["evaluation.json", "evaluation.md", "rate_distortion.pdf", "rate_distortion.png"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples under two manifests; one of them lists a file without sound."""
    folder = tmp_path_factory.mktemp("corpora")
    for path in sample_manifest().parent.glob("*.flac"):
        shutil.copy(path, folder)
    shutil.copy(sample_manifest(), folder / "good.jsonl")
    (folder / "broken.flac").write_text("not a sound")
    one = sample_manifest().read_text().splitlines()[2]
    (folder / "poor.jsonl").write_text('{"audio": "broken.flac"}\n' + one + "\n")
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path) -> tuple[int, Path]:
    """Exit code and output of a run on both."""
    out = folder / "out"
    return call("evaluate", folder / "good.jsonl", folder / "poor.jsonl", "--out", out, *SKIP), out


@pytest.fixture(scope="module")
def found(outcome: tuple[int, Path]) -> Any:
    """Content of evaluation.json; NaN is not JSON."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in JSON")

    return json.loads((outcome[1] / "evaluation.json").read_text(), parse_constant=refuse)


def test_everything_is_written_and_a_broken_file_is_counted(
    outcome: tuple[int, Path], found: Any
) -> None:
    code, out = outcome
    assert code == 1
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert [(c["utterances"], c["left_out"]) for c in found["corpora"].values()] == [(3, 0), (1, 1)]
    assert list(found["corpora"]) == ["good", "poor"]


def test_each_prefix_is_better_than_the_one_before(found: Any) -> None:
    """But for phrases alone, which have the melody of speech and no voicing or energy."""
    corpus = found["corpora"]["good"]
    prefixes = ["flat voice", "phrase", "phrase + word", "phrase + word + frame"]
    for measure in ("f0_mae", "vde", "energy_rmse"):
        flat, phrase, *others = (corpus["errors"][p][measure]["value"] for p in prefixes)
        assert [flat, *others] == sorted([flat, *others], reverse=True)
        assert phrase > others[0]
    rates = [corpus["bits_per_second"][p]["fixed"]["total"]["value"] for p in prefixes[1:]]
    assert rates == sorted(rates)
    assert corpus["errors"]["flat voice"]["f0_corr"]["value"] is None
    assert corpus["errors_fitted"][prefixes[-1]]["f0_corr"]["value"] > 0.9


def test_the_tables_show_the_numbers_of_the_json(outcome: tuple[int, Path], found: Any) -> None:
    text = (outcome[1] / "evaluation.md").read_text()
    errors = found["corpora"]["good"]["errors"]["phrase + word"]["f0_mae"]
    cell = "{value:.0f} ({low:.0f} to {high:.0f})".format(**errors)
    (row,) = [x for x in text.splitlines() if x.startswith("| phrase + word |") and cell in x]
    assert row.count("|") == 11
    assert "1 left out" in text
    assert f"`{found['checkpoint']}`" in text


def test_a_bad_file_is_one_line(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.jsonl").write_text(json.dumps({"audio": str(folder / "broken.flac")}))
    assert call("evaluate", tmp_path / "bad.jsonl", "--out", tmp_path / "out", *SKIP) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "broken.flac" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["MANIFEST", "--checkpoint", "nowhere"], "no checkpoint"),
        (["EMPTY"], "no utterance"),
        (["missing.jsonl"], "missing.jsonl"),
        (["MANIFEST", "--skip", "everything"], "intervention,leakage"),
        (["MANIFEST", "--only", "everything"], "reconstruction,rate,stability"),
        (["MANIFEST", "--only", "rate", "--skip", "rate"], "nothing is left"),
        (["MANIFEST", "--stability-utterances", "0"], "stability-utterances"),
        (["MANIFEST", "MANIFEST"], "twice"),
        (["MANIFEST", "--every", "0"], "--every 0"),
        (["MANIFEST", "--segments", "ears"], "ears"),
    ],
)
def test_a_wrong_call_exits_with_2(
    args: list[str], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jsonl").touch()
    names = {"MANIFEST": str(sample_manifest()), "EMPTY": str(tmp_path / "empty.jsonl")}
    out = tmp_path / "out"
    assert call("evaluate", *(names.get(arg, arg) for arg in args), "--out", out) == 2
    assert reason in capfd.readouterr().err
    assert not out.exists()


def test_a_corpus_has_the_name_of_its_manifest(tmp_path: Path) -> None:
    for name in ("a/dev.jsonl", "b/dev.jsonl", "b/test.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(f'{{"audio": "{i}.wav"}}\n' for i in range(5)))
    corpora = read_corpora(sorted(tmp_path.glob("*/*.jsonl")), every=2)
    assert list(corpora) == [str(tmp_path / "a/dev"), str(tmp_path / "b/dev"), "test"]
    assert [u.id for u in corpora["test"]] == ["0", "2", "4"]
    with pytest.raises(ManifestError):
        read_corpora([tmp_path / "none.jsonl"])


@pytest.mark.parametrize(
    ("only", "skip", "rooms"),
    [
        ("", "", ROOMS),
        ("", "leakage, intervention", ("reconstruction", "rate", "stability", "boundaries")),
        ("stability", "", ("stability",)),
        ("leakage,rate", "leakage", ("rate",)),
    ],
)
def test_rooms_are_chosen_by_name(only: str, skip: str, rooms: tuple[str, ...]) -> None:
    assert choose_rooms(only, skip) == rooms


@pytest.mark.parametrize(
    ("only", "skip", "reason"),
    [("leakge", "", "leakge"), ("", "leakge", "leakge"), ("rate", "rate", "nothing is left")],
)
def test_rooms_have_known_names_and_are_not_empty(only: str, skip: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        choose_rooms(only, skip)
