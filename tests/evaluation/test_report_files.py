import json

import numpy as np

from prosodytok.evaluation.report_files import nan_to_none


def test_nan_and_numpy_types_become_plain_json() -> None:
    value = {"a": [float("nan"), np.float32("nan"), 1.5], "b": (np.int64(3), "x", None, True)}
    plain = nan_to_none(value)
    text = json.dumps(plain, allow_nan=False)
    assert json.loads(text) == {"a": [None, None, 1.5], "b": [3, "x", None, True]}
