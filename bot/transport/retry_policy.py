"""The retry policy: a failed request goes in, the pause before the next attempt or a repaired request comes out."""

import logging
import random
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter, TelegramError

from bot.render.html import visible_text
from bot.transport.errors import markup_refused, reply_lost

log = logging.getLogger(__name__)

Pauses = tuple[float, float]

RETRY_PAUSES: Pauses = 0.5, 30.0  # seconds before the second attempt, doubled before each further one; and at most
OUTBOX_PAUSES: Pauses = 5.0, 600.0  # the same for the outbox, whose messages may take the whole day


def pause_seconds(error: TelegramError, attempt: int, pauses: Pauses) -> float:
    """What a 429 says, else exponential backoff with up to half of it taken off at random; `attempt` counts from 0."""
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return after.total_seconds() if isinstance(after, timedelta) else float(after)
    first, longest = pauses
    return min(longest, first * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1)  # noqa: S311


def repair_thread(data: dict[str, Any], error: TelegramError) -> bool:
    """Takes the thread out of a reply: what looks like a forum topic may be a chain of replies, where only the message
    that is replied to says where the answer belongs."""
    if "thread not found" not in str(error).lower() or not data.get("reply_parameters"):
        return False
    return data.pop("message_thread_id", None) is not None


def repair_refused(data: dict[str, Any], error: TelegramError) -> bool:
    """Takes out of `data` what Telegram refused: a lost reply, or markup; False where that cannot help."""
    if reply_lost(error) and data.get("reply_parameters"):
        data["reply_parameters"] = None
    elif markup_refused(error) and data.get("parse_mode") and (data.keys() & {"text", "caption"}):
        log.error("Telegram refused our markup; sent without it: %s", error)
        plain = {name: visible_text(data[name]) for name in ("text", "caption") if data.get(name)}
        data.update(plain, parse_mode=None)
    else:
        return False
    return True
