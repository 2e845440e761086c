"""Visualizers: pictures of prosody and its tokens. Installed as `prosodytok.viz`."""

from prosodytok.viz.contour import plot_energy, plot_f0, plot_prosody
from prosodytok.viz.lanes import plot_segmentation, plot_tokens
from prosodytok.viz.save import save_figure
from prosodytok.viz.sound import plot_spectrogram, plot_waveform

__all__ = [
    "plot_energy",
    "plot_f0",
    "plot_prosody",
    "plot_segmentation",
    "plot_spectrogram",
    "plot_tokens",
    "plot_waveform",
    "save_figure",
]
