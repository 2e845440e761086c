import numpy as np
import pytest

from prosodytok.evaluation import codebook_use


def test_even_use_has_the_perplexity_of_its_size() -> None:
    (book,) = codebook_use(np.tile(np.arange(8), 5)[None], [8])
    assert (book.size, book.usage) == (8, 1.0)
    assert book.perplexity == pytest.approx(8)


def test_each_codebook_is_measured_by_itself() -> None:
    one, two = codebook_use(np.array([[0, 0, 0, 0], [0, 1, 0, 1]]), [4, 4])
    assert (one.usage, two.usage) == (0.25, 0.5)
    assert one.perplexity == pytest.approx(1)
    assert two.perplexity == pytest.approx(2)
