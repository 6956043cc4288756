"""The self-check: a search and its corpus's documents go in, shares of kept promises and failures come out.

It needs no labels. A passage from a point finds a point that has it, as an answer; a title finds its document, and a
point's text that point. How a question is put (politely, in full width, in traditional characters, in capitals, with
blanks) changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from retrieval.language.han import HAN, has_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import normalize
from retrieval.model.documents import Document
from retrieval.model.results import Hit, Result
from retrieval.search.proximity import has_whole

if TYPE_CHECKING:
    import opencc

MAX_CHECKED_DOCUMENTS = 5_000  # the newest: enough to sample from
MAX_PROBES = 250  # of a kind: some 2,000 questions in all, a minute at 100,000 points
MAX_REPHRASED = 60  # of the probes, in each other form
MAX_FAILURES = 5  # listed for each kind

PASSAGES = {
    "run": re.compile(rf"(?<![\d.%{HAN}])[{HAN}]{{2,}}"),  # after a digit comes its measure word
    "quote": re.compile(r"[“\"「《]([^”\"」》\n]{2,40})[”\"」》]"),
    # the first word of a sentence may be any
    "name": re.compile(r"(?<=[a-z,] )[A-Z][\w&'’-]*(?: (?:(?:of|and|the|for) )?[A-Z][\w&'’-]*)*"),
    "amount": re.compile(
        r"(?<![\w.,])[$¥€£]?\d[\d,]*(?:\.\d+)?(?:%| (?:thousand|million|billion|trillion)(?: (?:yuan|dollars))?\b)"
        r"|(?<![\w.,])\d+(?:\.\d+)?[百千]?[万亿]+[美欧港日]?元?|(?<![\w.,])\d{1,3}(?:,\d{3})+"
    ),
}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}

Search = Callable[[str], Result]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question whose answer is known: the first point must have `text`, be of `document`, or be `point`."""

    kind: str
    question: str
    text: str = ""
    document: str = ""
    point: str = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The shares of a kind's questions that `held` what they promise, and whose verdict was `answer`."""

    kind: str
    questions: int
    held: float
    answer: float


@dataclass(frozen=True, slots=True)
class CheckFailure:
    kind: str
    question: str
    first: str


def collect_probes(documents: Iterable[Document]) -> list[Probe]:
    """At most MAX_PROBES of a kind; the order of the documents does not matter."""
    found: dict[str, dict[str, Probe]] = {kind: {} for kind in (*PASSAGES, "title", "point")}
    for document in documents:
        found["title"][document.title] = Probe("title", document.title, document=document.title)
        for point in document.points:
            found["point"][point.text] = Probe("point", point.text, point=point.text)
            for kind, text in _passages(point.text):
                found[kind].setdefault(normalize(text), Probe(kind, text, text=text))
    return [probe for kind in found.values() for probe in islice(sorted(kind.values(), key=_sample_key), MAX_PROBES)]


def _passages(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in PASSAGES.items():
        for match in pattern.finditer(text):
            passage = match[match.lastindex or 0].strip(" ,.;:!?，。；：！？、'’-")
            passage = re.sub(r"['’]s$", "", passage)
            words = [passage] if has_han(passage) else normalize(passage).split()
            if len(passage) > 1 and not STOPWORDS.issuperset(words):
                yield kind, passage


def _sample_key(probe: Probe) -> tuple[int, str]:
    return hash_term(probe.question), probe.question


def run_checks(search: Search, documents: Iterable[Document]) -> tuple[list[CheckRow], list[CheckFailure]]:
    """A row for each kind of probe, for the words reported as missing, and for each rephrasing; and some failures."""
    asked = collect_probes(documents)
    checks, failures, missing = [], [], []
    for kind in dict.fromkeys(probe.kind for probe in asked):
        results = [(probe, search(probe.question)) for probe in asked if probe.kind == kind]
        results = [(probe, result) for probe, result in results if not _asks_nothing(result)]
        checks.append(_check(kind, [(result, is_held(probe, result)) for probe, result in results]))
        failures += _failures(kind, [result for probe, result in results if not is_held(probe, result)])
        missing += [(result, not wrongly_missing(result)) for _, result in results]
    checks.append(_check("missing", missing))
    failures += _failures("missing", [result for result, true in missing if not true])
    for kind, rephrase in REPHRASINGS.items():
        pairs = [(search(one.question), search(rephrase(one.question))) for one in _rephrased(asked, rephrase)]
        checks.append(_check(kind, [(other, _is_same(plain, other)) for plain, other in pairs]))
        failures += _failures(kind, [other for plain, other in pairs if not _is_same(plain, other)])
    return checks, failures


def is_held(probe: Probe, result: Result) -> bool:
    """Near-duplicates that are folded into the first point count too."""
    if not result.hits:
        return False
    first = result.hits[0]
    if probe.document:
        return probe.document in (first.document.title, *(document.title for document in first.also))
    if probe.point:
        return probe.point in _texts(first)
    texts = (first.document.title, first.point.section, *_texts(first))
    return any(has_whole(_plain(text), _plain(probe.text)) for text in texts)


def wrongly_missing(result: Result) -> tuple[str, ...]:
    """The words reported as missing that the first point has as they were asked."""
    if not result.hits:
        return ()
    text = _plain(result.hits[0].point.text)
    return tuple(word for word in result.missing if has_whole(text, _plain(word)))


def _is_same(plain: Result, other: Result) -> bool:
    """The same first point and the same verdict."""
    first = [[hit.point.id for hit in result.hits[:1]] for result in (plain, other)]
    return first[0] == first[1] and plain.verdict == other.verdict


def _asks_nothing(result: Result) -> bool:
    """Whether it has only stop words, or words that were taken as filters ('July'), which no text must have."""
    reading = result.reading
    filters = reading.outlets or reading.topics or reading.since or reading.until or reading.excluded
    return bool(filters) or not (result.hits or result.missing)


def _texts(hit: Hit) -> tuple[str, ...]:
    return (hit.point.text, *hit.folded)


@lru_cache(1000)
def _plain(text: str) -> str:
    return " ".join(normalize(text).split())


def _rephrased(asked: Sequence[Probe], rephrase: Callable[[str], str]) -> Iterator[Probe]:
    """Some of each kind that rephrasing changes."""
    for kind in PASSAGES:
        there = (probe for probe in asked if probe.kind == kind and rephrase(probe.question) != probe.question)
        yield from islice(there, MAX_REPHRASED // len(PASSAGES))


def _check(kind: str, results: Sequence[tuple[Result, bool]]) -> CheckRow:
    size = max(len(results), 1)
    answers = sum(result.verdict == "answer" for result, _ in results)
    return CheckRow(kind, len(results), sum(held for _, held in results) / size, answers / size)


def _failures(kind: str, results: Iterable[Result]) -> list[CheckFailure]:
    return [
        CheckFailure(kind, result.question, result.hits[0].point.text if result.hits else "")
        for result in islice(results, MAX_FAILURES)
    ]


def _polite(question: str) -> str:
    return f"请问{question}？" if has_han(question) else f"Please tell me: {question}?"


def _blank(question: str) -> str:
    return f"  {question.replace(' ', '   ')}\n"


@lru_cache(1)
def _converter() -> "opencc.OpenCC":
    import opencc

    return opencc.OpenCC("s2t")


def _traditional(question: str) -> str:
    converted: str = _converter().convert(question)
    return converted


REPHRASINGS: dict[str, Callable[[str], str]] = {
    "polite": _polite,
    "full width": lambda question: question.translate(FULL_WIDTH),
    "traditional": _traditional,
    "capitals": str.upper,
    "blanks": _blank,
}
