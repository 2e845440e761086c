"""Tokens as plain data: the JSON object of a ``tokens.jsonl`` line, and its validation."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import (
    ConfigDict,
    FailFast,
    Field,
    FiniteFloat,
    TypeAdapter,
    ValidationError,
    with_config,
)
from typing_extensions import TypedDict

from prosodytok.io.limits import FewKeys
from prosodytok.io.plain_values import named_values, to_plain
from prosodytok.types.errors import SegmentationError, TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Segmentation
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Version of the record; a reader accepts exactly one.
FORMAT_VERSION = 1

Count = Annotated[int, Field(gt=0, lt=2**31)]
Code = Annotated[int, Field(ge=0, lt=2**31)]
Rate = Annotated[FiniteFloat, Field(gt=0, lt=2**31)]
Seconds = Annotated[FiniteFloat, Field(ge=0, lt=2**31)]
Bits = Annotated[FiniteFloat, Field(ge=0)]
Stop = FailFast()  # report one error per list, which may have a million items


@with_config(ConfigDict(strict=True))
class LevelRecord(TypedDict):
    """One level of N units: `start` and `end` in seconds, `codes` of K numbers per unit."""

    name: str
    codebook_sizes: Annotated[list[Count], Stop]
    start: Annotated[list[Seconds], Stop]
    end: Annotated[list[Seconds], Stop]
    codes: Annotated[list[Annotated[list[Code], Stop]], Stop]
    label: Annotated[list[str], Stop]


@with_config(ConfigDict(strict=True))
class TokenRecord(TypedDict):
    """One utterance; the keys are a contract with other programs."""

    version: int
    id: str
    audio: str
    duration: Seconds
    frame_rate: Rate
    num_frames: Count
    checkpoint: str
    register: Annotated[dict[str, FiniteFloat], FewKeys]
    levels: Annotated[list[LevelRecord], Stop]
    bits: Annotated[dict[str, Bits], FewKeys]
    source: NotRequired[str]
    speaker: NotRequired[str]
    offset: NotRequired[Seconds]
    f0_floor: NotRequired[Rate]
    f0_ceiling: NotRequired[Rate]
    warnings: NotRequired[Annotated[list[str], Stop]]
    sound_duration: NotRequired[Seconds]


_RECORD = TypeAdapter(TokenRecord)


def to_dict(tokens: ProsodyTokens) -> TokenRecord:
    """Convert tokens to plain data for JSON.

    Times are in seconds (frames over `frame_rate`); `codes` are listed by unit, (N, K).

    Raises
    ------
    TokenError
        If a string is not valid Unicode, such as a file name in another encoding.
    """
    labels = [label for level in tokens.levels for label in level.segmentation.labels]
    names = (tokens.id, tokens.audio, tokens.checkpoint, tokens.source, tokens.speaker)
    for text in (*names, *tokens.warnings, *labels):
        check_text(text)
    record: TokenRecord = {
        "version": FORMAT_VERSION,
        "id": tokens.id,
        "audio": tokens.audio,
        "duration": tokens.duration,
        "frame_rate": float(tokens.frame_rate),
        "num_frames": int(tokens.num_frames),
        "checkpoint": tokens.checkpoint,
        "register": tokens.register.to_dict(),
        "levels": [_level_to_dict(level, tokens.frame_rate) for level in tokens.levels],
        "bits": tokens.bits,
        "source": tokens.source,
    }
    if tokens.speaker:
        record["speaker"] = tokens.speaker
    if tokens.offset is not None:
        record["offset"] = tokens.offset
    if tokens.f0_floor is not None:
        record["f0_floor"] = tokens.f0_floor
    if tokens.f0_ceiling is not None:
        record["f0_ceiling"] = tokens.f0_ceiling
    if tokens.warnings:
        record["warnings"] = list(tokens.warnings)
    if tokens.sound_duration is not None:
        record["sound_duration"] = tokens.sound_duration
    return record


def from_dict(record: Any) -> ProsodyTokens:
    """Inverse of `to_dict`, also for records of other programs to the same contract.

    Unknown keys are ignored, keys with a null value count as missing, and `bits` are recomputed.

    Parameters
    ----------
    record : mapping
        As a JSON reader gives it, such as json, orjson, pandas, Polars or Hugging Face datasets.

    Raises
    ------
    TokenError
        If a key is missing or of a wrong type, a code is outside its codebook, units do not tile
        the utterance, a time is off the frame grid, or the version differs.
    """
    checked = _check(named_values(record))
    duration = checked["num_frames"] / checked["frame_rate"]
    if abs(checked["duration"] - duration) * checked["frame_rate"] > 1:
        raise TokenError(
            f"duration is {checked['duration']} s, but num_frames / frame_rate is {duration} s"
        )
    return ProsodyTokens(
        levels=tuple(_dict_to_level(level, checked) for level in checked["levels"]),
        register=Register.from_dict(checked["register"]),
        num_frames=checked["num_frames"],
        frame_rate=checked["frame_rate"],
        id=checked["id"],
        audio=checked["audio"],
        checkpoint=checked["checkpoint"],
        source=checked.get("source", ""),
        speaker=checked.get("speaker", ""),
        offset=checked.get("offset"),
        f0_floor=checked.get("f0_floor"),
        f0_ceiling=checked.get("f0_ceiling"),
        warnings=tuple(checked.get("warnings", ())),
        sound_duration=checked.get("sound_duration"),
    )


def _check(record: dict[str, Any]) -> TokenRecord:
    if "version" not in record:
        raise TokenError("not a record of prosody tokens: it has no key 'version'")
    if (version := to_plain(record["version"])) != FORMAT_VERSION:
        raise TokenError(
            f"version {version!r:.60}, and this prosodytok reads version "
            f"{FORMAT_VERSION}: update prosodytok, or tokenize again"
        )
    try:
        checked = _validate(record)
    except TokenError:  # converted only then, because it takes as long as the validation
        checked = _validate(to_plain(record))
    if "f0_median_hz" not in checked["register"]:
        raise TokenError("register: missing key 'f0_median_hz'")
    return checked


def _validate(record: dict[str, Any]) -> TokenRecord:
    try:
        return _RECORD.validate_python(record)
    except ValidationError as error:
        raise TokenError(_explain(error)) from error


def check_text(text: str) -> None:
    """Raise `TokenError` if a string is not valid Unicode, such as a file name."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TokenError(f"{text!r} is not Unicode text: a token file cannot hold it") from error


def _explain(error: ValidationError) -> str:
    """Format the first validation error with its location as an index expression."""
    first = error.errors(include_url=False)[0]
    *outer, last = first["loc"]
    if first["type"] == "missing":
        location, problem = outer, f"missing key {last!r}"
    else:
        location, problem = [*outer, last], f"{first['msg']}, got {first['input']!r:.60}"
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location)
    return f"{path.lstrip('.')}: {problem}" if path else problem


def _level_to_dict(level: TokenLevel, frame_rate: float) -> LevelRecord:
    edges = level.segmentation.boundaries.tolist()
    times = [frames_to_seconds(edge, frame_rate) for edge in edges]
    return {
        "name": level.name,
        "codebook_sizes": list(level.codebook_sizes),
        "start": times[:-1],
        "end": times[1:],
        "codes": level.codes.T.tolist(),
        "label": list(level.segmentation.labels),
    }


def _dict_to_level(level: LevelRecord, record: TokenRecord) -> TokenLevel:
    sizes, codes = level["codebook_sizes"], level["codes"]
    try:
        segmentation = _to_segmentation(level, record)
        _check_codes(codes, len(sizes), len(segmentation))
    except (SegmentationError, TokenError) as error:
        raise TokenError(f"level {level['name']!r}: {error}") from error
    by_codebook = [[unit[k] for unit in codes] for k in range(len(sizes))]
    return TokenLevel(level["name"], by_codebook, sizes, segmentation)  # type: ignore[arg-type]


def _check_codes(codes: list[list[int]], num_codebooks: int, num_units: int) -> None:
    if len(codes) != num_units:
        raise TokenError(f"codes of {len(codes)} units for {num_units} units")
    for unit, of_unit in enumerate(codes):
        if len(of_unit) != num_codebooks:
            raise TokenError(f"unit {unit} has {len(of_unit)} codes for {num_codebooks} codebooks")


def _to_segmentation(level: LevelRecord, record: TokenRecord) -> Segmentation:
    starts, ends = ([_to_frame(t, record) for t in level[key]] for key in ("start", "end"))
    if not starts or len(starts) != len(ends):
        raise TokenError(f"{len(starts)} starts and {len(ends)} ends")
    for unit, (end, start) in enumerate(zip(ends, starts[1:], strict=False)):
        if end != start:
            raise TokenError(
                f"units must tile, but unit {unit} ends at {level['end'][unit]} s "
                f"and the next starts at {level['start'][unit + 1]} s"
            )
    return Segmentation([*starts, ends[-1]], tuple(level["label"]))  # type: ignore[arg-type]


def _to_frame(seconds: float, record: TokenRecord) -> int:
    rate = record["frame_rate"]
    frame = seconds_to_frames(seconds, rate)
    if abs(seconds * rate - frame) > 0.01:
        raise TokenError(f"{seconds} s is not a multiple of the frame length, {1 / rate} s")
    if frame > record["num_frames"]:
        raise TokenError(f"{seconds} s is beyond the {record['num_frames']} frames")
    return frame
