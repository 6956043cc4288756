"""The page's host: sessions, people and the question log of the bot, as the page asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation.comparison import compare, labelled_hits
from bot.conversation.conversation import LISTINGS
from bot.conversation.listing import find_documents
from bot.conversation.recognizer import Recognizer
from bot.digest.subscription import Destination, LimitError
from bot.digest.subscription_card import describe_schedule, describe_state
from bot.digest.subscription_service import Subscriber, SubscriptionService
from bot.page.init_data import check_init_data
from bot.page.sessions import PageSessions
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.render.html import MAX_MESSAGE_UNITS, truncate
from bot.render.i18n import Language, language_of, reader_language, say_in
from bot.users.access_list import AccessList
from bot.users.preferences import PreferenceStore
from retrieval.library import Library
from web.host import Answered, Followed, FollowedKind, FollowOutcome, PageSession, Requested, Viewer

LOGGED_POINTS = 3  # what is seen without scrolling, as in Telegram


@dataclass(frozen=True, slots=True)
class BotPageHost:
    """`token` is the bot's: initData is signed with it. `subscriptions` makes the service of this moment."""

    sessions: PageSessions
    access: AccessList
    preferences: PreferenceStore
    question_log: QuestionLog
    token: str
    now: Callable[[], datetime]
    library: Library
    subscriptions: Callable[[], SubscriptionService]
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
        opened = self.sessions.open_mini_app(user.id, user.language, user.signature)
        return PageSession(*opened) if opened else None

    def bot_name(self) -> str:
        return self.sessions.bot_name()

    def followed(self, viewer: Viewer, language: Language) -> Sequence[Followed]:
        say, reader = say_in(language), self._subscriber(viewer, language)
        return [
            Followed(
                one.id,
                "topic" if one.spec.kind == "topic" else "search",
                one.spec.subject,
                f"{describe_schedule(one.spec.schedule, say)} · {describe_state(one, say)}".rstrip(" ·"),
            )
            for one in self.subscriptions().planner.subscriptions.at(reader.place)
        ]

    def follow(self, viewer: Viewer, kind: FollowedKind, subject: str, language: Language) -> FollowOutcome:
        if not self.access.allows(viewer.user):
            return "refused"
        service, reader = self.subscriptions(), self._subscriber(viewer, language)
        try:
            added = service.add_topic(subject, reader) if kind == "topic" else service.add_question(subject, reader)
        except LimitError:
            return "full"
        return "followed" if added else "gone"

    def unfollow(self, viewer: Viewer, id: int) -> bool:
        """Only what comes to this person's own chat: in Telegram it is asked who may change a channel's."""
        service = self.subscriptions()
        one = service.planner.subscriptions.get(id)
        if one is None or one.spec.place != Destination(viewer.user):
            return False
        service.delete(one)
        return True

    def requested(self, question: str) -> Requested | None:
        request = self.recognizer.recognize(question)
        if request and request.intent == "compare":
            sides = labelled_hits(compare(self.library, request, self.now(), question))
            return Requested(sides=tuple(sides)) if any(hit for _, hit in sides) else None
        if request is None or request.intent not in LISTINGS:
            return None
        items = find_documents(self.library, request, self.now()).items
        if not items and (request.subject or request.outlet):
            return Requested(question=request.subject) if request.subject not in ("", question) else None
        ids = dict.fromkeys(item.document.id for item in items)  # of an overview one may have several
        documents = [found for id in ids if (found := self.library.document(id))]
        return Requested(tuple(documents), tuple(item.point.id for item in items))

    def answered(self, answered: Answered, viewer: Viewer | None) -> None:
        self.question_log.record(
            LoggedAnswer(
                asked_at=self.now(),
                asker=Asker("web", viewer.user if viewer else None),
                text=truncate(answered.question, MAX_MESSAGE_UNITS),
                language=language_of(answered.question),
                verdict=answered.verdict,
                points=list(answered.points[:LOGGED_POINTS]),
                milliseconds=answered.milliseconds,
                nowhere=answered.nowhere,
                searched=answered.searched,
            )
        )

    @staticmethod
    def _subscriber(viewer: Viewer, language: Language) -> Subscriber:
        return Subscriber(Destination(viewer.user), viewer.user, language)
