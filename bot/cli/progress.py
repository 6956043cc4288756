"""How far an ingest is, on standard error: a bar on a terminal, elsewhere one line at its beginning."""

import sys
from pathlib import PurePath

PROGRESS_WIDTH_CHARS = 30  # of the bar, in characters
CLEAR_LINE = "\r\x1b[K"


class ProgressBar:
    """Called with the file that is read, the files done and the files in all; done with all, the bar goes away.

    Of other things than files, `file` is ''.
    """

    def __init__(self, doing: str = "reading", thing: str = "file") -> None:
        self._doing, self._thing = doing, thing
        self._begun = False

    def __call__(self, file: str, done: int, total: int) -> None:
        stream = sys.stderr
        if stream.isatty():
            full = PROGRESS_WIDTH_CHARS * done // max(total, 1)
            bar = f"{'█' * full}{'░' * (PROGRESS_WIDTH_CHARS - full)} {done}/{total} {PurePath(file).name}"
            print(CLEAR_LINE, "" if done == total else bar, sep="", end="", file=stream, flush=True)
        elif not self._begun and total:
            print(f"{self._doing} {total} {self._thing}{'' if total == 1 else 's'} …", file=stream, flush=True)
        self._begun = True
