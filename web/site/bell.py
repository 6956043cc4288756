"""The bell: a topic or a search goes in; whether its reader follows it, or where they can, comes out."""

from dataclasses import dataclass

from web.addresses import subscribe_in_telegram, topic_in_telegram
from web.host import Followed, FollowedKind, PageHost
from web.request.reader import PageReader

MAX_FOLLOWED_CHARS = 300  # of a search: the bot keeps no more of a standing question


@dataclass(frozen=True, slots=True)
class BellView:
    """`followed` is given where the reader follows it; `link` leads a visitor whom nobody knows to the bot."""

    kind: FollowedKind
    subject: str
    followed: Followed | None = None
    link: str = ""


def view_bell(host: PageHost, reader: PageReader, kind: FollowedKind, subject: str) -> BellView | None:
    """None where it cannot be followed."""
    if not subject or (kind == "search" and len(subject) > MAX_FOLLOWED_CHARS):
        return None
    if reader.viewer:
        own = (one for one in reader.followed if (one.kind, one.subject) == (kind, subject))
        return BellView(kind, subject, next(own, None))
    if not (bot := host.bot_name()):
        return None
    link = topic_in_telegram(bot, subject) if kind == "topic" else subscribe_in_telegram(bot, subject)
    return BellView(kind, subject, link=link)
