"""Telegram's HTML as Telegram reads it: the double refuses what Telegram refuses, and what it drops without a word."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler"}
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


class InvalidError(Exception):
    """Telegram would answer 400 with this description."""


@dataclass(frozen=True)
class Entity:
    tag: str
    text: str
    attributes: dict[str, str | None]


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.entities: list[Entity] = []
        self._open: list[tuple[str, int, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = {"a": {"href"}, "blockquote": {"expandable"}}.get(tag, set())
        if tag not in TAGS or {name for name, _ in attrs} - allowed or (tag == "a" and not dict(attrs).get("href")):
            raise InvalidError(f"can't parse entities: unsupported start tag <{tag} {attrs}>")
        if tag == "blockquote" and any(opened == "blockquote" for opened, _, _ in self._open):
            raise InvalidError("can't parse entities: nested blockquote")
        self._open.append((tag, len(self.text), dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise InvalidError(f"can't parse entities: unexpected end tag </{tag}>")
        _, start, attributes = self._open.pop()
        self.entities.append(Entity(tag, self.text[start:], attributes))

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            raise InvalidError(f"can't parse entities: unescaped character in {data!r}")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += unescape(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        raise InvalidError(f"can't parse entities: {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise InvalidError(f"can't parse entities: {decl!r}")

    def handle_pi(self, data: str) -> None:
        raise InvalidError(f"can't parse entities: {data!r}")

    def unknown_decl(self, data: str) -> None:
        raise InvalidError(f"can't parse entities: {data!r}")

    def end(self) -> None:
        self.close()
        if self._open:
            raise InvalidError(f"can't parse entities: no end tag for {self._open[-1][0]}")


def parse(html: str) -> tuple[str, list[Entity]]:
    """What the reader sees and what is marked in it; raises InvalidError for all that Telegram refuses or drops."""
    html.encode()  # lone surrogates have no UTF-8
    if any(not REFERENCE.match(html, found.start()) for found in re.finditer("&", html)):
        raise InvalidError("can't parse entities: unescaped &")
    parser = _Strict()
    parser.feed(html)
    parser.end()
    if not parser.text.strip():
        raise InvalidError("message text is empty")
    if len(parser.text.encode("utf-16-le")) // 2 > 4096:
        raise InvalidError("message is too long")
    if len(parser.entities) > 100:
        raise InvalidError("more than 100 entities: Telegram would drop some without a word")
    return parser.text, parser.entities
