"""Webhook server: receives updates from Telegram through a TLS proxy and puts them into the inbox.

Telegram gets its 200 once the inbox has the update on the disk; the inbox recognizes updates that are posted twice.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TelegramError
from telegram.ext import Updater
from tornado.netutil import bind_unix_socket

from bot.settings import ConfigError
from bot.transport.heartbeat import Heartbeat

log = logging.getLogger(__name__)

SOCKET_PREFIX = "unix:"
SOCKET_MODE = 0o660  # the proxy is in the socket's group
WEBHOOK_CHECK_SECONDS = 60.0


async def listen(updater: Updater, url: str, place: str, allowed: Sequence[str], attempts: int) -> None:
    """`place` is host:port or unix:/path. Registers `url` with Telegram, and a new secret at each start."""
    secret, path = secrets.token_urlsafe(32), urlsplit(url).path
    try:
        await updater.start_webhook(
            **_binding(place),
            url_path=path,
            webhook_url=url,
            secret_token=secret,
            allowed_updates=allowed,
            bootstrap_retries=attempts,
            drop_pending_updates=False,
        )
    except OSError as error:
        raise ConfigError(f"ZHIDIAN_WEBHOOK_LISTEN: nothing can listen on {place}: {error.strerror}") from None


def _binding(place: str) -> dict[str, Any]:
    if place.startswith(SOCKET_PREFIX):
        return {"unix": bind_unix_socket(str(Path(place.removeprefix(SOCKET_PREFIX))), SOCKET_MODE)}
    host, port = place.rsplit(":", 1)
    return {"listen": host.strip("[]"), "port": int(port)}


async def watch_webhook(bot: Bot, url: str, heartbeat: Heartbeat, pause: float = WEBHOOK_CHECK_SECONDS) -> None:
    """Returns when another process has changed Telegram's webhook. Each answer of Telegram's is a beat."""
    complained = None
    while True:
        try:
            info = await bot.get_webhook_info()
        except TelegramError as failure:
            heartbeat.beat(answered=False)
            log.warning("the webhook's state cannot be read: %s", failure)
        else:
            heartbeat.beat(answered=True)
            if info.url != url:
                return
            if info.last_error_date and info.last_error_date != complained:
                complained = info.last_error_date
                host, when = urlsplit(url).hostname, complained.isoformat()
                error, waiting = info.last_error_message, info.pending_update_count
                log.warning("Telegram could not deliver to %s at %s: %s; %d updates wait", host, when, error, waiting)
        await asyncio.sleep(pause)
