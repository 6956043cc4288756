"""Query filters: a question to outlets, days, topics, quoted phrases, excluded words and the remaining text.

`outlet:`, `date:` and `topic:` filter, and so does an outlet or a date that stands apart. Within a sentence it only
raises the points that have it, since events of one year may be printed in the next. A date without a year means the
last one that has documents. It only raises wherever words are left to search for, of which it is one.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from retrieval.language.bilingual_names import MAX_REMEMBERED_TOPIC_LISTS, topic_of_part
from retrieval.language.glyphs import fold_glyphs
from retrieval.language.tokenizer import normalize
from retrieval.model import outlets
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING
from retrieval.model.results import UnrealDate
from retrieval.query import date_ranges, entity_mentions
from retrieval.query.date_expressions import DateRange
from retrieval.query.entity_mentions import HIDDEN_CHARACTER, WORD_SEPARATORS, Mention, NameMatcher


@dataclass(frozen=True, slots=True)
class QueryFilters:
    """`text` is left to be searched as words, those of phrases included; phrases and excluded words are as written.

    The favoured ones only raise points, all others filter; days are Beijing's, both ends inclusive. An unreal
    date behind `date:` has no days, and nothing passes it.
    """

    text: str
    outlets: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    topics: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    favoured_outlets: tuple[str, ...] = ()
    favoured_since: date | None = None
    favoured_until: date | None = None
    unreal_dates: tuple[UnrealDate, ...] = ()


_OPERATORS = {"outlet": "outlet 媒体 来源", "date": "date 日期 时间 since until", "topic": "topic 主题 话题"}
OPERATOR_KINDS = {name: kind for kind, names in _OPERATORS.items() for name in names.split()}
OPEN_ENDS: dict[str, Callable[[DateRange], DateRange]] = {
    "since": lambda span: DateRange(span.since, None),
    "until": lambda span: DateRange(None, span.until),
}
_QUOTED = r'(?:"[^"]+"|“[^”]+”|「[^」]+」|『[^』]+』|《[^》]+》)'
# likely meant as a date, read or not: 2025-13, 20250230
DATE_LIKE = re.compile(r"\d{4}(?:[-/.]\d{1,4}){0,2}|(?:\d{1,2}[-/.]){1,2}\d{4}|\d{5,8}")
QUOTE_MARKS = '"“”「」『』《》 '
OPERATOR = re.compile(
    rf"(?<![\w-])(?P<kind>{'|'.join(OPERATOR_KINDS)}) ?: ?(?:(?P<value>{_QUOTED})|(?=[^ ]))"
    rf'|(?:^|(?<= ))-(?P<excluded>{_QUOTED}|[^\W\d_][^ ,;:!?。、"“”]*)'
    r'|(?:^|(?<= ))(?P<phrase>"[^"]+"|“[^”]+”)(?=$|[?.,!]*(?: |$))'
)
OPERATOR_VALUE = re.compile(r"[^ ,;!?。、]+")
WORD_END = re.compile(r"(?<=[^ ])(?=[ ,;!?。、]|$)")
MAX_PART_WORDS = 5  # of a topic's name

HasDocuments = Callable[[DocumentFilter], bool]


def parse_filters(
    question: str,
    now: datetime,
    topics: Collection[str],
    has_documents: HasDocuments = lambda _: True,
    other_names: Mapping[str, str] | None = None,
) -> QueryFilters:
    """`now` is aware; `topics` are the names of all topics; a date without a year is one that `has_documents`.

    `other_names` lead to topics behind `topic:`.
    """
    names = _topic_names(tuple(sorted(topics)), tuple((other_names or {}).items()))
    return _FilterParser(question, now.astimezone(BEIJING).date(), names, has_documents).parse()


@lru_cache(MAX_REMEMBERED_TOPIC_LISTS)
def _topic_names(topics: tuple[str, ...], other_names: tuple[tuple[str, str], ...]) -> NameMatcher:
    called = {**dict(other_names), **{topic: topic for topic in topics if topic.strip()}}
    return NameMatcher({_folded_name(name): topic for name, topic in called.items()})


def _folded_name(name: str) -> str:
    return fold_characters(" ".join(fold_glyphs(name).split()))


def fold_characters(text: str) -> str:
    """Normalise, keeping the number of characters."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, text))


class _FilterParser:
    """A question while filters are taken out of it; `seen` is `written`, normalised character for character."""

    def __init__(self, question: str, today: date, topics: NameMatcher, has_documents: HasDocuments) -> None:
        self.written = " ".join(question.split())
        self.seen = fold_characters(self.written)
        self.today, self.known, self.has_documents = today, topics, has_documents
        self.outlets: list[str] = []
        self.topics: list[str] = []
        self.phrases: list[str] = []
        self.unreal: list[UnrealDate] = []
        self.excluded: list[str] = []
        self.dates: list[tuple[DateRange, ...]] = []  # each may be any of these, the latest first

    def parse(self) -> QueryFilters:
        self._topic_alone()
        for match in OPERATOR.finditer(self.seen):
            self._operator(match)
        favoured = self._mentions()
        self._topic_alone()
        days = date_ranges.combine(map(self._with_documents, self.dates))
        raised = date_ranges.combine(self._with_documents(mention.ranges) for mention in favoured if mention.ranges)
        return QueryFilters(
            " ".join(self.written.split()),
            outlets=_unique(self.outlets),
            since=days.since,
            until=days.until,
            topics=_unique(self.topics),
            phrases=_unique(self.phrases),
            excluded=_unique(self.excluded),
            favoured_outlets=_unique(mention.meant for mention in favoured if isinstance(mention.meant, str)),
            favoured_since=raised.since,
            favoured_until=raised.until,
            unreal_dates=tuple(self.unreal),
        )

    def _topic_alone(self) -> None:
        """Only by its own name: another's may be words that are asked about ('original innovation')."""
        name = self.seen.strip(WORD_SEPARATORS)
        if (topic := self.known.names.get(name)) and _folded_name(topic) == name:
            self.topics.append(topic)
            self._blank(0, len(self.seen))

    def _operator(self, match: re.Match[str]) -> None:
        before = len(self.dates)
        self._take_out(match)
        if opened := OPEN_ENDS.get(match["kind"]):
            self.dates[before:] = [tuple(map(opened, ranges)) for ranges in self.dates[before:]]

    def _take_out(self, match: re.Match[str]) -> None:
        start, end = match.span()
        if match["value"]:
            if self._value(OPERATOR_KINDS[match["kind"]], match.start("value") + 1, end - 1):
                self._blank(start, end)
        elif match["kind"]:
            self._blank(start, self._value(OPERATOR_KINDS[match["kind"]], end) or start)
        elif match["excluded"]:
            self.excluded.append(self.written[start + 1 : end].strip(QUOTE_MARKS).rstrip("."))
            self._blank(start, end)
        elif self.seen[start + 1 : end - 1] not in entity_mentions.outlet_names().names:
            self.phrases.append(self.written[start + 1 : end - 1].strip())
            self._blank(start, start + 1)
            self._blank(end - 1, end)
            self.seen = self.seen[: start + 1] + HIDDEN_CHARACTER * (end - start - 2) + self.seen[end - 1 :]

    def _value(self, kind: str, start: int, stop: int | None = None) -> int | None:
        """Read the value from `start`, if quoted to `stop`; returns its end, None if it is no value."""
        scope = self.seen[start:stop]
        if kind == "date":
            dated = next(iter(date_ranges.find_dates(scope, self.today)), None)
            if not dated or dated.start or (stop and dated.end < len(scope)):
                return self._unread_date(start, stop)
            if dated.unreal:
                self.unreal.append(UnrealDate(self.written[start : start + dated.end]))
            else:
                self.dates.append(dated.ranges)
            return start + dated.end
        known = self.known if kind == "topic" else entity_mentions.outlet_names()
        word = OPERATOR_VALUE.match(scope)
        length = known.longest(scope, 0) or (self._part_length(scope) if kind == "topic" else 0)
        end = stop or start + (length or (word.end() if word else 0))
        value, written = self.seen[start:end].strip(), self.written[start:end].strip()
        if not value:
            return None
        if kind == "topic":
            self.topics.append(known.names.get(value) or topic_of_part(value, known.names) or written)
        else:
            self.outlets.append(known.names.get(value) or _outlet(value, written))
        return end

    def _unread_date(self, start: int, stop: int | None) -> int | None:
        """The end of what looks like a date and is none; None if it does not."""
        word = OPERATOR_VALUE.match(self.seen, start, stop or len(self.seen))
        if not word or (stop and word.end() < stop) or not DATE_LIKE.fullmatch(word[0]):
            return None
        self.unreal.append(UnrealDate(self.written[start : word.end()]))
        return word.end()

    def _part_length(self, scope: str) -> int:
        """The length of the longest run of words at the beginning that is part of a topic's name."""
        ends = [match.start() for match in WORD_END.finditer(scope)][:MAX_PART_WORDS]
        return next((end for end in reversed(ends) if topic_of_part(scope[:end], self.known.names)), 0)

    def _mentions(self) -> list[Mention]:
        """Take out the mentions that filter; return those that raise."""
        favoured: list[Mention] = []
        yearless: list[Mention] = []
        mentions = entity_mentions.find_mentions(self.seen, self.today)
        for mention in mentions:
            if mention.unreal and isinstance(mention.meant, DateRange):
                asked = self.written[mention.start : mention.end]
                self.unreal.append(UnrealDate(asked, mention.meant.since, mention.meant.until))
        for cluster, extent in entity_mentions.split_mentions(self.seen, mentions):
            if extent is None:
                favoured += [mention for mention in cluster if not mention.bare]
                continue
            self.outlets += [mention.meant for mention in cluster if isinstance(mention.meant, str)]
            kept = [mention for mention in cluster if mention.earlier] if extent != (0, len(self.seen)) else []
            self.dates += [mention.ranges for mention in cluster if mention.ranges and mention not in kept]
            yearless += kept
            for start, end in [(one.start, one.end) for one in cluster if one not in kept] if kept else [extent]:
                self._blank(start, end)
        return favoured + self._filtering(yearless)

    def _filtering(self, yearless: list[Mention]) -> list[Mention]:
        """Take these out where nothing is left without them, or a topic alone; return those that only raise."""
        rest = self.seen
        for mention in yearless:
            rest = rest[: mention.start] + " " * (mention.end - mention.start) + rest[mention.end :]
        rest = rest.strip(WORD_SEPARATORS)
        if rest and rest not in self.known.names:
            return yearless
        for mention in yearless:
            self.dates.append(mention.ranges)
            self._blank(mention.start, mention.end)
        return []

    def _with_documents(self, ranges: tuple[DateRange, ...]) -> DateRange:
        """The last that has documents that pass; the latest where none has."""
        outlets, topics = _unique(self.outlets), _unique(self.topics)
        wanted = (DocumentFilter(outlets, topics, span.since, span.until) for span in ranges)
        having = (span for span, one in zip(ranges, wanted, strict=True) if len(ranges) > 1 and self.has_documents(one))
        return next(having, ranges[0])

    def _blank(self, start: int, end: int) -> None:
        space = " " * (end - start)
        self.seen = self.seen[:start] + space + self.seen[end:]
        self.written = self.written[:start] + space + self.written[end:]


def _outlet(value: str, written: str) -> str:
    """The outlet of an everyday word (财经) or of a name that the registry lacks."""
    known = outlets.outlet(value)
    return known.name if known.pinyin or known.english else outlets.outlet(written).name


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))


@lru_cache(4096)
def _plain(character: str) -> str:
    if character == "’":
        return "'"
    folded = normalize(character)
    return folded if len(folded) == 1 else character
