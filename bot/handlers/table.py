"""The table of handlers: services go in, the handler of each kind of update comes out; the first that fits runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Message, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.container import Services
from bot.handlers.access import AccessGate, AccessHandlers
from bot.handlers.base import Context
from bot.handlers.buttons import AnswerButtons, ButtonRouter
from bot.handlers.feeds import FeedHandlers
from bot.handlers.groups import GroupHandlers
from bot.handlers.inline import InlineHandlers
from bot.handlers.page import PageHandlers
from bot.handlers.questions import QuestionHandlers
from bot.handlers.settings import SettingsHandlers
from bot.handlers.spoken_commands import SpokenCommands
from bot.handlers.stats import StatsHandlers
from bot.handlers.subscription_buttons import SubscriptionButtons
from bot.handlers.subscriptions import SubscriptionHandlers
from bot.handlers.topics import TopicHandlers
from bot.handlers.uploads import UploadHandlers
from bot.transport.routing import is_migration
from bot.transport.waiting_sign import WaitingSign

Handler = BaseHandler[Any, Context, Any]


class MigrationFilter(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return is_migration(message)


# Without IN_MESSAGE handlers also run on edits, channel posts and guest messages.
IN_MESSAGE = filters.UpdateType.MESSAGE
PRIVATE = IN_MESSAGE & filters.ChatType.PRIVATE
ANY_CHAT = filters.ChatType.PRIVATE | filters.ChatType.GROUPS
WORDS = filters.TEXT | filters.CAPTION
LINK_ALONE = filters.TEXT & filters.Regex(r"^\s*https?://\S+(?:\s+\S.*)?\s*$")
ASK_WITHOUT_SPACE = filters.Regex(r"^/ask\S")


def handler_table(services: Services, sign: WaitingSign) -> Mapping[int, Sequence[Handler]]:
    """By python-telegram-bot's groups: the gate comes first, the followers of a chat's state last."""
    questions, settings, access = QuestionHandlers(services, sign), SettingsHandlers(services), AccessHandlers(services)
    groups, inline, feeds = GroupHandlers(services), InlineHandlers(services), FeedHandlers(services)
    subscriptions, uploads, stats = SubscriptionHandlers(services), UploadHandlers(services), StatsHandlers(services)
    spoken = SpokenCommands(
        services,
        questions.question,
        {
            "topics": questions.topics,
            "help": questions.help,
            "settings": settings.settings,
            "privacy": questions.privacy,
            "status": groups.status,
            "forget": settings.forget,
            "subscriptions": subscriptions.subscriptions,
            "digest": subscriptions.digest,
        },
    )
    operations = AnswerButtons(services).operations | SubscriptionButtons(services).operations
    operations |= settings.operations | access.operations | uploads.operations | spoken.operations
    handlers: list[Handler] = [
        MessageHandler(IN_MESSAGE & MigrationFilter(), groups.moved),
        # For everybody
        CommandHandler("ask", spoken.message, IN_MESSAGE),
        CommandHandler("start", questions.start, PRIVATE),
        CommandHandler(["help", "start"], questions.help, IN_MESSAGE),
        CommandHandler("topics", questions.topics, IN_MESSAGE),
        CommandHandler("subscribe", subscriptions.subscribe, IN_MESSAGE),
        CommandHandler("subscriptions", subscriptions.subscriptions, IN_MESSAGE),
        CommandHandler("digest", subscriptions.digest, IN_MESSAGE),
        CommandHandler("settings", settings.settings, IN_MESSAGE),
        CommandHandler("status", groups.status, IN_MESSAGE),
        CommandHandler("web", PageHandlers(services).web, IN_MESSAGE),
        CommandHandler("privacy", questions.privacy, IN_MESSAGE),
        CommandHandler("export", settings.export, PRIVATE),
        CommandHandler("forget", settings.forget, PRIVATE),
        # For operators
        CommandHandler("feeds", feeds.feeds, IN_MESSAGE),
        CommandHandler("topic", TopicHandlers(services).topic, IN_MESSAGE),
        CommandHandler("alias", uploads.alias, IN_MESSAGE),
        CommandHandler("stats", stats.stats, IN_MESSAGE),
        CommandHandler("invite", access.invite, IN_MESSAGE),
        CommandHandler("revoke", access.revoke, IN_MESSAGE),
        MessageHandler(PRIVATE & filters.Document.ALL, uploads.document),
        MessageHandler(PRIVATE & LINK_ALONE, uploads.link),
        # Other messages
        MessageHandler(IN_MESSAGE & filters.StatusUpdate.FORUM_TOPIC_REOPENED, subscriptions.reopened),
        MessageHandler(PRIVATE & filters.COMMAND & ~ASK_WITHOUT_SPACE, spoken.unknown_command),
        MessageHandler(IN_MESSAGE & ANY_CHAT & WORDS & ~filters.COMMAND, spoken.message),
        MessageHandler(PRIVATE & ASK_WITHOUT_SPACE, spoken.message),
        MessageHandler(PRIVATE & ~filters.StatusUpdate.ALL, questions.only_text),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & ANY_CHAT & WORDS, questions.edited),
        # Updates that are no messages
        CallbackQueryHandler(ButtonRouter(services, operations).pressed),
        InlineQueryHandler(inline.query),
        ChosenInlineResultHandler(inline.chosen),
        ChatMemberHandler(groups.membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    if services.guests:
        handlers.append(MessageHandler(filters.UpdateType.GUEST_MESSAGE & WORDS, inline.guest))
    followers: list[Handler] = [
        ChatMemberHandler(subscriptions.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        CommandHandler("start", subscriptions.started, PRIVATE),
    ]
    return {-1: [TypeHandler(Update, AccessGate(services).check)], 0: handlers, 1: followers}
