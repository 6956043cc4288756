"""A web server on loopback that serves what a test says."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Page:
    body: bytes | str = b""
    type: str = "text/html"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Callable[[Callable[[bytes], Any]], None] | None = None  # writes the body itself, as slowly as it likes
    raw: Callable[[Callable[[bytes], Any]], None] | None = None  # writes head and body itself


@dataclass
class Site:
    """`pages` by path; `asked` what was asked for, robots.txt left out, with the headers."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def served() -> Iterator[Site]:
    site = Site("")

    class SiteHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = site.pages.get(self.path, Page(b"not here", "text/plain", 404))
            if self.path != "/robots.txt":
                site.asked.append(self.path)
                site.headers.append(dict(self.headers))
            if page.raw:
                self.close_connection = True
                with suppress(OSError):
                    page.raw(self.wfile.write)
                return
            body = page.body.encode() if isinstance(page.body, str) else page.body
            known = {"If-None-Match": page.headers.get("ETag"), "If-Modified-Since": page.headers.get("Last-Modified")}
            if any(stamp and self.headers.get(name) == stamp for name, stamp in known.items()):
                self.send_response(304)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(page.status)
            self.send_header("Content-Type", page.type)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.pieces is None:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            try:
                if page.pieces is None:
                    self.wfile.write(body)
                else:
                    page.pieces(self.wfile.write)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    class SiteServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever asks hangs up in the middle of what is too long."""

    server = SiteServer(("127.0.0.1", 0), SiteHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
