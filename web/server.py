"""Serves the page: an application and an address go in; it listens until it is told to stop."""

import asyncio
import logging
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from web.connection import ImpatientProtocol

log = logging.getLogger(__name__)

UNIX_PREFIX = "unix:"
MAX_PAGE_CONNECTIONS = 2_000  # beyond them a request is answered with 503
KEEP_ALIVE_SECONDS = 15
PAGE_STOP_SECONDS = 3
MAX_HEAD_BYTES = 16_384  # of a request's line and headers; longer ones are answered with 400
PAGE_NICENESS = 5  # the bot's answers go first


class ListenError(Exception):
    """For the operator: nothing can listen there."""


def serve_page(application: ASGIApp, place: str, ready: Callable[[str], object], *, until_closed: bool) -> None:
    """`place` is host:port, or unix:/path; `ready` is called with the address once it listens.

    `until_closed`: also ends when standard input is closed, by whichever process started this one.
    """
    with suppress(OSError):
        os.nice(PAGE_NICENESS)
    with suppress(OSError, ValueError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # often it is 1,024, which connections alone exceed
    listener, address = listen(place)
    server = uvicorn.Server(server_config(application, place))
    if until_closed:
        threading.Thread(target=_stop_when_closed, args=(server,), name="parent", daemon=True).start()
    ready(address)
    with listener:
        asyncio.run(server.serve([listener]))


def server_config(application: ASGIApp, place: str) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=ImpatientProtocol,
        ws="none",
        lifespan="off",
        access_log=False,  # addresses are kept nowhere
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1" if not place.startswith(UNIX_PREFIX) else "*",
        limit_concurrency=MAX_PAGE_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=PAGE_STOP_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )


def listen(place: str) -> tuple[socket.socket, str]:
    """The socket, and the address to open in a browser."""
    try:
        if place.startswith(UNIX_PREFIX):
            path = Path(place.removeprefix(UNIX_PREFIX))
            path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            path.chmod(0o660)  # the proxy is in the socket's group
            listener.listen()
            return listener, place
        host, _, port = place.rpartition(":")
        family, kind, protocol, _, where = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        # with its protocol named: asyncio sends at once only where it is sure of TCP, else 40 ms later
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen()
        return listener, f"http://{host}:{listener.getsockname()[1]}"
    except OSError as error:
        raise ListenError(f"nothing can listen on {place}: {error.strerror or error}") from None


def _stop_when_closed(server: uvicorn.Server) -> None:
    with suppress(OSError, ValueError):
        while sys.stdin.buffer.read(1):
            pass
    server.should_exit = True
