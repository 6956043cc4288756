"""The searching process shared: its Unix socket in the data folder, for other processes such as that of the page.

Questions go in as JSON, results come back pickled. Who may open the socket may read the data folder anyway: it lies
there and belongs to the same user. The bot's own questions, which come through a pipe, go first, also while
a guest's is being searched.
"""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.model.search_request import SearchRequest

if TYPE_CHECKING:
    from retrieval.model.results import Result

log = logging.getLogger(__name__)

SOCKET_NAME = "search.sock"
GUEST_SECONDS = 10.0  # that a guest waits for a result
CONNECT_POLL_SECONDS = 0.1
RECONNECT_SECONDS = 5.0  # until a guest looks again for a process that was not there

Search = Callable[[SearchRequest], "Result"]


@contextmanager
def serving_guests(data: Path, search: Search) -> Iterator[None]:
    """Where the socket cannot be made, guests search by themselves, which is logged."""
    try:
        listener = _listen(data / SOCKET_NAME)
    except OSError as error:
        log.warning("%s cannot be made (%s); the page searches in a process of its own", data / SOCKET_NAME, error)
        yield
        return

    def accept() -> None:
        with suppress(OSError):  # closed
            while True:
                guest, _ = listener.accept()
                link = Connection(guest.detach())
                threading.Thread(target=_answer, args=(link, search), name="guest", daemon=True).start()

    threading.Thread(target=accept, name="guests", daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            (data / SOCKET_NAME).unlink()
        listener.close()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)  # of a process that was killed
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _written(asked: SearchRequest) -> list[object]:
    return [asked.question, asked.k, asked.now.isoformat(), asked.after, asked.until, asked.shown]


def _answer(link: Connection, search: Search) -> None:
    with link, suppress(EOFError, OSError):
        while True:
            question, k, now, *others = json.loads(link.recv_bytes())
            try:
                request = SearchRequest(question, k, datetime.fromisoformat(now), *others)
                answer: tuple[bool, object] = True, search(request)
            except Exception as error:  # the guest's trouble: the process goes on
                log.exception("a guest's question could not be answered")
                answer = False, RuntimeError(str(error))
            link.send(answer)


class SharedSearch:
    """Searches a data folder in another's searching process, one question at a time; safe for threads."""

    def __init__(self, data: Path) -> None:
        self._path = data / SOCKET_NAME
        self._turn = threading.Lock()
        self._link: Connection | None = None
        self._retry_at = 0.0

    def wait(self, seconds: float) -> bool:
        """Whether the process answers within that time."""
        deadline = time.monotonic() + seconds
        with self._turn:
            while not (link := self._connect()) and time.monotonic() < deadline:
                time.sleep(CONNECT_POLL_SECONDS)
            return link is not None

    def warm(self) -> None:
        """Nothing to load here."""

    def search(self, request: SearchRequest) -> "Result | None":
        """As `Library.search`; None if the process is not there or takes too long."""
        with self._turn:
            link = self._link
            if not link and time.monotonic() >= self._retry_at:
                link = self._connect()
            if not link:
                return None
            try:
                link.send_bytes(json.dumps(_written(request)).encode())
                if not link.poll(GUEST_SECONDS):
                    raise TimeoutError(f"no answer in {GUEST_SECONDS:.0f} s")
                succeeded, answer = link.recv()
            except (EOFError, OSError) as error:
                log.warning("the searching process does not answer: %s", error)
                self._disconnect()
                return None
        if succeeded:
            return answer  # type: ignore[no-any-return]
        raise answer

    def take_line_end(self) -> None:
        """Guests wait in threads."""

    def nearness(self, _: str, __: Sequence[str]) -> None:
        """Guests only search: what people write to the bot goes another way."""

    def close(self) -> None:
        with self._turn:
            self._disconnect()

    def _connect(self) -> Connection | None:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(str(self._path))
        except OSError:
            client.close()
            self._retry_at = time.monotonic() + RECONNECT_SECONDS
            return None
        self._link = Connection(client.detach())
        return self._link

    def _disconnect(self) -> None:
        if self._link:
            self._link.close()
        self._link = None
