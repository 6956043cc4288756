"""Filters taken back: a question goes in; for each filter that was read from it, the question without it comes out."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from retrieval.model.documents import BEIJING
from retrieval.query.entity_mentions import WORD_SEPARATORS, find_mentions
from retrieval.query.filters import (
    OPERATOR,
    OPERATOR_KINDS,
    OPERATOR_VALUE,
    QueryFilters,
    fold_characters,
    parse_filters,
)

FilterKind = Literal["outlet", "topic", "date", "phrase", "excluded"]
CharPair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FilterRemoval:
    """A filter with its value (none for a date), and the question that no longer has it."""

    kind: FilterKind
    value: str
    question: str


def filter_removals(question: str, now: datetime, topics: Collection[str]) -> list[FilterRemoval]:
    """Only where the rest of the question keeps its meaning: each is read again to see that."""
    written = " ".join(question.split())
    read = parse_filters(written, now, topics)
    found = []
    filters = list(_filters(read))
    for kind, value, left in filters:
        cuts = _cuts(written, kind, value, now.astimezone(BEIJING).date())
        shortened = (_without(written, spans) for spans in cuts)
        # several mentions make one filter: where no single cut takes it away, all of them together may
        if rest := next((one for one in shortened if _same(parse_filters(one, now, topics), left)), None):
            found.append(FilterRemoval(kind, value, rest))
        elif not read.text.strip() and len(filters) == 1:
            found.append(FilterRemoval(kind, value, ""))
    return found


def without_filters(question: str, kinds: Collection[str], now: datetime, topics: Collection[str]) -> str | None:
    """The question without any filter of these kinds; None where one of them cannot be taken back."""
    while removal := next((one for one in filter_removals(question, now, topics) if one.kind in kinds), None):
        question = removal.question
    left = {kind for kind, _, _ in _filters(parse_filters(question, now, topics))}
    return question if left.isdisjoint(kinds) else None


def _filters(read: QueryFilters) -> Iterator[tuple[FilterKind, str, QueryFilters]]:
    """Each filter, and what the question must be read as without it."""
    for outlet in read.outlets:
        yield "outlet", outlet, replace(read, outlets=_less(read.outlets, outlet))
    for topic in read.topics:
        yield "topic", topic, replace(read, topics=_less(read.topics, topic))
    if read.since or read.until:
        yield "date", "", replace(read, since=None, until=None)
    for phrase in read.phrases:
        yield "phrase", phrase, replace(read, phrases=_less(read.phrases, phrase))
    for word in read.excluded:
        yield "excluded", word, replace(read, excluded=_less(read.excluded, word))


def _cuts(written: str, kind: FilterKind, value: str, today: date) -> Iterator[tuple[CharPair, ...]]:
    """Spans to take out, each a way to lose a filter of this kind; the last loses all of them."""
    seen = fold_characters(written)
    spans: list[CharPair] = []
    for match in OPERATOR.finditer(seen):
        start, end = match.span()
        if kind == "phrase" and match["phrase"]:
            yield (start, start + 1), (end - 1, end)
        elif kind == "excluded" and match["excluded"]:
            yield ((start, end),)
        elif match["kind"] and OPERATOR_KINDS[match["kind"]] == kind:
            # a name or a date of several words: as many of them as it takes
            ends = [end] if match["value"] else [word.end() for word in OPERATOR_VALUE.finditer(seen, end)]
            for stop in ends:
                yield ((start, stop),)
            spans += [(start, ends[0])] if ends else []
    if kind in ("outlet", "date"):
        mentions = find_mentions(seen, today)
        spans += [(one.start, one.end) for one in mentions if isinstance(one.meant, str) == (kind == "outlet")]
        yield from (((one.start, one.end),) for one in mentions)
        yield tuple((one.start, one.end) for one in mentions if one.meant == value)
    yield tuple(spans)


def _without(text: str, spans: Collection[CharPair]) -> str:
    for start, end in sorted(set(spans), reverse=True):
        text = f"{text[:start]} {text[end:]}" if end - start > 1 else text[:start] + text[end:]
    return " ".join(text.split()).strip(" ,;，、；")


def _same(one: QueryFilters, other: QueryFilters) -> bool:
    """But for marks at the ends: a filter that stands apart takes those beside it along."""
    return replace(one, text=one.text.strip(WORD_SEPARATORS)) == replace(other, text=other.text.strip(WORD_SEPARATORS))


def _less(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in values if one != value)
