"""The bundled checkpoint on real speech outside its training data."""

from pathlib import Path

import numpy as np
import pytest

from prosodytok import Audio, ProsodyTokenizer, load
from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.features import extract
from prosodytok.io import to_dict
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.types import LEVELS
from prosodytok.types.audio import SAMPLE_RATE
from tests.nn.examples import costs

SAMPLE = sample_manifest().parent / "austen-0890.flac"


@pytest.fixture(scope="module")
def bundled() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained()


@pytest.mark.slow
@pytest.mark.shared_data
def test_errors_on_dev_speech_reach_the_targets(
    bundled: ProsodyTokenizer, shared_data: Path
) -> None:
    """On a tenth of dev; `prosodytok evaluate` measures all of it, with confidence intervals."""
    totals = dict.fromkeys(LEVELS, ProsodyErrors())
    bits = seconds = 0.0
    for utterance in read_manifest(shared_data / "speech/dev.jsonl")[::10]:
        audio = load(utterance.audio)
        reference = extract(audio, octave_correction=False)
        tokens = bundled.encode(bundled.extract(audio))
        bits, seconds = bits + sum(tokens.bits.values()), seconds + tokens.duration
        for depth, name in enumerate(LEVELS, 1):
            totals[name] += prosody_errors(reference, bundled.decode(tokens, LEVELS[:depth]))
    phrase, word, frame = (totals[name].scores for name in LEVELS)
    assert bits / seconds <= 160
    assert frame["f0_mae"] <= 55
    assert frame["vde"] <= 0.04
    assert frame["energy_rmse"] <= 4.5
    for measure in ("f0_mae", "f0_rmse", "vde", "energy_rmse"):
        assert phrase[measure] > word[measure] > frame[measure]


@pytest.mark.parametrize("search", [True, False])
def test_batch_size_does_not_change_the_codes_of_real_speech(search: bool) -> None:
    bundled = ProsodyTokenizer.from_pretrained(search=search)
    sounds = [load(u.audio) for u in read_manifest(sample_manifest())]
    sounds.append(Audio(sounds[0].samples[: SAMPLE_RATE // 3], SAMPLE_RATE))
    examples = [bundled.example(bundled.extract(sound)) for sound in sounds]
    for example, tokens in zip(examples, bundled.encode_batch(examples), strict=True):
        assert to_dict(bundled.encode_batch([example])[0]) == to_dict(tokens)


@pytest.mark.parametrize(
    ("name", "levels"),
    [("base", LEVELS), ("base-2", LEVELS), ("base-2", ("phrase", "word"))],
)
def test_search_reduces_the_cost_of_real_speech(name: str, levels: tuple[str, ...]) -> None:
    """Codes of levels in their own time are not searched, so `base` gains in its frames alone."""
    searched, greedy = (ProsodyTokenizer.from_pretrained(name, search=x) for x in (True, False))
    found = []
    for utterance in read_manifest(sample_manifest()):
        prosody = searched.extract(utterance.audio)
        both = [t.encode(prosody).select(levels) for t in (searched, greedy)]
        found.append(costs(searched, searched.example(prosody), both))
    ours, theirs = np.sum(found, axis=0)
    assert ours < 0.98 * theirs


def test_timing_from_phrase_and_word_codes(bundled: ProsodyTokenizer) -> None:
    """After retiming, the duration is similar and word durations correlate."""
    pairs = []
    for path in sorted(SAMPLE.parent.glob("*.flac")):
        tokens = bundled.encode(bundled.extract(path))
        retimed = bundled.retime(tokens)
        assert retimed.duration == pytest.approx(tokens.duration, rel=0.25)
        pairs.append([t["word"].segmentation.durations for t in (retimed, tokens)])
    predicted, true = (np.log(np.concatenate(part)) for part in zip(*pairs, strict=True))
    assert np.corrcoef(predicted, true)[0, 1] > 0.3
