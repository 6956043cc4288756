"""The page's host: sessions, people and the question log of the bot, as the page asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation.conversation import LISTINGS
from bot.conversation.listing import find_documents
from bot.conversation.recognizer import Recognizer
from bot.page.init_data import check_init_data
from bot.page.sessions import PageSessions
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.render.html import MAX_MESSAGE_UNITS, truncate
from bot.render.i18n import language_of, reader_language
from bot.users.access_list import AccessList
from bot.users.preferences import PreferenceStore
from retrieval.library import Library
from retrieval.model.documents import Document
from retrieval.model.results import Result
from web.host import PageSession, Viewer

LOGGED_POINTS = 3  # what is seen without scrolling, as in Telegram


@dataclass(frozen=True, slots=True)
class BotPageHost:
    """`token` is the bot's: initData is signed with it."""

    sessions: PageSessions
    access: AccessList
    preferences: PreferenceStore
    question_log: QuestionLog
    token: str
    now: Callable[[], datetime]
    library: Library
    recognizer: Recognizer = field(default_factory=lambda: Recognizer(lambda _, __: None))

    def viewer(self, session: str) -> Viewer | None:
        """Access that was taken back ends all sessions at once."""
        known = self.sessions.user(session)
        if known is None or not self.access.allows(known[0]):
            return None
        user, code = known
        return Viewer(user, self.preferences.preferences(user).language or (reader_language(code) if code else None))

    def enter(self, key: str) -> PageSession | None:
        opened = self.sessions.open_link(key)
        return PageSession(*opened) if opened else None

    def enter_mini_app(self, init_data: str) -> PageSession | None:
        user = check_init_data(init_data, self.token, self.now())
        if user is None or not self.access.allows(user.id):
            return None
        return PageSession(*self.sessions.open_mini_app(user.id, user.language))

    def listed(self, question: str) -> Sequence[Document] | None:
        request = self.recognizer.recognize(question)
        if request is None or request.intent not in LISTINGS:
            return None
        listing = find_documents(self.library, request, self.now())
        return [found for item in listing.items if (found := self.library.document(item.document.id))]

    def searched(self, result: Result, viewer: Viewer | None) -> None:
        hits = () if result.verdict == "none" else result.hits[:LOGGED_POINTS]
        self.question_log.record(
            LoggedAnswer(
                asked_at=self.now(),
                asker=Asker("web", viewer.user if viewer else None),
                text=truncate(result.question, MAX_MESSAGE_UNITS),
                language=language_of(result.question),
                verdict=result.verdict,
                points=[hit.point.id for hit in hits],
                milliseconds=result.milliseconds,
                nowhere=result.nowhere,
            )
        )
