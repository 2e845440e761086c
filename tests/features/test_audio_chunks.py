"""Chunks of any layout and type are one stream."""

import numpy as np
import pytest

from prosodytok.features.audio_chunks import AudioChunks
from prosodytok.types.errors import AudioError
from tests import synth

SOUND = synth.modulated(synth.harmonics(synth.constant(200), 0.5)).samples
STEREO = np.stack([SOUND, SOUND], axis=1)


def collect(chunks):
    stream = AudioChunks(16_000)
    samples = [block for chunk in chunks for _, block in stream.push(chunk)]
    return np.concatenate([*samples, stream.finish()[1]]), stream.warnings


def cut(samples, length):
    return [samples[start : start + length] for start in range(0, len(samples), length)]


@pytest.mark.parametrize(
    "chunks",
    [
        cut(SOUND, 321),
        [chunk[None] for chunk in cut(SOUND, 321)],
        [chunk[:, None] for chunk in cut(SOUND, 5)],
        cut(STEREO, 321),
        [chunk.T for chunk in cut(STEREO, 321)],
        [STEREO[:2], STEREO[2:3], *cut(STEREO[3:], 400)],
        [STEREO[:2].T, STEREO[2:3].T, np.zeros((2, 0)), *(x.T for x in cut(STEREO[3:], 400))],
        [*cut(STEREO[:100], 1), *cut(STEREO[100:], 2)],
        [SOUND[:100], SOUND[100:103][None], SOUND[103:]],
        [[], *cut(SOUND, 400)],
    ],
)
def test_layouts(chunks):
    np.testing.assert_allclose(collect(chunks)[0], SOUND, atol=1e-6)


def test_a_short_stream_of_unclear_layout_ends_at_finish():
    np.testing.assert_allclose(collect([STEREO[:2], STEREO[2:4]])[0], SOUND[:4], atol=1e-6)


def test_integers():
    samples, warnings = collect(cut((SOUND * 32768).astype(np.int16), 400))
    np.testing.assert_allclose(samples, SOUND, atol=1e-4)
    assert warnings == ()
    assert "16-bit" in collect(cut(SOUND * 32768, 400))[1][0]


def test_channels_that_cancel():
    samples, warnings = collect(cut(STEREO * [1, -1], 321))
    np.testing.assert_array_equal(samples, SOUND)
    assert "cancel" in warnings[0]


@pytest.mark.parametrize("second", [SOUND[:400], STEREO[:400].T, np.zeros((400, 3)), 0.5])
def test_the_layout_does_not_change(second):
    with pytest.raises(AudioError):
        collect([STEREO[:400], second])
