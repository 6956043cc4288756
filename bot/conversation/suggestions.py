"""Suggested questions: what is new, then what many people asked and the newest titles, as far as they are answered."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot.render.html import single_line, utf16_len
from bot.render.i18n import Language, language_of, say_in
from retrieval.library import Library

DOCUMENTS_READ = 40  # the newest, whose titles are tried
MAX_POPULAR = 2  # suggestions from what people asked; the rest are titles, so that news gets its turn
MAX_SUGGESTION_CHARS = 60  # UTF-16 units: what a button shows on a phone
MIN_TITLE_CHARS = 6
IS_QUESTION = re.compile(r"[?？]$|如何|为何|怎么|怎样|什么|多少|谁|哪|吗$")


class Suggestions:
    """`popular` lists questions of many people, most frequent first. Computed once a day and state of the corpus."""

    def __init__(self, library: Library, popular: Callable[[datetime], Sequence[str]]) -> None:
        self._library, self._popular = library, popular
        self._found: dict[Language, tuple[object, tuple[str, ...]]] = {}
        self._lock = threading.Lock()

    def suggest(self, language: Language, now: datetime, count: int = 3) -> tuple[str, ...]:
        """Whole questions with the verdict `answer`, each answered by another document, and what is new."""
        state = self._library.counts(), now.date()
        with self._lock:
            if self._found.get(language, (None,))[0] != state:
                self._found[language] = state, tuple(self._answered(language, now, count))
            return self._found[language][1]

    def _answered(self, language: Language, now: datetime, count: int) -> Iterator[str]:
        has_news = bool(self._library.recent(1))
        answering: set[str] = set()
        for question, expected in self._candidates(language, now):
            if utf16_len(question) > MAX_SUGGESTION_CHARS or (not expected and len(answering) == MAX_POPULAR):
                continue
            result = self._library.search(question, 1, now=now)
            document = result.hits[0].document.id if result.verdict == "answer" else None
            if document and document not in answering and expected in {"", document}:
                answering.add(document)
                yield question
                if len(answering) >= count - has_news:
                    break
        if has_news:
            yield say_in(language)("news-question")

    def _candidates(self, language: Language, now: datetime) -> Iterator[tuple[str, str]]:
        """Questions, each with the document that must answer it, if any; titles in another language come last."""
        yield from ((question, "") for question in self._popular(now) if language_of(question) == language)
        documents = self._library.recent(DOCUMENTS_READ)
        for document in sorted(documents, key=lambda document: language_of(document.title) != language):
            title = single_line(document.title)
            if len(title) >= MIN_TITLE_CHARS:
                asks = IS_QUESTION.search(title)
                yield title if asks else say_in(language)("title-question", title=title), document.id
