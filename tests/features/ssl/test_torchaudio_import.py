"""torchaudio: complete, linked to a missing CUDA, or not installed."""

import importlib
import sys

import pytest

from prosodytok.features.ssl.torchaudio_import import import_torchaudio
from prosodytok.types.errors import MissingExtraError


def is_torchaudio(name):
    return name.partition(".")[0] == "torchaudio"


@pytest.fixture
def fake_torchaudio(tmp_path, monkeypatch):
    """A torchaudio of three files; the test writes its extension."""
    real = {name: module for name, module in sys.modules.items() if is_torchaudio(name)}
    for name in real:
        del sys.modules[name]
    package = tmp_path / "torchaudio"
    (package / "_extension").mkdir(parents=True)
    (package / "__init__.py").write_text("from . import early, _extension, functional")
    (package / "early.py").write_text("")
    (package / "functional.py").write_text(
        "from torchaudio._extension import fail_if_no_align\n"
        "@fail_if_no_align\n"
        "def forced_align(): return 'aligned'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if is_torchaudio(name)]:
        del sys.modules[name]
    sys.modules.update(real)


WHOLE = """
_IS_TORCHAUDIO_EXT_AVAILABLE = True
def fail_if_no_align(function): return function
"""
LINKED_TO_CUDA = "raise OSError('libc10_cuda.so: cannot open shared object file')"


def test_a_complete_torchaudio_is_unchanged(fake_torchaudio):
    (fake_torchaudio / "_extension" / "__init__.py").write_text(WHOLE)
    torchaudio = import_torchaudio()
    assert torchaudio._extension._IS_TORCHAUDIO_EXT_AVAILABLE
    assert torchaudio.functional.forced_align() == "aligned"


def test_an_extension_that_does_not_load_is_replaced(fake_torchaudio):
    (fake_torchaudio / "_extension" / "__init__.py").write_text(LINKED_TO_CUDA)
    with pytest.raises(OSError, match="libc10_cuda"):
        importlib.import_module("torchaudio")
    half_imported = sys.modules["torchaudio.early"]
    torchaudio = import_torchaudio()
    assert torchaudio.early is not half_imported
    assert not torchaudio._extension._IS_TORCHAUDIO_EXT_AVAILABLE
    assert not torchaudio._extension._IS_ALIGN_AVAILABLE
    torchaudio._extension._check_cuda_version()
    with pytest.raises(RuntimeError, match="forced alignment needs"):
        torchaudio.functional.forced_align()
    assert import_torchaudio() is torchaudio


def test_other_errors_are_raised(fake_torchaudio):
    (fake_torchaudio / "_extension" / "__init__.py").write_text("raise ValueError('broken')")
    with pytest.raises(ValueError, match="broken"):
        import_torchaudio()


def test_no_torchaudio(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    with pytest.raises(MissingExtraError, match=r"prosodytok\[torchaudio\]"):
        import_torchaudio()
