"""Cases of odd input, and checks of what becomes of them.

A check returns what is wrong, in words, and "" if all is right.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok import ProsodyTokenizer, load, read_tokens
from prosodytok.features import extract
from prosodytok.samples import sample_manifest
from prosodytok.types import ProsodyTokens
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from tests.command import call

RATE = 16_000
Check = Callable[[Path], str]


@dataclass(frozen=True)
class Case:
    """An odd input: `check` makes it in an empty folder and reads it."""

    kind: str
    name: str
    right: str
    check: Check


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    errors: list[str]


@cache
def tokenizer() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


@cache
def clean() -> Audio:
    """3.3 s of read speech."""
    return load(sample_manifest().parent / "austen-0930.flac")


def speech() -> NDArray[np.float64]:
    return clean().samples.astype(np.float64)


@cache
def clean_prosody() -> Prosody:
    return tokenizer().extract(clean())


@cache
def clean_tokens() -> ProsodyTokens:
    return tokenizer().encode(clean_prosody())


def same_tokens(tokens: ProsodyTokens, share: float = 0.99) -> str:
    """Whether frame codes are those of the clean sound."""
    codes, right = tokens["frame"].codes, clean_tokens()["frame"].codes
    if codes.shape != right.shape:
        return f"{codes.shape[1]} frame tokens, not {right.shape[1]}"
    found = float(np.mean(codes == right))
    return "" if found >= share else f"{found:.1%} of frame codes equal"


def same_sound(audio: Audio, share: float = 0.99) -> str:
    tokens = tokenizer().encode(tokenizer().extract(audio))
    return same_tokens(tokens, share)


def like_clean(audio: Audio, within: float = 0.95, voicing: float = 0.95, lag: int = 0) -> str:
    """Whether F0 (within 20 cents) and voicing are those of the clean sound.

    An encoder may delay the sound by up to `lag` frames.
    """
    found, right = extract(audio), clean_prosody()
    if abs(found.num_frames - right.num_frames) > max(1, lag + 2):
        return f"{found.num_frames} frames, not {right.num_frames}"
    results = []
    for delay in range(lag + 1):
        n = min(found.num_frames - delay, right.num_frames)
        voiced, f0 = found.voiced[delay : delay + n], found.f0[delay : delay + n]
        equal = float(np.mean(voiced == right.voiced[:n]))
        both = voiced & right.voiced[:n]
        near = float(np.mean(1200 * np.abs(np.log2(f0 / right.f0[:n]))[both] <= 20))
        results.append((equal >= voicing and near >= within, near, equal))
    good, near, equal = max(results)
    return "" if good else f"voicing equal in {equal:.1%}, {near:.1%} of F0 within 20 cents"


def has_f0(audio: Audio, right: NDArray[np.float64], **options: Any) -> str:
    """Whether 95 % of the frames with a known F0 (0 where unvoiced) are within 20 cents."""
    found = extract(audio, **options)
    n = min(found.num_frames, right.size)
    inside = right[:n] > 0
    voiced = inside & found.voiced[:n]
    if voiced.sum() < 0.9 * inside.sum():
        return f"{voiced.sum() / inside.sum():.0%} voiced"
    cents = 1200 * np.abs(np.log2(found.f0[:n][voiced] / right[:n][voiced]))
    near, octaves = float(np.mean(cents <= 20)), int(np.sum(cents > 600))
    return "" if near >= 0.95 and not octaves else f"{near:.0%} within 20 cents, {octaves} octaves"


def warned(warnings: tuple[str, ...], *words: str) -> str:
    """Whether a warning has all words; any warning if there are no words."""
    if any(all(word in sentence for word in words) for sentence in warnings):
        return ""
    return f"no warning of {' '.join(words) or 'any kind'}: {warnings}"


def refused(
    error: type[ProsodytokError] | tuple[type[ProsodytokError], ...],
    function: Callable[[], Any],
    *words: str,
) -> str:
    """Whether a call raises an error whose message has all words."""
    try:
        result = function()
    except error as raised:
        missing = [word for word in words if word not in str(raised)]
        return f"message without {missing}: {raised}" if missing else ""
    return f"no error: {str(result)[:80]}"


def command(*args: object, stdin: bytes = b"") -> Outcome:
    """Call the command line in this process; its output is captured below Python's streams."""
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        with _redirected(0, given), _captured(1) as out, _captured(2) as err:
            code = call(*args)
            sys.stdout.flush()
            sys.stderr.flush()
    errors = err[0].decode(errors="replace").splitlines()
    return Outcome(code, out[0].decode(errors="replace"), errors)


def tokenize(
    folder: Path, *args: object, stdin: bytes = b""
) -> tuple[Outcome, list[ProsodyTokens]]:
    """Call `tokenize` with an output in the folder; return the tokens in it."""
    out = folder / "out.jsonl"
    outcome = command("tokenize", "--out", out, *args, stdin=stdin)
    return outcome, read_tokens(out) if out.exists() else []


def expect(outcome: Outcome, code: int, *words: str, lines: int | None = None) -> str:
    """Whether a command ended with a code and printed lines on stderr, with all words."""
    text = "\n".join(outcome.errors)
    if outcome.code != code:
        return f"exit code {outcome.code}, not {code}: {text[-300:]}"
    if lines is not None and len(outcome.errors) != lines:
        return f"{len(outcome.errors)} lines on stderr, not {lines}: {text[-300:]}"
    flat = " ".join(text.split())  # Typer's boxes break lines
    missing = [word for word in words if word not in flat]
    return f"stderr without {missing}: {flat[-300:]}" if missing else ""


def first(*problems: str) -> str:
    """The first problem, or ""."""
    return next(filter(None, problems), "")


@contextmanager
def _captured(descriptor: int) -> Iterator[list[bytes]]:
    result: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        with _redirected(descriptor, file):
            yield result
        file.seek(0)
        result.append(file.read())


@contextmanager
def _redirected(descriptor: int, file: Any) -> Iterator[None]:
    kept = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept, descriptor)
        os.close(kept)
