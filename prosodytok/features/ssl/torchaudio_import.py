"""Import of torchaudio next to a CPU build of torch; do not import torchaudio elsewhere.

The torchaudio on PyPI is linked to CUDA and raises OSError next to a CPU build of torch, although
its models and pipelines are pure Python.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

from prosodytok.types.errors import require


def import_torchaudio() -> ModuleType:
    """Import torchaudio, without its compiled extension if that cannot be loaded.

    Returns
    -------
    module
        torchaudio; without the extension, its compiled functions (`functional.forced_align`, the
        RNN-T loss) raise when called.

    Raises
    ------
    MissingExtraError
        If torchaudio is not installed.
    """
    try:
        return require("torchaudio", "torchaudio")
    except OSError:
        _remove_torchaudio()
        sys.modules["torchaudio._extension"] = _extension_stub()
        return require("torchaudio", "torchaudio")


def _remove_torchaudio() -> None:
    """Remove the modules of the failed import, which the next import would reuse."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        del sys.modules[name]


def _extension_stub() -> ModuleType:
    """Stand-in for `torchaudio._extension`, as in a build without extensions."""

    def fail_if_no_align(_function: object) -> Callable[..., NoReturn]:
        def fail(*_args: object, **_kwargs: object) -> NoReturn:
            raise RuntimeError("torchaudio's forced alignment needs its compiled extension")

        return fail

    stub = ModuleType("torchaudio._extension")
    vars(stub).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=fail_if_no_align,
    )
    return stub
