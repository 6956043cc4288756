"""HTTP for strangers' URLs: a URL goes in, a response comes out, within limits and as robots.txt allows.

Only http and https on the open internet (see `address_guard`), one request at a time to a host, and no response,
however long, slow or compressed, takes more than the limits.
"""

import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from importlib.metadata import version
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import Request

import httpcore
from protego import Protego

from feeds.address_guard import ForbiddenError, GuardedBackend
from feeds.proxy_tunnel import ProxiedBackend
from retrieval.formats.encoding import decode
from retrieval.formats.problem_texts import describe
from retrieval.model.problem import Problem

USER_AGENT = f"Zhidian/{version('zhidian')} (feed reader)"
ROBOTS_TTL_SECONDS = 24 * 3600.0
MAX_ROBOTS_BYTES = 512 << 10  # the same as Google reads
REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT_REDIRECTS = {301, 308}
PACKINGS = {"gzip", "x-gzip", "deflate"}
OTHER_PACKINGS = {"br", "zstd", "compress", "x-compress", "dcb", "dcz"}
GZIP_MAGIC = b"\x1f\x8b"
WINDOW_BITS = 32 + zlib.MAX_WBITS  # gzip or zlib, by its header


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """`max_bytes` counts after decompression; `pause_seconds` is between two requests to one host."""

    max_bytes: int = 10 << 20
    total_seconds: float = 60.0
    connect_seconds: float = 10.0
    max_redirects: int = 5
    pause_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where it was found, `moved_to` where it has moved for good, if so; `status` is 200 or 304."""

    url: str
    status: int
    type: str
    charset: str | None
    body: bytes
    etag: str | None
    modified: str | None
    moved_to: str | None = None


class FetchError(Exception):
    """One line for the operator, in English; `problem` is what it says of the address, in any language.

    `gone`: trying again is useless; `retry_after` is the server's wish, in seconds.
    """

    def __init__(self, address: str, problem: Problem, *, gone: bool = False, retry_after: float | None = None) -> None:
        super().__init__(": ".join(filter(None, [address, describe(problem)])))
        self.problem, self.gone, self.retry_after = problem, gone, retry_after


class Fetcher:
    """Safe for threads. `allowed` hosts may have private addresses."""

    def __init__(
        self, allowed: frozenset[str] = frozenset(), proxy: str | None = None, limits: FetchLimits = FetchLimits()
    ) -> None:
        self._allowed_hosts = frozenset(host.casefold() for host in allowed)
        self._limits = limits
        backend = ProxiedBackend(self._allowed_hosts, proxy) if proxy else GuardedBackend(self._allowed_hosts)
        self._pool = httpcore.ConnectionPool(network_backend=backend, max_connections=32, http2=False)
        self._host_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._last_request: dict[str, float] = {}
        self._robots: dict[str, tuple[float, Protego]] = {}

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, etag: str | None = None, modified: str | None = None) -> Fetched:
        """Status 304 if nothing changed since the response with this `etag` or `modified`. Raises FetchError."""
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        deadline = time.monotonic() + self._limits.total_seconds
        moved_to, permanent, cookies = None, True, CookieJar()  # some servers redirect until they see their cookie
        for _ in range(self._limits.max_redirects + 1):
            url = check_address(url)
            self._check_robots(url, deadline)
            carried = headers | {"Cookie": _cookies_for(url, cookies)}
            status, received, body = self._request(url, carried, deadline, self._limits.max_bytes + 1)
            cookies.extract_cookies(cast(Any, _CookieResponse(received)), Request(url))  # noqa: S310  # reads only it
            if status in REDIRECTS and (location := received.get("location")):
                url = urljoin(url, location)
                permanent = permanent and status in PERMANENT_REDIRECTS
                moved_to = url if permanent else moved_to
                continue
            if status not in (200, 304):
                raise _status_error(url, status, received)
            if len(body) > self._limits.max_bytes:
                raise FetchError(url, Problem.of("fetch-large", megabytes=self._limits.max_bytes >> 20))
            type = received.get_content_type() if "content-type" in received else ""
            charset, etag = received.get_content_charset(), received.get("etag")
            return Fetched(url, status, type, charset, body, etag, received.get("last-modified"), moved_to)
        raise FetchError(url, Problem.of("fetch-redirects", redirects=self._limits.max_redirects))

    def _check_robots(self, url: str, deadline: float) -> None:
        parts = urlsplit(url)
        root = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        known = self._robots.get(root)
        if known is None or known[0] < time.monotonic():
            text = self._load_robots(f"{root}/robots.txt", deadline)
            known = self._robots[root] = time.monotonic() + ROBOTS_TTL_SECONDS, Protego.parse(text)
        if not known[1].can_fetch(url, USER_AGENT.partition("/")[0]):
            raise FetchError(url, Problem("fetch-robots"), gone=True)

    def _load_robots(self, url: str, deadline: float) -> str:
        """RFC 9309: a missing robots.txt forbids nothing; while its server fails, nothing else is fetched from it."""
        for _ in range(self._limits.max_redirects + 1):
            status, received, body = self._request(url, {}, deadline, MAX_ROBOTS_BYTES)
            if status >= 500:
                raise FetchError(url, Problem.of("fetch-robots-status", status=status))
            if status not in REDIRECTS or not (location := received.get("location")):
                return decode(body).lstrip("\ufeff") if status == 200 else ""
            url = check_address(urljoin(url, location))
        return ""

    def _request(
        self, url: str, headers: dict[str, str | None], deadline: float, most: int
    ) -> tuple[int, Message, bytes]:
        """Status, headers and the first `most` bytes of the decompressed body."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        netloc = parts.netloc.rpartition("@")[2]
        sent = {"Host": netloc, "User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
        sent |= {name: value for name, value in headers.items() if value}
        with self._host_locks[host]:
            self._wait_for_host(host, deadline)
            try:
                now = time.monotonic()
                # deadlines, as `address_guard` reads them, except for the pool's own
                timeout = {"read": deadline, "write": deadline, "pool": max(0.1, deadline - now)}
                timeout["connect"] = min(now + self._limits.connect_seconds, deadline)
                extensions = {"timeout": timeout}
                with self._pool.stream("GET", url, headers=list(sent.items()), extensions=extensions) as response:
                    received = Message()
                    for name, value in response.headers:
                        received[name.decode("latin-1")] = _decode_header(value)
                    packing = _find_packing(received.get_all("content-encoding") or (), url)
                    body = _read_body(response.iter_stream(), packing, deadline, most, url)
                    return response.status, received, body
            except ForbiddenError as error:
                raise FetchError(url, error.problem, gone=True) from None
            except (httpcore.TimeoutException, TimeoutError):
                raise FetchError(url, Problem.of("fetch-slow", seconds=round(self._limits.total_seconds))) from None
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
                raise FetchError(url, Problem.of("other", error=str(error) or type(error).__name__)) from None
            finally:
                self._last_request[host] = time.monotonic()

    def _wait_for_host(self, host: str, deadline: float) -> None:
        pause = self._last_request.get(host, 0) + self._limits.pause_seconds - time.monotonic()
        if pause > 0:
            if time.monotonic() + pause > deadline:
                raise FetchError(host, Problem("fetch-busy"))
            time.sleep(pause)


def check_address(url: str) -> str:
    """The URL as it is requested: in ASCII, without fragment and password. Raises FetchError."""
    try:
        parts = urlsplit(url.strip())
        if parts.port == 0:
            raise ValueError("port 0")
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname and ":" not in parts.hostname else ""
        host = host if host.strip(".") else (f"[{parts.hostname}]" if ":" in (parts.hostname or "") else "")
    except (ValueError, UnicodeError):
        raise FetchError("", Problem.of("fetch-no-address", address=url[:200]), gone=True) from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError("", Problem.of("fetch-no-web", address=url[:200]), gone=True)
    path, query = (quote(part, safe="%/:?#[]@!$&'()*+,;=~-._") for part in (parts.path or "/", parts.query))
    return urlunsplit((parts.scheme, host + port, path, query, ""))


def _decode_header(value: bytes) -> str:
    """Many Chinese servers write URLs in UTF-8 there."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


@dataclass(frozen=True, slots=True)
class _CookieResponse:
    """What CookieJar asks of a response."""

    headers: Message

    def info(self) -> Message:
        return self.headers


def _cookies_for(url: str, cookies: CookieJar) -> str | None:
    request = Request(url)  # noqa: S310  # nothing opens it
    cookies.add_cookie_header(request)
    return request.get_header("Cookie")


def _find_packing(values: Iterable[str], url: str) -> str:
    """'gzip', 'deflate' or '': servers also write character sets there, and 'none'."""
    named = [name.strip().casefold() for value in values for name in value.split(",")]
    packings = [name for name in named if name in PACKINGS or name in OTHER_PACKINGS]
    if len(packings) > 1 or not PACKINGS.issuperset(packings):
        raise FetchError(url, Problem.of("fetch-packed", packing=", ".join(packings)[:40]))
    return packings[0].removeprefix("x-") if packings else ""


def _read_body(chunks: Iterator[bytes], packing: str, deadline: float, most: int, url: str) -> bytes:
    """The first `most` bytes, decompressed: a megabyte of gzip may hold a gigabyte."""
    body, unpacker = bytearray(), _Unpacker(packing) if packing else None
    try:
        for chunk in chunks:
            body += unpacker.unpack(chunk, most - len(body)) if unpacker else chunk
            if len(body) >= most or (unpacker and unpacker.overrun):
                return bytes(body[:most])
            if time.monotonic() > deadline:
                raise TimeoutError
    except zlib.error:
        raise FetchError(url, Problem.of("fetch-damaged", packing=packing)) from None
    if unpacker and not unpacker.complete:
        raise FetchError(url, Problem.of("fetch-cut-off", packing=packing))
    return bytes(body)


class _Unpacker:
    """zlib, and what servers make of it: deflate without a header, gzip in several members, bytes behind the end."""

    def __init__(self, packing: str) -> None:
        self._packing, self._head = packing, b""
        self._zlib: Any = None

    @property
    def complete(self) -> bool:
        return self._zlib.eof if self._zlib else not self._head

    @property
    def overrun(self) -> bool:
        """Whether what comes now belongs to no packing."""
        rest = self._zlib.unused_data if self._zlib else b""
        return bool(rest) and not GZIP_MAGIC.startswith(rest[:2])

    def unpack(self, chunk: bytes, most: int) -> bytes:
        """At most `most` bytes more. Raises zlib.error."""
        if self._zlib is None:
            self._head += chunk
            if len(self._head) < len(GZIP_MAGIC):
                return b""
            chunk = self._head
            headed = chunk.startswith(GZIP_MAGIC) or int.from_bytes(chunk[:2]) % 31 == 0  # RFC 1950
            self._zlib = zlib.decompressobj(WINDOW_BITS if headed or self._packing == "gzip" else -zlib.MAX_WBITS)
        unpacked: bytes = self._zlib.decompress(chunk, most)
        while self._zlib.eof and (rest := self._zlib.unused_data).startswith(GZIP_MAGIC) and len(unpacked) < most:
            self._zlib = zlib.decompressobj(WINDOW_BITS)
            unpacked += self._zlib.decompress(rest, most - len(unpacked))
        return unpacked


def _status_error(url: str, status: int, received: Message) -> FetchError:
    after = (received.get("retry-after") or "").strip()
    wait = None
    if after.isdigit():
        wait = float(after[:9])
    elif after:
        with suppress(ValueError, OverflowError):
            wait = max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    return FetchError(url, Problem.of("fetch-status", status=status), gone=status in (404, 410), retry_after=wait)
