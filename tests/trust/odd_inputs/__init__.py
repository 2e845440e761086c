"""A round of odd inputs, each with its right result: ``python -m tests.trust.odd_inputs``."""
