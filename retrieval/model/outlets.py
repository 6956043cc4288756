"""The outlet registry (outlets.toml), and the links made from it: an export has no addresses, and none is invented."""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote, urlsplit

from retrieval.model.documents import Document, Outlet

SEARCH_ADDRESS = "https://www.bing.com/search?q={query}"


@dataclass(frozen=True, slots=True)
class Link:
    """`article` is the article itself, `search` a search for its title, `summary` the document inside the bot."""

    kind: Literal["article", "search", "summary"]
    url: str


@lru_cache(maxsize=4096)  # rows of the store come by here; what exports print is few
def outlet(printed: str) -> Outlet:
    """The canonical outlet of a name as printed: Chinese, pinyin in any spacing and case, English or an alias.

    A name that the registry does not know stays as it is printed.
    """
    known = _registry().spellings.get(_squeezed(printed))
    return known or Outlet(" ".join(printed.split()))


def home_site(name: str) -> str | None:
    """The home site of a canonical name, without a scheme."""
    return _registry().sites.get(name)


def outlet_of_host(host: str) -> str | None:
    """The canonical name of the outlet whose home site this host is, or is below: finance.people.com.cn is 人民日报's.

    Of several outlets of one site, the first in the registry.
    """
    labels = host.casefold().split(".")
    return next((name for at in range(len(labels)) if (name := _registry().hosts.get(".".join(labels[at:])))), None)


def all_outlets() -> tuple[Outlet, ...]:
    """All outlets of the registry, in its order."""
    return tuple(dict.fromkeys(_registry().spellings.values()))


def all_names() -> Mapping[str, Outlet]:
    """Casefolded spellings to look for in a question, pinyin spaced and joined; everyday words are left out."""
    return _registry().names


def document_links(
    document: Document, search_address: str = SEARCH_ADDRESS, bot: str | None = None
) -> tuple[Link, ...]:
    """The article, or where its address is unknown a search for it; then the summary where the bot's name is known.

    `search_address` holds `{query}` where the quoted query goes.
    """
    if document.url is not None and is_web(document.url):
        source = Link("article", document.url)
    else:
        home = home_site(document.outlet.name)
        query = f"site:{home} {document.title}" if home else f"{document.title} {document.outlet.name}"
        source = Link("search", search_address.replace("{query}", quote(query, safe="", errors="replace")))
    return (source, Link("summary", f"https://t.me/{bot}?start=d_{document.id}")) if bot else (source,)


def is_web(url: str) -> bool:
    """Whether an address is http or https, names a host and holds nothing that would end it within a text."""
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
    ordinary = {_squeezed(word) for word in table["ordinary"]}
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
            spellings[_squeezed(spelling)] = known
            if _squeezed(spelling) not in ordinary:
                names[spelling.casefold()] = known
                if not spelling.isascii() or spelling == known.pinyin:
                    names[_squeezed(spelling)] = known
    return _Registry(
        MappingProxyType(spellings), MappingProxyType(names), MappingProxyType(sites), MappingProxyType(hosts)
    )


def _squeezed(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
