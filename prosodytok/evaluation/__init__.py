"""How good the tokens are."""

from prosodytok.evaluation.prosody import ProsodyErrors, prosody_errors

__all__ = ["ProsodyErrors", "prosody_errors"]
