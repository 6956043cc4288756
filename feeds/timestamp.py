"""Timestamps: a date as a feed writes it to a time, None where it would have to be guessed."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from retrieval.model.documents import BEIJING

MAX_TIMESTAMP_CHARS = 100
EARLIEST_YEAR = 1990  # before the web: zeros of clocks and databases (1970, 1900, 0001)
MAX_AHEAD = timedelta(days=1)  # that a publisher's clock may go fast, or its zone be wrong
MAX_OFFSET_MINUTES = 14 * 60

_MONTHS_IN_FULL = "january february march april may june july august september october november december"
MONTHS = {name[:3]: n for n, name in enumerate(_MONTHS_IN_FULL.split(), 1)}
# CST is China's, not the American one
ZONE_HOURS = {"z": 0.0, "utc": 0, "gmt": 0, "ut": 0, "cst": 8, "bjt": 8, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9}
ZONE_HOURS |= {"est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "北京时间": 8}
ZONE_HOURS |= {"wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "ist": 5.5}
ZONE_HOURS |= {"aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13}
AFTERNOON, MORNING = ["pm", "p.m.", "下午", "中午"], ["am", "a.m.", "上午", "凌晨", "早上", "早晨", "清晨"]
EVENING = ["晚上", "傍晚", "晚"]  # whose twelve is midnight

_ENDINGS = "|".join(name[3:] for name in _MONTHS_IN_FULL.split() if name[3:])
_NAMED_MONTH = rf"(?P<name>{'|'.join(MONTHS)})(?:t|{_ENDINGS})?\b\.?"
_HALF_DAY = "|".join(map(re.escape, AFTERNOON + MORNING + EVENING))
_SECONDS = r"(?:[:：分] ?(?P<second>\d{1,2})(?:[.,]\d{1,9})?秒?)?"
_TIME_OF_DAY = (
    rf"(?P<before>{_HALF_DAY})? ?(?P<hour>\d{{1,2}})"
    rf"(?:[:：时点] ?(?P<minute>\d{{1,2}}){_SECONDS}分?|[时点]整?|(?= ?(?:{_HALF_DAY})))? ?(?P<after>{_HALF_DAY})?"
)
_ZONE = (
    r"(?P<zone>[a-z]{1,5}\b|北京时间|(?:[a-z]+/[a-z_]+))? ?"
    # behind an offset its name is only an echo: Go writes +0800 CST, Java +08:00[Asia/Shanghai]
    r"(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?: (?:[a-z]{1,5}\b|[+-]\d{4})|\[[a-z_/]{1,40}\])?)?"
    r" ?(?:\((?P<aside>[^()]{1,40})\))?"
)
_CLOCK = rf"(?:(?:[t,，]| ?at)? ?{_TIME_OF_DAY} ?{_ZONE})?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? ?|\(?(?:星期|周)[一二三四五六日天]\)?,? ?)?"
_MONTH_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
SPELLINGS = [
    re.compile(_WEEKDAY + pattern)
    for pattern in (
        rf"(?P<year>\d{{4}}) ?(?P<mark>[-/.年]) ?(?P<month>\d{{1,2}}) ?[-/.月] ?{_MONTH_DAY} ?日? ?{_WEEKDAY}{_CLOCK}",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d) {_TIME_OF_DAY} ?{_ZONE}",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:[t ]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.\d{{1,9}})? ?{_ZONE})?",
        rf"{_MONTH_DAY}(?: of)?[ -]?{_NAMED_MONTH},?[ -]?(?P<year>\d{{4}}|\d\d),? ?{_CLOCK}",
        rf"{_NAMED_MONTH} ?{_MONTH_DAY},? (?P<year>\d{{4}}),? ?{_CLOCK}",
        rf"{_NAMED_MONTH} ?{_MONTH_DAY},? {_TIME_OF_DAY} {_ZONE}(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}),? ?{_CLOCK}",
        rf"{_TIME_OF_DAY},? ?{_ZONE}(?P<year>\d{{4}})(?P<mark>[-/.年])(?P<month>\d{{1,2}})[-/.月]{_MONTH_DAY}日?",
    )
]
# 周二, 01 7月 2025, as WordPress writes it in Chinese
CHINESE_MONTH = re.compile(r"(?<=\d) ?(\d{1,2}|[一二三四五六七八九十]{1,2})月,? (?=\d{4})")
ASIDE_ZONE = re.compile(r"(?P<zone>[a-z]{1,5}|北京时间)?(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?")
EPOCH = re.compile(r"(?P<seconds>\d{10})(?:\d{3})?(?:\.\d+)?")


def parse_timestamp(text: str) -> datetime | None:
    """In UTC; Beijing's time where it names no zone.

    None for what lacks a year or a day, for a day and a month that could be each other (07/01/2025), and for years that
    a news item cannot have.
    """
    text = " ".join(unicodedata.normalize("NFKC", text[:MAX_TIMESTAMP_CHARS]).split()).casefold().replace("\u2212", "-")
    text = CHINESE_MONTH.sub(_name_month, text)
    try:
        if match := EPOCH.fullmatch(text):
            time = datetime.fromtimestamp(int(match["seconds"]), UTC)
        elif match := next((found for spelling in SPELLINGS if (found := spelling.fullmatch(text))), None):
            time = _read(match.groupdict())
        else:
            return None
        return time.astimezone(UTC) if time.year >= EARLIEST_YEAR else None
    except (ValueError, OverflowError, OSError):
        return None


def is_plausible(time: datetime, now: datetime) -> bool:
    """Whether something can have been published then; both are aware."""
    return time.year >= EARLIEST_YEAR and time <= now + MAX_AHEAD


def _name_month(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1].isdecimal() else "一二三四五六七八九十".find(match[1][-1]) + 1
    number += 10 if len(match[1]) == 2 and match[1][0] == "十" else 0
    name = next((name for name, n in MONTHS.items() if n == number), "")
    return f" {name} " if name else match[0]


def _read(parts: dict[str, str | None]) -> datetime:
    day, month = int(parts["day"] or 0), int(parts.get("month") or MONTHS.get(parts.get("name") or "", 0))
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") < 4:
        year += 2000 if year < 70 else 1900  # as RFC 2822 reads them
    if parts.get("mark") == "/" and parts["year"] and _day_first(parts) and day != month:
        if day <= 12 and month <= 12:
            raise ValueError("the day and the month cannot be told apart")
        day, month = (day, month) if day > 12 else (month, day)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("before") or parts.get("after")
    if (half in AFTERNOON and hour < (4 if half == "中午" else 12)) or (half in EVENING and hour <= 12):
        hour += 12
    elif half in MORNING and hour == 12:
        hour = 0
    time = datetime(year, month, day, tzinfo=_zone(parts))
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no time of a day")
    return time + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _day_first(parts: dict[str, str | None]) -> bool:
    return list(parts).index("day") < list(parts).index("year")


def _zone(parts: dict[str, str | None]) -> tzinfo:
    """ValueError for a name that is not known."""
    if (aside := parts.get("aside")) and not (parts.get("zone") or parts.get("sign")):
        if not (match := ASIDE_ZONE.fullmatch(aside.replace(" ", ""))):
            raise ValueError(f"no zone {aside}")
        parts = match.groupdict()
    name = parts.get("zone") or ""
    if name and name not in ZONE_HOURS:
        try:
            return ZoneInfo("/".join(part.title() for part in name.split("/")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no zone {name}") from None
    minutes = round(60 * ZONE_HOURS.get(name, 0))
    if parts.get("sign"):  # UTC+8, +0800
        offset = 60 * int(parts["hours"] or 0) + int(parts.get("minutes") or 0)
        minutes += -offset if parts["sign"] == "-" else offset
    elif not name:
        return BEIJING
    if abs(minutes) > MAX_OFFSET_MINUTES:
        raise ValueError("no zone is so far from UTC")
    return timezone(timedelta(minutes=minutes))
