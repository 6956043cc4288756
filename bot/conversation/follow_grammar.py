"""Grammar of commands about following: 'follow …', 取消订阅…, 'every morning at eight send me …' go in, requests come
out. Hours and days may stand before or after the rest."""

import re

from bot.conversation.frames import frames
from bot.conversation.request import Intent, Request
from bot.conversation.request_grammar import SUBJECT_MARKS, is_subject


def parse_following(bare: str) -> Request | None:
    """`bare` is what `wording` leaves of the message."""
    return _first("follow", frames("follow"), bare) or _first("unfollow", frames("unfollow"), bare)


def _first(intent: Intent, patterns: tuple[re.Pattern[str], ...], text: str) -> Request | None:
    for pattern in patterns:
        if (match := pattern.fullmatch(text)) and is_subject(match["s"]):
            return Request(intent, match["s"].strip(SUBJECT_MARKS))
    return None
