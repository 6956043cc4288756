"""A progress callback for slow work: a bar on standard error if that is a terminal, one line otherwise."""

import sys
from pathlib import PurePath

BAR_WIDTH_CELLS = 30
CLEAR_LINE = "\r\x1b[K"


class ProgressBar:
    """Called with the current item, what is done and the total. The bar goes away at the end. No `unit`: percent."""

    def __init__(self, action: str = "reading", unit: str = "file") -> None:
        self._action, self._unit = action, unit
        self._started = False

    def __call__(self, item: str, done: int, total: int) -> None:
        stream = sys.stderr
        if stream.isatty():
            full = BAR_WIDTH_CELLS * done // max(total, 1)
            label = f"{done}/{total} {PurePath(item).name}" if self._unit else f"{done} % {self._action}"
            bar = f"{'█' * full}{'░' * (BAR_WIDTH_CELLS - full)} {label}"
            print(CLEAR_LINE, "" if done == total else bar, sep="", end="", file=stream, flush=True)
        elif not self._started and total:
            amount = f" {total} {self._unit}{'' if total == 1 else 's'}" if self._unit else ""
            print(f"{self._action}{amount} …", file=stream, flush=True)
        self._started = True
