"""Speed of prosodytok compared with other encoders and pitch trackers: one core, one run.

    .venv/bin/pip install --no-deps --target peers snac==1.2.1 AMFM_decompy==1.0.12.2
    OMP_NUM_THREADS=1 PYTHONPATH=peers .venv/bin/python recipes/benchmarks/speed_of_peers.py \
        ../shared/data/speech/dev.jsonl

Networks have the published sizes and random weights, which take as long as trained ones. Sounds
are loaded and resampled beforehand. Prints processor time per second of speech (RTF) and the ratio
to `tokenize`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from benchmark_tools import choose_clips

from prosodytok import ProsodyTokenizer
from prosodytok.features import get_tracker
from prosodytok.features.ssl.torchaudio_import import import_torchaudio
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio

Work = Callable[[Audio], object]
#: Length of Whisper's windows, padded (s).
WHISPER_WINDOW = 30.0


def ours() -> dict[str, tuple[int, Work]]:
    base, near = ProsodyTokenizer.from_pretrained(), ProsodyTokenizer.from_pretrained(search=False)
    return {
        "prosodytok, sound to tokens": (16_000, lambda a: base.encode(base.extract(a))),
        "prosodytok, nearest codes": (16_000, lambda a: near.encode(near.extract(a))),
    }


def trackers() -> dict[str, tuple[int, Work]]:
    import amfm_decompy.basic_tools as basic
    import amfm_decompy.pYAAPT as pyaapt

    def yaapt(audio: Audio) -> object:
        signal = basic.SignalObj(audio.samples.astype(np.float64), audio.sample_rate)
        return pyaapt.yaapt(signal, f0_min=75.0, f0_max=500.0, frame_space=10.0)

    return {
        "Praat F0 alone": (16_000, get_tracker("praat")),
        "SwiftF0 alone": (16_000, get_tracker("swift-f0")),
        "YAAPT alone (AMFM_decompy)": (16_000, yaapt),
    }


def codecs() -> dict[str, tuple[int, Work]]:
    from snac import SNAC
    from transformers import MimiConfig, MimiModel

    snac = SNAC(24_000, 48, [2, 4, 8, 8], None, 1024, [8, 8, 4, 2], None, 4096, 8, [4, 2, 1]).eval()
    mimi = MimiModel(MimiConfig()).eval()

    def tensor(audio: Audio) -> torch.Tensor:
        return torch.from_numpy(audio.samples)[None, None]

    return {
        "SNAC 24 kHz encoder": (24_000, lambda a: snac.encode(tensor(a))),
        "Mimi encoder": (24_000, lambda a: mimi.encode(tensor(a))),
    }


def speech_models() -> dict[str, tuple[int, Work]]:
    from transformers import HubertConfig, HubertModel, WhisperConfig, WhisperFeatureExtractor
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    sizes = {"d_model": 512, "encoder_layers": 6, "encoder_attention_heads": 8}
    whisper = WhisperEncoder(WhisperConfig(**sizes, encoder_ffn_dim=2048)).eval()
    mel, hubert = WhisperFeatureExtractor(), HubertModel(HubertConfig()).eval()

    def encode_windows(audio: Audio) -> None:
        window = int(WHISPER_WINDOW * audio.sample_rate)
        for start in range(0, audio.samples.size, window):
            part = audio.samples[start : start + window]
            whisper(mel(part, sampling_rate=audio.sample_rate, return_tensors="pt").input_features)

    return {
        "Whisper base encoder": (16_000, encode_windows),
        "HuBERT base": (16_000, lambda a: hubert(torch.from_numpy(a.samples)[None])),
    }


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)
    import_torchaudio()  # before transformers imports it
    sounds = [load(path) for path in choose_clips(options.manifest, options.clips)]
    seconds = sum(sound.duration for sound in sounds)
    print(f"{len(sounds)} clips, {seconds:.0f} s of speech")
    reference = None
    for name, (rate, work) in (ours() | trackers() | codecs() | speech_models()).items():
        resampled = [sound.resample(rate) for sound in sounds]
        work(resampled[0])  # imports and first-call set-up
        start = time.process_time()
        for sound in resampled:
            work(sound)
        rtf = (time.process_time() - start) / seconds
        reference = reference or rtf
        print(f"| {name} | {rtf:.4f} | {1 / rtf:.0f} | {rtf / reference:.2f} |", flush=True)


if __name__ == "__main__":
    main()
