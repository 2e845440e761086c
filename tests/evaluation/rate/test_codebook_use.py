from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation.rate import measure_codebooks, usage_and_perplexity
from tests.evaluation.measurements import make_tokens


def test_each_codebook_is_measured_by_itself() -> None:
    """Four frame tokens: one code of 32 in the first codebook, two of 4 in the second."""
    tokens = make_tokens([0, 32])
    frame = replace(tokens["frame"], codes=np.array([[0, 0, 0, 0], [0, 1, 0, 1]]))
    tokens = replace(tokens, levels=(*tokens.levels[:2], frame))
    one, two = measure_codebooks([tokens, tokens], "frame", [None, None])
    assert (one.size, two.size, one.units, two.units) == (32, 4, 8, 8)
    assert (one.usage.value, two.usage.value) == (1 / 32, 0.5)
    assert one.perplexity.value == pytest.approx(1)
    assert two.perplexity.value == pytest.approx(2)


def test_use_of_many_samples_equals_the_single_ones() -> None:
    use = usage_and_perplexity(np.array([[1, 1, 1, 1], [5, 5, 0, 0], [9, 0, 0, 0]]))
    assert use["usage"].tolist() == [1, 0.5, 0.25]
    np.testing.assert_allclose(use["perplexity"], [4, 2, 1])
