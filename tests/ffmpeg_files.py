"""Files that FFmpeg encodes."""

from pathlib import Path

import av
import numpy as np


def write(path: Path, codec: str, samples: np.ndarray, rate: int = 16_000) -> Path:
    """Encode samples (N, C) at 16 kHz in the container of the suffix."""
    layout = "stereo" if samples.shape[1] == 2 else "mono"
    planar = np.ascontiguousarray(samples.T, dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=layout)
    frame.sample_rate, frame.pts = 16_000, 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = layout
        size = stream.codec_context.frame_size
        resampler = av.AudioResampler(stream.format.name, layout, rate, frame_size=size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
