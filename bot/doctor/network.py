"""Checks the network: the proxies, the web search that titles link to, and /healthz of a running bot."""

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

NETWORK_WAIT_SECONDS = 6.0  # for each step of a request
MAX_SITES_TRIED = 12  # few, unless all are asked for: it is somebody else's server
MAX_PROBES_AT_ONCE = 4
MAX_URL_CHARS = 2_000  # that every browser accepts
PROBE_TITLE = "经济"


async def check_proxies(settings: Settings) -> list[Finding]:
    """Sends a request through each proxy, to what it is for."""
    proxies: tuple[tuple[Severity, str, SecretStr | None, str], ...] = (
        ("error", "ZHIDIAN_TELEGRAM_PROXY", settings.proxy, settings.api_url),
        ("warning", "ZHIDIAN_FEED_PROXY", settings.feed_proxy, settings.search_address),
    )
    return [
        await check_proxy(severity, name, proxy.get_secret_value(), target)
        for severity, name, proxy, target in proxies
        if proxy
    ]


async def check_proxy(severity: Severity, name: str, proxy: str, target: str) -> Finding:
    """Ok with any answer from `target`; `severity` is that of a failure."""
    parts, host = urlsplit(proxy), urlsplit(target).hostname
    place = f"{parts.hostname}:{parts.port or ''}".rstrip(":")
    try:
        async with (
            httpx.AsyncClient(proxy=proxy.replace("socks5h:", "socks5:"), timeout=NETWORK_WAIT_SECONDS) as client,
            client.stream("GET", f"{urlsplit(target).scheme}://{urlsplit(target).netloc}/") as answer,
        ):
            if answer.status_code == 407:
                return Finding(severity, name, f"{place} wants another password", "http://user:password@host:port")
    except httpx.ProxyError as error:
        remedy = "see the proxy's log: its password, and whether it lets this machine go there"
        return Finding(severity, name, f"{place} does not lead to {host}: {_reason(error)}", remedy)
    except (httpx.HTTPError, OSError) as error:
        remedy = "is the proxy running, is its address right, and does it reach the net?"
        return Finding(severity, name, f"no way through {place} to {host}: {_reason(error)}", remedy)
    return Finding("ok", name, f"{place} leads to {host}")


async def check_searches(settings: Settings, *, all_sites: bool = False) -> list[Finding]:
    """Whether each outlet has a search address, and whether a sample of them, or all, are answered."""
    outlets = all_outlets()
    unusable = [outlet.name for outlet in outlets if not is_usable(search_url(outlet, settings))]
    if unusable:
        text = f"no address can be made for {', '.join(unusable[:3])} ({len(unusable)} of {len(outlets)})"
        return [Finding("warning", "search links", text, "write ZHIDIAN_SEARCH_URL with {query} in it")]
    chosen = outlets if all_sites else outlets[:: max(1, len(outlets) // MAX_SITES_TRIED)][:MAX_SITES_TRIED]
    proxy = settings.feed_proxy.get_secret_value().replace("socks5h:", "socks5:") if settings.feed_proxy else None
    gate = asyncio.Semaphore(MAX_PROBES_AT_ONCE)
    async with httpx.AsyncClient(proxy=proxy, timeout=NETWORK_WAIT_SECONDS, follow_redirects=True) as client:
        failures = await asyncio.gather(*(_probe(client, gate, search_url(outlet, settings)) for outlet in chosen))
    return [_judge_probes(chosen, failures, len(outlets), urlsplit(settings.search_address).hostname or "")]


def search_url(outlet: Outlet, settings: Settings) -> str:
    sample = Document("", PROBE_TITLE, outlet, datetime(2025, 1, 1, tzinfo=BEIJING), (), None, ())
    return document_links(sample, settings.search_address)[0].url


def is_usable(url: str) -> bool:
    return is_web(url) and url.isascii() and len(url) <= MAX_URL_CHARS


def _judge_probes(chosen: Sequence[Outlet], failures: Sequence[str], outlets: int, host: str) -> Finding:
    """`failures` has one text for each of `chosen`, '' for success."""
    failed = [(outlet.name, failure) for outlet, failure in zip(chosen, failures, strict=True) if failure]
    text = f"made for {outlets} outlets; {host} answered {len(chosen) - len(failed)} of the {len(chosen)} tried"
    if not failed:
        return Finding("ok", "search links", text)
    remedy = "readers' phones may still reach it; if not, ZHIDIAN_SEARCH_URL names another search"
    return Finding("warning", "search links", f"{text}; {failed[0][0]}: {failed[0][1]}", remedy)


async def check_health(settings: Settings) -> list[Finding]:
    if not settings.metrics:
        return [Finding("ok", "/healthz", "not served: ZHIDIAN_METRICS is empty")]
    try:
        async with httpx.AsyncClient(timeout=NETWORK_WAIT_SECONDS, trust_env=False) as client:
            answer = await client.get(f"http://{settings.metrics}/healthz")
    except (httpx.HTTPError, OSError):
        return [Finding("warning", "/healthz", f"no bot runs at {settings.metrics} now", "start it, if it should")]
    if answer.status_code == 200:
        return [Finding("ok", "/healthz", "the bot runs, and Telegram answers it")]
    return [Finding("warning", "/healthz", "a bot runs, and Telegram does not answer it", "see its log")]


async def _probe(client: httpx.AsyncClient, gate: asyncio.Semaphore, url: str) -> str:
    async with gate:
        try:
            async with client.stream("GET", url) as answer:
                return "" if answer.is_success else f"status {answer.status_code}"
        except (httpx.HTTPError, OSError) as error:
            return _reason(error)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
