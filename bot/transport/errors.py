"""What an error of Telegram's says about the message that was being sent: pure, over python-telegram-bot's exceptions.

TelegramError
  ├ RetryAfter                      429: unsent
  ├ Forbidden, InvalidToken, …      never
  ├ ChatMigrated                    never, under this chat's id
  ├ NetworkError                    5xx: unsent; a connection that broke: unclear
  │   ├ BadRequest                  400: never
  │   └ TimedOut                    unclear, unless it was still on its way there
  └ TelegramError itself            an answer that is no JSON: unclear
"""

from enum import Enum

import aiohttp
import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)


class DeliveryCertainty(Enum):
    UNSENT = "surely not sent; it may be once more"
    UNCLEAR = "may have gone through"
    NEVER = "not sent, and no further attempt will change that"


# Raised before the first byte of the request is written.
NOT_YET_WRITTEN = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def certainty_of(error: TelegramError) -> DeliveryCertainty:
    match error:
        case RetryAfter():
            return DeliveryCertainty.UNSENT
        case BadRequest() | Forbidden() | ChatMigrated() | InvalidToken() | EndPointNotFound() | Conflict():
            return DeliveryCertainty.NEVER
        case NetworkError() if isinstance(error.__cause__, NOT_YET_WRITTEN):
            return DeliveryCertainty.UNSENT
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError | aiohttp.ClientError | OSError):
            return DeliveryCertainty.UNCLEAR
        case NetworkError() if type(error) is NetworkError and is_refused(error):
            return DeliveryCertainty.UNSENT
    return DeliveryCertainty.UNCLEAR


def is_refused(error: NetworkError) -> bool:
    """Telegram answered with a 5xx. A gateway that timed out had passed the request on."""
    if str(error).startswith("Unknown error in HTTP implementation"):
        return False
    return "timeout" not in str(error).lower()


def chat_is_gone(error: TelegramError) -> bool:
    """Nothing more will reach this chat, or not before somebody there acts: blocked, kicked, deleted, not allowed."""
    return isinstance(error, Forbidden) or _says(
        error, "chat not found", "user is deactivated", "not enough rights to send", "have no rights to send"
    )


def markup_refused(error: TelegramError) -> bool:
    return _says(error, "can't parse entities", "can't parse message text", "unsupported start tag")


def reply_lost(error: TelegramError) -> bool:
    """The message that was to be answered is gone."""
    return _says(error, "message to be replied not found", "message to reply not found", "replied message not found")


def is_benign(error: TelegramError) -> bool:
    """Nothing is amiss that anybody could mend: what was asked for is so already, or nobody waits for it any more."""
    return reply_lost(error) or _says(
        error,
        "message is not modified",
        "query is too old",
        "query_id_invalid",
        "message to edit not found",
        "message to delete not found",
    )


def _says(error: TelegramError, *words: str) -> bool:
    return isinstance(error, BadRequest) and any(word in str(error).lower() for word in words)
