"""Grammar of commands about following: 'follow …', 取消订阅…, 'every morning at eight send me …' go in, requests come
out. Hours and days may stand before or after the rest."""

import re
from dataclasses import replace

from bot.conversation.frames import frames
from bot.conversation.intents import covers
from bot.conversation.request import Intent, Request
from bot.conversation.request_grammar import SUBJECT_MARKS, is_subject
from bot.conversation.wording import without_courtesy
from bot.digest.schedule_finder import find_schedule, has_days

# Where none of these is, no hour or day is looked for.
SCHEDULE_HINT = re.compile(
    r"[点时點刻]|\d[:：.h]\d\d|\d ?[ap]\.?m\b|o'?clock|noon|midday|midnight|[正中]午|午夜|每|天天|早|晚|周|工作日"
    r"|\b0?\d{3,4}\b|\bat \w+|\bin the (?:morning|afternoon|evening)\b"
    r"|\b(?:every|each|daily|weekdays|half|quarter|past|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)


def parse_scheduled(message: str) -> Request | None:
    """A command with an hour or days in it. `message` is `plain`: 给我 belongs to the command here."""
    if SCHEDULE_HINT.search(message) and (found := find_schedule(message)):
        when, rest = found
        return _scheduled(when, rest) or _scheduled(when, without_courtesy(rest))
    return None


def parse_following(message: str, bare: str) -> Request | None:
    """A command with a subject. `bare` is what `wording` leaves of the message."""
    follow = _first("follow", frames("follow"), message) or _first("follow", frames("follow"), bare)
    return follow or _first("unfollow", frames("unfollow"), bare)


def _scheduled(when: str, rest: str) -> Request | None:
    if not rest or covers("reschedule", rest):
        return Request("reschedule", when=when)
    request = _first("follow", frames("follow"), rest) or _first("reschedule", frames("reschedule"), rest)
    if not request and has_days(when):
        request = _first("follow", frames("timed_follow"), rest)
    return replace(request, when=when) if request else None


def _first(intent: Intent, patterns: tuple[re.Pattern[str], ...], text: str) -> Request | None:
    for pattern in patterns:
        if (match := pattern.fullmatch(text)) and is_subject(match["s"]):
            return Request(intent, match["s"].strip(SUBJECT_MARKS))
    return None
