"""Page layout: a page whose paragraphs are sections, table cells or lines between <br> gets paragraphs that are <p>.

What finds an article on a page looks for <p>. Navigation, which is mostly links, is left as it is.
"""

import re
from collections.abc import Iterator
from typing import Any

from retrieval.formats.text_lines import clean

CONTAINERS = ("p", "div", "section", "td", "article", "main", "center", "blockquote", "body")
_INLINE_TAGS = """
    a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark q rb rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr
"""
INLINE = frozenset(_INLINE_TAGS.split())
UNSEEN_TAGS = frozenset(("script", "style", "noscript", "template"))
TABLE_TAGS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th")
MIN_TEXT_CHARS = 12  # of a container's own text, else it holds only other elements
MIN_LOOSE_CHARS = 40  # of text that lies between the blocks of a <div>
MIN_CELL_CHARS = 200  # of text in a table that lays out a page
MAX_LINK_SHARE = 0.3  # of the text
MAX_PAGE_POINT_CHARS = 400
SENTENCE_END = re.compile(
    r"(?<=[。！？!?；;])(?![”’」』）)\"'])|(?<=[。！？][”’」』）])|(?<=[.!?][\"')]) +|(?<=[.!?]) +(?=[A-Z\"'(])"
)
CLAUSE_END = re.compile(r"(?<=[，,、：:])|(?<= )")


def lay_out(html: str) -> str:
    """The page with a <p> for each line of text; unchanged where it cannot be parsed or has none to divide."""
    from lxml import etree
    from lxml import html as pages

    try:
        page = pages.document_fromstring(html)
    except (etree.LxmlError, ValueError, AssertionError):
        return html
    if not (mixed := [element for element in page.iter(*CONTAINERS) if _needs_division(element)]):
        return html
    for element in mixed:
        _divide(element)
    for table in list(page.iter("table")):
        if sum(len(clean(p.text or "")) for p in table.iter("p")) >= MIN_CELL_CHARS:
            for part in [table, *table.iter(*TABLE_TAGS)]:
                part.tag = "div"
    written: str = pages.tostring(page, encoding="unicode")
    return written


def split_paragraph(text: str) -> Iterator[str]:
    """A paragraph, or its sentences, in pieces of at most 400 characters."""
    if len(text) <= MAX_PAGE_POINT_CHARS:
        yield text
        return
    piece = ""
    for sentence in SENTENCE_END.split(text):
        for part in [sentence] if len(sentence) <= MAX_PAGE_POINT_CHARS else _split_sentence(sentence):
            if len(piece) + len(part) >= MAX_PAGE_POINT_CHARS:
                yield piece.strip()
                piece = ""
            piece = f"{piece} {part}" if piece and piece[-1].isascii() and not piece[-1].isspace() else piece + part
    if piece.strip():
        yield piece.strip()


def _split_sentence(sentence: str) -> Iterator[str]:
    piece = ""
    for clause in CLAUSE_END.split(sentence):
        while len(piece) + len(clause) > MAX_PAGE_POINT_CHARS - 1:
            room = 0 if piece else MAX_PAGE_POINT_CHARS - 1
            if piece or clause[:room]:
                yield piece or clause[:room]
            piece, clause = "", clause[room:]  # noqa: PLW2901  # the rest of a clause without an end
        piece += clause
    yield piece


def _needs_division(element: Any) -> bool:
    own, broken = _own_text(element), next(element.iter("br"), None) is not None
    if not broken and (element.tag == "p" or (element.tag == "div" and (own < MIN_LOOSE_CHARS or _is_inline(element)))):
        return False
    if own < MIN_TEXT_CHARS:
        return False
    text = len(clean("".join(element.itertext())))
    links = sum(len(clean("".join(link.itertext()))) for link in element.iter("a"))
    return links <= MAX_LINK_SHARE * text


def _own_text(element: Any) -> int:
    """The characters in it and in its inline children."""
    texts = [element.text or "", *(child.tail or "" for child in element)]
    texts += ["".join(child.itertext()) for child in element if child.tag in INLINE and _is_inline(child)]
    return sum(len(clean(text)) for text in texts)


def _is_inline(element: Any) -> bool:
    """Whether nothing in it is a block."""
    return all(not isinstance(inner.tag, str) or inner.tag in INLINE for inner in element.iterdescendants())


def _divide(element: Any) -> None:
    """Put each line between breaks and blocks into a <p> of its own."""
    from lxml import html as pages

    parts: list[Any] = []
    line = element.text or ""

    def end_line() -> None:
        for text in line.split("\x1e"):
            if cleaned := clean(text):
                parts.append(paragraph := pages.Element("p"))
                paragraph.text = cleaned

    for child in list(element):
        tail, child.tail = child.tail or "", None
        if not isinstance(child.tag, str) or child.tag in UNSEEN_TAGS:
            pass
        elif child.tag in INLINE and _is_inline(child):
            line += _text_with_breaks(child)
        else:
            end_line()
            line = ""
            parts.append(child)
        line += tail
    end_line()
    element.text = None
    for child in list(element):
        element.remove(child)
    element.extend(parts)
    if element.tag == "p":
        element.tag = "div"


def _text_with_breaks(element: Any) -> str:
    if element.tag == "br":
        return "\x1e"
    return (element.text or "") + "".join(
        (_text_with_breaks(child) if isinstance(child.tag, str) else "") + (child.tail or "") for child in element
    )
