"""torchaudio beside a CPU-only torch. Import torchaudio from nowhere else.

The torchaudio on the package registry is linked to CUDA and raises OSError beside a CPU build of
torch, although its models and pipelines are plain Python and need none of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

from prosodytok.types.errors import require


def import_torchaudio() -> ModuleType:
    """Import torchaudio, without its compiled extension where that cannot be loaded.

    Returns
    -------
    module
        torchaudio; without the extension, what is compiled in it (`functional.forced_align`, the
        RNN-T loss) raises when called, and all else works.

    Raises
    ------
    MissingExtraError
        If torchaudio is not installed.
    """
    try:
        return require("torchaudio", "ssl")
    except OSError:
        _forget_torchaudio()
        sys.modules["torchaudio._extension"] = _extension_stub()
        return require("torchaudio", "ssl")


def _forget_torchaudio() -> None:
    """Drop the modules of the import that failed half way, or the second one would find them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        del sys.modules[name]


def _extension_stub() -> ModuleType:
    """Answer as `torchaudio._extension` does where torchaudio was built without any extension."""

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
