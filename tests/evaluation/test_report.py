import json

import numpy as np

from prosodytok.evaluation.report import without_nan


def test_what_json_has_no_word_for_becomes_plain() -> None:
    value = {"a": [float("nan"), np.float32("nan"), 1.5], "b": (np.int64(3), "x", None, True)}
    plain = without_nan(value)
    text = json.dumps(plain, allow_nan=False)
    assert json.loads(text) == {"a": [None, None, 1.5], "b": [3, "x", None, True]}
