"""Visualizers: pictures of prosody and its tokens. Installed as `prosodytok.viz`."""

from prosodytok.viz.atlas import plot_atlas
from prosodytok.viz.codebook import plot_codebook
from prosodytok.viz.codes import CodeEntry, code_entries
from prosodytok.viz.contingency import plot_contingency
from prosodytok.viz.contour import plot_energy, plot_f0, plot_levels
from prosodytok.viz.explained import plot_explained
from prosodytok.viz.intervention import plot_intervention
from prosodytok.viz.lanes import plot_segmentation, plot_tokens
from prosodytok.viz.rate_distortion import RateCurve, RatePoint, plot_rate_distortion
from prosodytok.viz.save import save_figure
from prosodytok.viz.sound import plot_spectrogram, plot_waveform
from prosodytok.viz.tiers import plot_tiers, tiers_height
from prosodytok.viz.usage import code_counts, plot_usage
from prosodytok.viz.utterance import plot_prosody

__all__ = [
    "CodeEntry",
    "RateCurve",
    "RatePoint",
    "code_counts",
    "code_entries",
    "plot_atlas",
    "plot_codebook",
    "plot_contingency",
    "plot_energy",
    "plot_explained",
    "plot_f0",
    "plot_intervention",
    "plot_levels",
    "plot_prosody",
    "plot_rate_distortion",
    "plot_segmentation",
    "plot_spectrogram",
    "plot_tiers",
    "plot_tokens",
    "plot_usage",
    "plot_waveform",
    "save_figure",
    "tiers_height",
]
