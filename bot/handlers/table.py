"""The table of handlers: what happens to which update. The order matters; the first that fits takes it."""

from collections.abc import Sequence
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
from bot.handlers.buttons import AnswerButtons, ButtonRouter
from bot.handlers.feeds import FeedHandlers
from bot.handlers.groups import GroupHandlers
from bot.handlers.inline import InlineHandlers
from bot.handlers.questions import Context, QuestionHandlers
from bot.handlers.settings import SettingsHandlers
from bot.handlers.stats import StatsHandlers
from bot.handlers.subscription_buttons import SubscriptionButtons
from bot.handlers.subscriptions import SubscriptionHandlers
from bot.handlers.uploads import UploadHandlers
from bot.transport.routing import is_migration

BARE_LINK = r"^\s*https?://\S+(?:\s+\S.*)?\s*$"

Handler = BaseHandler[Any, Context, Any]


class MigrationFilter(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return is_migration(message)


def handler_table(services: Services) -> dict[int, Sequence[Handler]]:
    """By python-telegram-bot's groups: the gate is passed first."""
    asking, own, inviting, groups, inline = (
        QuestionHandlers(services),
        SettingsHandlers(services),
        AccessHandlers(services),
        GroupHandlers(services),
        InlineHandlers(services),
    )
    following, sourcing, receiving = SubscriptionHandlers(services), FeedHandlers(services), UploadHandlers(services)
    presses = ButtonRouter(
        services,
        {
            **AnswerButtons(services).operations,
            **own.operations,
            **inviting.operations,
            **SubscriptionButtons(services).operations,
            **receiving.operations,
        },
    )
    # Without it handlers also fire on edits, channel posts and guest messages.
    here = filters.UpdateType.MESSAGE
    private = here & filters.ChatType.PRIVATE
    words = filters.TEXT | filters.CAPTION
    group = filters.ChatType.GROUPS
    handlers: list[Handler] = [
        MessageHandler(here & MigrationFilter(), groups.moved),
        CommandHandler("ask", asking.question, here),
        CommandHandler("start", asking.start, private),
        CommandHandler(["help", "start"], asking.help, here),
        CommandHandler("topics", asking.topics, here),
        CommandHandler("subscribe", following.subscribe, here),
        CommandHandler("subscriptions", following.subscriptions, here),
        CommandHandler("digest", following.digest, here),
        MessageHandler(here & filters.StatusUpdate.FORUM_TOPIC_REOPENED, following.reopened),
        CommandHandler("settings", own.settings, here),
        CommandHandler("status", groups.status, here),
        CommandHandler("privacy", asking.privacy, here),
        CommandHandler("export", own.export, private),
        CommandHandler("forget", own.forget, private),
        CommandHandler("feeds", sourcing.feeds, here),
        CommandHandler("alias", receiving.alias, here),
        CommandHandler("stats", StatsHandlers(services).stats, here),
        CommandHandler("invite", inviting.invite, here),
        CommandHandler("revoke", inviting.revoke, here),
        MessageHandler(private & filters.Document.ALL, receiving.document),
        MessageHandler(private & filters.TEXT & filters.Regex(BARE_LINK), receiving.link),
        MessageHandler(private & filters.COMMAND & ~filters.Regex(r"^/ask\S"), asking.help),
        MessageHandler(here & (filters.ChatType.PRIVATE | group) & words & ~filters.COMMAND, asking.question),
        MessageHandler(private & filters.Regex(r"^/ask\S"), asking.question),
        MessageHandler(private & ~filters.StatusUpdate.ALL, asking.only_text),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & (filters.ChatType.PRIVATE | group) & words, asking.edited),
        CallbackQueryHandler(presses.pressed),
        InlineQueryHandler(inline.query),
        ChosenInlineResultHandler(inline.chosen),
        ChatMemberHandler(groups.membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    if services.guests:
        handlers.append(MessageHandler(filters.UpdateType.GUEST_MESSAGE & words, inline.guest))
    return {
        -1: [TypeHandler(Update, AccessGate(services).check)],
        0: handlers,
        1: [
            ChatMemberHandler(following.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            CommandHandler("start", following.started, private),
        ],
    }
