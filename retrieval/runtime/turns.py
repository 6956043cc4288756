"""Turns: threads that compute go one after the other, and who is patient lets the others in, also halfway."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GiveWay = Callable[[], None]


class Turns:
    """One at a time: six threads that pass the GIL around at each of numpy's small steps take twice the CPU time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting, self._busy = 0, False

    @contextmanager
    def taken(self, *, patient: bool = False) -> Iterator[GiveWay]:
        """The block's turn, after all who are not patient. A patient one calls what it is given at places where others
        may go on: if any of them waits, it returns when all are done."""
        self._enter(patient)
        try:
            yield self._give_way if patient else keep_on
        finally:
            self._leave()

    def _enter(self, patient: bool) -> None:
        with self._changed:
            if patient:
                self._changed.wait_for(lambda: not self._busy and not self._waiting)
            else:
                self._waiting += 1
                self._changed.wait_for(lambda: not self._busy)
                self._waiting -= 1
            self._busy = True

    def _leave(self) -> None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _give_way(self) -> None:
        if self._waiting:
            self._leave()
            self._enter(patient=True)


class FreeTurns(Turns):
    """All at once: for work that mostly waits for other machines."""

    @contextmanager
    def taken(self, *, patient: bool = False) -> Iterator[GiveWay]:  # noqa: ARG002
        yield keep_on


def keep_on() -> None:
    """Gives way to nobody."""
