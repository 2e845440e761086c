"""The cases of all kinds."""

from collections.abc import Iterator
from importlib import import_module

from tests.trust.odd_inputs.checks import Case

MODULES = (
    "containers", "headers", "signals", "voices", "arrays", "names", "archives", "textgrids",
    "textgrid_folders", "speakers", "registers", "outputs", "kept_files", "torch_programs",
    "tables", "token_files",
)  # fmt: skip


def all_cases() -> Iterator[Case]:
    """All cases, in the order of `MODULES`; names are unique within a kind."""
    for module in MODULES:
        yield from import_module(f"tests.trust.odd_inputs.{module}").cases()
