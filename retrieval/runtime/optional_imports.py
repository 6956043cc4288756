"""Keep a library from importing an optional one: a module name goes in, and within the block it cannot be imported."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def import_blocked(module: str) -> Iterator[None]:
    """Has no effect on a module that is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # Python's own mark of a module that must not be imported
    try:
        yield
    finally:
        del sys.modules[module]
