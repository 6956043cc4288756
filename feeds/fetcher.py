"""Pages and feeds, fetched with care: capped in size, time and redirects, a host at a time, as robots.txt allows.

What is fetched is named by strangers: an address must be http or https and of the open internet (feeds.addresses),
and no answer, however long, slow or packed, takes more than the limits say.
"""

import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore
from protego import Protego

from feeds.address_guard import ForbiddenError, GuardedBackend
from feeds.proxy_tunnel import ProxiedBackend

USER_AGENT = f"Zhidian/{version('zhidian')} (feed reader)"
ROBOTS_TTL_SECONDS = 24 * 3600.0  # seconds that a robots.txt is good for
MAX_ROBOTS_BYTES = 512 << 10  # bytes of it that are read, as Google does
REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT_REDIRECTS = {301, 308}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """`size` in bytes, unpacked; `whole` and `connect` in seconds; `pause` between two requests to one host."""

    size: int = 10 << 20
    whole: float = 60.0
    connect: float = 10.0
    redirects: int = 5
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where it was found, `moved` where it now lives for good, if elsewhere; `status` is 200 or 304."""

    url: str
    status: int
    type: str
    charset: str | None
    body: bytes
    etag: str | None
    modified: str | None
    moved: str | None = None


class FetchError(Exception):
    """One line for the operator. `gone` where it will not come back, `retry_after` in seconds where that was said."""

    def __init__(self, message: str, *, gone: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.gone, self.retry_after = gone, retry_after


class Fetcher:
    """Safe for threads; each host is asked by one at a time. `allowed` hosts may have private addresses."""

    def __init__(
        self, allowed: frozenset[str] = frozenset(), proxy: str | None = None, limits: FetchLimits = FetchLimits()
    ) -> None:
        self._allowed = frozenset(host.casefold() for host in allowed)
        self._limits = limits
        backend = ProxiedBackend(self._allowed, proxy) if proxy else GuardedBackend(self._allowed)
        self._pool = httpcore.ConnectionPool(network_backend=backend, max_connections=32, http2=False)
        self._hosts: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._asked: dict[str, float] = {}
        self._robots: dict[str, tuple[float, Protego]] = {}

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, etag: str | None = None, modified: str | None = None) -> Fetched:
        """What stands at an address now; 304 where it is what `etag` or `modified` name. Raises FetchError."""
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        deadline = time.monotonic() + self._limits.whole
        moved, for_good = None, True
        for _ in range(self._limits.redirects + 1):
            url = check_address(url)
            self._permitted(url, deadline)
            status, answered, body = self._request(url, headers, deadline, self._limits.size + 1)
            if status in REDIRECTS and (where := answered.get("location")):
                url = urljoin(url, where)
                for_good = for_good and status in PERMANENT_REDIRECTS
                moved = url if for_good else moved
                continue
            if status in (200, 304):
                if len(body) > self._limits.size:
                    raise FetchError(f"{url}: larger than {self._limits.size >> 20} MB")
                kind = answered.get_content_type() if "content-type" in answered else ""
                charset = answered.get_content_charset()
                return Fetched(
                    url, status, kind, charset, body, answered.get("etag"), answered.get("last-modified"), moved
                )
            raise _refused(url, status, answered)
        raise FetchError(f"{url}: more than {self._limits.redirects} redirects")

    def _permitted(self, url: str, deadline: float) -> None:
        """robots.txt: what it forbids is not fetched; one that is not there forbids nothing."""
        parts = urlsplit(url)
        root = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        known = self._robots.get(root)
        if known is None or known[0] < time.monotonic():
            text = self._rules(f"{root}/robots.txt", deadline)
            known = self._robots[root] = time.monotonic() + ROBOTS_TTL_SECONDS, Protego.parse(text)
        if not known[1].can_fetch(url, USER_AGENT.partition("/")[0]):
            raise FetchError(f"{url}: its robots.txt asks readers like this one not to fetch it", gone=True)

    def _rules(self, url: str, deadline: float) -> str:
        """RFC 9309: what is not there forbids nothing; a server that fails is not asked for more before it answers."""
        for _ in range(self._limits.redirects + 1):
            status, answered, body = self._request(url, {}, deadline, MAX_ROBOTS_BYTES)
            if status >= 500:
                raise FetchError(f"{url}: the server answered {status}; until it tells its rules nothing is fetched")
            if status not in REDIRECTS or not (where := answered.get("location")):
                return body.decode("utf-8", "replace") if status == 200 else ""
            url = check_address(urljoin(url, where))
        return ""

    def _request(
        self, url: str, headers: dict[str, str | None], deadline: float, most: int
    ) -> tuple[int, Message, bytes]:
        """Status, headers and the first `most` bytes of the body, unpacked."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        sent = {
            "Host": parts.netloc.rpartition("@")[2],
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
        }
        sent |= {name: value for name, value in headers.items() if value}
        with self._hosts[host]:
            self._wait(host, deadline)
            try:
                now = time.monotonic()
                # moments, as the streams of feeds.addresses want them, but for the pool's own
                timeout = {"connect": min(now + self._limits.connect, deadline), "read": deadline, "write": deadline}
                timeout["pool"] = max(0.1, deadline - now)
                with self._pool.stream(
                    "GET", url, headers=list(sent.items()), extensions={"timeout": timeout}
                ) as response:
                    answered = Message()
                    for name, value in response.headers:
                        answered[name.decode("latin-1")] = _text(value)
                    packing = (answered.get("content-encoding") or "").strip().casefold()
                    body = _body(response.iter_stream(), packing, deadline, most, url)
                    return response.status, answered, body
            except ForbiddenError as error:
                raise FetchError(f"{url}: {error}", gone=True) from None
            except (httpcore.TimeoutException, TimeoutError):
                raise FetchError(f"{url}: no answer within {self._limits.whole:.0f} s") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
                raise FetchError(f"{url}: {str(error) or type(error).__name__}") from None
            finally:
                self._asked[host] = time.monotonic()

    def _wait(self, host: str, deadline: float) -> None:
        pause = self._asked.get(host, 0) + self._limits.pause - time.monotonic()
        if pause > 0:
            if time.monotonic() + pause > deadline:
                raise FetchError(f"{host}: too many requests wait for this host")
            time.sleep(pause)


def check_address(url: str) -> str:
    """The address as it is asked for: in ASCII, without a fragment or a password. FetchError where it is none."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname and ":" not in parts.hostname else ""
        host = host if host.strip(".") else (f"[{parts.hostname}]" if ":" in (parts.hostname or "") else "")
    except (ValueError, UnicodeError):
        raise FetchError(f"{url[:200]!r} is no address", gone=True) from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(f"{url[:200]!r} is no http or https address", gone=True)
    path, query = (quote(part, safe="%/:?#[]@!$&'()*+,;=~-._") for part in (parts.path or "/", parts.query))
    return urlunsplit((parts.scheme, host + port, path, query, ""))


def _text(value: bytes) -> str:
    """A header: many a Chinese server writes addresses in UTF-8 there."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _body(chunks: Iterator[bytes], packing: str, deadline: float, most: int, url: str) -> bytes:
    """Unpacked, the first `most` bytes: a megabyte of gzip may hold a gigabyte."""
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchError(f"{url}: packed as {packing[:20]!r}, which was not asked for")
    opener = zlib.decompressobj(47) if packing not in ("", "identity") else None  # gzip or zlib, by its head
    body = bytearray()
    try:
        for chunk in chunks:
            body += opener.decompress(chunk, most - len(body)) if opener else chunk
            if len(body) >= most:
                break
            if time.monotonic() > deadline:
                raise TimeoutError
    except zlib.error:
        raise FetchError(f"{url}: its {packing} is damaged") from None
    return bytes(body[:most])


def _refused(url: str, status: int, answered: Message) -> FetchError:
    after = answered.get("retry-after")
    wait = None
    if after and after.strip().isdigit():
        wait = float(after.strip()[:9])
    elif after:
        try:
            wait = max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
        except (ValueError, OverflowError):
            wait = None
    return FetchError(f"{url}: the server answered {status}", gone=status in (404, 410), retry_after=wait)
