"""The outlet registry (outlets.toml): printed names and hosts to outlets, and documents to links."""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from retrieval.model.documents import Document, Outlet

SEARCH_ADDRESS = "https://www.bing.com/search?q={query}"


@dataclass(frozen=True, slots=True)
class Link:
    """To the article itself, a search for its title, the summary inside the bot, or its page."""

    kind: Literal["article", "search", "summary", "page"]
    url: str


@lru_cache(maxsize=4096)  # every stored row asks, and exports print few different names
def outlet(printed: str) -> Outlet:
    """The canonical outlet of a Chinese, pinyin, English or alias spelling; an unknown name stays as printed."""
    return _registry().spellings.get(_squeeze(printed)) or Outlet(" ".join(printed.split()))


def home_site(name: str) -> str | None:
    """The home site of a canonical name, without a scheme."""
    return _registry().sites.get(name)


def outlet_of_host(host: str) -> str | None:
    """The canonical name of the outlet (the first of several) on this site: finance.people.com.cn is 人民日报's."""
    labels = host.casefold().split(".")
    return next((name for at in range(len(labels)) if (name := _registry().hosts.get(".".join(labels[at:])))), None)


def all_outlets() -> tuple[Outlet, ...]:
    """In the registry's order."""
    return tuple(dict.fromkeys(_registry().spellings.values()))


def all_names() -> Mapping[str, Outlet]:
    """Casefolded spellings to look for in a question, pinyin spaced and joined; everyday words are left out."""
    return _registry().names


def document_links(
    document: Document, search_address: str = SEARCH_ADDRESS, bot: str | None = None
) -> tuple[Link, ...]:
    """The article or, if its address is unknown, a search for it; then the summary if the bot's name is given.

    `search_address` has `{query}` where the quoted query goes.
    """
    if document.url is not None and is_web(document.url):
        source = Link("article", document.url)
    else:
        home = home_site(document.outlet.name)
        query = f"site:{home} {document.title}" if home else f"{document.title} {document.outlet.name}"
        source = Link("search", search_address.replace("{query}", _quoted(query)))
    return (source, Link("summary", f"https://t.me/{bot}?start=d_{document.id}")) if bot else (source,)


@lru_cache(1_000)  # each document's is asked for several times
def _quoted(query: str) -> str:
    return quote(query, safe="", errors="replace")


def is_web(url: str) -> bool:
    """Whether an address is http(s), names a host and has no character that would end it within a text."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Registry:
    spellings: Mapping[str, Outlet]
    names: Mapping[str, Outlet]
    sites: Mapping[str, str]
    hosts: Mapping[str, str]


@cache
def _registry() -> _Registry:
    table = tomllib.loads(Path(__file__).with_name("outlets.toml").read_text("utf-8"))
    ordinary = {_squeeze(word) for word in table["ordinary"]}
    spellings: dict[str, Outlet] = {}
    names: dict[str, Outlet] = {}
    sites: dict[str, str] = {}
    hosts: dict[str, str] = {}
    for entry in table["outlet"]:
        known = Outlet(entry["name"], entry.get("pinyin"), entry.get("english"))
        if "site" in entry:
            sites[known.name] = entry["site"]
            hosts.setdefault(entry["site"].removeprefix("www."), known.name)
        for spelling in filter(None, (known.name, known.pinyin, known.english, *entry.get("aliases", ()))):
            spellings[_squeeze(spelling)] = known
            if _squeeze(spelling) not in ordinary:
                names[spelling.casefold()] = known
                if not spelling.isascii() or spelling == known.pinyin:
                    names[_squeeze(spelling)] = known
    return _Registry(spellings, names, sites, hosts)


def _squeeze(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
