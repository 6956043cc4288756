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

from bot.container import Desk
from bot.handlers.access import Gate, Inviting
from bot.handlers.buttons import Presses, Reading
from bot.handlers.feeds import Sourcing
from bot.handlers.groups import Groups
from bot.handlers.inline import Inline
from bot.handlers.questions import Asking, Context
from bot.handlers.settings import Own
from bot.handlers.stats import Counting
from bot.handlers.subscription_buttons import Bells
from bot.handlers.subscriptions import Following
from bot.handlers.uploads import Receiving
from bot.transport.routing import is_migration

LINK_ALONE = r"^\s*https?://\S+(?:\s+\S.*)?\s*$"

Handler = BaseHandler[Any, Context, Any]


class Migration(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return is_migration(message)


def table(desk: Desk) -> dict[int, Sequence[Handler]]:
    """By python-telegram-bot's groups: the gate is passed first."""
    asking, own, inviting, groups, inline = Asking(desk), Own(desk), Inviting(desk), Groups(desk), Inline(desk)
    following, sourcing, receiving = Following(desk), Sourcing(desk), Receiving(desk)
    presses = Presses(
        desk,
        {
            **Reading(desk).operations,
            **own.operations,
            **inviting.operations,
            **Bells(desk).operations,
            **receiving.operations,
        },
    )
    # Without it handlers also fire on edits, channel posts and guest messages.
    here = filters.UpdateType.MESSAGE
    private = here & filters.ChatType.PRIVATE
    words = filters.TEXT | filters.CAPTION
    group = filters.ChatType.GROUPS
    handlers: list[Handler] = [
        MessageHandler(here & Migration(), groups.moved),
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
        CommandHandler("stats", Counting(desk).stats, here),
        CommandHandler("invite", inviting.invite, here),
        CommandHandler("revoke", inviting.revoke, here),
        MessageHandler(private & filters.Document.ALL, receiving.document),
        MessageHandler(private & filters.TEXT & filters.Regex(LINK_ALONE), receiving.link),
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
    if desk.guests:
        handlers.append(MessageHandler(filters.UpdateType.GUEST_MESSAGE & words, inline.guest))
    return {
        -1: [TypeHandler(Update, Gate(desk).check)],
        0: handlers,
        1: [
            ChatMemberHandler(following.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            CommandHandler("start", following.started, private),
        ],
    }
