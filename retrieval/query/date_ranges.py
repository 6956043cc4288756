"""Dates in a question as spans of days: periods, joined by words such as 'to', opened by words such as 'since'."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retrieval.query import date_expressions
from retrieval.query.date_expressions import Named, Period, Span

ONE_DAY = timedelta(1)
TO = re.compile(r" ?(?:--?|–|—|~|\.\.|到|至) ?| (?:to|through|until|till) ")
AND = re.compile(r" and | ?[和与] ?")
FROM = re.compile(r"(?:(?<![a-z])(?:from|between) |自从|[从自由])$")
AGAIN = re.compile(" ?之间")
LEADS = re.compile(
    r"(?<![a-z])(?:(?P<since>since|starting(?: from)?)|(?P<after>after)|(?P<before>before|prior to)"
    r"|(?P<until>until|till|up to)) (?:the )?$"
)
COMPANY = re.compile(r"(?<![a-z])(?:in|during|of) $")
TRAILS = re.compile(
    r" ?(?:(?P<since>以来|至今|到现在|起(?![步来诉草点源价伏飞])|开始|以后|之后)|(?P<before>之前|以前|前(?!\w)))"
    r"| (?P<onwards>onwards?)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Dated:
    """Characters `start` to `end` name `span`; what is `bare` (2025, may) means a date only where it stands apart."""

    start: int
    end: int
    span: Span
    bare: bool


def find(text: str, today: date) -> list[Dated]:
    """The dates in normalised text with single spaces, in reading order; a year left open is the latest one begun."""
    found = []
    ahead = len(text)
    for named in reversed([*_joined(text, today)]):
        span = named.what.latest(today) if isinstance(named.what, Period) else named.what
        if span:
            found.append(_opened(text[:ahead], Dated(named.start, named.end, span, named.bare)))
        ahead = found[-1].start if span else named.start
    return found[::-1]


def combine(spans: Iterable[Span]) -> Span:
    """The days that all of them allow; where there are none, everything from the first to the last."""
    spans = [*spans]
    sinces, untils = [span.since for span in spans if span.since], [span.until for span in spans if span.until]
    since, until = max(sinces, default=None), min(untils, default=None)
    if since is None or until is None or since <= until:
        return Span(since, until)
    closed = len(sinces) == len(untils) == len(spans)
    return Span(min(sinces), max(untils)) if closed else Span()


def _joined(text: str, today: date) -> Iterator[Named]:
    """Neighbours with 'to' between them as one."""
    last: Named | None = None
    for named in date_expressions.find(text, today):
        if last and last.what and named.what and (end := _join(text, last, named)):
            lead = FROM.search(text, 0, last.start)
            bare = last.bare and named.bare and not lead
            start = lead.start() if lead else last.start
            last = Named(start, end, _range(last.what, named.what, today), bare)
            continue
        if last:
            yield last
        last = named
    if last:
        yield last


def _join(text: str, first: Named, second: Named) -> int | None:
    """Where the range of the two ends, None if they make none."""
    if TO.fullmatch(text, first.end, second.start):
        return second.end
    if AND.fullmatch(text, first.end, second.start):
        if again := AGAIN.match(text, second.end):
            return again.end()
        if text[: first.start].endswith("between "):
            return second.end
    return None


def _range(first: Period | Span, second: Period | Span, today: date) -> Span | None:
    """From the first to the second, a year written once being that of both."""
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
    return Span(min(begin.since, last.since), max(begin.until, last.until))


def _opened(text: str, dated: Dated) -> Dated:
    """The span with the words beside it that open one end of it."""
    span, since, until = dated.span, dated.span.since, dated.span.until
    if lead := LEADS.search(text, 0, dated.start):
        if lead["since"]:
            span = Span(since, None)
        elif lead["after"]:
            span = Span(until and until + ONE_DAY, None)
        else:
            span = Span(None, until if lead["until"] else since and since - ONE_DAY)
        return Dated(lead.start(), dated.end, span, False)
    if trail := TRAILS.match(text, dated.end):
        before = FROM.search(text, 0, dated.start)
        span = Span(None, since and since - ONE_DAY) if trail["before"] else Span(since, None)
        return Dated(before.start() if before else dated.start, trail.end(), span, False)
    return replace(dated, bare=dated.bare and not COMPANY.search(text, 0, dated.start))
