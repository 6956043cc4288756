"""Webhook server: receives updates from Telegram through a TLS proxy and puts them into the inbox.

Telegram gets its 200 once the inbox has the update on the disk; the inbox recognizes updates that are posted twice.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TelegramError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import Application, HTTPError, RequestHandler

from bot.settings import ConfigError
from bot.transport.heartbeat import Heartbeat

log = logging.getLogger(__name__)

SOCKET_PREFIX = "unix:"
SOCKET_MODE = 0o660  # the proxy is in the socket's group
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
WEBHOOK_CHECK_SECONDS = 60.0
MAX_BODY_BYTES = 1_000_000  # of a post, refused before it is read; an update takes some kilobytes

Receive = Callable[[Sequence[object]], Awaitable[None]]


@asynccontextmanager
async def listening(place: str, url: str, receive: Receive) -> AsyncIterator[str]:
    """Listens on `place`, host:port or unix:/path; gives the secret that Telegram has to send, new at each start."""
    secret = secrets.token_urlsafe(32)
    try:
        sockets = _bind(place)
    except OSError as error:
        raise ConfigError(f"ZHIDIAN_WEBHOOK_LISTEN: nothing can listen on {place}: {error.strerror}") from None
    routes = [(f"{re.escape(urlsplit(url).path)}/?", WebhookHandler, {"secret": secret, "receive": receive})]
    server = HTTPServer(Application(routes, log_function=lambda _: None), max_body_size=MAX_BODY_BYTES)
    server.add_sockets(sockets)
    try:
        yield secret
    finally:
        server.stop()
        await server.close_all_connections()


def _bind(place: str) -> list[socket]:
    if place.startswith(SOCKET_PREFIX):
        return [bind_unix_socket(str(Path(place.removeprefix(SOCKET_PREFIX))), SOCKET_MODE)]
    host, port = place.rsplit(":", 1)
    return bind_sockets(int(port), host.strip("[]"))


class WebhookHandler(RequestHandler):
    """An update that cannot be read gets a 200 as well: Telegram would send it again and again, and hold up others."""

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, secret: str, receive: Receive) -> None:
        self._secret, self._receive = secret, receive

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not secrets.compare_digest(given.encode(), self._secret.encode()):
            raise HTTPError(HTTPStatus.FORBIDDEN)
        try:
            raw = json.loads(self.request.body)
        except ValueError:
            log.warning("what was posted is no JSON, and is passed over")
            return
        await self._receive([raw])


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
