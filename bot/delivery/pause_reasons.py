"""Why nothing reaches a place any more: what Telegram says of it, and the reason that a pause keeps."""

from telegram.error import Forbidden, TelegramError

from bot.digest.subscription import PauseReason

PAUSE_REASONS: tuple[tuple[PauseReason, tuple[str, ...]], ...] = (
    ("closed", ("topic_closed", "topic closed", "topic_deleted", "message thread not found", "thread not found")),
    ("blocked", ("blocked by the user", "can't initiate conversation")),
    ("kicked", ("was kicked", "is not a member", "group chat was deleted", "group is deactivated")),
    ("gone", ("user is deactivated", "chat not found", "peer_id_invalid", "user not found")),
    (
        "rights",
        ("not enough rights", "have no rights", "chat_write_forbidden", "chat_restricted", "need administrator"),
    ),
)


def pause_for(error: TelegramError) -> PauseReason | None:
    """Why nothing reaches a place any more; None where the message alone is to blame."""
    said = str(error).lower()
    reason = next((reason for reason, words in PAUSE_REASONS if any(word in said for word in words)), None)
    return reason or ("blocked" if isinstance(error, Forbidden) else None)
