"""Limit on the memory of a block of code."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_of(megabytes: int) -> Iterator[None]:
    """Limit additional memory within the block; more raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    # Arenas of threads and libraries that are loaded late count as address space too.
    limit = pages * resource.getpagesize() + ((megabytes + 200) << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
