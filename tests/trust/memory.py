"""How much memory something takes at most."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_of(megabytes: int) -> Iterator[None]:
    """Allow so much more than there is; whoever wants more gets a MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    # Arenas of threads and libraries that come late are address space too.
    limit = pages * resource.getpagesize() + ((megabytes + 200) << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
