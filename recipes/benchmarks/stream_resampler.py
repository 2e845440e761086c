"""Prosody and codes after the streaming resampler, compared with soxr.

    python recipes/benchmarks/stream_resampler.py ../shared/data/speech/dev.jsonl

Speech at 16 kHz is resampled by soxr, and back by the streaming resampler or by soxr (as in
`load`); both are also compared with the original. The register is that of the first sound of each
pair.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from benchmark_tools import choose_clips
from numpy.typing import NDArray

from prosodytok import Audio, ProsodyTokenizer, load
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.units import hz_to_cents

RATES = (48_000, 44_100, 22_050, 8_000, 44_101, 4_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=20)
    options = parser.parse_args()
    tokenizer = ProsodyTokenizer.from_pretrained("stream")
    sounds = [load(path) for path in choose_clips(options.manifest, options.clips)]
    print("| Hz | pair | F0 MAE (c) | voicing differs % | energy MAE (dB) | frame codes equal % |")
    print("| --- " * 6 + "|")
    for rate in RATES:
        resampled = [sound.resample(rate) for sound in sounds]
        soxr = [sound.resample(SAMPLE_RATE) for sound in resampled]
        compared = {
            "stream, soxr": (soxr, resampled),
            "16 kHz, stream": (sounds, resampled),
            "16 kHz, soxr": (sounds, soxr),
        }
        for name, pairs in compared.items():
            rows = [_differences(tokenizer, *pair) for pair in zip(*pairs, strict=True)]
            f0, voicing, energy, codes = map(np.concatenate, zip(*rows, strict=True))
            print(
                f"| {rate} | {name} | {f0.mean():.2f} | {100 * voicing.mean():.2f} "
                f"| {energy.mean():.3f} | {100 * codes.mean():.1f} |"
            )


def _differences(
    tokenizer: ProsodyTokenizer, sound: Audio, other: Audio
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float32], NDArray[np.bool_]]:
    """F0 (c) where both are voiced, voicing and energy (dB) of all frames, equality of codes."""
    one, two = tokenizer.extract(sound), tokenizer.extract(other)
    register = tokenizer.encode(one).register
    codes = [tokenizer.encode(p, register=register)["frame"].codes for p in (one, two)]
    both = one.voiced & two.voiced
    f0 = np.abs(hz_to_cents(one.f0[both].astype(np.float64), two.f0[both].astype(np.float64)))
    return f0, one.voiced != two.voiced, np.abs(one.energy - two.energy), (codes[0] == codes[1])[0]


if __name__ == "__main__":
    main()
