"""Date ranges: a question to spans of days, joined by words such as 'to' and opened by words such as 'since'."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from retrieval.query import date_expressions
from retrieval.query.date_expressions import DateRange, Period, PeriodMention

ONE_DAY = timedelta(days=1)
YEARS_BACK = 9  # that a date without a year may mean
RANGE_TO = re.compile(r" ?(?:--?|–|—|~|\.\.|到|至) ?| (?:to|through|until|till) ")
RANGE_AND = re.compile(r" and | ?[和与] ?")
RANGE_FROM = re.compile(r"(?:(?<![a-z])(?:from|between) |自从|[从自由])$")
RANGE_END = re.compile(" ?之间")
LEADING_WORDS = re.compile(
    r"(?<![a-z])(?:(?P<since>since|starting(?: from)?)|(?P<after>after)|(?P<before>before|prior to)"
    r"|(?P<until>until|till|up to)) (?:the )?$"
)
NEEDS_COMPANY = re.compile(r"(?<![a-z])(?:in|during|of) $")
TRAILING_WORDS = re.compile(
    r" ?(?:(?P<since>以来|至今|到现在|起(?![步来诉草点源价伏飞])|开始|以后|之后)|(?P<before>之前|以前|前(?!\w)))"
    r"| (?P<onwards>onwards?)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """Characters `start` to `end` name days; a `bare` one (2025, may) is a date only if it stands apart.

    An `unreal` one has the days around some that do not exist (30 February).

    A date without a year may be any of several `ranges`, the latest one first; all others have one.
    """

    start: int
    end: int
    ranges: tuple[DateRange, ...]
    bare: bool
    unreal: bool = False

    @property
    def range(self) -> DateRange:
        """The latest one that has begun."""
        return self.ranges[0]


def find_dates(text: str, today: date) -> list[DateMention]:
    """The dates in normalised text with single spaces, in reading order; an open year is one that has begun."""
    found = []
    ahead = len(text)
    for mention in reversed([*_join_all(text, today)]):
        if mention.ranges:
            found.append(_open_range(text[:ahead], mention))
        ahead = found[-1].start if mention.ranges else mention.start
    return found[::-1]


def combine(spans: Iterable[DateRange]) -> DateRange:
    """The intersection; if that is empty, everything from the first day to the last."""
    if not (spans := [*spans]):
        return DateRange()
    sinces, untils = [span.since for span in spans if span.since], [span.until for span in spans if span.until]
    since, until = max(sinces, default=None), min(untils, default=None)
    if since is None or until is None or since <= until:
        return DateRange(since, until)
    closed = len(sinces) == len(untils) == len(spans)
    return DateRange(min(sinces), max(untils)) if closed else DateRange()


def _join_all(text: str, today: date) -> Iterator[DateMention]:
    """Periods, two with 'to' between them as one; without a range for one that does not exist."""
    last: PeriodMention | None = None
    joined: tuple[DateRange, ...] = ()
    for mention in date_expressions.find_periods(text, today):
        if last and last.meaning and mention.meaning and (end := _join(text, last, mention)):
            lead = RANGE_FROM.search(text, 0, last.start)
            bare = last.bare and mention.bare and not lead
            start = lead.start() if lead else last.start
            joined = _ranges(last.meaning, mention.meaning, today)
            unreal = last.unreal or mention.unreal
            last = PeriodMention(start, end, next(iter(joined), None), bare, unreal)
            continue
        if last:
            yield _dated(last, joined, today)
        last, joined = mention, ()
    if last:
        yield _dated(last, joined, today)


def _dated(mention: PeriodMention, joined: tuple[DateRange, ...], today: date) -> DateMention:
    ranges = joined or _days(mention.meaning, today)
    return DateMention(mention.start, mention.end, ranges, mention.bare, mention.unreal)


def _days(meaning: Period | DateRange | None, today: date) -> tuple[DateRange, ...]:
    if not isinstance(meaning, Period):
        return (meaning,) if meaning else ()
    if meaning.year is None:
        return tuple(_every_year(meaning.latest, today))
    span = meaning.latest(today)
    return (span,) if span else ()


def _ranges(first: Period | DateRange, second: Period | DateRange, today: date) -> tuple[DateRange, ...]:
    """From the first to the second."""
    if isinstance(first, Period) and isinstance(second, Period) and first.year is None and second.year is None:
        return tuple(_every_year(partial(_range, first, second), today))
    span = _range(first, second, today)
    return (span,) if span else ()


def _every_year(latest: Callable[[date], DateRange | None], today: date) -> Iterator[DateRange]:
    """What is the latest one today, and was so in earlier years."""
    for _ in range(YEARS_BACK):
        span = latest(today)
        if span is None or span.until is None:
            return
        yield span
        today = date(span.until.year - 1, 12, 31)


def _join(text: str, first: PeriodMention, second: PeriodMention) -> int | None:
    """The end of the range that the two make; None if they make none."""
    if RANGE_TO.fullmatch(text, first.end, second.start):
        return second.end
    if RANGE_AND.fullmatch(text, first.end, second.start):
        if again := RANGE_END.match(text, second.end):
            return again.end()
        if text[: first.start].endswith("between "):
            return second.end
    return None


def _range(first: Period | DateRange, second: Period | DateRange, today: date) -> DateRange | None:
    """From the first to the second; a year written once is that of both."""
    if isinstance(first, Period) and isinstance(second, Period):
        turn = (second.months, second.days or (0, 0)) < (first.months, first.days or (0, 0))
        if second.year is None and first.year is not None:
            second = replace(second, year=first.year + turn)
        elif first.year is None and second.year is not None:
            first = replace(first, year=second.year - turn)
    last = second.latest(today) if isinstance(second, Period) else second
    if not last:
        return None
    begin = first.latest(last.since or today) if isinstance(first, Period) else first
    if not (begin and begin.since and begin.until and last.since and last.until):
        return None
    return DateRange(min(begin.since, last.since), max(begin.until, last.until))


def _open_range(text: str, dated: DateMention) -> DateMention:
    """Apply the words beside a date that open one end of it."""
    if lead := LEADING_WORDS.search(text, 0, dated.start):
        ranges = tuple(_led(span, lead) for span in dated.ranges)
        return replace(dated, start=lead.start(), ranges=ranges, bare=False)
    if trail := TRAILING_WORDS.match(text, dated.end):
        before = RANGE_FROM.search(text, 0, dated.start)
        ranges = tuple(_before(span) if trail["before"] else DateRange(span.since, None) for span in dated.ranges)
        start = before.start() if before else dated.start
        return replace(dated, start=start, end=trail.end(), ranges=ranges, bare=False)
    return replace(dated, bare=dated.bare and not NEEDS_COMPANY.search(text, 0, dated.start))


def _led(span: DateRange, lead: re.Match[str]) -> DateRange:
    if lead["since"]:
        return DateRange(span.since, None)
    if lead["after"]:
        return DateRange(span.until and span.until + ONE_DAY, None)
    return DateRange(None, span.until) if lead["until"] else _before(span)


def _before(span: DateRange) -> DateRange:
    return DateRange(None, span.since and span.since - ONE_DAY)
