import numpy as np

from prosodytok.evaluation.reconstruction.decoded_durations import decode_word_durations, pause_mask
from prosodytok.types import ProsodyTokens
from prosodytok.types.prosody import Prosody
from tests.evaluation.measurements import make_tokens


class BoundaryDecoder:
    """A tokenizer that outputs the durations of the boundaries."""

    def decode_durations(self, tokens: ProsodyTokens) -> np.ndarray:
        assert tokens.names == ("phrase", "word")
        return tokens["word"].segmentation.durations / tokens.frame_rate


def test_decoded_durations_do_not_depend_on_boundaries() -> None:
    tokens = make_tokens([0, 10, 11, 80, 100], [0, 11, 100])
    assert decode_word_durations(BoundaryDecoder(), tokens).tolist() == [0.25] * 4  # type: ignore[arg-type]


def test_given_words_without_label_are_pauses() -> None:
    tokens = make_tokens([0, 10, 20, 30], labels=["a", "", "b"], source="textgrid")
    loud = Prosody(np.full(30, 100.0), np.ones(30, bool), np.zeros(30))
    assert pause_mask(tokens, loud).tolist() == [False, True, False]


def test_found_words_that_are_silent_are_pauses() -> None:
    speech = np.arange(100) < 55
    prosody = Prosody(np.full(100, 100.0), speech, np.where(speech, -10.0, -60.0))
    tokens = make_tokens([0, 30, 50, 100])
    assert pause_mask(tokens, prosody).tolist() == [False, False, True]
