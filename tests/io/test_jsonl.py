"""JSONL: the contract, exact round trips, and invalid lines."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.io import from_dict, iter_jsonl, read_jsonl, to_dict, write_jsonl
from prosodytok.types.errors import TokenError
from prosodytok.types.units import MAX_FRAMES
from tests.sequences.strategies import SUBSETS, assert_same, make_tokens, prosody_tokens

GOLDEN = (
    '{"version": 1, "id": "utterance", "audio": "a.wav", "duration": 1.0, "frame_rate": 100.0, '
    '"num_frames": 100, "checkpoint": "", "register": {"f0_median_hz": 150.0, "f0_spread_st": 3.0, '
    '"energy_level_db": -20.0, "energy_range_db": 40.0, "word_rate_hz": 3.0}, "levels": ['
    '{"name": "phrase", "codebook_sizes": [8], "start": [0.0, 0.42], "end": [0.42, 1.0], '
    '"codes": [[1], [2]], "label": ["", ""]}, '
    '{"name": "word", "codebook_sizes": [16, 4], "start": [0.0, 0.3, 0.42], '
    '"end": [0.3, 0.42, 1.0], "codes": [[1, 2], [2, 3], [3, 0]], "label": ["héllo", "", "世界"]}], '
    '"bits": {"phrase": 6.0, "word": 18.0, "boundaries": BITS}, "source": ""}\n'
)


def test_the_contract_to_the_byte(tmp_path):
    tokens = make_tokens(labels=("héllo", "", "世界"), names=["phrase", "word"])
    write_jsonl(tmp_path / "t.jsonl", [tokens])
    golden = GOLDEN.replace("BITS", repr(tokens.bits["boundaries"]))
    assert (tmp_path / "t.jsonl").read_bytes() == golden.encode()


@given(st.lists(prosody_tokens(), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, utterances):
    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    write_jsonl(path, iter(utterances))
    loaded = read_jsonl(path)
    assert len(loaded) == len(utterances)
    for a, b in zip(utterances, loaded, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_every_subset_of_levels(names):
    tokens = make_tokens(names=names)
    assert_same(from_dict(to_dict(tokens)), tokens)
    assert set(to_dict(tokens)["bits"]) == {*names, "boundaries"}


@given(st.integers(1, MAX_FRAMES - 1))
def test_times_of_ten_milliseconds_are_written_as_such(frame):
    tokens = make_tokens((0, frame, frame + 1), ("a", "b"), (0, frame + 1), names=["word"])
    end = to_dict(tokens)["levels"][0]["end"][0]
    assert repr(end) == repr(round(end, 2))


def test_files_of_other_programs(tmp_path):
    record = to_dict(make_tokens())
    del record["source"]
    record["register"] = {"f0_median_hz": 200}
    record["levels"][1]["end"][0] = record["levels"][1]["start"][1] = 0.1 + 0.2
    record |= {"mood": "glad", "duration": 0.997}
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(record).encode() + b"\r\n\r\n  \n")
    (tokens,) = iter_jsonl(path)
    assert tokens.register.f0_median_hz == 200
    assert tokens["word"].segmentation.boundaries.tolist() == [0, 30, 42, 100]


def test_an_existing_file_survives_a_failure(tmp_path):
    path = tmp_path / "t.jsonl"
    write_jsonl(path, [make_tokens()])
    before = path.read_bytes()

    def failing():
        yield make_tokens()
        raise RuntimeError("failure while encoding")

    with pytest.raises(RuntimeError):
        write_jsonl(path, failing())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_to_write(tmp_path):
    with pytest.raises(TokenError, match="no utterance to write"):
        write_jsonl(tmp_path / "t.jsonl", [])
    assert list(tmp_path.iterdir()) == []


def test_a_label_that_is_not_unicode_is_refused(tmp_path):
    with pytest.raises(TokenError, match="not Unicode"):
        write_jsonl(tmp_path / "t.jsonl", [make_tokens(labels=("caf\udce9", "", ""))])


BREAKS = {
    "no version": (lambda r: r.pop("version"), "not a record of prosody tokens"),
    "other version": (lambda r: r.update(version=2), "version 2, .* reads version 1"),
    "version as text": (lambda r: r.update(version="1"), "version '1'"),
    "missing key": (lambda r: r.pop("levels"), "missing key 'levels'"),
    "missing level key": (lambda r: r["levels"][1].pop("codes"), r"levels\[1\]: missing key 'co"),
    "missing register": (lambda r: r["register"].pop("f0_median_hz"), "'f0_median_hz'"),
    "bad register": (lambda r: r["register"].update(f0_median_hz=-1), "f0_median_hz is -1"),
    "no levels": (lambda r: r.update(levels=[]), "at least one level"),
    "unknown level": (lambda r: r["levels"][0].update(name="syllable"), "unknown level 'syllable'"),
    "level order": (lambda r: r["levels"].reverse(), "coarse to fine"),
    "number as text": (lambda r: r.update(num_frames="100"), "num_frames: .*integer, got '100'"),
    "no frames": (lambda r: r.update(num_frames=0), "num_frames: .*greater than 0"),
    "rate of zero": (lambda r: r.update(frame_rate=0), "frame_rate: .*greater than 0"),
    "infinite rate": (lambda r: r.update(frame_rate=1e400), "not JSON .*Infinity"),
    "wrong duration": (lambda r: r.update(duration=1.5), "duration is 1.5 s, but"),
    "huge number": (lambda r: r["levels"][0]["codes"][0].__setitem__(0, 10**30), r"codes\[0\]"),
    "huge time": (lambda r: r["levels"][0]["end"].__setitem__(1, 1e300), r"end\[1\]"),
    "code too large": (lambda r: r["levels"][2]["codes"][5].__setitem__(0, 32), "'frame': a code"),
    "negative code": (lambda r: r["levels"][2]["codes"][5].__setitem__(0, -1), r"codes\[5\]\[0\]"),
    "fractional code": (lambda r: r["levels"][2]["codes"][5].__setitem__(0, 1.5), "integer"),
    "true as code": (lambda r: r["levels"][2]["codes"][5].__setitem__(0, True), "integer"),
    "codebook missing": (lambda r: r["levels"][1]["codes"][2].pop(), "unit 2 has 1 codes for 2"),
    "unit missing": (lambda r: r["levels"][1]["codes"].pop(), "codes of 2 units for 3 units"),
    "label missing": (lambda r: r["levels"][1]["label"].pop(), "2 labels for 3 units"),
    "label is null": (lambda r: r["levels"][1]["label"].__setitem__(0, None), r"label\[0\]: .*str"),
    "start missing": (lambda r: r["levels"][1]["start"].pop(), "2 starts and 3 ends"),
    "no units": (lambda r: r["levels"][1].update(start=[], end=[]), "0 starts and 0 ends"),
    "gap": (lambda r: r["levels"][1]["end"].__setitem__(0, 0.29), "unit 0 ends at 0.29 s and the"),
    "late start": (lambda r: r["levels"][1]["start"].__setitem__(0, 0.1), "start at frame 0"),
    "backwards": (
        lambda r: r["levels"][1].update(start=[0.0, 0.5, 0.42], end=[0.5, 0.42, 1.0]),
        "'word': .*increasing",
    ),
    "short level": (lambda r: r["levels"][1]["end"].__setitem__(2, 0.9), "covers 90 frames"),
    "long level": (lambda r: r["levels"][1]["end"].__setitem__(2, 1.1), "beyond the 100 frames"),
    "off the grid": (
        lambda r: r["levels"][1]["end"].__setitem__(2, 0.994),
        "0.994 s is not a",
    ),
    "not nested": (
        lambda r: r["levels"][0].update(start=[0.0, 0.41], end=[0.41, 1.0]),
        "every phrase edge",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), BREAKS.values(), ids=BREAKS.keys())
def test_a_bad_line_is_named(tmp_path, spoil, message):
    good = to_dict(make_tokens())
    bad = deepcopy(good)
    spoil(bad)
    path = tmp_path / "t.jsonl"
    path.write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n")
    with pytest.raises(TokenError, match=rf"t\.jsonl, line 2: .*{message}"):
        read_jsonl(path)


def test_what_precedes_a_bad_line_can_be_had(tmp_path):
    path = tmp_path / "t.jsonl"
    write_jsonl(path, [make_tokens()])
    with path.open("a") as file:
        file.write("oops\n")
    utterances = iter_jsonl(path)
    assert_same(next(utterances), make_tokens())
    with pytest.raises(TokenError, match="line 2: not JSON"):
        next(utterances)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"hello\n", "line 1: not JSON"),
        (b'{"version": 1, "id"', "line 1: not JSON"),
        (b'{"version": NaN}\n', "line 1: not JSON .*NaN"),
        (b'{"audio": "a.wav", "text": "hello"}\n', "line 1: not a record of prosody tokens"),
        (b"[1, 2]\n", "line 1: not a record"),
        (b"3\n", "line 1: not a record"),
        (b"RIFF\xff\xfe\x00\x00WAVEfmt ", "line 1: not JSON"),
        (b"[" * 100_000, "line 1: not JSON"),
    ],
)
def test_what_is_no_token_file(tmp_path, content, message):
    path = tmp_path / "t.jsonl"
    path.write_bytes(content)
    with pytest.raises(TokenError, match=rf"t\.jsonl.*{message}"):
        read_jsonl(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TokenError, match=r"t\.jsonl: no such file"):
        read_jsonl(tmp_path / "t.jsonl")
