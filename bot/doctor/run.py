"""All of the checks, beside each other and in bounded time, whatever state things are in."""

import asyncio
import platform
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.doctor.data_folder import check_folder
from bot.doctor.extras import check_extras
from bot.doctor.feeds import check_feeds
from bot.doctor.finding import Finding
from bot.doctor.network import check_health, check_proxies, check_searches
from bot.doctor.settings import check_settings
from bot.doctor.telegram import check_telegram
from bot.settings import Settings

MAX_CHECK_SECONDS = 30.0  # seconds for each group, all at once; with --all-outlets that one takes as long as it takes
SECRET_SETTINGS = {"TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "ZHIDIAN_TELEGRAM_PROXY", ".env"}


async def run_checks(
    settings: Settings, wrong: Mapping[str, str], environ: Mapping[str, str], *, all_outlets: bool = False
) -> list[Finding]:
    """`wrong` as `Settings.usable` has it: what depends on that is not tried."""
    works: dict[str, Awaitable[list[Finding]]] = {
        "settings": _threaded(lambda: [_versions(), *check_settings(settings, wrong, environ)])
    }
    if not wrong.keys() & SECRET_SETTINGS:
        works["Telegram"] = check_telegram(settings)
    works |= {
        "data folder": _threaded(lambda: _kept(settings.data, settings.seeds)),
        "extras": _threaded(lambda: check_extras(settings.semantic)),
        "proxies": check_proxies(settings),
        "search links": check_searches(settings, whole=all_outlets),
        "/healthz": check_health(settings),
    }
    patience = {"search links": None} if all_outlets else {}
    groups = [_bounded(subject, work, patience.get(subject, MAX_CHECK_SECONDS)) for subject, work in works.items()]
    return [one for group in await asyncio.gather(*groups) for one in group]


def _versions() -> Finding:
    return Finding("well", "versions", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")


def _kept(data: Path, seeds: Path) -> list[Finding]:
    found = list(check_folder(data, seeds))
    if any(one.subject == "bot.db" and one.severity == "well" for one in found):
        found += check_feeds(data, datetime.now(UTC))
    return found


async def _threaded(work: Callable[[], Iterable[Finding]]) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(work()))


async def _bounded(subject: str, work: Awaitable[list[Finding]], seconds: float | None) -> list[Finding]:
    """What cannot be looked at is a finding, too: the others are still told."""
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError:
        return [Finding("mind", subject, f"not done within {seconds:.0f} s", "try again when the machine is idle")]
    except Exception as error:
        return [Finding("mind", subject, f"it could not be looked at: {type(error).__name__}: {error}")]
