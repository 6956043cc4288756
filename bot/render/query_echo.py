"""The echo of a question: its interpretation goes in, one line such as 人民日报 · 2025-07 comes out."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from bot.render.html import escape, single_line, truncate
from bot.render.i18n import Language, Say
from bot.render.localized_name import ShownName, as_written
from retrieval.model.documents import Outlet
from retrieval.model.results import Interpretation, Result, UnrealDate

MAX_ECHO_CHARS = 40  # UTF-16 units of a name
MAX_ECHOED = 3  # names of each kind


def render_echo(result: Result, say: Say, named: ShownName = as_written) -> str:
    """Filters, spelling corrections and a note where the question was not read whole; empty where there are none."""
    reading = result.reading
    corrections = [
        say(
            "corrected",
            read=truncate(single_line(word.read), MAX_ECHO_CHARS),
            asked=truncate(single_line(word.asked), MAX_ECHO_CHARS),
        )
        for word in reading.corrections[:MAX_ECHOED]
    ]
    filters = " · ".join(_filters(reading, say, named))
    lines = [say("reading", reading=filters) if filters else "", *corrections]
    lines += [unreal_date(one, say) for one in reading.unreal_dates[:MAX_ECHOED]]
    lines.append(say("truncated") if reading.truncated else "")
    lines.append(say("rarest-only") if reading.rarest_only else "")
    return "\n".join(escape(text) for text in lines if text)


def unreal_date(date: UnrealDate, say: Say) -> str:
    """What a date that the calendar does not have was read as, or that it was refused and what to write."""
    asked = truncate(single_line(date.asked), MAX_ECHO_CHARS)
    if read := render_days(date.since, date.until, say):
        return say("date-unreal", asked=asked, read=read)
    return say("date-refused", asked=asked)


def _filters(reading: Interpretation, say: Say, named: ShownName) -> list[str]:
    days = render_days(reading.since, reading.until, say) if reading.since or reading.until else ""
    words = excluded_and_phrases(reading, say)
    return [part for part in (*_names(reading.outlets), *_names(list(map(named, reading.topics))), days, words) if part]


def filter_names(reading: Interpretation, kinds: Sequence[str], say: Say) -> str:
    """The filters of these kinds, in the order that they are read in."""
    names = {
        "date": render_days(reading.since, reading.until, say),
        "outlet": ", ".join(_names(reading.outlets)),
        "topic": ", ".join(_names(reading.topics)),
        "phrase": say("quotation-marks"),
        "excluded": ", ".join(f"-{name}" for name in _names(reading.excluded)),
    }
    return " · ".join(names[kind] for kind in kinds)


def excluded_and_phrases(reading: Interpretation, say: Say) -> str:
    phrases = [say("in-quotes", word=phrase) for phrase in _names(reading.phrases)]
    return " · ".join([*phrases, *(say("without", word=word) for word in _names(reading.excluded))])


def _names(names: Sequence[str]) -> list[str]:
    return [truncate(single_line(name), MAX_ECHO_CHARS) for name in names[:MAX_ECHOED] if name.strip()]


def render_days(since: date | None, until: date | None, say: Say) -> str:
    """As short as possible: a year, a month, a day, else a range."""
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
    return truncate(" ".join(single_line(name) for name in names if name), MAX_ECHO_CHARS)
