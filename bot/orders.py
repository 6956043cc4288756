"""What somebody wrote after /subscribe: what to follow, then, in any order, when and how. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import time

from bot.schedule import Schedule, zone_named

DAYS = {
    "daily": ("daily", "每天", "每日"),
    "weekdays": ("weekdays", "工作日", "平日"),
    "mon": ("mon", "monday", "周一", "每周一", "星期一"),
    "tue": ("tue", "tuesday", "周二", "每周二", "星期二"),
    "wed": ("wed", "wednesday", "周三", "每周三", "星期三"),
    "thu": ("thu", "thursday", "周四", "每周四", "星期四"),
    "fri": ("fri", "friday", "周五", "每周五", "星期五"),
    "sat": ("sat", "saturday", "周六", "每周六", "星期六"),
    "sun": ("sun", "sunday", "周日", "每周日", "星期日", "周天"),
    "XSHG open": ("xshg-open", "a股开盘前", "沪市开盘前", "上交所开盘前"),
    "XSHG close": ("xshg-close", "a股收盘后", "沪市收盘后", "上交所收盘后"),
    "XHKG open": ("xhkg-open", "港股开盘前", "港交所开盘前"),
    "XHKG close": ("xhkg-close", "港股收盘后", "港交所收盘后"),
}
MEANT = {word: days for days, words in DAYS.items() for word in words}
QUIET = {"quiet", "silent", "静音"}
AT_ONCE = {"at-once", "now", "立即", "有就告诉我"}
BEIJING_TIME = "北京时间"
HOUR = re.compile(r"(\d{1,2})(?::|：|点)(\d{2}|半)?")


@dataclass(frozen=True, slots=True)
class Order:
    """`channel` is the @name it is for, where one was written first; `subject` may be empty."""

    subject: str
    schedule: Schedule
    quiet: bool = False
    at_once: bool = False
    channel: str | None = None


def parse(text: str, usual: Schedule) -> Order:
    """Words are taken off the end as long as they say when or how: '湖北 芯片 周一 8点半' follows '湖北 芯片'."""
    words = text.split()
    channel = words.pop(0) if words and re.fullmatch(r"@[A-Za-z]\w{3,31}", words[0]) else None
    order = Order("", usual, channel=channel)
    taken = True
    while taken:
        taken = False
        for size in (2, 1):  # 'XSHG open' and 'America/New York' are two words
            if len(words) >= size and (more := _option(" ".join(words[-size:]), order)):
                order, words, taken = more, words[:-size], True
                break
    return replace(order, subject=" ".join(words))


def _option(said: str, order: Order) -> Order | None:
    """The order with one option more; None where these words are none."""
    if schedule := _scheduled(said, order.schedule):
        return replace(order, schedule=schedule)
    if said.casefold() in QUIET:
        return replace(order, quiet=True)
    return replace(order, at_once=True) if said.casefold() in AT_ONCE else None


def _scheduled(said: str, schedule: Schedule) -> Schedule | None:
    word = said.casefold()
    if days := MEANT.get(word.replace(" ", "-")):
        return replace(schedule, days=days)
    if hour := _hour(word):
        return replace(schedule, at=hour)
    if word == BEIJING_TIME:
        return replace(schedule, zone="Asia/Shanghai")
    # Poland and Japan are zones, too, and more often what is to be followed.
    zone = zone_named(said) if "/" in said or word == "utc" else None
    return replace(schedule, zone=zone) if zone else None


def _hour(word: str) -> time | None:
    found = HOUR.fullmatch(word)
    if not found or (":" in word.replace("：", ":") and not found[2]):
        return None
    minute = 30 if found[2] == "半" else int(found[2] or 0)
    return time(int(found[1]), minute) if int(found[1]) < 24 and minute < 60 else None
