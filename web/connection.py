"""Connections that are not too slow: uvicorn's for HTTP, which ends those that keep it waiting.

uvicorn waits for ever for a request that comes a byte at a time, and for whoever opens a connection and says nothing:
a few thousand of them would be all that the page has.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

ARRIVAL_SECONDS = 10.0  # for a request to come in whole; a phone with a bad network takes one or two
UNREAD_SECONDS = 30.0  # for a client to read what is waiting for it
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ImpatientProtocol(H11Protocol):
    """The time of a request begins with its connection or its first byte, and is not prolonged by further ones."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._request_ends: asyncio.TimerHandle | None = None
        self._writing_ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        self._await_request()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._cancel_request_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def on_response_complete(self) -> None:
        """What is not sent yet would keep even a connection that is closed."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._await_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._cancel_request_timer()
        if self._writing_ends:
            self._writing_ends.cancel()

    def _await_request(self) -> None:
        self._request_ends = self._request_ends or self.loop.call_later(ARRIVAL_SECONDS, self._end)

    def _cancel_request_timer(self) -> None:
        if self._request_ends:
            self._request_ends.cancel()
            self._request_ends = None

    def _await_reader(self) -> None:
        self._writing_ends = self._writing_ends or self.loop.call_later(UNREAD_SECONDS, self._end_unread)

    def _end_unread(self) -> None:
        self._writing_ends = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _end(self) -> None:
        if self.conn.our_state is h11.IDLE:
            self.transport.write(TIMED_OUT)
        self.transport.close()
