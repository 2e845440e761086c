"""Annotation: tokens compared with hand-annotated accents, boundaries and tones."""
