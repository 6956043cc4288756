"""Grammar of commands about following: 'follow …', 取消订阅…, 'every morning at eight send me …' go in, requests come
out. Hours and days may stand before or after the rest."""

import re
from dataclasses import replace

from bot.conversation.frames import frames, piece
from bot.conversation.intents import covers
from bot.conversation.request import Intent, Request
from bot.conversation.request_grammar import SUBJECT_MARKS, is_subject
from bot.conversation.wording import simplified, without_courtesy
from bot.digest.schedule_finder import find_schedule, has_days
from bot.render.time_zones import zone_called

# Where none of these is, no hour or day is looked for.
SCHEDULE_HINT = re.compile(
    r"[点时點刻]|\d[:：.h]\d\d|\d ?[ap]\.?m\b|o'?clock|noon|midday|midnight|[正中]午|午夜|每|天天|早|晚|周|工作日"
    r"|\b0?\d{3,4}\b|\bat \w+|\bin the (?:morning|afternoon|evening)\b"
    r"|\b(?:every|each|daily|weekdays|half|quarter|past|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)


# With one of these words, what is not followed is said to be so; else it is a question: 取消补贴.
NAMES_FOLLOWING = re.compile(
    r"订阅|退订|关注|推送|取关|[发推送]给我|给我[发推送]|别再?[发推]|不[要用]再?[发推]|unsubscri|unfollow|following|subscription|digest|alert"
    r"|\bno more\b.*\b(?:news|updates?|messages?|stuff)\b|\b(?:send|message|notify|bother)(?:ing)? me\b",
    re.IGNORECASE,
)


_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
SAID_LOOSELY = (
    (re.compile(rf"\bto (?=(?:{_HOURS}|\d{{1,2}})$)"), "at "),
    (re.compile(r"\b(?:around|roughly|approximately|about|like) (?=\d|noon|midnight|half|quarter)"), "at "),
    (
        re.compile(r"\b(?:every |on )?(?:weekday|workday)s? (?:mornings?|afternoons?|evenings?|nights?)\b"),
        "on weekdays",
    ),
    (re.compile(r"(?:大概|大约|差不多)(?=[早晚上下中\d一二两三四五六七八九十])|(?<=[点半])(?:左右|前后|钟左右)"), ""),
)


# A zone that stands apart from its hour, at the end: 'at eight about chips, London time'.
ZONES_APART = (
    re.compile(r"(?P<rest>.+?)[\s,，]+(?P<zone>[^\s,，]+ [^\s,，]+ time)"),
    re.compile(r"(?P<rest>.+)[\s,，]+(?P<zone>[^\s,，]+(?:时间|时区| time))"),
)


def names_following(text: str) -> bool:
    return NAMES_FOLLOWING.search(simplified(text)) is not None


def is_unfollowed(request: Request) -> bool:
    """Whether it is a command about a subject, which a question may be too where the subject is not followed."""
    return bool(request.subject) and request.intent in ("unfollow", "reschedule")


def parse_scheduled(message: str) -> Request | None:
    """A command with an hour or days in it. `message` is `plain`: 给我 belongs to the command here."""
    message = _exact(message)
    if SCHEDULE_HINT.search(message) and (found := find_schedule(message)):
        when, rest = _with_zone(found[0].strip(SUBJECT_MARKS), found[1])
        return _scheduled(when, rest) or _scheduled(when, without_courtesy(rest))
    return None


def _with_zone(when: str, rest: str) -> tuple[str, str]:
    """The zone that ends the rest goes with the hour."""
    for pattern in ZONES_APART:
        if (match := pattern.fullmatch(rest)) and zone_called(match["zone"]):
            return f"{when} {match['zone']}", match["rest"]
    return when, rest


def _exact(message: str) -> str:
    """'Around 8' as 'at 8': a digest has an hour."""
    for loosely, exactly in SAID_LOOSELY:
        message = loosely.sub(exactly, message)
    return message


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
    if not request and covers("follow", rest):
        request = Request("follow")
    return replace(request, when=when) if request else None


def _first(intent: Intent, patterns: tuple[re.Pattern[str], ...], text: str) -> Request | None:
    for pattern in patterns:
        if (match := pattern.fullmatch(text)) and is_subject(match["s"]):
            subject = match["s"].strip(SUBJECT_MARKS)
            return Request(intent, "" if piece("news_alone").fullmatch(subject) else subject)
    return None
