"""Words and phrases found in the sound by a trained network. Needs torch."""

from prosodytok.segmentation.learned.boundary_model import (
    BoundaryModel,
    load_boundary_model,
    save_boundary_model,
    segment_learned,
)

__all__ = ["BoundaryModel", "load_boundary_model", "save_boundary_model", "segment_learned"]
