"""Answering: a question or a press of an answer's button goes in, a Reply comes out and the question is logged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation import follow_ups
from bot.conversation.browsing import BrowseService, summarize_corpus
from bot.question_log.log import Asker, LoggedAnswer
from bot.render import keyboards
from bot.render.answer import MOST_POINTS, CorpusSummary, count_pages, hits_on_page, render_answer
from bot.render.callback_data import AnswerView
from bot.render.html import MAX_MESSAGE_UNITS, escape, italic, replace_surrogates, single_line, truncate
from bot.render.i18n import Language, language_of, say_in
from bot.render.reply import Reply
from retrieval.model.results import Hit, Result

# Without the space '/ask北京' is no command to Telegram, so it arrives as text.
ASK_COMMAND = re.compile(r"^/ask(?:@[A-Za-z0-9_]+)?\s*", re.IGNORECASE)
# Greetings, thanks and calls for help are not searched: 'nothing found' would be no answer to them.
SMALL_TALK = re.compile(
    r"(?:你好|您好|哈喽|嗨|早|早上好|晚上好|在吗|谢谢|多谢|感谢|好的|帮助|怎么用|你是谁"
    r"|hi|hello|hey|good (?:morning|evening)|thanks?|thank you|ok|help|who are you)"
    r"(?:[啊呀吗么了你您!！.。?？~～,， ]|there)*",
    re.IGNORECASE,
)
FOLLOW_UP_SPAN = timedelta(hours=1)  # between a question and a follow-up such as 'and in Hubei?'
COMPACT_CHATS = {"group", "guest", "inline"}
EMPTY_SUMMARY = CorpusSummary(0, None, None, ())


@dataclass(frozen=True, slots=True)
class AnswerService(BrowseService):
    """Answers and what their buttons lead to, None where that is gone. All methods block on search and SQLite.

    `asker` is who asks or presses, and where: a question's buttons work in its own chat only.
    """

    def ask(
        self, text: str, language: Language, asker: Asker, replying_to: int | None = None, notice: str = ""
    ) -> Reply:
        """`replying_to` is the bot's message that the question replies to; `notice` stands above the answer."""
        text = ASK_COMMAND.sub("", replace_surrogates(text).strip())
        if not text:
            return Reply(escape(say_in(language)("ask-what")))
        if SMALL_TALK.fullmatch(text):
            return Reply(escape(say_in(language)("small-talk")))
        asked_at, compact = self.now(), is_compact(asker)
        completed = self._complete(text, asker, replying_to, asked_at)
        result = self.library.search(completed or text, MOST_POINTS, now=asked_at)
        shown = () if result.verdict == "none" else hits_on_page(result, 0, compact)
        question = self.question_log.record(
            LoggedAnswer(
                asked_at=asked_at,
                asker=asker,
                text=truncate(text, MAX_MESSAGE_UNITS),
                language=language_of(text),
                verdict=result.verdict,
                points=[hit.point.id for hit in shown],
                milliseconds=result.milliseconds,
                searched=completed,
                nowhere=result.nowhere,
            )
        )
        reply = self._answer(result, AnswerView(question.id), language, compact, completed is not None)
        return replace(reply, text=f"{italic(notice)}\n\n{reply.text}") if notice else reply

    def record_sent(self, question: int | None, message: int) -> None:
        """Notes the message that answers: replies to it are follow-ups, and editing the question edits it."""
        if question and (asked := self.question_log.question(question)):
            self.question_log.record(replace(asked, answer=message))

    def view(self, view: AnswerView, language: Language, asker: Asker) -> Reply | None:
        if found := self._search_again(view, asker):
            question, result = found
            return self._answer(
                result, view, language, is_compact(asker), question.searched is not None and not view.alone
            )
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

    def search(self, text: str, count: int) -> Result:
        """Not logged: an inline query that is still being typed is no question."""
        return self.library.search(replace_surrogates(text), count, now=self.now())

    def record_inline(self, point: str, text: str, asker: Asker) -> None:
        """An inline query becomes a question when its result is sent."""
        question = truncate(replace_surrogates(text), MAX_MESSAGE_UNITS)
        self.question_log.record(
            LoggedAnswer(self.now(), asker, question, language_of(text), "answer", [point], milliseconds=0.0)
        )

    def _complete(self, text: str, asker: Asker, replying_to: int | None, now: datetime) -> str | None:
        if replying_to is not None and asker.chat is not None:
            before, subject = self.question_log.answered_by(asker.chat, replying_to), follow_ups.reply_subject(text)
        else:
            subject = follow_ups.follow_up_subject(text)
            before = self.question_log.last(asker, now - FOLLOW_UP_SPAN) if subject else None
        return follow_ups.complete_question(before.whole, subject) if before and subject else None

    def _search_again(self, view: AnswerView, asker: Asker) -> tuple[LoggedAnswer, Result] | None:
        """Searched as of the day it was asked; None where the question was erased, or was asked in another chat."""
        question = self.question_log.question(view.question)
        if question is None or question.asker.chat != asker.chat:
            return None
        text = question.text if view.alone else question.whole
        result = self.library.search(text, MOST_POINTS, now=question.asked_at)
        if view.literal and (literal := _uncorrected(text, result)) != text:
            result = self.library.search(literal, MOST_POINTS, now=question.asked_at)
            result = replace(result, reading=replace(result.reading, corrections=()))
        return question, result

    def _shown_hit(self, view: AnswerView, asker: Asker) -> Hit | None:
        found = self._search_again(view, asker)
        return _first_hit(found[1], view, is_compact(asker)) if found else None

    def _given(self, view: AnswerView, asker: Asker, hit: Hit) -> str | None:
        """The reason that the person gave for this point."""
        return None if asker.user is None else self.question_log.feedback_of(view.question, asker.user, hit.point.id)

    def _answer(self, result: Result, view: AnswerView, language: Language, compact: bool, inherited: bool) -> Reply:
        style = self.style(language, compact)
        view = replace(view, page=min(view.page, count_pages(result, compact) - 1))
        corpus = summarize_corpus(self.library) if result.verdict == "none" else EMPTY_SUMMARY
        text = render_answer(result, style, corpus, view.page, inherited)
        rows = keyboards.answer_rows(result, view, style, inherited) + keyboards.topic_buttons(corpus.topics)
        return Reply(text, rows, view.question)


def is_compact(asker: Asker) -> bool:
    """Whether others read the answer too, so that it is kept short."""
    return asker.place in COMPACT_CHATS


def _first_hit(result: Result, view: AnswerView, compact: bool) -> Hit | None:
    return next(iter(hits_on_page(result, view.page, compact)), None)


def _uncorrected(text: str, result: Result) -> str:
    """Quotation marks keep a word from being corrected."""
    for word in result.reading.corrections:
        text = re.sub(re.escape(word.asked), lambda match: f'"{single_line(match[0])}"', text, flags=re.IGNORECASE)
    return text
