"""How a question was read, in one line: 人民日报 · 2025-07."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from bot.render.html import cut, escape, line
from bot.render.i18n import Language, Say
from retrieval.model.documents import Outlet
from retrieval.model.results import Reading, Result

NAME = 40  # UTF-16 units of a name
MOST = 3  # names of a kind


def reading_line(result: Result, say: Say) -> str:
    """What was understood besides the words, what was read otherwise, and that something was cut; or nothing."""
    reading = result.reading
    corrected = [
        say("corrected", read=cut(line(word.read), NAME), asked=cut(line(word.asked), NAME))
        for word in reading.corrections[:MOST]
    ]
    understood = " · ".join(_understood(reading, say))
    lines = [say("reading", reading=understood) if understood else "", *corrected]
    lines.append(say("truncated") if reading.truncated else "")
    return "\n".join(escape(text) for text in lines if text)


def _understood(reading: Reading, say: Say) -> list[str]:
    days = span_of_days(reading.since, reading.until, say) if reading.since or reading.until else ""
    words = excluded_and_phrases(reading, say)
    return [part for part in (*_names(reading.outlets), *_names(reading.topics), days, words) if part]


def excluded_and_phrases(reading: Reading, say: Say) -> str:
    phrases = [say("in-quotes", word=phrase) for phrase in _names(reading.phrases)]
    return " · ".join([*phrases, *(say("without", word=word) for word in _names(reading.excluded))])


def _names(names: Sequence[str]) -> list[str]:
    return [cut(line(name), NAME) for name in names[:MOST] if name.strip()]


def span_of_days(since: date | None, until: date | None, say: Say) -> str:
    """The shortest writing: a year, a month, a day, else from and to."""
    if since is None or until is None:
        if since:
            return say("days-since", day=f"{since:%Y-%m-%d}")
        return say("days-until", day=f"{until:%Y-%m-%d}") if until else ""
    if since == until:
        return f"{since:%Y-%m-%d}"
    if since == date(since.year, 1, 1) and until == date(since.year, 12, 31):
        return f"{since:%Y}"
    if since.day == 1 and until == date(since.year, since.month, monthrange(since.year, since.month)[1]):
        return f"{since:%Y-%m}"
    return say("days-between", since=f"{since:%Y-%m-%d}", until=f"{until:%Y-%m-%d}")


def outlet_name(outlet: Outlet, language: Language) -> str:
    names = [outlet.name, outlet.english] if language == "en" and outlet.english != outlet.name else [outlet.name]
    return cut(" ".join(line(name) for name in names if name), NAME)
