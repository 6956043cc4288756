"""A sign of life before the bot can answer: whoever writes while it is made ready is told that an answer comes.

It only looks at what waits at Telegram, and confirms nothing: the bot gets all of it again once it runs.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from telegram import Bot, Message, Update
from telegram.error import InvalidToken, TelegramError

from bot.app.lifecycle import START_ATTEMPTS, allowed_updates
from bot.handlers.questions import waiting_line
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from bot.transport.http_client import build_request
from bot.transport.routing import classify_update, is_stale
from bot.transport.sender import DEFAULTS
from bot.transport.update_poller import RawUpdatesBot, persist
from bot.transport.update_reader import read_update
from bot.transport.waiting_sign import WaitingSign
from bot.users.access_list import AccessList
from bot.users.preferences import PreferenceStore

log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 1.0  # after which many starts are over
LOOK_PAUSE_SECONDS = 1.0  # Telegram gives an unconfirmed update again at once
END_SECONDS = 5.0
EARLY_CONNECTIONS = 8


class EarlySign:
    """Begins at `begin`, which needs a bot.db that is up to date. With a webhook Telegram does not let look."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: Mapping[int, float] = {}

    def begin(self) -> None:
        """Nothing where it has begun."""
        if self._thread is None and not self._settings.webhook_url:
            self._thread = threading.Thread(target=self._run, name="early sign", daemon=True)
            self._thread.start()

    def close(self) -> Mapping[int, float]:
        """Returns the chats that were told to wait, as WaitingSign has them."""
        self._ended.set()
        if self._thread:
            self._thread.join(END_SECONDS)
        return self._told

    def _run(self) -> None:
        try:
            asyncio.run(self._watch())
        except Exception as error:
            log.warning("no sign of life could be shown while the bot is made ready: %s", error)

    async def _watch(self) -> None:
        looking = asyncio.get_running_loop().create_task(self._look())
        await asyncio.to_thread(self._ended.wait)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    async def _look(self) -> None:
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        settings, path = self._settings, self._settings.data / "bot.db"
        showing: dict[int, asyncio.Task[None]] = {}  # by chat
        bot = _looking_bot(settings)
        with (
            closing(AccessList(path, settings.access, settings.admins)) as access,
            closing(PreferenceStore(path)) as preferences,
        ):
            sign = WaitingSign(partial(waiting_line, access, preferences))
            self._told = sign.told
            try:
                await persist(bot.initialize, START_ATTEMPTS)
                while True:
                    for message in await _waiting_messages(bot, allowed_updates(settings)):
                        if message.chat_id not in showing:
                            showing[message.chat_id] = asyncio.create_task(_show(sign, message))
                    await asyncio.sleep(LOOK_PAUSE_SECONDS)
            except TelegramError as error:
                log.info("Telegram cannot be looked at before the start, which says more: %s", error)
            finally:
                for task in showing.values():
                    task.cancel()
                await asyncio.gather(*showing.values(), return_exceptions=True)
                await bot.shutdown()


def _looking_bot(settings: Settings) -> RawUpdatesBot:
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    return RawUpdatesBot(
        settings.token.get_secret_value() if settings.token else "",
        base_url=settings.api_url,
        base_file_url=settings.file_url,
        request=build_request(EARLY_CONNECTIONS, proxy),
        get_updates_request=build_request(EARLY_CONNECTIONS, proxy),
        defaults=DEFAULTS,
    )


async def _waiting_messages(bot: RawUpdatesBot, allowed: Sequence[str]) -> list[Message]:
    """Messages to the bot that wait at Telegram, and stay there; none while Telegram refuses."""
    try:
        raws = await bot.fetch_updates(None, 0, allowed)
    except InvalidToken:
        raise
    except TelegramError as error:
        log.info("what waits at Telegram could not be looked at: %s", error)
        return []
    now = datetime.now(UTC)
    return [
        update.message
        for update in _readable(raws, bot)
        if update.message and classify_update(update, bot.bot, COMMANDS) == "inbox" and not is_stale(update, now, now)
    ]


def _readable(raws: Sequence[object], bot: Bot) -> Iterator[Update]:
    for raw in raws:
        with contextlib.suppress(Exception):  # the inbox puts it aside and says so
            yield read_update(raw, bot)


async def _show(sign: WaitingSign, message: Message) -> None:
    """Until it is cancelled."""
    async with sign.over(message):
        await asyncio.Event().wait()
