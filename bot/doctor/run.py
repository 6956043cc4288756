"""Runs all checks at once and in bounded time, whatever state things are in."""

import asyncio
import platform
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime

from bot.doctor.cluster import check_cluster
from bot.doctor.data_folder import check_backups, check_folder
from bot.doctor.extras import check_extras
from bot.doctor.feeds import check_feeds
from bot.doctor.finding import Finding
from bot.doctor.language_model import check_model
from bot.doctor.network import check_health, check_proxies, check_searches
from bot.doctor.settings import check_settings
from bot.doctor.telegram import check_telegram
from bot.settings import Settings

MAX_CHECK_SECONDS = 30.0  # for each group; the search links with --all-outlets have no limit
TELEGRAM_SETTINGS = {"TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "ZHIDIAN_TELEGRAM_PROXY", ".env"}


async def run_checks(
    settings: Settings, wrong: Mapping[str, str], environ: Mapping[str, str], *, all_outlets: bool = False
) -> list[Finding]:
    """`wrong` comes from `Settings.usable`; checks that depend on those settings are left out."""
    checks: dict[str, Awaitable[list[Finding]]] = {
        "settings": _threaded(lambda: [_versions(), *check_settings(settings, wrong, environ)])
    }
    if not wrong.keys() & TELEGRAM_SETTINGS:
        checks["Telegram"] = check_telegram(settings)
    checks |= {
        "data folder": _threaded(lambda: _check_data(settings)),
        "cluster": _threaded(lambda: check_cluster(settings)),
        "extras": _threaded(lambda: check_extras(settings.semantic)),
        "proxies": check_proxies(settings),
        "search links": check_searches(settings, all_sites=all_outlets),
        "/healthz": check_health(settings),
        "model": check_model(settings),
    }
    limits = {"search links": None} if all_outlets else {}
    groups = [_bounded(subject, check, limits.get(subject, MAX_CHECK_SECONDS)) for subject, check in checks.items()]
    return [finding for group in await asyncio.gather(*groups) for finding in group]


def _versions() -> Finding:
    return Finding("ok", "versions", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")


def _check_data(settings: Settings) -> list[Finding]:
    now = datetime.now(UTC)
    found = [*check_folder(settings.data, settings.seeds), *check_backups(settings.data, settings.log_days, now)]
    if any(one.subject == "bot.db" and one.severity == "ok" for one in found):
        found += check_feeds(settings.data, now)
    return found


async def _threaded(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(check()))


async def _bounded(subject: str, check: Awaitable[list[Finding]], seconds: float | None) -> list[Finding]:
    """A check that fails is itself a finding, so that the others are still reported."""
    try:
        return await asyncio.wait_for(check, seconds)
    except TimeoutError:
        return [Finding("warning", subject, f"not done within {seconds:.0f} s", "try again when the machine is idle")]
    except Exception as error:
        return [Finding("warning", subject, f"it could not be looked at: {type(error).__name__}: {error}")]
