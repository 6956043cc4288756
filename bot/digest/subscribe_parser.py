"""What somebody wrote after /subscribe: what to follow, then, in any order, when and how. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import time

from bot.digest.schedule import WEEKDAY_CODES, Schedule, zone_named

ENGLISH_WEEKDAYS = dict(
    zip(WEEKDAY_CODES, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True)
)
CHINESE_WEEKDAYS = dict(zip(WEEKDAY_CODES, ("一", "二", "三", "四", "五", "六", "日"), strict=True))
# Written as one: spaces and hyphens between the parts of these do not count.
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
MAX_OPTION_WORDS = 4  # words that are one option: 'before Hong Kong opens'
QUIET_WORDS = {"quiet", "silent", "静音"}
AT_ONCE_WORDS = {"at-once", "now", "立即", "有就告诉我"}
BEIJING_TIME = "北京时间"
HOUR_OF_DAY = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)?\s?(?P<hour>\d{1,2})"
    r"(?:(?::|：|点)(?P<minute>\d{2}|半)?分?)?\s?(?P<half>am|pm)?"
)
AFTERNOON_WORDS = {"中午", "下午", "傍晚", "晚上", "pm"}
# What nobody follows: a time or a zone, and there is none like it.
MISTAKEN_TIME = re.compile(
    r"\d{1,2}[:：]\d{1,2}|\d{1,2}点(?:\d{1,2}|半)?|(?:utc|gmt)[+-]\d{1,2}(?::\d\d)?", re.IGNORECASE
)
REGIONS = r"africa|america|antarctica|arctic|asia|atlantic|australia|etc|europe|indian|pacific"
NO_ZONE = re.compile(rf"(?:{REGIONS})/[\w/+-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SubscribeCommand:
    """`channel` is the @name it is for, where one was written first; `subject` may be empty.

    `mistaken` is the word at its end that looks like a time or a zone and is none.
    """

    subject: str
    schedule: Schedule
    quiet: bool = False
    at_once: bool = False
    channel: str | None = None
    mistaken: str = ""


def parse_command(text: str, usual: Schedule) -> SubscribeCommand:
    """Words are taken off the end as long as they say when or how: '湖北 芯片 周一 8点半' follows '湖北 芯片'."""
    words = text.split()
    channel = words.pop(0) if words and re.fullmatch(r"@[A-Za-z]\w{3,31}", words[0]) else None
    order = SubscribeCommand("", usual, channel=channel)
    taken = True
    while taken:
        taken = False
        for size in range(MAX_OPTION_WORDS, 0, -1):
            if len(words) >= size and (more := _option(" ".join(words[-size:]), order)):
                order, words, taken = more, words[:-size], True
                break
    last = words[-1] if words else ""
    mistaken = last if MISTAKEN_TIME.fullmatch(last) or NO_ZONE.fullmatch(last) else ""
    return replace(order, subject=" ".join(words), mistaken=mistaken)


def _option(said: str, order: SubscribeCommand) -> SubscribeCommand | None:
    """The order with one option more; None where these words are none."""
    if schedule := _scheduled(said, order.schedule):
        return replace(order, schedule=schedule)
    if said.casefold() in QUIET_WORDS:
        return replace(order, quiet=True)
    return replace(order, at_once=True) if said.casefold() in AT_ONCE_WORDS else None


def _scheduled(said: str, schedule: Schedule) -> Schedule | None:
    word = said.casefold()
    if days := WORD_DAYS.get(re.sub(r"[\s-]", "", word)):
        return replace(schedule, days=days)
    if hour := _hour(word):
        return replace(schedule, at=hour)
    if word == BEIJING_TIME:
        return replace(schedule, zone="Asia/Shanghai")
    # Poland and Japan are zones, too, and more often what is to be followed.
    if zone := zone_named(said) if "/" in said or word == "utc" else None:
        return replace(schedule, zone=zone)
    return _together(word, schedule)


def _together(word: str, schedule: Schedule) -> Schedule | None:
    """Chinese needs no space between day and hour: 每天早上8点."""
    for day, days in WORD_DAYS.items():
        if not day.isascii() and word.startswith(day) and (hour := _hour(word.removeprefix(day))):
            return replace(schedule, days=days, at=hour)
    return None


def _hour(word: str) -> time | None:
    """07:30, 8点半, 晚上9点, 6:30 pm; a number alone is no time."""
    found = HOUR_OF_DAY.fullmatch(word)
    if not found or not (found["minute"] or found["half"] or "点" in word):
        return None
    hour, minute = int(found["hour"]), 30 if found["minute"] == "半" else int(found["minute"] or 0)
    if hour == 12 and (found["half"] == "am" or found["part"] in {"凌晨", "晚上"}):
        hour = 0
    elif hour < 12 and {found["part"], found["half"]} & AFTERNOON_WORDS:
        hour += 0 if found["part"] == "中午" and hour > 9 else 12  # 中午11点半
    return time(hour, minute) if hour < 24 and minute < 60 else None
