"""Conversation: a message goes in; requests, follow-ups and questions are told apart, and a Reply comes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.conversation import follow_ups
from bot.conversation.answering import ASK_COMMAND, FOLLOW_UP_SPAN, AnswerService, is_compact
from bot.conversation.citation import cite, cite_all, summary_row
from bot.conversation.comparison import ComparedSide, compare, labelled_hits, render_comparison
from bot.conversation.content import own_content, points_back
from bot.conversation.follow_grammar import is_unfollowed, names_following
from bot.conversation.listing import Listing, find_documents
from bot.conversation.listing_reply import listing_size, render_listing_reply
from bot.conversation.recognizer import Recognizer
from bot.conversation.request import ABOUT_ANSWER, COMMAND_INTENTS, Request, canonical_message
from bot.question_log.log import Asker, LoggedAnswer
from bot.render.answer import MOST_POINTS, count_pages, hits_on_page
from bot.render.callback_data import AnswerView
from bot.render.html import MAX_MESSAGE_UNITS, escape, italic, replace_surrogates, truncate
from bot.render.i18n import Language, Say, language_of, say_in
from bot.render.reply import Reply
from retrieval.language.han import is_chinese
from retrieval.model.results import Hit
from retrieval.search.shown_version import version_in

Pages = Sequence[Sequence[Hit]]
LISTINGS = ("news", "overview")
MAX_PASSED_OVER = 4  # requests without a subject, between a question and its follow-up
BACK_SPAN = FOLLOW_UP_SPAN * 24  # within which 'more' and 'who said it' are about the answer before


@dataclass(frozen=True, slots=True)
class ConversationService(AnswerService):
    """Answers whatever a person writes. All methods block on search and SQLite."""

    recognizer: Recognizer = field(default_factory=lambda: Recognizer(lambda _, __: None))

    def recognize(self, text: str) -> Request | None:
        return self.recognizer.recognize(strip_command(text))

    def is_question(self, text: str) -> bool:
        """Whether it is no request for certain; does not block."""
        return self.recognizer.is_question(strip_command(text))

    def ask(
        self,
        text: str,
        language: Language,
        asker: Asker,
        replying_to: int | None = None,
        quoted: str = "",
        notice: str = "",
    ) -> Reply:
        """`quoted` is what somebody else wrote and this message replies to; `notice` stands above the answer, and
        `replying_to` is the bot's message that this one replies to."""
        text = strip_command(text)
        request = self.recognizer.recognize(text) if text else None
        about_quote = (request is not None and request.intent in ABOUT_ANSWER) or not own_content(text)
        if quoted and about_quote:
            text = strip_command(quoted)
            request = self.recognizer.recognize(text)
        reply = self._reply(text, request, language, asker, replying_to)
        return replace(reply, text=f"{italic(notice)}\n\n{reply.text}") if notice else reply

    def view(self, view: AnswerView, language: Language, asker: Asker) -> Reply | None:
        question = self.question_of(view, asker)
        request = self.recognizer.recognize(question.whole) if question and not view.alone else None
        if question and (sides := self._sides_shown(question, request)):
            return self._compared(sides, question, language, asker)
        if question is None or request is None or request.intent not in LISTINGS:
            return super(ConversationService, self).view(view, language, asker)
        listing = find_documents(self.library, request, question.asked_at)
        return self._listed(listing, request, question, view.page, language, asker)

    def subject_before(self, asker: Asker, replying_to: int | None) -> str:
        """What the last answer here was about, or ''."""
        before = self._before(asker, replying_to)
        if before is None or before.asked_at < self.now() - FOLLOW_UP_SPAN:
            return ""
        listing = self._listing_request(before)
        return listing.subject if listing else before.whole

    def _reply(
        self, text: str, request: Request | None, language: Language, asker: Asker, replying_to: int | None
    ) -> Reply:
        if not text:
            return Reply(escape(say_in(language)("ask-what")))
        if request is None or (is_unfollowed(request) and not names_following(text)):
            return self._question(text, language, asker, replying_to)
        if request.intent in LISTINGS:
            return self._listing(text, request, language, asker)
        if request.intent == "compare":
            return self._comparison(text, request, language, asker, replying_to)
        if request.intent in ABOUT_ANSWER:
            return self._about_answer(request, language, asker, replying_to)
        return self._short_reply(request, language)

    def _short_reply(self, request: Request, language: Language) -> Reply:
        """Telegram's commands are handled before, but for a guest's."""
        say = say_in(language)
        if request.intent == "wrong":
            return Reply(escape(say("wrong-how")))
        if request.intent == "beyond":
            return Reply(escape(say("beyond")))
        in_terminal = request.intent in COMMAND_INTENTS and self.bot_name is None
        return Reply(escape(say("terminal-commands") if in_terminal else say("small-talk")))

    def _question(self, text: str, language: Language, asker: Asker, replying_to: int | None) -> Reply:
        before = self._before(asker, replying_to)
        if before and replying_to is None and before.asked_at < self.now() - FOLLOW_UP_SPAN:
            before = None
        for _ in range(MAX_PASSED_OVER):
            if before is None or (passed := self._listing_request(before)) is None or passed.subject:
                break
            # 'what is new' has nothing that could be inherited; the question before it may have
            before = self.question_log.last(asker, self.now() - FOLLOW_UP_SPAN, before.id)
        else:
            before = None
        about = self._listing_request(before) if before else None
        subject = follow_ups.reply_subject(text) if replying_to is not None else follow_ups.follow_up_subject(text)
        if before and subject and about:
            about = replace(about, subject=subject)
            return self._listing(text, about, language, asker, searched=canonical_message(about, language_of(text)))
        words, completed = own_content(text), None
        if before and subject:
            completed = follow_ups.complete_question(_without_follow_up(before), subject)
        elif before and (not words or (points_back(text) and len(words) <= follow_ups.MAX_SHORT_WORDS)):
            completed = follow_ups.append_question(_without_follow_up(before), text)
        elif not words:
            return Reply(escape(say_in(language)("ask-about-what")))
        return self.answer_question(text, language, asker, completed, before)

    def _listing(
        self, text: str, request: Request, language: Language, asker: Asker, searched: str | None = None
    ) -> Reply:
        asked_at = self.now()
        listing = find_documents(self.library, request, asked_at)
        if not listing.items and (request.subject or request.outlet):
            return self.answer_question(
                text, language, asker, request.subject if request.subject not in ("", text) else None
            )
        shown = [item.point.id for item in listing.page(0, listing_size(is_compact(asker)))]
        verdict = "answer" if listing.items else "none"
        question = self._record(text, asker, verdict, shown, asked_at, searched)
        return self._listed(listing, request, question, 0, language, asker)

    def _listed(
        self,
        listing: Listing,
        request: Request,
        question: LoggedAnswer,
        page: int,
        language: Language,
        asker: Asker,
    ) -> Reply:
        compact = is_compact(asker)
        page = min(page, listing.pages(listing_size(compact)) - 1)
        view = AnswerView(question.id, page)
        reply = render_listing_reply(listing, request, view, self.style(language, compact))
        points = [item.point for item in listing.page(page, listing_size(compact))]
        return replace(reply, foreign=self.foreign(points, language))

    def _comparison(
        self, text: str, request: Request, language: Language, asker: Asker, replying_to: int | None
    ) -> Reply:
        """A question where nothing is found about either side."""
        asked_at = self.now()
        sides = compare(self.library, request, asked_at, text)
        shown = [hit.point.id for _, hit in labelled_hits(sides) if hit]
        if not shown:
            return self._question(text, language, asker, replying_to)
        question = self._record(text, asker, "answer" if all(side.hit for side in sides) else "maybe", shown, asked_at)
        return self._compared(sides, question, language, asker)

    def _sides_shown(self, question: LoggedAnswer, request: Request | None) -> Sequence[ComparedSide]:
        """The sides that answered a comparison: then their points were shown; else none."""
        if request is None or request.intent != "compare":
            return ()
        sides = compare(self.library, request, question.asked_at, question.whole)
        return sides if list(question.points) == [hit.point.id for _, hit in labelled_hits(sides) if hit] else ()

    def _compared(
        self, sides: Sequence[ComparedSide], question: LoggedAnswer, language: Language, asker: Asker
    ) -> Reply:
        style, view = self.style(language, is_compact(asker)), AnswerView(question.id)
        rows = tuple(summary_row(hit.document, style, view, f"📄 {name}") for name, hit in labelled_hits(sides) if hit)
        return Reply(render_comparison(sides, style), rows, question.id)

    def _record(
        self,
        text: str,
        asker: Asker,
        verdict: str,
        shown: Sequence[str],
        asked_at: datetime,
        searched: str | None = None,
    ) -> LoggedAnswer:
        milliseconds = (self.now() - asked_at).total_seconds() * 1000
        written, language = truncate(text, MAX_MESSAGE_UNITS), language_of(text)
        return self.question_log.record(
            LoggedAnswer(asked_at, asker, written, language, verdict, shown, milliseconds, searched)
        )

    def _listing_request(self, question: LoggedAnswer) -> Request | None:
        request = self.recognizer.recognize(question.whole)
        return request if request and request.intent in LISTINGS else None

    def _before(self, asker: Asker, replying_to: int | None) -> LoggedAnswer | None:
        """The question whose answer is meant: the one replied to, else the person's last one here."""
        answered = None
        if replying_to is not None and asker.chat is not None:
            answered = self.question_log.answered_by(asker.chat, replying_to)
        return answered or self.question_log.last(asker, self.now() - BACK_SPAN)

    def _about_answer(self, request: Request, language: Language, asker: Asker, replying_to: int | None) -> Reply:
        say, before = say_in(language), self._before(asker, replying_to)
        pages = self._pages(before, is_compact(asker)) if before else []
        at = max((n for n, page in enumerate(pages) if before and _is_shown(page, before)), default=0)
        points = pages[at] if pages else []
        if before is None or len(points) < max(request.item, 1):
            return Reply(escape(_not_shown(before, points, say)))
        view, style = AnswerView(before.id, at), self.style(language, is_compact(asker))
        shown = points[request.item - 1 if request.item > 0 else request.item]
        match request.intent:
            case "source" | "brief":
                return cite(shown, style, view)
            case "details":
                return self.document(shown.document.id, 0, language, view) or Reply(escape(say("summary-unknown")))
            case "more" if at + 1 == len(pages):
                return Reply(escape(say("no-more")))
            case "more":  # counts as shown, so that another 'more' goes on from there
                more = (hit.point.id for hit in pages[at + 1])
                both = list(dict.fromkeys([*before.points, *more]))
                self.question_log.record(replace(before, points=both, documents=None))
                view = AnswerView(before.id, at + 1)
            case "translate":
                return self._in_language(request, pages, view, language, asker)
        return self.view(view, language, asker) or Reply(escape(say("nothing-before")))

    def _in_language(
        self,
        request: Request,
        pages: Pages,
        view: AnswerView,
        language: Language,
        asker: Asker,
    ) -> Reply:
        """What there is in that language; else the same answer, with a line that says so."""
        to: Language = "zh" if request.to == "zh" else "en" if request.to == "en" else language
        if not request.to and all(is_chinese(hit.point.text) == (to == "zh") for hit in pages[view.page]):
            to = "en" if to == "zh" else "zh"
        shown = (version_in(hit, chinese=to == "zh") for page in pages for hit in page)
        there = [hit for hit in shown if is_chinese(hit.point.text) == (to == "zh")]
        style = self.style(to, is_compact(asker))
        if there:
            return cite_all(there[: len(pages[view.page])], style, view)
        again, note = self.view(view, to, asker), italic(style.say("no-translation"))
        return replace(again, text=f"{note}\n\n{again.text}") if again else Reply(note)

    def _pages(self, question: LoggedAnswer, compact: bool) -> Pages:
        """All that the answer to a question pages through; none where nothing was found."""
        if request := self._listing_request(question):
            listing, size = find_documents(self.library, request, question.asked_at), listing_size(compact)
            hits = listing.hits()
            return [hits[at : at + size] for at in range(0, len(hits), size)]
        if sides := self._sides_shown(question, self.recognizer.recognize(question.whole)):
            return [[hit for _, hit in labelled_hits(sides) if hit]]
        result = self.search_logged(question, shown=MOST_POINTS)
        if result.verdict == "none":
            return []
        return [hits_on_page(result, page, compact) for page in range(count_pages(result, compact))]


def strip_command(text: str) -> str:
    return ASK_COMMAND.sub("", replace_surrogates(text).strip())


def _without_follow_up(before: LoggedAnswer) -> str:
    """'Why?' after 'how large is it, and when?' is about the question that had content, and not about 'when?'."""
    if before.is_completed and (not own_content(before.text) or points_back(before.text)):
        return before.whole.removesuffix(before.text).rstrip() or before.whole
    return before.whole


def _not_shown(before: LoggedAnswer | None, points: Sequence[Hit], say: Say) -> str:
    if before is None:
        return say("nothing-before")
    return say("no-such-item", shown=len(points)) if points else say("nothing-found-before")


def _is_shown(page: Sequence[Hit], question: LoggedAnswer) -> bool:
    return any(hit.point.id in question.points for hit in page)
