"""A person's words in, a message out: what Telegram and the terminal have in common.

Everything here may block on search and SQLite; who runs an event loop calls it in a thread.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation import follow_ups
from bot.conversation.browsing import BrowseService, summarize_corpus
from bot.question_log.log import Asker, LoggedAnswer
from bot.render import answer, keyboards
from bot.render.answer import MOST_POINTS, CorpusSummary
from bot.render.callback_data import AnswerView
from bot.render.html import MAX_MESSAGE_UNITS, escape, italic, replace_surrogates, single_line, truncate
from bot.render.i18n import Language, language_of, say_in
from bot.render.reply import Reply
from retrieval.model.results import Hit, Result

# Typed without the space, '/ask北京' is no command to Telegram and comes as it is.
ASK_COMMAND = re.compile(r"^/ask(?:@[A-Za-z0-9_]+)?\s*", re.IGNORECASE)
# What is said to a person, or by one who looks for the help: no question, and nothing that was not found.
SMALL_TALK = re.compile(
    r"(?:你好|您好|哈喽|嗨|早|早上好|晚上好|在吗|谢谢|多谢|感谢|好的|帮助|怎么用|你是谁"
    r"|hi|hello|hey|good (?:morning|evening)|thanks?|thank you|ok|help|who are you)"
    r"(?:[啊呀吗么了你您!！.。?？~～,， ]|there)*",
    re.IGNORECASE,
)
FOLLOW_UP_SPAN = timedelta(hours=1)  # after which 'and in Hubei?' is no follow-up any more
COMPACT_CHATS = {"group", "guest", "inline"}
EMPTY_SUMMARY = CorpusSummary(0, None, None, ())


@dataclass(frozen=True, slots=True)
class AnswerService(BrowseService):
    """Answers, and what the buttons below them lead to; a button of what is gone gives None."""

    def question(
        self, text: str, language: Language, asker: Asker, replying_to: int | None = None, notice: str = ""
    ) -> Reply:
        """`replying_to` is the message of ours that the question replies to; `notice` is said before the answer."""
        text = ASK_COMMAND.sub("", replace_surrogates(text).strip())
        if not text:
            return Reply(escape(say_in(language)("ask-what")))
        if SMALL_TALK.fullmatch(text):
            return Reply(escape(say_in(language)("small-talk")))
        asked_at = self.now()
        completed = self._complete(text, asker, replying_to, asked_at)
        result = self.library.search(completed or text, MOST_POINTS, now=asked_at)
        shown = () if result.verdict == "none" else answer.on_page(result, 0, asker.place in COMPACT_CHATS)
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
        reply = self._answer(
            result, AnswerView(question.id), language, asker.place in COMPACT_CHATS, completed is not None
        )
        return replace(reply, text=f"{italic(notice)}\n\n{reply.text}") if notice else reply

    def record_sent(self, question: int | None, message: int) -> None:
        """The message that answers a question: replies to it are follow-ups, and editing the question edits it."""
        if question and (asked := self.question_log.question(question)):
            self.question_log.record(replace(asked, answer=message))

    def view(self, view: AnswerView, language: Language, short: bool) -> Reply | None:
        if found := self._search_again(view):
            question, result = found
            return self._answer(result, view, language, short, question.searched is not None and not view.alone)
        return None

    def more_menu(self, view: AnswerView, language: Language, short: bool, user: int) -> Reply | None:
        if found := self._search_again(view):
            shown = answer.on_page(found[1], view.page, short)
            given = self.question_log.feedback_of(view.question, user, shown[0].point.id) if shown else None
            return Reply("", keyboards.more_menu(found[1], view, self.style(language, short), given))
        return None

    def reasons(self, view: AnswerView, language: Language, short: bool, user: int) -> Reply | None:
        if hit := self._record_shown(view, short):
            given = self.question_log.feedback_of(view.question, user, hit.point.id)
            return Reply("", keyboards.reason_rows(view, say_in(language), given))
        return None

    def judge(self, view: AnswerView, short: bool, user: int, reason: str) -> bool | None:
        """Whether the reason now stands: given a second time, it is taken back."""
        if not (hit := self._record_shown(view, short)):
            return None
        given = self.question_log.feedback_of(view.question, user, hit.point.id)
        self.question_log.record_feedback(view.question, user, hit.point.id, None if given == reason else reason)
        return given != reason

    def newest(self, offset: int, count: int, topic: str | None = None) -> Sequence[Hit]:
        """The first points of the newest documents."""
        documents = self.library.recent(count, topic, offset)
        return [Hit(n, 1.0, document.points[0], document) for n, document in enumerate(documents, 1) if document.points]

    def search(self, text: str, count: int) -> Result:
        """Without a trace in the journal: what is typed is no question yet."""
        return self.library.search(replace_surrogates(text), count, now=self.now())

    def chosen(self, point: str, text: str, asker: Asker) -> None:
        """An inline result was sent: that is when it becomes a question."""
        self.question_log.record(
            LoggedAnswer(
                self.now(),
                asker,
                truncate(replace_surrogates(text), MAX_MESSAGE_UNITS),
                language_of(text),
                "answer",
                [point],
                0.0,
            )
        )

    def _complete(self, text: str, asker: Asker, replying_to: int | None, now: datetime) -> str | None:
        """The whole question where this one names only what changes."""
        if replying_to is not None and asker.chat is not None:
            before, named = self.question_log.answered_by(asker.chat, replying_to), follow_ups.reply_subject(text)
        else:
            named = follow_ups.follow_up_subject(text)
            before = self.question_log.last(asker, now - FOLLOW_UP_SPAN) if named else None
        return follow_ups.complete_question(before.whole, named) if before and named else None

    def _search_again(self, view: AnswerView) -> tuple[LoggedAnswer, Result] | None:
        """The question asked once more, of its own day; what its author erased is gone."""
        question = self.question_log.question(view.question)
        if question is None:
            return None
        text = question.text if view.alone else question.whole
        result = self.library.search(text, MOST_POINTS, now=question.asked_at)
        if view.literal and (literally := _uncorrected(text, result)) != text:
            result = self.library.search(literally, MOST_POINTS, now=question.asked_at)
            result = replace(result, reading=replace(result.reading, corrections=()))
        return question, result

    def _record_shown(self, view: AnswerView, short: bool) -> Hit | None:
        found = self._search_again(view)
        shown = answer.on_page(found[1], view.page, short) if found else ()
        return shown[0] if shown else None

    def _answer(self, result: Result, view: AnswerView, language: Language, short: bool, inherited: bool) -> Reply:
        style = self.style(language, short)
        view = view.turned(min(view.page, answer.render_pages(result, short) - 1))
        there = summarize_corpus(self.library) if result.verdict == "none" else EMPTY_SUMMARY
        text = answer.render_answer(result, style, there, view.page, inherited)
        rows = keyboards.answer_rows(result, view, style, inherited) + keyboards.topic_buttons(there.topics)
        return Reply(text, rows, view.question)


def _uncorrected(text: str, result: Result) -> str:
    """In quotation marks a word is taken as it is written."""
    for word in result.reading.corrections:
        text = re.sub(re.escape(word.asked), lambda found: f'"{single_line(found[0])}"', text, flags=re.IGNORECASE)
    return text
