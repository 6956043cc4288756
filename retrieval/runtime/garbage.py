"""How often Python looks for garbage in a process that searches."""

import gc

# Objects between two collections of garbage, by default 700: a question makes some hundred that stay in caches, and has
# no circles. Looking for them took three hundredths of a search.
SEARCHING_GARBAGE_THRESHOLDS = (20_000, 20, 20)


def collect_rarely() -> None:
    gc.set_threshold(*SEARCHING_GARBAGE_THRESHOLDS)


def keep_loaded() -> None:
    """What is loaded now stays: collecting garbage in it would keep a question waiting for 100 ms."""
    gc.freeze()
