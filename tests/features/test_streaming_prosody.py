"""Streaming prosody: independent of the chunks, and close to that of `extract`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosodytok import Audio, Prosody, load
from prosodytok.features import extract
from prosodytok.features.initial_register import VOICED_FRAMES, initial_register
from prosodytok.features.streaming_prosody import (
    AHEAD,
    FRAME,
    HOP,
    ProsodyStream,
    extract_streaming,
    join_hops,
)
from prosodytok.samples import sample_manifest
from prosodytok.types import Register
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.errors import AudioError
from tests.synth import glide, harmonics, join, modulated, noise, silence, vibrato

VOICE = join(silence(0.2), modulated(harmonics(glide(180, 120), 0.7)), noise(0.3, level=0.01))


def streamed(audio: Audio, cuts: list[int]) -> Prosody:
    stream, hops = ProsodyStream(), []
    for part in np.split(audio.samples, sorted(cuts)):
        hops += stream.push(part)
    return join_hops([*hops, *stream.finish()])


@settings(max_examples=10)
@given(st.lists(st.integers(0, VOICE.samples.size), max_size=6))
def test_prosody_does_not_depend_on_the_chunks(cuts: list[int]) -> None:
    found, whole = streamed(VOICE, cuts), extract_streaming(VOICE)
    for name in ("f0", "voiced", "energy"):
        assert np.array_equal(getattr(found, name), getattr(whole, name))


def test_streaming_is_close_to_offline() -> None:
    audio = load(sample_manifest().parent / "austen-0890.flac")
    found, offline = extract_streaming(audio), extract(audio)
    assert found.num_frames == offline.num_frames
    assert (found.voiced != offline.voiced).mean() < 0.08  # the beginning
    both = found.voiced & offline.voiced
    assert np.abs(1200 * np.log2(found.f0[both] / offline.f0[both])).mean() < 10
    assert np.abs(found.energy - offline.energy).max() < 0.01


@pytest.mark.parametrize("later", [silence(0.5), harmonics(vibrato(300), 0.5)])
def test_prosody_does_not_depend_on_later_sound(later: Audio) -> None:
    final = (VOICE.samples.size // FRAME - AHEAD) // HOP * HOP
    alone, longer = extract_streaming(VOICE), extract_streaming(join(VOICE, later))
    assert np.array_equal(alone.voiced[:final], longer.voiced[:final])
    voiced = alone.voiced[:final]
    assert np.array_equal(alone.f0[:final][voiced], longer.f0[:final][voiced])
    assert np.array_equal(alone.energy[:final], longer.energy[:final])


@pytest.mark.parametrize("samples", [1, 79, 80, 160, 1279, 1280, 2239, 2240, 2241])
def test_short_sounds_have_the_frames_of_extract(samples: int) -> None:
    audio = Audio(noise(1.0).samples[:samples], SAMPLE_RATE)
    assert extract_streaming(audio).num_frames == extract(audio).num_frames


def test_digital_silence_has_no_voice() -> None:
    prosody = extract_streaming(silence(0.5))
    assert not prosody.voiced.any()
    assert np.isfinite(prosody.energy).all()


def test_a_stream_without_sound_is_refused() -> None:
    with pytest.raises(AudioError, match="empty"):
        ProsodyStream().finish()


def test_the_register_is_that_of_the_opening() -> None:
    voice = extract_streaming(modulated(harmonics(vibrato(200), 3.0), depth=0.3))
    register = initial_register(voice)
    later = voice.f0.copy()
    later[2 * VOICED_FRAMES :] = 400
    assert register == initial_register(Prosody(later, voice.voiced, voice.energy))
    # The vibrato is half a semitone to each side; the estimate is corrected for declination.
    assert 180 < register.f0_median_hz < 200
    assert register != Register.estimate(voice)


def test_register_without_enough_voice() -> None:
    prosody = extract_streaming(join(silence(0.3), harmonics(glide(180, 120), 0.3)))
    assert prosody.voiced.sum() < VOICED_FRAMES
    assert initial_register(prosody) == Register.estimate(prosody)
