import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.addresses import ForbiddenError, public, resolved
from feeds.fetching import Fetcher, FetchError, Limits, checked
from tests.web import Page, Site, served

QUICK = Limits(size=100_000, whole=1.0, pause=0.0)


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
    assert found.moved == (found.url if for_good else None)


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
        (Page(status=302, headers={"Location": "http://localhost:1/"}), "own network"),
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


def test_one_request_a_host_at_a_time_with_a_pause(site: Site) -> None:
    fetcher = Fetcher(frozenset({"127.0.0.1"}), limits=Limits(pause=0.2))
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
    ],
)
def test_which_addresses_are_public(address: str, may: bool) -> None:
    assert public(address) == may


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """The address looked at is the one connected to: a second look-up could name another."""
    port = int(site.url.rpartition(":")[2])
    asked: list[str] = []

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ForbiddenError):
        resolved("news.example", port, frozenset())
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
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = checked(text)
    except FetchError:
        return
    assert found.isascii()
    assert checked(found) == found
    assert "secret" not in found
