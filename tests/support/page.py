"""The page in a test: an application over a library, and a client that asks it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from starlette.testclient import TestClient

from bot.container import Services
from bot.page.host import BotPageHost
from retrieval.library import Library
from retrieval.listing import open_listing
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import build_document
from retrieval.storage.listing import CorpusListing
from tests.support.telegram import TOKEN
from web.admission.rate_limit import RateLimiter
from web.application import build_application
from web.host import Nobody, PageHost, PageOptions
from web.site.site import open_site

NOW = datetime(2025, 8, 20, 9, tzinfo=BEIJING)
NEVER_LIMITED = 1_000_000


@contextmanager
def page_client(
    library: Library,
    data: Path,
    host: PageHost | None = None,
    limiter: RateLimiter | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    listing: CorpusListing | None = None,
    **options: object,
) -> Iterator[TestClient]:
    """Errors of the application become its own page of them, as in a browser."""
    chosen = PageOptions(now=now, **options)  # type: ignore[arg-type]
    with open_site(library, listing or open_listing(data), host or Nobody(), chosen) as site:
        limiter = limiter or RateLimiter(NEVER_LIMITED, NEVER_LIMITED)
        yield TestClient(build_application(site, limiter), raise_server_exceptions=False, follow_redirects=False)


def page_host(services: Services, now: Callable[[], datetime]) -> BotPageHost:
    """The bot's host of the page, over the services of a bot in the same test."""
    answers = services.answers
    return BotPageHost(
        services.page_sessions,
        services.access,
        services.preferences,
        answers.question_log,
        TOKEN,
        now,
        answers.library,
        lambda: replace(services.subscription_service(""), now=now()),
    )


@dataclass
class Element:
    """`text` is all that stands in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


class PageParser(HTMLParser):
    """The elements of a page in the order in which they end, void ones where they stand."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        (self.elements if tag in self.VOID else self._open).append(element)

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> without its beginning"
        element = self._open.pop()
        assert element.name == tag, f"</{tag}> ends <{element.name}>"
        element.text = " ".join(element.text.split())
        self.elements.append(element)


def parse_page(html: str) -> list[Element]:
    parser = PageParser()
    parser.feed(html)
    parser.close()
    return parser.elements


def links(html: str) -> dict[str, str]:
    """The addresses of a page's links by what they say."""
    return {one.text: one.attributes["href"] for one in parse_page(html) if one.name == "a"}


def news(number: int, outlet: str = "经济日报") -> Document:
    """Of `number` hours before NOW."""
    figures = (number * 77 + 500, number * 31 + 4000, number * 13 + 90)
    statements = [
        ("Core Viewpoint", f"Spending rose to {figures[0]} million yuan, says Li Ming of Wuhan.", (1,)),
        ("Group 1: More", f"It hired {figures[1]} engineers in Wuhan and opened {figures[2]} laboratories.", (2,)),
    ]
    names = (f"消息{number}", outlet, "测试")
    return build_document(names, NOW - timedelta(hours=number), f"https://example.org/{number}", statements)
