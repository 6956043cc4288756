"""Addresses of the page's parts; the one module of the page that the bot's texts know."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from retrieval.model.documents import topic_key

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base` is the public address without a slash at its end; '' makes addresses of the page's own host.

    `language` is carried along where the reader chose one.
    """

    base: str = ""
    language: str | None = None

    def home(self, page: int = 0) -> str:
        return self._to("/", page=page or None)

    def topic(self, name: str, outlet: str | None = None, month: str | None = None, page: int = 0) -> str:
        return self._to(f"/t/{self.quoted(name)}", outlet=outlet, month=month, page=page or None)

    def document(self, id: str, point: str | None = None) -> str:
        return self._to(f"/d/{self.quoted(id)}") + (f"#p-{self.quoted(point)}" if point else "")

    def search(self, question: str, page: int = 0) -> str:
        return self._to("/search", q=question, page=page or None)

    def feed(self, topic: str | None = None) -> str:
        return self._to("/feed.xml", topic=topic)

    def search_feed(self, question: str) -> str:
        return self._to("/search.xml", q=question)

    def following(self) -> str:
        return self._to("/following")

    def enter(self, key: str) -> str:
        return self._to("/enter", key=key)

    @staticmethod
    def quoted(name: str) -> str:
        """As one part of a path or a URN."""
        return quote(name, safe="", errors="replace")

    def _to(self, path: str, **query: Value) -> str:
        given = {name: value for name, value in (query | {"lang": self.language}).items() if value not in (None, "")}
        return f"{self.base}{path}" + (f"?{urlencode(given, errors='replace')}" if given else "")


def topic_in_telegram(bot: str, name: str) -> str:
    """Opens the topic in the chat with the bot, where a button follows it."""
    return f"https://t.me/{bot}?start=t_{topic_key(name)}_0"


def subscribe_in_telegram(bot: str, question: str) -> str:
    """Opens the chat with the bot, with a command written that the person has only to send."""
    return f"https://t.me/{bot}?text={quote(f'/subscribe {question}', safe='', errors='replace')}"
