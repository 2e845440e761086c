import numpy as np
import pytest

from prosodytok.evaluation import codebook_use
from prosodytok.evaluation.codebook import use_of


def test_even_use_has_the_perplexity_of_its_size() -> None:
    (book,) = codebook_use(np.tile(np.arange(8), 5)[None], [8])
    assert (book.size, book.usage) == (8, 1.0)
    assert book.perplexity == pytest.approx(8)


def test_each_codebook_is_measured_by_itself() -> None:
    one, two = codebook_use(np.array([[0, 0, 0, 0], [0, 1, 0, 1]]), [4, 4])
    assert (one.usage, two.usage) == (0.25, 0.5)
    assert one.perplexity == pytest.approx(1)
    assert two.perplexity == pytest.approx(2)


def test_use_of_many_samples_is_that_of_each() -> None:
    use = use_of(np.array([[1, 1, 1, 1], [5, 5, 0, 0], [9, 0, 0, 0]]))
    assert use["usage"].tolist() == [1, 0.5, 0.25]
    np.testing.assert_allclose(use["perplexity"], [4, 2, 1])
