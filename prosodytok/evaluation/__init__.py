"""How good the tokens are."""

from prosodytok.evaluation.codebook import CodebookUse, codebook_use
from prosodytok.evaluation.prosody import ProsodyErrors, prosody_errors

__all__ = ["CodebookUse", "ProsodyErrors", "codebook_use", "prosody_errors"]
