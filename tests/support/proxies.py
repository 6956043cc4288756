"""Proxies on loopback: HTTP with absolute addresses or CONNECT, and SOCKS5. Each counts the connections it forwarded,
and notes what it was asked to connect to."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Proxy:
    def __init__(self, scheme: str, greet: Callable[[socket.socket], tuple[str, int, bytes]]) -> None:
        self.forwarded = 0
        self.asked: list[str] = []
        self._greet = greet
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            host, port, first = self._greet(client)
            self.asked.append(host)
            with socket.create_connection((host, port)) as server:
                self.forwarded += 1
                server.sendall(first)
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def http(client: socket.socket) -> tuple[str, int, bytes]:
    """The first request tells where to; its line holds the whole address, or it is CONNECT."""
    data = b""
    while b"\r\n" not in data:
        data += client.recv(65536)
    if data.startswith(b"CONNECT"):
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        host, _, port = data.split(b" ")[1].decode().rpartition(":")
        return host, int(port), b""
    parts = urlsplit(data.split(b" ")[1].decode())
    return parts.hostname or "", parts.port or 80, data


def socks(client: socket.socket) -> tuple[str, int, bytes]:
    """RFC 1928: no authentication, then CONNECT."""
    _, methods = client.recv(2)
    client.recv(methods)
    client.sendall(b"\x05\x00")
    _, _, _, kind = client.recv(4)
    host = socket.inet_ntoa(client.recv(4)) if kind == 1 else client.recv(client.recv(1)[0]).decode()
    (port,) = struct.unpack("!H", client.recv(2))
    client.sendall(b"\x05\x00\x00\x01" + bytes(6))
    return host, port, b""


@contextmanager
def proxy(scheme: str) -> Iterator[Proxy]:
    running = Proxy(scheme, http if scheme == "http" else socks)
    try:
        yield running
    finally:
        running.close()
