"""A point's subject: a point and its document go in, what it speaks of without saying it comes out, in brackets."""

import re

from bot.render.html import single_line, truncate
from retrieval.language.anaphora import refers_back
from retrieval.model.documents import Document, Point

MAX_BRACKETED_CHARS = 40  # UTF-16 units of what a point speaks of
MIN_BRACKETED_CHARS = 4
TITLE_BREAK = re.compile(r"[|｜丨：:；;？?！!]")


def bracketed_subject(point: Point, document: Document) -> str:
    """The first part of the title, for a point that begins with 'It' or 'The company'; else ''."""
    if not refers_back(point.text):
        return ""
    title = single_line(document.title)
    begin = next((part.strip() for part in TITLE_BREAK.split(title) if len(part.strip()) >= MIN_BRACKETED_CHARS), title)
    return f"[{truncate(begin, MAX_BRACKETED_CHARS)}]" if begin else ""
