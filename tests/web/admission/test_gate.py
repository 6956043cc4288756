"""Who gets in, and what is refused before any page is made."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from retrieval.library import Library
from tests.support.page import page_client
from web.admission.gate import SESSION_COOKIE
from web.admission.rate_limit import RateLimiter, network_of
from web.host import Nobody, PageSession, Viewer

PATHS = (
    *("/", "/t/原始创新", "/d/0", "/search?q=x", "/search?q=x&part=1", "/feed.xml", "/search.xml?q=x", "/nothing"),
    *("/api/search?q=x", "/api/topics", "/api/documents/0", "/api/openapi.json", "/enter", "/enter?key=forged.key"),
    *("/following", "/enterx", "/session/x", "/robots.txt/", "//"),
)


class OneGuest(Nobody):
    """Lets in who has the session 'good'; 'broken' fails."""

    def viewer(self, session: str) -> Viewer | None:
        if session == "broken":
            raise OSError("the disk is gone")
        return Viewer(7, "en") if session == "good" else None

    def enter(self, key: str) -> PageSession | None:
        return PageSession("good", 60) if key == "once" else None


def test_from_outside_an_invite_only_library_is_closed(library: Library, data: Path) -> None:
    with page_client(library, data, OneGuest(), open=False) as page:
        for path in PATHS:
            if path.startswith("/enter?"):  # asks for a press; what is pressed with a forged key is refused below
                continue
            assert page.get(path).status_code == 403, path
            assert page.head(path).status_code == 403, path
        for cookie in ("", "bad", "broken", "good\x00", "x" * 4000):
            headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
            assert page.get("/t/原始创新", headers=headers).status_code == 403
        assert "100.9" not in page.get("/search?q=怀柔科学城面积多大").text
        for path in ("/enter", "/session"):
            for body in ({}, {"key": "forged", "init_data": "hash=0"}):
                headers = {"Origin": "http://testserver"}
                assert page.post(path, data=body, headers=headers).status_code == 403
        assert "Disallow: /\n" in page.get("/robots.txt").text


def test_a_signed_link_opens_the_library_in_one_browser(library: Library, data: Path) -> None:
    own = {"Origin": "http://testserver"}
    with page_client(library, data, OneGuest(), open=False) as page:
        assert 'value="once"' in page.get("/enter?key=once").text
        assert page.post("/enter", data={"key": "once"}).status_code == 403  # no word of where it comes from
        assert page.post("/enter", data={"key": "once"}, headers={"Origin": "https://evil.example"}).status_code == 403
        entered = page.post("/enter", data={"key": "once"}, headers=own)
        assert entered.status_code == 303
        cookie = entered.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Max-Age=60", "Path=/"))
        page.cookies.set(SESSION_COOKIE, "good")
        assert '<html lang="en"' in page.get("/").text  # as the guest chose in Telegram


@pytest.mark.parametrize("other", ['seen={"a": 1}', "two words=1", "flag", "path=/", "a@b=1", 'open="'])
def test_another_cookie_of_the_host_hides_no_session(library: Library, data: Path, other: str) -> None:
    """A domain's other pages set cookies that Python's own reader of them gives up at."""
    with page_client(library, data, OneGuest(), open=False) as page:
        assert page.get("/", headers={"Cookie": f"{other}; {SESSION_COOKIE}=good"}).status_code == 200


def test_what_is_made_for_a_guest_is_shown_to_nobody_else(library: Library, data: Path) -> None:
    with page_client(library, data, OneGuest()) as page:
        english = page.get("/", headers={"Cookie": f"{SESSION_COOKIE}=good"}).text
        assert '<html lang="en"' in english
        assert '<html lang="zh-Hans">' in page.get("/").text


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/nothing", "/api/nothing", "/static/page.css", "/api/search"])
def test_every_answer_has_strict_headers(page: TestClient, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors https://web.telegram.org https://*.telegram.org" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_search_engines_may_list_it_where_that_is_wished(library: Library, data: Path) -> None:
    with page_client(library, data, indexed=True) as page:
        assert "x-robots-tag" not in page.get("/").headers
        assert "Disallow: /\n" not in page.get("/robots.txt").text
    with page_client(library, data, indexed=True, open=False) as page:
        assert page.get("/robots.txt").headers["x-robots-tag"] == "noindex, nofollow"


def test_pages_have_no_script_or_style_of_their_own(page: TestClient) -> None:
    """The policy would stop them, which nobody would see on a server's test."""
    for path in ("/", "/t/原始创新", "/search?q=怀柔科学城面积多大", "/nothing"):
        html = page.get(path).text
        assert "<style" not in html
        assert " style=" not in html
        assert html.count("<script") == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_refused(page: TestClient, method: str) -> None:
    refusal = page.request(method, "/")
    assert refusal.status_code == 405
    assert refusal.headers["allow"] == "GET, HEAD, POST"


def test_posts_are_refused_where_nothing_is_posted(page: TestClient) -> None:
    assert page.post("/", data={"x": "y"}).status_code == 405
    assert page.post("/api/topics").json()["error"]["code"] == "method_not_allowed"


def test_long_queries_and_bodies_are_refused(page: TestClient) -> None:
    assert page.get("/search?q=" + "x" * 10_000).status_code == 414
    assert page.get("/api/search?q=" + "x" * 10_000).json()["error"]["code"] == "too_long"
    own = {"Origin": "http://testserver"}
    assert page.post("/enter", content=b"x" * 100_000, headers=own).status_code == 413
    chunks = (b"x" * 1000 for _ in range(100))  # without a word of how many
    assert page.post("/enter", content=chunks, headers=own).status_code == 413


def test_an_address_may_ask_so_often_and_is_told_when_to_go_on(library: Library, data: Path) -> None:
    limiter = RateLimiter(per_minute=60, burst=3, now=lambda: 0.0)
    with page_client(library, data, limiter=limiter) as page:
        assert [page.get("/robots.txt").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert int(page.get("/api/topics").headers["retry-after"]) >= 1
        assert page.get("/static/page.css").status_code == 200


def test_the_limit_refills_and_remembers_few_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    limiter = RateLimiter(per_minute=60, burst=2, now=lambda: now[0])
    assert [limiter.wait("1.2.3.4") > 0 for _ in range(3)] == [False, False, True]
    assert not limiter.wait("1.2.3.5")
    now[0] = 1.0
    assert not limiter.wait("1.2.3.4")
    monkeypatch.setattr("web.admission.rate_limit.MAX_KEYS", 10)
    for n in range(50):
        limiter.wait(f"10.0.0.{n}")
    assert len(limiter._buckets) <= 11


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:1.2.3.4", "1.2.3.4", True),
        ("1.2.3.4", "1.2.3.5", False),
        ("", "unix", True),
    ],
)
def test_who_shares_a_limit(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_a_host_that_is_no_name_stands_in_no_feed(library: Library, data: Path) -> None:
    with page_client(library, data) as page:
        feed = page.get("/feed.xml", headers={"Host": 'evil"><script>'}).text
    assert "evil" not in feed


def test_what_fails_in_the_house_is_an_error_page(fresh: Path) -> None:
    library = Library(fresh)
    with page_client(library, fresh) as page:
        library.close()
        answer = page.get("/")
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert page.get("/api/topics").json()["error"]["code"] == "internal"
