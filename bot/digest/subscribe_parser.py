"""Pure parser of /subscribe: takes the text after it, returns the subject and the options at its end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from bot.digest.clock import LOOKS_LIKE_TIME, read_clock
from bot.digest.schedule import DEFAULT_SCHEDULE, WEEKDAY_CODES, Schedule, zone_named
from bot.render.time_zones import ZONE_SUFFIXES, zone_called

ENGLISH_WEEKDAYS = dict(
    zip(WEEKDAY_CODES, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True)
)
CHINESE_WEEKDAYS = dict(zip(WEEKDAY_CODES, ("一", "二", "三", "四", "五", "六", "日"), strict=True))
# Spaces and hyphens between the parts of these are ignored.
DAY_WORDS = {
    "daily": ("daily", "everyday", "每天", "每日"),
    "weekdays": ("weekdays", "everyweekday", "workdays", "工作日", "每个工作日", "平日"),
    **{
        day: (
            *(day, name, f"{name}s", f"every{name}", f"weekly{name}"),
            *(f"{word}{CHINESE_WEEKDAYS[day]}" for word in ("周", "每周", "星期", "每星期", "礼拜", "每个礼拜")),
        )
        for day, name in ENGLISH_WEEKDAYS.items()
    },
    "XSHG open": ("xshgopen", "shanghaiopen", "beforeshanghaiopens", "a股开盘前", "沪市开盘前", "上交所开盘前"),
    "XSHG close": ("xshgclose", "shanghaiclose", "aftershanghaicloses", "a股收盘后", "沪市收盘后", "上交所收盘后"),
    "XHKG open": ("xhkgopen", "hongkongopen", "beforehongkongopens", "港股开盘前", "港交所开盘前"),
    "XHKG close": ("xhkgclose", "hongkongclose", "afterhongkongcloses", "港股收盘后", "港交所收盘后"),
}
WORD_DAYS = {word: days for days, words in DAY_WORDS.items() for word in words} | {"周天": "sun", "每周天": "sun"}
DAY_PARTS_HAN = {"每晚": "每天晚上", "每早": "每天早上", "天天": "每天", "每日": "每天"}
# Without an hour: morning, and the times at which most digests are wanted.
DAY_PART_HOURS = {
    **dict.fromkeys(("morning", "早上", "早晨"), time(8)),
    **dict.fromkeys(("evening", "晚上", "night"), time(20)),
}
EVERY_PART = re.compile(
    r"(?:every|each) (?P<part>morning|afternoon|evening|night)(?:,? (?P<clock>(?:at |around )?.+))?"
    r"|(?P<days>每天|每个?工作日|工作日)?(?P<part_han>早上|早晨|晚上)"
)
MAX_OPTION_WORDS = 7  # 'at ten past eight in the evening'
QUIET_WORDS = {"quiet", "silent", "quietly", "silently", "静音"}
AT_ONCE_WORDS = {"at-once", "now", "at once", "immediately", "立即", "立刻", "马上", "有就告诉我"}
REGIONS = r"africa|america|antarctica|arctic|asia|atlantic|australia|etc|europe|indian|pacific"
UNKNOWN_ZONE = re.compile(rf"(?:{REGIONS})/[\w/+-]+|(?:utc|gmt) ?[+-] ?\d{{1,2}}(?::?\d\d)?", re.IGNORECASE)
# Names of zones and hours that only stand behind an hour: 上班时间 is a subject.
CALLED_TIME = re.compile(r"(?:\S+(?:时间|时区)|\S+ time)", re.IGNORECASE)
# How often, in words that no schedule has.
OTHER_RHYTHM = re.compile(
    r"每(?:隔)?(?:[一二两三四五六七八九十几半\d]+个?)?(?:小时|分钟|月|年|季度|半天)(?:一次)?|每隔?[二两三四五六七八九十\d]+[天日周]|每天[两三四\d]次"
    r"|hourly|monthly|yearly|fortnightly|biweekly|(?:once|twice|three times) a (?:day|week|month)"
    r"|every (?:hour|minute|month|year|other day|other week|(?:\d+|two|three|four|five|six|few) \w+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SubscribeCommand:
    """`channel` is an @name that came first; `mistaken` looks like a time or a zone and is none that is understood.

    `subject` may be empty.
    """

    subject: str
    schedule: Schedule
    quiet: bool = False
    at_once: bool = False
    channel: str | None = None
    mistaken: str = ""


def parse_command(text: str, usual: Schedule) -> SubscribeCommand:
    """Options are taken off the end of the text: '湖北 芯片 周一 8点半' follows '湖北 芯片'."""
    words = text.split()
    channel = words.pop(0) if words and re.fullmatch(r"@[A-Za-z]\w{3,31}", words[0]) else None
    command = SubscribeCommand("", usual, channel=channel)
    size = MAX_OPTION_WORDS
    while size:
        if len(words) >= size and (more := _with_option(command, words, size)):
            command, words, size = more, words[:-size], MAX_OPTION_WORDS
        else:
            size -= 1
    words, command = _without_leading(words, command)
    return replace(command, subject=" ".join(words), mistaken=_mistaken(words))


def _mistaken(words: Sequence[str]) -> str:
    for size in range(min(len(words), 4), 0, -1):
        tail = " ".join(words[-size:])
        if LOOKS_LIKE_TIME.fullmatch(tail) or UNKNOWN_ZONE.fullmatch(tail) or OTHER_RHYTHM.fullmatch(tail):
            return tail
        if CALLED_TIME.fullmatch(tail) and read_clock(" ".join(words[:-size][-1:])):
            return tail
    return ""


def _without_leading(words: list[str], command: SubscribeCommand) -> tuple[list[str], SubscribeCommand]:
    """An hour may also stand first: 每天早上八点 储能. Days alone may not: 'Monday blues' is a subject."""
    for size in range(min(len(words), MAX_OPTION_WORDS), 0, -1):
        head = " ".join(words[:size])
        timed = _with_time(command.schedule, head)
        if timed and timed.at != command.schedule.at and size < len(words):
            return words[size:], replace(command, schedule=timed)
    return words, command


def _with_option(command: SubscribeCommand, words: Sequence[str], size: int) -> SubscribeCommand | None:
    """The command with the option of the last `size` words; None where they are none."""
    text = " ".join(words[-size:])
    word = text.casefold().strip(",，、")
    if schedule := _with_time(command.schedule, text):
        return replace(command, schedule=schedule)
    # a name of a zone alone, such as 香港, is more often a subject
    if (zone := zone_called(text)) and (word.endswith(ZONE_SUFFIXES) or _ends_with_hour(words[:-size])):
        return replace(command, schedule=replace(command.schedule, zone=zone))
    if word in QUIET_WORDS:
        return replace(command, quiet=True)
    return replace(command, at_once=True) if word in AT_ONCE_WORDS else None


def _ends_with_hour(words: Sequence[str]) -> bool:
    ends = (" ".join(words[-size:]) for size in range(1, min(len(words), MAX_OPTION_WORDS) + 1))
    return any(_with_time(DEFAULT_SCHEDULE, end) for end in ends)


def _with_time(schedule: Schedule, text: str) -> Schedule | None:
    word = text.casefold().strip(",，、 ").removeprefix("on ")
    for said, meant in DAY_PARTS_HAN.items():
        word = re.sub(f"^{said}(?!上)", meant, word)
    if days := WORD_DAYS.get(re.sub(r"[\s-]", "", word)):
        return replace(schedule, days=days)
    if hour := read_clock(word):
        return replace(schedule, at=hour)
    if match := EVERY_PART.fullmatch(word):
        return _part_of_day(schedule, match)
    # Poland and Japan are zones, too, but more often subjects.
    if zone := zone_named(text) if "/" in text or word == "utc" else None:
        return replace(schedule, zone=zone)
    return _with_joined(schedule, word)


def _with_joined(schedule: Schedule, word: str) -> Schedule | None:
    """Chinese needs no space between day, hour and zone: 每天早上8点纽约时间."""
    for name in ("时间", "时区"):
        for start in range(2, len(word) - len(name) - 1) if word.endswith(name) else ():
            if (zone := zone_called(word[start:])) and (timed := _with_time(schedule, word[:start])):
                return replace(timed, zone=zone)
    for day, days in WORD_DAYS.items():
        if not day.isascii() and word.startswith(day) and (hour := read_clock(word.removeprefix(day).lstrip("的 "))):
            return replace(schedule, days=days, at=hour)
    return None


def _part_of_day(schedule: Schedule, match: re.Match[str]) -> Schedule | None:
    """'every evening at eight' is 20:00; without an hour the usual one, where it is of that part of the day."""
    part, clock = match["part"], match["clock"]
    if part and clock:
        word = "at night" if part == "night" else f"in the {part}"
        hour = read_clock(f"{clock} {word}") or read_clock(clock)
    else:
        hour = DAY_PART_HOURS.get(part or match["part_han"]) if part or match["days"] else None
    if hour is None:
        return None
    days = WORD_DAYS.get(match["days"] or "", "daily")
    return replace(schedule, days=days, at=hour)
