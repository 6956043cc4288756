"""Alarms of the inbox: an update's number or an error goes in, what operators are told in any language comes out."""

from bot.render.i18n import Localized
from retrieval.storage.store import is_locked


def unwritten(error: Exception) -> Localized:
    text, cause = str(error), "lock" if is_locked(error) else "disk"
    return lambda say: say("alarm-inbox", error=text, cause=cause)


def unreadable(number: int, error: Exception) -> Localized:
    """Without the error's text, which may quote what somebody wrote."""
    kind = type(error).__name__
    return lambda say: say("alarm-update-unreadable", update=str(number), error=kind)


def put_aside(number: int, tries: int) -> Localized:
    return lambda say: say("alarm-update-aside", update=str(number), tries=tries)
