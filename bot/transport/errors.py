"""Pure functions from python-telegram-bot's exceptions to what they mean for the message that was being sent.

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
from typing import Literal

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

from bot.transport.http_connection import NotConnectedError

# The subset of PauseReason that Telegram's errors can give.
UnreachableReason = Literal["closed", "blocked", "kicked", "gone", "rights"]
ErrorMeaning = UnreachableReason | Literal["markup", "reply lost", "benign"]

# Parts of Telegram's descriptions in lower case; none of them means two things.
ERROR_TEXTS: dict[ErrorMeaning, tuple[str, ...]] = {
    "closed": ("topic_closed", "topic closed", "topic_deleted", "thread not found"),
    "blocked": ("blocked by the user", "can't initiate conversation"),
    "kicked": ("was kicked", "is not a member", "group chat was deleted", "group is deactivated"),
    "gone": ("user is deactivated", "chat not found", "peer_id_invalid", "user not found"),
    "rights": ("not enough rights", "have no rights", "chat_write_forbidden", "chat_restricted", "need administrator"),
    "markup": ("can't parse entities", "can't parse message text", "unsupported start tag"),
    "reply lost": ("message to be replied not found", "message to reply not found", "replied message not found"),
    "benign": (
        *("message is not modified", "query is too old", "query_id_invalid"),
        *("message to edit not found", "message to delete not found"),
    ),
}


class DeliveryCertainty(Enum):
    UNSENT = "certainly not sent; it may be tried again"
    UNCLEAR = "may have gone through"
    NEVER = "not sent, and no further attempt will change that"


# Raised before the first byte of the request is written.
NOT_YET_WRITTEN = (
    NotConnectedError,
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
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError | OSError):
            return DeliveryCertainty.UNCLEAR
        case NetworkError() if type(error) is NetworkError and is_refused(error):
            return DeliveryCertainty.UNSENT
    return DeliveryCertainty.UNCLEAR


def is_refused(error: NetworkError) -> bool:
    """Telegram answered with a 5xx. A gateway that timed out had passed the request on."""
    if str(error).startswith("Unknown error in HTTP implementation"):
        return False
    return "timeout" not in str(error).lower()


def unreachable_reason(error: TelegramError) -> UnreachableReason | None:
    """Why nothing reaches a chat or forum topic any more; None where only this message was refused."""
    match _meaning(error):
        case "markup" | "reply lost" | "benign" | None:
            return "blocked" if isinstance(error, Forbidden) else None
        case reason:
            return reason


def bot_was_removed(error: TelegramError) -> bool:
    """Telegram knows no such chat any more, or the bot is not in it."""
    return isinstance(error, Forbidden) or (isinstance(error, BadRequest) and "chat not found" in str(error).lower())


def markup_refused(error: TelegramError) -> bool:
    return _meaning(error) == "markup"


def reply_lost(error: TelegramError) -> bool:
    return _meaning(error) == "reply lost"


def is_benign(error: TelegramError) -> bool:
    """Nothing that anybody could fix: the request was fulfilled already, or nobody waits for it any more."""
    return _meaning(error) in {"reply lost", "benign"}


def _meaning(error: TelegramError) -> ErrorMeaning | None:
    if not isinstance(error, BadRequest | Forbidden):
        return None
    text = str(error).lower()
    return next((meaning for meaning, parts in ERROR_TEXTS.items() if any(part in text for part in parts)), None)
