"""Ways out of this machine: the proxies, the search that titles link to, and the running bot's own /healthz."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from bot.doctor.finding import Finding, Severity
from bot.settings import Settings
from retrieval.model.documents import BEIJING, Document, Outlet
from retrieval.model.outlets import all_outlets, document_links, is_web

NETWORK_WAIT_SECONDS = 6.0  # seconds for each step of a request
MAX_SITES_TRIED = 12  # outlets whose search is tried, unless all are asked for: it is somebody else's server
MAX_PROBES_AT_ONCE = 4
MAX_ERROR_CHARS = 2_000  # characters of an address that every browser takes
PROBE_WORDS = "经济"  # a title to search for


async def check_proxies(settings: Settings) -> list[Finding]:
    """Each is really gone through, to what it is there for."""
    ways: tuple[tuple[Severity, str, SecretStr | None, str], ...] = (
        ("fault", "ZHIDIAN_TELEGRAM_PROXY", settings.proxy, settings.api_url),
        ("mind", "ZHIDIAN_FEED_PROXY", settings.feed_proxy, settings.search_address),
    )
    return [await check_proxy(bad, name, proxy.get_secret_value(), to) for bad, name, proxy, to in ways if proxy]


async def check_proxy(bad: Severity, name: str, proxy: str, target: str) -> Finding:
    """Any answer from the other side of it is one; `bad` is what none would be."""
    parts, host = urlsplit(proxy), urlsplit(target).hostname
    place = f"{parts.hostname}:{parts.port or ''}".rstrip(":")
    try:
        async with (
            httpx.AsyncClient(proxy=proxy.replace("socks5h:", "socks5:"), timeout=NETWORK_WAIT_SECONDS) as client,
            client.stream("GET", f"{urlsplit(target).scheme}://{urlsplit(target).netloc}/") as answer,
        ):
            if answer.status_code == 407:
                return Finding(bad, name, f"{place} wants another password", "http://user:password@host:port")
    except httpx.ProxyError as error:
        remedy = "see the proxy's log: its password, and whether it lets this machine go there"
        return Finding(bad, name, f"{place} does not lead to {host}: {_said(error)}", remedy)
    except (httpx.HTTPError, OSError) as error:
        remedy = "is the proxy running, is its address right, and does it reach the net?"
        return Finding(bad, name, f"no way through {place} to {host}: {_said(error)}", remedy)
    return Finding("well", name, f"{place} leads to {host}")


async def check_searches(settings: Settings, *, whole: bool = False) -> list[Finding]:
    """A search for a title on each outlet's site can be made; and, of a sample or of all, that it is answered."""
    outlets = all_outlets()
    bad = [one.name for one in outlets if not usable(check_search(one, settings))]
    if bad:
        text = f"no address can be made for {', '.join(bad[:3])} ({len(bad)} of {len(outlets)})"
        return [Finding("mind", "search links", text, "write ZHIDIAN_SEARCH_URL with {query} in it")]
    chosen = outlets if whole else outlets[:: max(1, len(outlets) // MAX_SITES_TRIED)][:MAX_SITES_TRIED]
    proxy = settings.feed_proxy.get_secret_value().replace("socks5h:", "socks5:") if settings.feed_proxy else None
    gate = asyncio.Semaphore(MAX_PROBES_AT_ONCE)
    async with httpx.AsyncClient(proxy=proxy, timeout=NETWORK_WAIT_SECONDS, follow_redirects=True) as client:
        said = await asyncio.gather(*(_answer(client, gate, check_search(one, settings)) for one in chosen))
    return [answered(chosen, said, len(outlets), urlsplit(settings.search_address).hostname or "")]


def check_search(outlet: Outlet, settings: Settings) -> str:
    sample = Document("", PROBE_WORDS, outlet, datetime(2025, 1, 1, tzinfo=BEIJING), (), None, ())
    return document_links(sample, settings.search_address)[0].url


def usable(url: str) -> bool:
    return is_web(url) and url.isascii() and len(url) <= MAX_ERROR_CHARS


def answered(chosen: Sequence[Outlet], said: Sequence[str], outlets: int, host: str) -> Finding:
    """`said` of each is '' where it was answered, else what came instead."""
    failed = [(outlet.name, words) for outlet, words in zip(chosen, said, strict=True) if words]
    text = f"made for {outlets} outlets; {host} answered {len(chosen) - len(failed)} of the {len(chosen)} tried"
    if not failed:
        return Finding("well", "search links", text)
    remedy = "people's own phones may reach it all the same; if not, ZHIDIAN_SEARCH_URL names another search"
    return Finding("mind", "search links", f"{text}; {failed[0][0]}: {failed[0][1]}", remedy)


async def check_health(settings: Settings) -> list[Finding]:
    """Whether a bot runs here and says that it is well."""
    if not settings.metrics:
        return [Finding("well", "/healthz", "not served: ZHIDIAN_METRICS is empty")]
    try:
        async with httpx.AsyncClient(timeout=NETWORK_WAIT_SECONDS, trust_env=False) as client:
            answer = await client.get(f"http://{settings.metrics}/healthz")
    except (httpx.HTTPError, OSError):
        return [Finding("mind", "/healthz", f"no bot runs at {settings.metrics} now", "start it, if it should")]
    if answer.status_code == 200:
        return [Finding("well", "/healthz", "the bot runs, and Telegram answers it")]
    return [Finding("mind", "/healthz", "a bot runs, and Telegram does not answer it", "see its log")]


async def _answer(client: httpx.AsyncClient, gate: asyncio.Semaphore, url: str) -> str:
    async with gate:
        try:
            async with client.stream("GET", url) as answer:
                return "" if answer.is_success else f"status {answer.status_code}"
        except (httpx.HTTPError, OSError) as error:
            return _said(error)


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
