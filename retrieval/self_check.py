"""What must hold for any corpus, asked of itself: no labels are needed, only the corpus.

What stands in a point word for word, asked alone, brings a point that has it, and as an answer; a title brings its
document, a point's text that point; and how a question is put (politely, in full width, in traditional characters, in
capitals, with blanks) changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import hash_term
from retrieval.language.tokenizer import HAN, has_han, normalize
from retrieval.model.documents import Document
from retrieval.model.results import Hit, Result
from retrieval.search.proximity import has

if TYPE_CHECKING:
    import opencc

DOCUMENTS = 5_000  # the newest ones are enough to draw from
EACH = 250  # probes of a kind: some 2,000 questions in all, a minute at 100,000 points
REPHRASED = 60  # of the probes asked in every other way
SHOWN = 5  # failures of a kind that are told

LITERAL = {
    "run": re.compile(rf"(?<![\d.%{HAN}])[{HAN}]{{2,}}"),  # what follows a digit begins with its measure word
    "quote": re.compile(r"[“\"「《]([^”\"」》\n]{2,40})[”\"」》]"),
    # what begins a sentence may be any word
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
    """A question whose answer is known: the first point has `text`, is of `document` or is `point`."""

    kind: str
    question: str
    text: str = ""
    document: str = ""
    point: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Shares of 1 of a kind's questions: what they must bring came first, and the verdict was `answer`."""

    kind: str
    questions: int
    answer_types_in: float
    answer: float


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    question: str
    first: str


def probes(documents: Iterable[Document]) -> list[Probe]:
    """At most EACH of a kind, the same ones for the same corpus in whatever order it came."""
    found: dict[str, dict[str, Probe]] = {kind: {} for kind in (*LITERAL, "title", "point")}
    for document in documents:
        found["title"][document.title] = Probe("title", document.title, document=document.title)
        for point in document.points:
            found["point"][point.text] = Probe("point", point.text, point=point.text)
            for kind, text in _literals(point.text):
                found[kind].setdefault(normalize(text), Probe(kind, text, text=text))
    return [probe for kind in found.values() for probe in islice(sorted(kind.values(), key=_drawn), EACH)]


def _literals(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in LITERAL.items():
        for match in pattern.finditer(text):
            literal = match[match.lastindex or 0].strip(" ,.;:!?，。；：！？、'’-")
            literal = re.sub(r"['’]s$", "", literal)
            words = [literal] if has_han(literal) else normalize(literal).split()
            if len(literal) > 1 and not STOPWORDS.issuperset(words):
                yield kind, literal


def _drawn(probe: Probe) -> tuple[int, str]:
    return hash_term(probe.question), probe.question


def run(search: Search, documents: Iterable[Document]) -> tuple[list[Check], list[Failure]]:
    """A row for each kind of probe and way to ask, and for what is said to be missing; the first failures of each."""
    asked = probes(documents)
    checks, failures, missing = [], [], []
    for kind in dict.fromkeys(probe.kind for probe in asked):
        results = [(probe, search(probe.question)) for probe in asked if probe.kind == kind]
        results = [(probe, result) for probe, result in results if not _asks_nothing(result)]
        checks.append(_check(kind, [(result, holds(probe, result)) for probe, result in results]))
        failures += _failures(kind, [result for probe, result in results if not holds(probe, result)])
        missing += [(result, not untrue(result)) for _, result in results]
    checks.append(_check("missing", missing))
    failures += _failures("missing", [result for result, answer_types_in in missing if not answer_types_in])
    for kind, put in REPHRASINGS.items():
        pairs = [(search(one.question), search(put(one.question))) for one in _rephrased(asked, put)]
        checks.append(_check(kind, [(other, same(plain, other)) for plain, other in pairs]))
        failures += _failures(kind, [other for plain, other in pairs if not same(plain, other)])
    return checks, failures


def holds(probe: Probe, result: Result) -> bool:
    """What is folded into the first point, nearly the same text, was brought with it."""
    if not result.hits:
        return False
    first = result.hits[0]
    if probe.document:
        return probe.document in (first.document.title, *(document.title for document in first.also))
    if probe.point:
        return probe.point in _texts(first)
    texts = (first.document.title, first.point.section, *_texts(first))
    return any(has(_plain(text), _plain(probe.text)) for text in texts)


def untrue(result: Result) -> tuple[str, ...]:
    """The words that are said to be missing though the first point has them as they were asked."""
    if not result.hits:
        return ()
    text = _plain(result.hits[0].point.text)
    return tuple(word for word in result.missing if has(text, _plain(word)))


def same(plain: Result, other: Result) -> bool:
    """The same first point and the same verdict."""
    first = [[hit.point.id for hit in result.hits[:1]] for result in (plain, other)]
    return first[0] == first[1] and plain.verdict == other.verdict


def _asks_nothing(result: Result) -> bool:
    """Whether it has but stop words, or was read as words about documents ('July'), which their text need not have."""
    read = result.reading
    filters = read.outlets or read.topics or read.since or read.until or read.excluded
    return bool(filters) or not (result.hits or result.missing)


def _texts(hit: Hit) -> tuple[str, ...]:
    return (hit.point.text, *hit.folded)


@lru_cache(1000)
def _plain(text: str) -> str:
    return " ".join(normalize(text).split())


def _rephrased(asked: Sequence[Probe], put: Callable[[str], str]) -> Iterator[Probe]:
    """Some of each kind that are another text when they are put so."""
    for kind in LITERAL:
        there = (probe for probe in asked if probe.kind == kind and put(probe.question) != probe.question)
        yield from islice(there, REPHRASED // len(LITERAL))


def _check(kind: str, results: Sequence[tuple[Result, bool]]) -> Check:
    size = max(len(results), 1)
    answers = sum(result.verdict == "answer" for result, _ in results)
    return Check(kind, len(results), sum(answer_types_in for _, answer_types_in in results) / size, answers / size)


def _failures(kind: str, results: Iterable[Result]) -> list[Failure]:
    return [
        Failure(kind, result.question, result.hits[0].point.text if result.hits else "")
        for result in islice(results, SHOWN)
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
