"""Questions that this corpus answers, made from the corpus itself: for people who do not know yet what to ask."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.catalogue import Language, say_in
from bot.markup import clean, line, units
from retrieval.documents import Document
from retrieval.library import Library

DOCUMENTS = 40  # the newest that are looked through
TRIES = 3  # questions of a document that are tried
LONGEST = 60  # UTF-16 units: what a button shows on a phone

# What a figure is given for: the words before it, from the last comma on.
FIGURED_LATIN = re.compile(
    r"(?:^|[,;:] )(?:the |its )?(?P<what>[A-Za-z][A-Za-z&' -]{8,50}?)"
    r" (?:came to|come to|stood at|stand at|reached|tops?|topped|totall?ed|climbs? to|rose to|amount(?:s|ed)? to|number(?:s|ed)?"
    r"|(?:is|are|was|were)(?: forecast at| put at| about| over| nearly)?) (?:about |over |nearly |around |almost )?[$¥€]?\d"
)
FIGURED_HAN = re.compile(
    r"(?:^|[，；：。])(?P<what>[\u4e00-\u9fff\w]{4,16}?)(?:已?达到?|约为?|为|超过?|突破|增至|升至|增长|同比增长)\s?[\d.]+"
)
CLAUSE = re.compile(r"[|｜丨:：!！,，;；。]")
CREDIT = re.compile(r"[(（][^)）]*[)）]|对话[^:：]{2,12}[:：]")
ASKS = re.compile(r"[?？]$|如何|为何|怎么|怎样|什么|多少")


@dataclass(frozen=True, slots=True)
class Starter:
    """The `number`th question of a document: it can be made again from the document alone."""

    document: str
    number: int
    question: str


class Starters:
    """Finds them once for a state of the corpus."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._found: dict[Language, tuple[object, tuple[Starter, ...]]] = {}
        self._lock = threading.Lock()

    def some(self, language: Language, now: datetime, count: int = 3) -> tuple[Starter, ...]:
        """Each of another document, and answered by it with verdict `answer`."""
        state = self._library.counts()
        with self._lock:
            if self._found.get(language, (None,))[0] != state:
                found = []
                for document in self._library.recent(DOCUMENTS):
                    found += [starter for starter in self._answered(document, language, now)][:1]
                    if len(found) == count:
                        break
                self._found[language] = state, tuple(found)
            return self._found[language][1]

    def again(self, document: str, number: int, language: Language) -> str | None:
        """None where the document is gone, or became another."""
        there = self._library.document(document)
        asked = [*questions(there, language)] if there else []
        return asked[number] if number < len(asked) else None

    def _answered(self, document: Document, language: Language, now: datetime) -> Iterator[Starter]:
        for number, question in enumerate(questions(document, language)):
            if number == TRIES:
                return
            result = self._library.search(question, 1, now=now)
            if result.verdict == "answer" and result.hits[0].document.id == document.id:
                yield Starter(document.id, number, question)


def questions(document: Document, language: Language) -> Iterator[str]:
    """What its figures are asked by, then what its title is."""
    say = say_in(language)
    pattern = FIGURED_HAN if language == "zh" else FIGURED_LATIN
    for point in document.points:
        for match in pattern.finditer(line(point.text)):
            what = match["what"].strip()
            if units(what) <= LONGEST - 12:
                yield say("starter-figure", what=what[0].upper() + what[1:])
    clauses = [clause.strip(" “”\"'") for clause in CLAUSE.split(CREDIT.sub("", line(clean(document.title))))]
    title = max(clauses, key=len, default="")
    if 6 <= len(title) <= LONGEST - 12 and (re.search(r"[\u3400-\u9fff]", title) is not None) == (language == "zh"):
        yield title if ASKS.search(title) else say("starter-title", title=title)
