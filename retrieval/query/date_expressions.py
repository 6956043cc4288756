"""Date expressions of both languages (2025年7月, 上周, last 3 days, Q3 2025): a question to the periods it names."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retrieval.language.quantities import MONTH_BEGINNINGS, MONTH_NAMES, MONTH_NUMBERS, SPELT_UNITS, parse_numeral


@dataclass(frozen=True, slots=True)
class DateRange:
    """Both ends inclusive, `since` <= `until`; None is an open end."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a part of one; `year` is None if the text leaves it open."""

    year: int | None
    months: tuple[int, int] = (1, 12)
    days: tuple[int, int] | None = None

    def latest(self, limit: date) -> DateRange | None:
        """Its days, in the last year begun by `limit` if it names none (nine years include a 29 February)."""
        if self.year is not None:
            return self._in(self.year)
        spans = (self._in(year) for year in range(limit.year, limit.year - 9, -1))
        return next((span for span in spans if span and span.since and span.since <= limit), None)

    def _in(self, year: int) -> DateRange | None:
        first, last = self.months
        try:
            starts, ends = self.days or (1, monthrange(year, last)[1])
            since, until = date(year, first, starts), date(year, last, ends)
        except ValueError:
            return None
        return DateRange(since, until) if 1900 <= year <= 2100 and since <= until else None


@dataclass(frozen=True, slots=True)
class PeriodMention:
    """Characters `start` to `end` name a period, None for one that does not exist.

    A `bare` one (2025, may) is a period only if something beside it says so. An `unreal` one is the month of a day, or
    the year of a month, that does not exist.
    """

    start: int
    end: int
    meaning: Period | DateRange | None
    bare: bool = False
    unreal: bool = False


MatchGroups = dict[str, str | None]
PeriodMeaning = tuple[Period | DateRange | None, bool] | tuple[Period | DateRange | None, bool, bool]

_DIGIT = "零〇一二三四五六七八九"
_SMALL = r"(?:\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r" ?(?:-|–|—|~|到|至) ?"
_YEAR = (
    rf"(?:(?P<year>(?<![\d.])\d{{4}}|(?<![{_DIGIT}])[{_DIGIT}]{{4}}) ?(?:年度?(?![代级])|(?={_TO}\d{{4}} ?年))"
    r"|(?<!大)(?P<ago>今年|本年|去年|前年)(?!同期|均))"
)
_DAY = rf"(?P<day>{_SMALL}) ?(?:[日号]|(?={_TO}{_SMALL} ?[日号]))(?:{_TO}(?P<last>{_SMALL}) ?[日号])?"
_MONTH = rf"(?P<month>{_SMALL}) ?(?:月份?(?![龄球亮饼])|(?={_TO}{_SMALL} ?月))(?: ?{_DAY})?"
_PART = rf"(?:{_MONTH}|(?<![前头])第?(?P<quarter>[一二三四1-4]) ?季度|(?P<half>[上下])半年)"
_CODE = r"(?:q(?P<q>[1-4])|h(?P<h>[12]))(?![a-z0-9])"
_FROM = r"(?<![\da-z\-/])(?<!\d\.)"
_NAME = rf"(?<![a-z0-9])(?P<month>{'|'.join(sorted({*MONTH_NUMBERS, 'sept'}, key=len, reverse=True))})(?![a-z0-9])\.?"
_IN_YEAR = r"(?:,? (?:of )?(?:(?P<year>\d{4})(?![\d%a-z]|[.,]\d)|(?P<ago>this|last|the) year(?![a-z])))"
_ORDINAL = "first|second|third|fourth|1st|2nd|3rd|4th"
_MEASURE = (
    r"(?: ?(?:[元万亿千百人家个名米吨度次台辆项户亩点分倍]|公里"
    r"|(?:yuan|rmb|usd|yen|euros?|dollars?|k?m|kg|[kmg]?wh?|nm|mah|tons?|tonnes?|people|persons|units?|companies|firms"
    r"|hours?|days?|weeks?|months?|years?|cycles?|times|points?|percent|million|billion|trillion)(?![a-z])))"
)
_YEARS_AGO = {"今年": 0, "本年": 0, "this": 0, "the": 0, "去年": 1, "last": 1, "前年": 2}
_DAYS_AGO = {"今": 0, "today": 0, "昨": 1, "yesterday": 1, "前": 2, "day before yesterday": 2}
_WEEKDAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
_COUNTS = {"上": 1, "下": 2, "sept": 9, "couple of": 2, "few": 7, "几": 7}  # rather too many than too few
_COUNTS |= {
    word: n for words in ("first second third fourth", "1st 2nd 3rd 4th") for n, word in enumerate(words.split(), 1)
}
_COUNTS |= MONTH_NUMBERS | SPELT_UNITS
_MONTHS_LONG = {"month": 1, "月": 1, "quarter": 3, "季度": 3, "year": 12, "年": 12}
_DAYS_LONG = {"day": 1, "天": 1, "日": 1, "week": 7, "周": 7, "星期": 7, "礼拜": 7}
MAX_MONTH_DAYS = 31
_NEED_COMPANY = MONTH_NUMBERS.keys() - {*MONTH_NAMES} | {"sept", "march", "may"}


def find_periods(text: str, today: date) -> list[PeriodMention]:
    """The periods in normalised text with single spaces, in reading order; earlier and longer ones win."""
    if not (there := {needed for needed in NEEDED if needed(text)}):
        return []
    matches = [(match, rule) for needed, form, rule in RULES if needed in there for match in form.finditer(text)]
    found = [PeriodMention(*match.span(), *rule(match.groupdict(), today)) for match, rule in matches]
    kept: list[PeriodMention] = []
    for mention in sorted(found, key=lambda mention: (mention.start, -mention.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _calendar(groups: MatchGroups, today: date) -> PeriodMeaning:
    """A year, or a month, quarter or half of one."""
    ago, name = groups.get("ago"), groups.get("month")
    written = {key: _count(value) for key, value in groups.items() if value and key != "ago"}
    period = Period(today.year - _YEARS_AGO[ago] if ago else written.get("year"))
    if month := written.get("month"):
        day = written.get("day")
        period = replace(
            period, months=(month, month), days=(day, written.get("last", day)) if day is not None else None
        )
    elif quarter := written.get("quarter", written.get("q")):
        period = replace(period, months=(3 * quarter - 2, 3 * quarter))
    elif half := written.get("half", written.get("h")):
        period = replace(period, months=(6 * half - 5, 6 * half))
    bare = name in _NEED_COMPANY and period.year is None and period.days is None
    if period.latest(today):
        return period, bare
    return _around(period, groups, today), bare, True


def _around(period: Period, groups: MatchGroups, today: date) -> Period | None:
    """The month of a day, or the year of a month, that does not exist.

    'May 45' without a year counts something in May, and 2024-25 is a season: no month but 13月 is a slip of one.
    """
    counts = period.year is None and groups.get("month") in MONTH_NUMBERS and max(period.days or (0,)) > MAX_MONTH_DAYS
    month = replace(period, days=None)
    if period.days and not counts and month.latest(today):
        return month
    year = Period(period.year)
    return year if period.year and "ago" in groups and year.latest(today) else None


def _lone_year(groups: MatchGroups, today: date) -> PeriodMeaning:
    year = int(groups["year"] or 0)
    return (Period(year) if 1990 <= year <= today.year + 1 else None), True


def _day(groups: MatchGroups, today: date) -> PeriodMeaning:
    day = today - timedelta(_DAYS_AGO[groups["day"] or ""])
    return DateRange(day, day), False


def _current(groups: MatchGroups, today: date) -> PeriodMeaning:
    """This week, last month, 上上周, 上周五."""
    back, unit = groups["back"] or "", groups["unit"] or ""
    steps = len(back) if "上" in back else int(back in {"last", "previous"})
    if unit in {"week", "周", "星期", "礼拜"}:
        monday = today - timedelta(today.weekday() + 7 * steps)
        if weekday := groups.get("weekday"):
            day = monday + timedelta(_WEEKDAYS[weekday])
            return DateRange(day, day), False
        return DateRange(monday, monday + timedelta(6)), False
    size = _MONTHS_LONG[unit]
    begun = today.year * 12 + (today.month - 1) // size * size - steps * size
    return Period(begun // 12, (begun % 12 + 1, begun % 12 + size)), False


def _recent(groups: MatchGroups, today: date) -> PeriodMeaning:
    """Three days are 72 hours, which reach back into the third day before today."""
    written, unit = groups["n"] or groups.get("few") or "one", groups["unit"] or ""
    count = 0.5 if written == "半" else _count(written.removeprefix("a "))
    try:
        if unit in _DAYS_LONG:
            since = today - timedelta(-(-count * _DAYS_LONG[unit] // 1))
        elif unit in {"hour", "小时"}:
            since = today - timedelta(-(-count // 24))
        elif (months := count * _MONTHS_LONG[unit]) < 1:
            since = today - timedelta(15)
        else:
            year, month = divmod(today.year * 12 + today.month - 1 - int(months), 12)
            since = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None, False
    return DateRange(since, today), False


def _count(written: str) -> int:
    return int(written) if written.isdigit() else _COUNTS.get(written) or parse_numeral(written)


# Most questions name no period: what a form needs is looked for first, once for all forms that need it.
DIGIT, CHINESE_UNIT = re.compile(r"\d"), re.compile("[年月季周天日星礼小]")
ENGLISH_UNITS = ("hour", "day", "week", "month", "quarter", "year")


def _has_digit(text: str) -> bool:
    return DIGIT.search(text) is not None


def _has_half_or_digit(text: str) -> bool:
    return "half" in text or _has_digit(text)


def _has_chinese_unit(text: str) -> bool:
    return not text.isascii() and CHINESE_UNIT.search(text) is not None


def _has_english_unit(text: str) -> bool:
    return any([unit in text for unit in ENGLISH_UNITS])  # noqa: C419 -- a generator takes three times as long


def _has_month_name(text: str) -> bool:
    return any([name in text for name in MONTH_BEGINNINGS])  # noqa: C419


NEEDED = (_has_digit, _has_half_or_digit, _has_chinese_unit, _has_english_unit, _has_month_name)
RULES: tuple[tuple[Callable[[str], bool], re.Pattern[str], Callable[[MatchGroups, date], PeriodMeaning]], ...] = tuple(
    (needed, re.compile(form), rule)
    for needed, form, rule in (
        (_has_chinese_unit, rf"{_YEAR}(?: ?的? ?(?:{_PART}|{_CODE}))?", _calendar),
        (_has_chinese_unit, rf"(?<![\d./个百千万十{_DIGIT}]){_PART}", _calendar),
        (_has_digit, rf"{_FROM}(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})(?![\da-z]|[-/.]\d)", _calendar),
        (
            _has_digit,
            rf"{_FROM}(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?![\da-z]|[-/.]\d)",
            _calendar,
        ),
        (
            _has_month_name,
            rf"{_NAME}(?: (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:-(?P<last>\d{{1,2}}))?(?![\d%a-z]|[.,]\d))?{_IN_YEAR}?",
            _calendar,
        ),
        (_has_digit, rf"(?<![\da-z.])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_NAME}{_IN_YEAR}?", _calendar),
        (_has_english_unit, rf"(?<![a-z0-9])(?:the )?(?P<quarter>{_ORDINAL}) quarter(?![a-z]){_IN_YEAR}?", _calendar),
        (
            _has_half_or_digit,
            rf"(?<![a-z0-9])(?:the )?(?:(?P<half>first|second|1st|2nd) half|{_CODE}){_IN_YEAR}",
            _calendar,
        ),
        (_has_digit, rf"(?<![\da-z.])(?P<year>\d{{4}})[ -]?{_CODE}", _calendar),
        (_has_digit, r"(?<![\w.-])q(?P<q>[1-4])(?![\w.-])", _calendar),
        (
            _has_digit,
            r"(?<![\w.,:/$€£¥+])(?<!(?<!\d{4})-)(?P<year>\d{4})"
            rf"(?![\w%]|[.,:/]\d|-(?!\d{{4}}(?!\d))|{_MEASURE})",
            _lone_year,
        ),
        (_has_chinese_unit, r"(?<!大)(?P<day>[今昨前])(?:天|日(?!头条))", _day),
        (_has_english_unit, r"(?<![a-z])(?:the )?(?P<day>today|yesterday|day before yesterday)(?![a-z])", _day),
        (
            _has_chinese_unit,
            r"(?P<back>上+|本|这)个?(?P<unit>周|星期|礼拜)"
            r"(?:(?P<weekday>[一二三四五六日天])(?![共些起直下般]))?(?![期边围年刊转报])",
            _current,
        ),
        (_has_chinese_unit, r"(?P<back>(?<!登)上+|本|这)个?(?P<unit>月|季度)(?![球亮饼])", _current),
        (
            _has_english_unit,
            r"(?<![a-z])(?P<back>this|last|previous|current) (?P<unit>week|month|quarter|year)(?![a-z])",
            _current,
        ),
        (
            _has_chinese_unit,
            r"(?:(?:最近|(?<![附接靠将临最])近|过去)的? ?(?P<n>\d{1,3}|[一二两三四五六七八九十百]{1,4}|几|半)"
            r"|这(?P<few>几)) ?个?(?P<unit>天|日|周|星期|礼拜|月|季度|年|小时)(?![龄年半边])"
            r"(?:以来|来|之内|以内|里|内)?",
            _recent,
        ),
        (
            _has_english_unit,
            rf"(?<![a-z])(?:the )?(?:past|(?:last|past|recent|latest) (?P<n>\d{{1,3}}|{'|'.join(SPELT_UNITS)}"
            r"|(?:a )?few|(?:a )?couple of)) (?P<unit>hour|day|week|month|quarter|year)s?(?![a-z])",
            _recent,
        ),
    )
)
