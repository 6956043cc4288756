"""Pure parser of /subscribe: takes the text after it, returns the subject and the options at its end."""

import re
from dataclasses import dataclass, replace
from datetime import time

from bot.digest.schedule import WEEKDAY_CODES, Schedule, zone_named

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
MAX_OPTION_WORDS = 4  # 'before Hong Kong opens'
QUIET_WORDS = {"quiet", "silent", "静音"}
AT_ONCE_WORDS = {"at-once", "now", "立即", "有就告诉我"}
BEIJING_TIME = "北京时间"
HOUR_OF_DAY = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)?\s?(?P<hour>\d{1,2})"
    r"(?:(?::|：|点)(?P<minute>\d{2}|半)?分?)?\s?(?P<half>am|pm)?"
)
AFTERNOON_WORDS = {"中午", "下午", "傍晚", "晚上", "pm"}
# Looks like a time or a zone; if it is none, it is a mistake rather than a subject.
MISTAKEN_TIME = re.compile(
    r"\d{1,2}[:：]\d{1,2}|\d{1,2}点(?:\d{1,2}|半)?|(?:utc|gmt)[+-]\d{1,2}(?::\d\d)?", re.IGNORECASE
)
REGIONS = r"africa|america|antarctica|arctic|asia|atlantic|australia|etc|europe|indian|pacific"
UNKNOWN_ZONE = re.compile(rf"(?:{REGIONS})/[\w/+-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SubscribeCommand:
    """`channel` is an @name that came first, `mistaken` an invalid time or zone at the end; `subject` may be empty."""

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
        if len(words) >= size and (more := _with_option(command, " ".join(words[-size:]))):
            command, words, size = more, words[:-size], MAX_OPTION_WORDS
        else:
            size -= 1
    last = words[-1] if words else ""
    mistaken = last if MISTAKEN_TIME.fullmatch(last) or UNKNOWN_ZONE.fullmatch(last) else ""
    return replace(command, subject=" ".join(words), mistaken=mistaken)


def _with_option(command: SubscribeCommand, text: str) -> SubscribeCommand | None:
    """The command with one more option; None where the text is none."""
    if schedule := _with_time(command.schedule, text):
        return replace(command, schedule=schedule)
    if text.casefold() in QUIET_WORDS:
        return replace(command, quiet=True)
    return replace(command, at_once=True) if text.casefold() in AT_ONCE_WORDS else None


def _with_time(schedule: Schedule, text: str) -> Schedule | None:
    word = text.casefold()
    if days := WORD_DAYS.get(re.sub(r"[\s-]", "", word)):
        return replace(schedule, days=days)
    if hour := _hour(word):
        return replace(schedule, at=hour)
    if word == BEIJING_TIME:
        return replace(schedule, zone="Asia/Shanghai")
    # Poland and Japan are zones, too, but more often subjects.
    if zone := zone_named(text) if "/" in text or word == "utc" else None:
        return replace(schedule, zone=zone)
    # Chinese needs no space between day and hour: 每天早上8点.
    for day, days in WORD_DAYS.items():
        if not day.isascii() and word.startswith(day) and (hour := _hour(word.removeprefix(day))):
            return replace(schedule, days=days, at=hour)
    return None


def _hour(word: str) -> time | None:
    """07:30, 8点半, 晚上9点, 6:30 pm; a number alone is no time."""
    match = HOUR_OF_DAY.fullmatch(word)
    if not match or not (match["minute"] or match["half"] or "点" in word):
        return None
    hour, minute = int(match["hour"]), 30 if match["minute"] == "半" else int(match["minute"] or 0)
    if hour == 12 and (match["half"] == "am" or match["part"] in {"凌晨", "晚上"}):
        hour = 0
    elif hour < 12 and {match["part"], match["half"]} & AFTERNOON_WORDS:
        hour += 0 if match["part"] == "中午" and hour > 9 else 12  # 中午11点半
    return time(hour, minute) if hour < 24 and minute < 60 else None
