"""Figures of prosody and its tokens, installed as `prosodytok.viz`."""

from prosodytok.viz.annotation_tiers import plot_tiers, tiers_height
from prosodytok.viz.code_atlas import plot_atlas
from prosodytok.viz.code_contours import CodeEntry, code_entries
from prosodytok.viz.code_usage_plot import code_counts, plot_usage
from prosodytok.viz.codebook_map import plot_codebook
from prosodytok.viz.contingency_heatmap import plot_contingency
from prosodytok.viz.contour_panels import plot_energy, plot_f0, plot_levels
from prosodytok.viz.explained_variance import plot_explained
from prosodytok.viz.figure_file import save_figure
from prosodytok.viz.intervention_figure import plot_intervention
from prosodytok.viz.rate_distortion_figure import RateCurve, RatePoint, plot_rate_distortion
from prosodytok.viz.sound_panels import plot_spectrogram, plot_waveform
from prosodytok.viz.stability_figure import plot_stability
from prosodytok.viz.token_lanes import plot_segmentation, plot_tokens
from prosodytok.viz.utterance_figure import plot_prosody

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
    "plot_stability",
    "plot_tiers",
    "plot_tokens",
    "plot_usage",
    "plot_waveform",
    "save_figure",
    "tiers_height",
]
