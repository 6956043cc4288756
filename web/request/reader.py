"""Who reads: a request goes in; the language, the addresses that links lead to, and the page's own host come out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request

from retrieval.language.catalogue import Language
from retrieval.language.plain_text import replace_surrogates, single_line
from retrieval.language.topic_filter import topic_filter
from retrieval.model.documents import Outlet
from web.addresses import Addresses
from web.host import Followed, PageOptions, Viewer
from web.request.language import chosen_language, negotiate_language

HOST_HEADER = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
PATH_CHARS = "/!$&'()*+,;=:@~"  # that stand in a path as they are
MAX_PAGES = 100_000  # a number above it is no page


@dataclass(frozen=True, slots=True)
class PageReader:
    """`origin` is the page's own address, for feeds; `other_language` is this page in the other language.

    `token` stands in the forms of a `viewer`'s pages, `followed` is what this person follows.
    """

    language: Language
    addresses: Addresses
    origin: str
    other_language: str
    viewer: Viewer | None
    token: str = ""
    followed: tuple[Followed, ...] = ()


def read_reader(request: Request, options: PageOptions) -> PageReader:
    viewer: Viewer | None = request.state.viewer
    chosen = chosen_language(request.query_params.get("lang"))
    stated = viewer.language if viewer else None
    language = chosen or stated or negotiate_language(request.headers.get("accept-language"))
    other = _in_language(request, "en" if language == "zh" else "zh")
    return PageReader(language, Addresses("", chosen), origin(request, options), other, viewer, request.state.token)


def _in_language(request: Request, language: Language) -> str:
    """This page's own path: with two slashes at its beginning a browser would take it for another host."""
    path = quote(request.scope["path"].lstrip("/"), safe=PATH_CHARS, errors="replace")
    return f"/{path}?{request.url.include_query_params(lang=language).query}"


def origin(request: Request, options: PageOptions) -> str:
    """The public address; where there is none, what the browser calls this host, if it is a name at all."""
    if options.url:
        return options.url
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host if HOST_HEADER.fullmatch(host) else 'localhost'}"


def page_number(value: str | None) -> int:
    """From 0; what is no number is the first page."""
    return min(int(value), MAX_PAGES) if value and re.fullmatch(r"[0-9]{1,6}", value) else 0


def full_question(words: str, topic: str) -> str:
    """On one line; `topic` is that of the page whose search box was used."""
    words, topic = (single_line(replace_surrogates(one)) for one in (words, topic))
    return " ".join(filter(None, (topic_filter(topic), words)))


def outlet_names(language: Language) -> Callable[[Outlet], str]:
    """As the bot writes them: in English with the English name behind the printed one."""

    def name(outlet: Outlet) -> str:
        names = [outlet.name, outlet.english] if language == "en" and outlet.english != outlet.name else [outlet.name]
        return " ".join(single_line(one) for one in names if one)

    return name
