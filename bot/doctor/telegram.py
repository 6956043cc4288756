"""Asks Telegram about the bot: token, switches at @BotFather, webhook, and the time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.doctor.finding import Finding
from bot.settings import Settings
from bot.transport.routing import STALE_AFTER

TELEGRAM_WAIT_SECONDS = 6.0  # for each step of a request
SLIGHT_CLOCK_ERROR = timedelta(seconds=5)  # latency and whole seconds explain that much
RECENT_ERROR = timedelta(hours=1)  # an older failed delivery was fixed, or nobody wrote since
SERVER_ERROR = re.compile(r"\(5\d\d\)|Bad Gateway|Internal Server Error")
MANY_WAITING = 50  # updates: more than a moment's


async def check_telegram(settings: Settings, now: datetime | None = None) -> list[Finding]:
    if settings.token is None:
        text = "there is none: the bot runs in the terminal only"
        return [Finding("warning", "token", text, "get one from @BotFather, put it into .env as TELEGRAM_BOT_TOKEN")]
    dates: list[tuple[str, datetime]] = []

    async def note_date(response: httpx.Response) -> None:
        dates.append((response.headers.get("Date", ""), now or datetime.now(UTC)))

    request = HTTPXRequest(
        connect_timeout=TELEGRAM_WAIT_SECONDS,
        read_timeout=TELEGRAM_WAIT_SECONDS,
        write_timeout=TELEGRAM_WAIT_SECONDS,
        proxy=settings.proxy.get_secret_value() if settings.proxy else None,
        httpx_kwargs={"event_hooks": {"response": [note_date]}},
    )
    bot = Bot(settings.token.get_secret_value(), settings.api_url, request=request, get_updates_request=request)
    found: list[Finding] = []
    try:
        me = await bot.get_me()
        found += [Finding("ok", "token", f"Telegram knows it: @{me.username}"), *check_switches(me, settings)]
        found += check_webhook(await bot.get_webhook_info(), settings, now or datetime.now(UTC))
    except TelegramError as error:
        found.append(explain(error, settings))
    finally:
        await request.shutdown()
    return [*found, *(check_clock(*date) for date in dates[:1])]


def explain(error: TelegramError, settings: Settings) -> Finding:
    if isinstance(error, InvalidToken):
        return Finding("error", "token", "Telegram does not know it", "copy it anew from @BotFather (/token)")
    if isinstance(error, RetryAfter):
        return Finding("warning", "Telegram", f"it asks for patience: {error}", "try again later")
    message = (str(error) or type(error).__name__).partition(". Parsing the server response")[0]
    if SERVER_ERROR.search(message):
        return Finding(
            "error", "Telegram", message, "it has trouble of its own, or TELEGRAM_API_URL has: try again later"
        )
    remedy = "see whether this machine reaches TELEGRAM_API_URL; where there is no direct way, ZHIDIAN_TELEGRAM_PROXY"
    if settings.proxy:
        remedy = "see whether the proxy of ZHIDIAN_TELEGRAM_PROXY reaches Telegram"
    return Finding("error", "Telegram", f"no answer: {message}", remedy)


def check_switches(me: User, settings: Settings) -> Iterator[Finding]:
    if me.supports_inline_queries:
        yield Finding("ok", "inline mode", "on; whether feedback is, Telegram does not tell (/setinlinefeedback)")
    else:
        text = f"off: @{me.username} finds nothing in other chats"
        yield Finding("warning", "inline mode", text, "@BotFather, /setinline")
    if me.can_read_all_group_messages:
        text = "off: mentions reach the bot in every group, and so does all other talk, which it drops"
        yield Finding("ok", "group privacy", text)
    else:
        yield Finding("ok", "group privacy", "on: /ask and replies reach the bot in groups; mentions may not")
    if not me.can_join_groups:
        yield Finding("warning", "groups", "it cannot be added to any", "@BotFather, /setjoingroups, if it should")
    if settings.guests == "on" and not me.supports_guest_queries:
        text = "ZHIDIAN_GUESTS is on, and @BotFather was not told"
        yield Finding("warning", "guest mode", text, "switch it on there, or ZHIDIAN_GUESTS=off")
    elif settings.guests == "off" and me.supports_guest_queries:
        text = "on at @BotFather, and the bot does not answer guests"
        yield Finding("warning", "guest mode", text, "ZHIDIAN_GUESTS=on, or switch it off there")


def check_webhook(info: WebhookInfo, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Compares where Telegram delivers with where the settings want it."""
    waiting = f"{info.pending_update_count} updates wait" if info.pending_update_count else "nothing waits"
    if not settings.webhook_url:
        if info.url:
            text = f"Telegram posts to {_host(info.url)}, and the settings ask for polling; {waiting}"
            remedy = "the next start of the bot takes it back; if another process is meant to have it, stop that one"
            yield Finding("warning", "webhook", text, remedy)
        elif info.pending_update_count > MANY_WAITING:
            yield Finding("warning", "polling", waiting, "is the bot running, and keeping up? see its log")
        else:
            yield Finding("ok", "polling", f"no webhook is set; {waiting}")
    elif info.url != settings.webhook_url:
        text = f"Telegram posts to {_host(info.url)}" if info.url else "Telegram posts nowhere yet"
        yield Finding("warning", "webhook", f"{text}; {waiting}", "the bot sets it when it starts: is it running?")
    elif info.last_error_date and now - info.last_error_date < RECENT_ERROR:
        text = f"at {info.last_error_date:%H:%M}Z Telegram could not deliver: {info.last_error_message}; {waiting}"
        yield Finding("warning", "webhook", text, delivery_remedy(info.last_error_message or ""))
    else:
        yield Finding("ok", "webhook", f"Telegram posts to {_host(info.url)}; {waiting}")


def delivery_remedy(message: str) -> str:
    words = message.casefold()
    if "403" in words:
        return "the secret that arrives is not the bot's: restart the bot, and see that the proxy passes all headers on"
    if "404" in words:
        return "the path of ZHIDIAN_WEBHOOK_URL and that of the proxy's location must be the same"
    if any(code in words for code in ("500", "502", "503", "504")):
        return "the proxy does not reach the bot: is it running, and does the proxy pass to ZHIDIAN_WEBHOOK_LISTEN?"
    if "ssl" in words or "certificate" in words:
        return "the certificate: its whole chain must be served, and its name must be the host's"
    if "resolve" in words:
        return "the host of ZHIDIAN_WEBHOOK_URL has no address"
    return "is the proxy running, and does the firewall let Telegram in on the port of ZHIDIAN_WEBHOOK_URL?"


def check_clock(date: str, now: datetime) -> Finding:
    """This machine's clock against the `Date` of Telegram's answer."""
    try:
        off = now - parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return Finding("warning", "clock", "Telegram's answer has no date to compare with", "see `timedatectl`")
    text = f"{abs(off.total_seconds()):.0f} s {'ahead of' if off > timedelta() else 'behind'} Telegram's"
    if abs(off) <= SLIGHT_CLOCK_ERROR:
        return Finding("ok", "clock", "it agrees with Telegram's")
    if abs(off) < STALE_AFTER / 2:
        return Finding("warning", "clock", text, "let it be set by the network: timedatectl set-ntp true")
    remedy = "questions in groups count as stale, digests come at a wrong time: timedatectl set-ntp true"
    return Finding("error", "clock", text, remedy)


def _host(url: str) -> str:
    """Leaves out the path, which must be hard to guess."""
    return httpx.URL(url).host or "an address that is none"
