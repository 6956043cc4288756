"""Answering: a question or a press of an answer's button goes in, a Reply comes out and the question is logged."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import follow_ups
from bot.conversation.browsing import BrowseService, summarize_corpus
from bot.conversation.content import own_content, points_back
from bot.conversation.relaxing import find_relaxations, relax
from bot.question_log.log import Asker, LoggedAnswer
from bot.render import keyboards
from bot.render.answer import (
    MOST_POINTS,
    POINTS_SHOWN,
    CorpusSummary,
    count_pages,
    hits_on_page,
    most_shown,
    render_answer,
)
from bot.render.callback_data import AnswerView
from bot.render.composed import Composable
from bot.render.html import MAX_MESSAGE_UNITS, replace_surrogates, single_line, truncate
from bot.render.i18n import Language, language_of, say_in
from bot.render.relaxation import relaxation_rows, render_relaxations
from bot.render.reply import Reply
from retrieval.model.results import Hit, Result
from retrieval.model.search_request import SearchRequest
from retrieval.search.shown_version import show_in

# Without the space '/ask北京' is no command to Telegram, so it arrives as text.
# An unknown command keeps its words: '/search 储能' asks 储能.
ASK_COMMAND = re.compile(
    r"^/(?:ask(?:@\w+)?\s*|[a-z0-9_]{1,32}(?:@\w+)?(?:\s+|(?=[^\x00-\x7f])))", re.IGNORECASE | re.ASCII
)
COMPLETED_FACTOR = 1.3  # of a point's score, in a document that answered the question which this one completes
CONTEXT_FACTOR = 1.1  # the same for a question of its own: decides only between points that are nearly equal
FOLLOW_UP_SPAN = timedelta(hours=1)  # between a question and a follow-up such as 'and in Hubei?'
COMPACT_CHATS = {"group", "guest", "inline"}
EMPTY_SUMMARY = CorpusSummary(0, None, None, ())


@dataclass(frozen=True, slots=True)
class AnswerService(BrowseService):
    """Answers and what their buttons lead to, None where that is gone. All methods block on search and SQLite.

    `asker` is who asks or presses, and where: a question's buttons work in its own chat only.
    """

    def answer_question(
        self,
        text: str,
        language: Language,
        asker: Asker,
        searched: str | None = None,
        before: LoggedAnswer | None = None,
    ) -> Reply:
        """`searched` is the completed question, if it is not `text`; documents that answered `before` are raised."""
        asked = self.begin_question(text, asker, searched, before)
        return self.finish_question(asked, self.search_logged(asked, before=before), language)

    def begin_question(
        self, text: str, asker: Asker, searched: str | None = None, before: LoggedAnswer | None = None
    ) -> LoggedAnswer:
        """A question that is neither searched nor logged yet."""
        return LoggedAnswer(
            asked_at=self.now(),
            asker=asker,
            text=truncate(text, MAX_MESSAGE_UNITS),
            language=language_of(text),
            verdict="none",
            points=[],
            milliseconds=0.0,
            searched=searched,
            before=before.id if before else None,
        )

    def finish_question(self, asked: LoggedAnswer, result: Result, language: Language) -> Reply:
        """Does not block where something was found, unless texts are translated."""
        shown = () if result.verdict == "none" else hits_on_page(result, 0, is_compact(asked.asker))
        question = self.question_log.record(
            replace(
                asked,
                verdict=result.verdict,
                points=[hit.point.id for hit in shown],
                milliseconds=result.milliseconds,
                nowhere=result.nowhere,
                documents={hit.document.id for hit in shown},
            )
        )
        return self._answer(result, AnswerView(question.id), language, asked.asker, question)

    def search_logged(
        self, question: LoggedAnswer, text: str = "", shown: int = POINTS_SHOWN, before: LoggedAnswer | None = None
    ) -> Result:
        """As of the day it was asked. `text` replaces its words; `shown` is as in `Library.search`; `before` is the
        question before, where it is at hand."""
        asked = request_for(question, text, shown)
        result = self.judge(asked.question, self._found(asked))
        if question.before is None or result.verdict == "none":
            return result
        before = before or self.question_log.question(question.before)
        if before is None:
            return result
        documents = before.documents
        if documents is None:
            documents = shown_documents(before, self._found(request_for(before)))
        raised = raise_shown(result, question, documents)
        if is_marked(raised, result, shown):
            return raised
        every = self._found(replace(asked, shown=MOST_POINTS))
        return raise_shown(self.judge(asked.question, every), question, documents)

    def _found(self, asked: SearchRequest) -> Result:
        return self.library.search(asked.question, asked.k, now=asked.now, shown=asked.shown)

    def judge(self, words: str, result: Result) -> Result:
        """Nothing found where all that the words name is unknown; in the language that the reader chose, where both
        have it."""
        if result.verdict == "maybe" and _is_unknown(words, result.nowhere):
            result = replace(result, verdict="none")
        return show_in(result, chinese=self.reads == "zh") if self.reads else result

    def record_sent(self, question: int | None, message: int) -> None:
        """Notes the message that answers: replies to it are follow-ups, and editing the question edits it."""
        if question and (asked := self.question_log.question(question)):
            self.question_log.record(replace(asked, answer=message))

    def view(self, view: AnswerView, language: Language, asker: Asker) -> Reply | None:
        if found := self._search_again(view, asker):
            question, result = found
            return self._answer(result, view, language, asker, question)
        return None

    def more_menu(self, view: AnswerView, language: Language, asker: Asker) -> Reply | None:
        if found := self._search_again(view, asker):
            hit, style = _first_hit(found[1], view, is_compact(asker)), self.style(language, is_compact(asker))
            return Reply("", keyboards.more_menu(found[1], view, style, self._given(view, asker, hit) if hit else None))
        return None

    def reasons(self, view: AnswerView, language: Language, asker: Asker) -> Reply | None:
        if hit := self._shown_hit(view, asker):
            return Reply("", keyboards.reason_rows(view, say_in(language), self._given(view, asker, hit)))
        return None

    def toggle_feedback(self, view: AnswerView, asker: Asker, reason: str) -> bool | None:
        """Whether the reason now stands: given a second time, it is taken back."""
        if asker.user is None or not (hit := self._shown_hit(view, asker)):
            return None
        again = self._given(view, asker, hit) == reason
        self.question_log.record_feedback(view.question, asker.user, hit.point.id, None if again else reason)
        return not again

    def newest(self, offset: int, count: int, topic: str | None = None) -> Sequence[Hit]:
        documents = self.library.recent(count, topic, offset)
        return [Hit(n, 1.0, document.points[0], document) for n, document in enumerate(documents, 1) if document.points]

    def search(self, text: str, count: int, shown: int) -> Result:
        """Not logged: an inline query that is still being typed is no question."""
        return self.library.search(replace_surrogates(text), count, now=self.now(), shown=shown)

    def record_inline(self, point: str, text: str, asker: Asker) -> None:
        """An inline query becomes a question when its result is sent."""
        question = truncate(replace_surrogates(text), MAX_MESSAGE_UNITS)
        self.question_log.record(
            LoggedAnswer(self.now(), asker, question, language_of(text), "answer", [point], milliseconds=0.0)
        )

    def question_of(self, view: AnswerView, asker: Asker) -> LoggedAnswer | None:
        """None where the question was erased, or was asked in another chat."""
        question = self.question_log.question(view.question)
        return question if question and question.asker.chat == asker.chat else None

    def _search_again(self, view: AnswerView, asker: Asker) -> tuple[LoggedAnswer, Result] | None:
        question = self.question_of(view, asker)
        if question is None:
            return None
        text = question.text if view.alone else question.whole
        text = relax(self.library, text, view.without, question.asked_at) if view.without else text
        shown = most_shown(view.page)
        result = self.search_logged(question, text, shown)
        if view.literal and (literal := _uncorrected(text, result)) != text:
            result = self.search_logged(question, literal, shown)
            result = replace(result, reading=replace(result.reading, corrections=()))
        return question, result

    def _shown_hit(self, view: AnswerView, asker: Asker) -> Hit | None:
        found = self._search_again(view, asker)
        return _first_hit(found[1], view, is_compact(asker)) if found else None

    def _given(self, view: AnswerView, asker: Asker, hit: Hit) -> str | None:
        """The reason that the person gave for this point."""
        return None if asker.user is None else self.question_log.feedback_of(view.question, asker.user, hit.point.id)

    def _answer(
        self, result: Result, view: AnswerView, language: Language, asker: Asker, question: LoggedAnswer
    ) -> Reply:
        compact, inherited = is_compact(asker), question.is_completed and not view.alone
        style = self.style(language, compact)
        view = replace(view, page=min(view.page, count_pages(result, compact) - 1))
        corpus = summarize_corpus(self.library) if result.verdict == "none" else EMPTY_SUMMARY
        relaxations = find_relaxations(self.library, result, question.asked_at)
        lines = render_relaxations(relaxations, result.reading, style.say)
        text = "\n\n".join(filter(None, (render_answer(result, style, corpus, view.page, inherited), lines)))
        rows = (
            *relaxation_rows(relaxations, view, result.reading, style.say),
            *keyboards.answer_rows(result, view, style, inherited),
            *keyboards.topic_buttons(corpus.topics, style),
        )
        points = () if view.page or result.verdict == "none" else hits_on_page(result, 0, compact)
        composable = Composable(result.question, tuple(hit.point.text for hit in points), language) if points else None
        foreign = self.foreign([hit.point for hit in points], language)
        return Reply(text, rows, view.question, composable, foreign)


def request_for(question: LoggedAnswer, text: str = "", shown: int = POINTS_SHOWN) -> SearchRequest:
    """As `AnswerService.search_logged` searches."""
    return SearchRequest(text or question.whole, MOST_POINTS, question.asked_at, shown=shown)


def is_marked(raised: Result, result: Result, shown: int = POINTS_SHOWN) -> bool:
    """Whether the first hits of `raised` are among those of `result`, of which only so many are marked."""
    marked = {hit.point.id for hit in result.hits[:shown]}
    return all(hit.point.id in marked for hit in raised.hits[:shown])


def shown_documents(before: LoggedAnswer, earlier: Result) -> set[str]:
    """The documents that answered the question `before`, whose result is `earlier`, in any language."""
    found = [one for hit in earlier.hits for one in (hit, *hit.versions)]
    return {one.document.id for one in found if one.point.id in before.points}


def raise_shown(result: Result, question: LoggedAnswer, documents: Collection[str]) -> Result:
    """With those documents raised, which answered the question before."""
    factor = COMPLETED_FACTOR if question.is_completed else CONTEXT_FACTOR
    raised = follow_ups.raise_documents(result, documents, factor)
    return replace(raised, verdict="maybe") if question.is_completed and _asks_little(question.text) else raised


def is_compact(asker: Asker) -> bool:
    """Whether others read the answer too, so that it is kept short."""
    return asker.place in COMPACT_CHATS


def _is_unknown(text: str, nowhere: Sequence[str]) -> bool:
    """Whether all that the question names occurs nowhere: what is near to it in meaning is then about something else.

    Of 389 questions of tests/quality that have an answer, none is such.
    """
    left = " ".join(own_content(text))
    for word in nowhere:
        left = left.replace(word.casefold(), "")
    return bool(nowhere) and not left.strip()


def _asks_little(text: str) -> bool:
    """Whether a follow-up says too little for a point to answer it surely: 'why?', 'when was it built?'."""
    words = own_content(text)
    return not words or (len(words) == 1 and points_back(text))


def _first_hit(result: Result, view: AnswerView, compact: bool) -> Hit | None:
    return next(iter(hits_on_page(result, view.page, compact)), None)


def _uncorrected(text: str, result: Result) -> str:
    """Quotation marks keep a word from being corrected."""
    for word in result.reading.corrections:
        text = re.sub(re.escape(word.asked), lambda match: f'"{single_line(match[0])}"', text, flags=re.IGNORECASE)
    return text
