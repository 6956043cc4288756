"""Dates named in a question, Chinese or English, as spans of days: a small grammar.

A rule reads one period; two periods joined by 'to' become one; a word such as 'since' opens an end.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retrieval.quantities import MONTH, MONTHS, UNITS, numeral


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both ends inclusive, `since` <= `until`; None is an open end."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Characters `start` to `end` name `span`; what is `bare` (2025, may) means a date only where it stands apart."""

    start: int
    end: int
    span: Span
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a part of one; `year` is None where the text leaves it open."""

    year: int | None
    months: tuple[int, int] = (1, 12)
    days: tuple[int, int] | None = None

    def span(self) -> Span | None:
        """None where there are no such days."""
        if self.year is None or not 1900 <= self.year <= 2100:
            return None
        first, last = self.months
        try:
            starts, ends = self.days or (1, monthrange(self.year, last)[1])
            span = Span(date(self.year, first, starts), date(self.year, last, ends))
        except ValueError:
            return None
        return span if starts <= ends or not self.days else None

    def latest(self, limit: date) -> Span | None:
        """With an open year the last one that had begun by `limit`; nine years hold every 29 February."""
        years = range(limit.year, limit.year - 9, -1) if self.year is None else (self.year,)
        spans = (replace(self, year=year).span() for year in years)
        return next((span for span in spans if span and (self.year or (span.since and span.since <= limit))), None)


@dataclass(frozen=True, slots=True)
class _Read:
    start: int
    end: int
    what: Period | Span | None  # None: looks like a date and cannot be one
    bare: bool = False


_DIGIT = "零〇一二三四五六七八九"
_SMALL = r"(?:\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r" ?(?:-|–|—|~|到|至) ?"
_YEAR = (
    rf"(?:(?P<year>(?<![\d.])\d{{4}}|(?<![{_DIGIT}])[{_DIGIT}]{{4}}) ?(?:年度?(?![代级])|(?={_TO}\d{{4}} ?年))"
    r"|(?<!大)(?P<ago>今年|本年|去年|前年)(?!同期))"
)
_MONTH_DAY = (
    rf"(?P<month>{_SMALL}) ?(?:月份?(?![龄球亮饼])|(?={_TO}{_SMALL} ?月))"
    rf"(?: ?(?P<day>{_SMALL}) ?(?:[日号]|(?={_TO}{_SMALL} ?[日号]))(?:{_TO}(?P<last>{_SMALL}) ?[日号])?)?"
)
_PART = rf"(?:{_MONTH_DAY}|(?<![前头])第?(?P<quarter>[一二三四1-4]) ?季度|(?P<half>[上下])半年)"
_Q = r"(?:q(?P<quarter>[1-4])|h(?P<half>[12]))(?![a-z0-9])"
_NAME = rf"(?P<month>{'|'.join(sorted({*MONTH, 'sept'}, key=len, reverse=True))})"
_IN_YEAR = r"(?:,? (?:of )?(?:(?P<year>\d{4})(?![\d%]|[.,]\d)|(?P<ago>this|last|the) year))"
_ORDINAL = "(?P<{}>first|second|third|fourth|1st|2nd|3rd|4th)"
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(UNITS)}|(?:a )?few|(?:a )?couple of)"
_MEASURE = (
    r"(?! ?(?:[元万亿千百人家个名米吨度次台辆项户亩点分倍]|公里"
    r"|(?:yuan|rmb|usd|yen|euros?|dollars?|k?m|km|kg|[kmg]?wh?|nm|mah|tons?|tonnes?|people|persons|units?|companies|firms"
    r"|hours?|days?|weeks?|months?|years?|cycles?|times|points?|percent|million|billion|trillion)(?![a-z])))"
)
YEARS_AGO = {"今年": 0, "本年": 0, "this": 0, "the": 0, "去年": 1, "last": 1, "前年": 2}
DAYS_AGO = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "前日": 2}
COUNTS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "上": 1, "下": 2, "两": 2, "sept": 9} | MONTH | UNITS
SOME = 7  # 'the past few days', 最近几天: rather too many than too few
HANDY = {*MONTHS} - {"march", "may"}  # month names that are dates without anything beside them


def find(text: str, today: date) -> list[Dated]:
    """The dates in normalised text with single spaces, in reading order; years left open are the latest begun."""
    return [_opened(text, dated) for dated in _joined(text, [*_periods(text, today)], today)]


def combine(spans: Iterable[Span]) -> Span:
    """The days that all allow; where there are none, everything from the first to the last."""
    spans = [*spans]
    sinces, untils = [s.since for s in spans if s.since], [s.until for s in spans if s.until]
    since, until = max(sinces, default=None), min(untils, default=None)
    if since is None or until is None or since <= until:
        return Span(since, until)
    whole = len(sinces) == len(untils) == len(spans)
    return Span(min(sinces), max(untils)) if whole else Span()


def _periods(text: str, today: date) -> Iterator[_Read]:
    reads = [
        _Read(*match.span(), *rule(match.groupdict(), today)) for pattern, rule in RULES for match in pattern.finditer(text)
    ]
    end = 0
    for read in sorted(reads, key=lambda read: (read.start, -read.end)):
        if read.start >= end:
            end = read.end
            yield read


Groups = dict[str, str | None]
Meaning = tuple[Period | Span | None, bool]


def _calendar(groups: Groups, today: date) -> Meaning:
    written = {name: _number(value) for name, value in groups.items() if value and name != "ago"}
    ago = groups.get("ago")
    period = Period(today.year - YEARS_AGO[ago] if ago else written.get("year"))
    if month := written.get("month"):
        day = written.get("day")
        period = replace(period, months=(month, month), days=(day, written.get("last", day)) if day else None)
        bare = (groups["month"] or "").isascii() and not (groups["month"] or "").isdigit()
        bare = bare and period.year is None and not day and groups["month"] not in HANDY
        return (period if month <= 12 and (period.latest(today) or period.year is None) else None), bare
    if quarter := written.get("quarter"):
        period = replace(period, months=(3 * quarter - 2, 3 * quarter))
    elif half := written.get("half"):
        period = replace(period, months=(6 * half - 5, 6 * half))
    return (period if period.year is None or period.span() else None), False


def _lone_year(groups: Groups, today: date) -> Meaning:
    year = int(groups["year"] or 0)
    return (Period(year) if 1990 <= year <= today.year + 1 else None), True


def _day(groups: Groups, today: date) -> Meaning:
    day = _before(today, 2 if groups["before"] else DAYS_AGO[groups["day"] or ""], "day")
    return Span(day, day), False


def _current(groups: Groups, today: date) -> Meaning:
    """This week, last month, 上上周, 上周五."""
    back, unit = groups["back"] or "", _unit(groups["unit"] or "")
    steps = len(back) if back[0] == "上" else int(back in {"last", "previous"})
    if unit == "week":
        monday = today - timedelta(today.weekday() + 7 * steps)
        weekday = groups.get("weekday")
        first = "一二三四五六日".find(weekday.translate({ord("天"): "日", ord("末"): "六"})) if weekday else 0
        last = first if weekday and weekday != "末" else 6
        return Span(monday + timedelta(first), monday + timedelta(last)), False
    if unit == "year":
        return Period(today.year - steps), False
    size = 3 if unit == "quarter" else 1
    start = _before(date(today.year, (today.month - 1) // size * size + 1, 1), steps * size, "month")
    return Period(start.year, (start.month, start.month + size - 1)), False


def _recent(groups: Groups, today: date) -> Meaning:
    """The last three days reach back three times 24 hours from now, so into the third day before today."""
    written, unit = groups.get("n") or "one", _unit(groups["unit"] or "")
    if written == "半":
        count, unit = {"year": (6, "month"), "month": (15, "day")}.get(unit, (1, unit))
    else:
        count = SOME if "few" in written or written == "几" else 2 if "couple" in written else _number(written)
    try:
        return Span(_before(today, count, unit), today), False
    except (ValueError, OverflowError):
        return None, False


RULES: list[tuple[re.Pattern[str], Callable[[Groups, date], Meaning]]] = [
    (re.compile(rf"{_YEAR}(?: ?的? ?(?:{_PART}|q(?P<q>[1-4])(?!\d)))?".replace("?P<q>", "?:")), _calendar),
]
