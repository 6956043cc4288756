import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds import address_guard
from feeds.address_guard import ForbiddenError, is_public, resolve
from feeds.fetcher import Fetcher, FetchError, FetchLimits, check_address
from tests.support.proxies import proxy
from tests.support.web_server import Page, Site, served

QUICK = FetchLimits(max_bytes=100_000, total_seconds=1.0, pause_seconds=0.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher(frozenset({"127.0.0.1"}), limits=QUICK)
    yield fetcher
    fetcher.close()


def test_a_page(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a?b=%E6%80%80"] = Page("怀柔", "text/html; charset=gbk", headers={"ETag": '"1"'})
    found = fetcher.get(f"{site.url}/a?b=怀#here")
    assert (found.status, found.type, found.charset, found.body.decode()) == (200, "text/html", "gbk", "怀柔")
    again = fetcher.get(f"{site.url}/a?b=怀", etag=found.etag)
    assert (again.status, again.body) == (304, b"")
    assert site.headers[0]["User-Agent"].startswith("Zhidian/")


@pytest.mark.parametrize(("code", "for_good"), [(301, True), (302, False), (308, True)])
def test_moved(site: Site, fetcher: Fetcher, code: int, for_good: bool) -> None:
    site.pages |= {"/old": Page(status=code, headers={"Location": "/new"}), "/new": Page("x")}
    found = fetcher.get(f"{site.url}/old")
    assert found.url == f"{site.url}/new"
    assert found.moved_to == (found.url if for_good else None)


def forever(write: Callable[[bytes], Any]) -> None:
    while True:
        write(b"x" * 10_000)


def dripping(write: Callable[[bytes], Any]) -> None:
    for _ in range(50):
        write(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(status=404), "answered 404"),
        (Page(status=503, headers={"Retry-After": "7"}), "answered 503"),
        (Page("x" * 100_001), "larger"),
        (Page(pieces=forever), "larger"),
        (Page(pieces=dripping), "no answer within"),
        (Page(gzip.compress(b"\0" * 50_000_000), headers={"Content-Encoding": "gzip"}), "larger"),
        (Page(b"no gzip", headers={"Content-Encoding": "gzip"}), "damaged"),
        (Page(b"x", headers={"Content-Encoding": "br"}), "packed"),
        (Page(status=302, headers={"Location": "/"}), "redirects"),
        (Page(status=302, headers={"Location": "file:///etc/passwd"}), "no http"),
        (Page(status=302, headers={"Location": "http://localhost:8080/"}), "own network"),
    ],
)
def test_what_is_refused(site: Site, fetcher: Fetcher, page: Page, reason: str) -> None:
    site.pages["/"] = page
    with pytest.raises(FetchError, match=reason) as refused:
        fetcher.get(site.url)
    assert refused.value.gone == (page.status == 404 or reason in ("no http", "own network"))
    assert refused.value.retry_after == (7 if page.status == 503 else None)


def test_robots_are_heeded(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/robots.txt": Page("User-agent: *\nDisallow: /private/"), "/a": Page("x"), "/private/a": Page("x")}
    assert fetcher.get(f"{site.url}/a").body == b"x"
    with pytest.raises(FetchError, match="robots"):
        fetcher.get(f"{site.url}/private/a")
    assert site.asked == ["/a"]


def test_robots_that_fail_or_moved(site: Site, fetcher: Fetcher) -> None:
    """RFC 9309: a server that fails has said nothing yet; rules that moved are read where they are."""
    site.pages |= {"/robots.txt": Page(status=503), "/a": Page("x")}
    with pytest.raises(FetchError, match=r"robots\.txt: the server answered 503") as refused:
        fetcher.get(f"{site.url}/a")
    assert not refused.value.gone
    site.pages |= {
        "/robots.txt": Page(status=301, headers={"Location": "/rules.txt"}),
        "/rules.txt": Page("User-agent: Zhidian\nDisallow: /a"),
    }
    with pytest.raises(FetchError, match="asks readers like this one"):
        fetcher.get(f"{site.url}/a")


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


TEXT = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", deflated(TEXT)),
        ("deflate", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:9]) + gzip.compress(b"") + gzip.compress(TEXT[9:])),
        ("gzip", gzip.compress(TEXT) + b"\x00" * 40),
        ("gzip", gzip.compress(TEXT) + b"rubbish"),
        ("GZIP, utf-8", gzip.compress(TEXT)),
        ("gzip", b""),
        ("none", TEXT),
        ("utf-8", TEXT),
        ("aws-chunked", TEXT),
        ("binary", TEXT),
    ],
)
@pytest.mark.parametrize("step", [0, 1, 1000])
def test_packings_as_servers_write_them(site: Site, fetcher: Fetcher, coding: str, body: bytes, step: int) -> None:
    def in_pieces(write: Callable[[bytes], Any]) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n"
        write(head.encode())
        for piece in (body[at : at + step] for at in range(0, len(body), step)):
            write(b"%x\r\n%b\r\n" % (len(piece), piece))
        write(b"0\r\n\r\n")

    whole = Page(body, headers={"Content-Encoding": coding})
    site.pages["/"] = Page(raw=in_pieces) if step else whole
    assert fetcher.get(site.url).body == (TEXT if body else b"")


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), gzip.compress(TEXT) * 2, zlib.compress(TEXT), deflated(TEXT)])
@pytest.mark.parametrize("missing", [1, 100])
def test_what_is_cut_off_is_no_answer(site: Site, fetcher: Fetcher, packed: bytes, missing: int) -> None:
    coding = "gzip" if packed.startswith(b"\x1f") else "deflate"
    site.pages["/"] = Page(packed[:-missing], headers={"Content-Encoding": coding})
    with pytest.raises(FetchError, match="cut off") as refused:
        fetcher.get(site.url)
    assert not refused.value.gone


def test_a_cookie_lives_through_one_chain_of_redirects(site: Site, fetcher: Fetcher) -> None:
    """Whoever sets it and leads back sees it; neither another host nor the next visit does."""
    asked: list[str | None] = []

    def answer(write: Callable[[bytes], Any]) -> None:
        asked.append(site.headers[-1].get("Cookie"))
        if asked[-1] == "v=1":
            write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfeed")
        else:
            head = b"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: v=1; Path=/\r\n"
            write(head + b"Content-Length: 0\r\nConnection: close\r\n\r\n")

    site.pages["/"] = Page(raw=answer)
    assert fetcher.get(site.url).body == b"feed"
    assert fetcher.get(site.url).body == b"feed"
    assert asked == [None, "v=1", None, "v=1"]
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.pages |= {"/": Page(status=302, headers={"Location": f"{elsewhere}/b", "Set-Cookie": "v=1"}), "/b": Page("b")}
    both = Fetcher(frozenset({"127.0.0.1", "localhost"}), limits=QUICK)
    assert both.get(site.url).body == b"b"
    both.close()
    assert "Cookie" not in site.headers[-1]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_robots_behind_a_byte_order_mark(site: Site, fetcher: Fetcher, mark: str) -> None:
    site.pages |= {"/robots.txt": Page("User-agent: *\nDisallow: /".encode(mark), "text/plain"), "/a": Page("x")}
    with pytest.raises(FetchError, match="asks readers like this one"):
        fetcher.get(f"{site.url}/a")


def slow_head(write: Callable[[bytes], Any]) -> None:
    write(b"HTTP/1.1 200 OK\r\nX: ")
    dripping(write)


def test_a_head_that_comes_byte_by_byte_has_an_end_too(site: Site, fetcher: Fetcher) -> None:
    site.pages["/"] = Page(raw=slow_head)
    began = time.monotonic()
    with pytest.raises(FetchError, match="no answer within"):
        fetcher.get(site.url)
    assert time.monotonic() - began < 4  # it would go on for five seconds, and another one might for ever


def test_an_address_in_utf8_is_followed(site: Site, fetcher: Fetcher) -> None:
    raw = "HTTP/1.1 302 Found\r\nLocation: /怀柔\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    site.pages |= {"/": Page(raw=lambda write: write(raw)), "/%E6%80%80%E6%9F%94": Page("x")}
    assert fetcher.get(site.url).body == b"x"


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]", "me:pw@127.0.0.1"]
)
def test_no_spelling_of_this_machine_is_fetched_from(site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    fetcher = Fetcher(limits=QUICK)
    with pytest.raises(FetchError, match=r"own network|no address") as refused:
        fetcher.get(f"http://{host}:{port}/")
    assert "pw" not in str(refused.value)
    with pytest.raises(FetchError, match="port 22"):
        fetcher.get("http://93.184.215.14:22/")
    fetcher.close()
    assert site.asked == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_behind_a_proxy_the_same_is_looked_at(scheme: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy is told the address that was looked at, not the name: asked again, that may be another's."""
    real, port = socket.getaddrinfo, site.url.rpartition(":")[2]
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def lookup(host: str, *rest: Any, **more: Any) -> list[Any]:
        return real(next(answers) if host == "news.example" else host, *rest, **more)

    site.pages["/"] = Page("x")
    with proxy(scheme) as way:
        fetcher = Fetcher(proxy=way.url, limits=QUICK)
        with pytest.raises(FetchError, match="own network"):
            fetcher.get(site.url)
        assert (way.forwarded, site.asked) == (0, [])
        monkeypatch.setattr(address_guard, "is_public", lambda address: address == "127.0.0.1")
        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        assert fetcher.get(f"http://news.example:{port}/").body == b"x"
        assert way.asked == ["127.0.0.1"]
        assert site.headers[0]["Host"] == f"news.example:{port}"
        fetcher.close()


def test_one_request_a_host_at_a_time_with_a_pause(site: Site) -> None:
    fetcher = Fetcher(frozenset({"127.0.0.1"}), limits=FetchLimits(pause_seconds=0.2))
    at: list[float] = []

    def noting(write: Callable[[bytes], Any]) -> None:
        at.append(time.monotonic())
        write(b"x")

    site.pages["/"] = Page(pieces=noting)
    threads = [threading.Thread(target=fetcher.get, args=(site.url,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fetcher.close()
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(at))


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("::127.0.0.1", False),
    ],
)
def test_which_addresses_are_public(address: str, may: bool) -> None:
    assert is_public(address) == may


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """The address looked at is the one connected to: a second look-up could name another."""
    port = int(site.url.rpartition(":")[2])
    asked: list[str] = []

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ForbiddenError):
        resolve("news.example", port, frozenset())
    fetcher = Fetcher(limits=QUICK)
    with pytest.raises(FetchError, match="own network"):
        fetcher.get(f"http://news.example:{port}/")
    fetcher.close()
    assert site.asked == []
    assert set(asked) == {"news.example"}


@given(st.text(max_size=40) | st.builds("http://{}".format, st.text(max_size=30)))
@example("http://[::1]/")
@example("http://user:secret@host/")
@example("http://xn--/")
@example("HTTP://․")
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = check_address(text)
    except FetchError:
        return
    assert found.isascii()
    assert check_address(found) == found
    assert "secret" not in found
