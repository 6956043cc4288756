"""Questions that this corpus answers, made from the corpus itself: for people who do not know yet what to ask."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.render.html import clean, single_line, utf16_len
from bot.render.i18n import Language, Say, say_in
from retrieval.library import Library
from retrieval.model.documents import Document

DOCUMENTS_READ = 40  # the newest that are looked through
MAX_SEARCHES = 6  # questions of a document that are tried
MAX_SUGGESTION_CHARS = 60  # UTF-16 units: what a button shows on a phone

# What a figure is given for: the words before it, from the last comma on.
FIGURED_LATIN = re.compile(
    r"(?:^|[,;:] )(?:the |its )?(?P<what>[A-Za-z][A-Za-z&' -]{8,50}?)"
    r" (?:came to|come to|stood at|stand at|reached|tops?|topped|totall?ed|climbs? to|rose to|amount(?:s|ed)? to"
    r"|(?:is|are|was|were)(?: forecast at| put at| about| over| nearly)?)"
    r" (?:about |over |nearly |around |almost )?[$¥€]?\d"
)
# What is counted: the words behind a number that is no price, share or span of time, until the phrase ends.
COUNTED_LATIN = re.compile(
    r"(?<![\d$¥€.,] )(?<![\d$¥€.,])\b\d[\d,]* (?!(?:hundred|thousand|million|billion|trillion|percent|years?|months?"
    r"|days?|hours?|square|kilomet|yuan|dollars|working|consecutive|points)\b)"
    r"(?P<what>[a-z][a-z-]+(?: [A-Za-z&-]+){1,7})"
)
PHRASE_ENDS = re.compile(
    r" (?:and|or|with|that|which|who|so|from|by|to|as|but|while|during|chiefly|much|for|at|of the kind|when|among|more"
    r"|has|have|had|been|already|established)\b"
)
SHARE_LATIN = re.compile(r"\d(?:%| percent) (?:of (?P<what>[a-z][A-Za-z&-]+(?: [A-Za-z&-]+){1,5}))")
COUNTED_HAN = re.compile(r"\d+[余多]?(?P<measure>[个家项座条种款位])(?P<what>[\u4e00-\u9fff]{3,12})")
FIGURED_HAN = re.compile(
    r"(?:^|[，；：。])(?P<what>[\u4e00-\u9fff\w]{4,16}?)(?:已?达到?|约为?|为|超过?|突破|增至|升至|增长|同比增长)\s?[\d.]+"
)
CLAUSE = re.compile(r"[|｜丨:：!！,，;；。]")
CREDIT = re.compile(r"[(（][^)）]*[)）]|对话[^:：]{2,12}[:：]")
IS_QUESTION = re.compile(r"[?？]$|如何|为何|怎么|怎样|什么|多少")


@dataclass(frozen=True, slots=True)
class SuggestedQuestion:
    """The `number`th question of a document: it can be made again from the document alone."""

    document: str
    number: int
    question: str


class Suggestions:
    """Finds them once for a state of the corpus."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._found: dict[Language, tuple[object, tuple[SuggestedQuestion, ...]]] = {}
        self._lock = threading.Lock()

    def suggest(self, language: Language, now: datetime, count: int = 3) -> tuple[SuggestedQuestion, ...]:
        """Each of another document, and answered by it with verdict `answer`."""
        state = self._library.counts()
        with self._lock:
            if self._found.get(language, (None,))[0] != state:
                found: list[SuggestedQuestion] = []
                for document in self._library.recent(DOCUMENTS_READ):
                    found += islice(self._answered(document, language, now), 1)
                    if len(found) == count:
                        break
                self._found[language] = state, tuple(found)
            return self._found[language][1]

    def redraw(self, document: str, number: int, language: Language) -> str | None:
        """None where the document is gone, or became another."""
        there = self._library.document(document)
        asked = [*questions(there, language)] if there else []
        return asked[number] if number < len(asked) else None

    def _answered(self, document: Document, language: Language, now: datetime) -> Iterator[SuggestedQuestion]:
        for number, question in enumerate(questions(document, language)):
            if number == MAX_SEARCHES:
                return
            result = self._library.search(question, 1, now=now)
            if result.verdict == "answer" and result.hits[0].document.id == document.id:
                yield SuggestedQuestion(document.id, number, question)


def questions(document: Document, language: Language) -> Iterator[str]:
    """What its figures are asked by, then what its title is."""
    say = say_in(language)
    figured = _figured_han if language == "zh" else _figured_latin
    for point in document.points:
        yield from (
            question
            for question in figured(single_line(point.text), say)
            if utf16_len(question) <= MAX_SUGGESTION_CHARS
        )
    clauses = [clause.strip(" “”\"'") for clause in CLAUSE.split(CREDIT.sub("", single_line(clean(document.title))))]
    title = max(clauses, key=len, default="")
    if title.count("“") != title.count("”"):
        title = title.replace("“", "").replace("”", "")
    if 6 <= len(title) <= MAX_SUGGESTION_CHARS - 12 and (re.search(r"[\u3400-\u9fff]", title) is not None) == (
        language == "zh"
    ):
        yield title if IS_QUESTION.search(title) else say("starter-title", title=title)


def _figured_latin(text: str, say: Say) -> Iterator[str]:
    for match in COUNTED_LATIN.finditer(text):
        what = PHRASE_ENDS.split(f" {match['what']}")[0].strip()
        if len(what.split()) > 1:
            yield say("starter-count", what=what)
    for match in SHARE_LATIN.finditer(text):
        what = PHRASE_ENDS.split(f" {match['what']}")[0].strip()
        if len(what.split()) > 1:
            yield say("starter-share", what=what)
    for match in FIGURED_LATIN.finditer(text):
        what = match["what"].strip()
        yield say("starter-figure", what=what[0].upper() + what[1:])


def _figured_han(text: str, say: Say) -> Iterator[str]:
    for match in COUNTED_HAN.finditer(text):
        yield say("starter-count", what=match["measure"] + match["what"])
    for match in FIGURED_HAN.finditer(text):
        yield say("starter-figure", what=match["what"])
