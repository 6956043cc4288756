"""XML of strangers: bytes in any character set, with the usual slips, to text that a parser takes.

Nothing that a document declares is ever expanded: its DOCTYPE is taken off.
"""

import re
from html.entities import html5
from typing import Any
from xml.parsers import expat

from feeds.source import SourceError
from retrieval.formats.encoding import decode

MAX_XML_DEPTH = 100  # a feed has six
MAX_LOOSE_TAGS = 50_000  # that feedparser reads in a broken feed: it takes seconds for more
MAX_ENTITY_CHARS = 12  # of a character written as an entity: &#x1F4A9;
ENTITIES_REFUSED = "it declares entities, which no feed needs"

PROLOGUE_PIECE = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE\b)", re.DOTALL | re.IGNORECASE)
DOCTYPE_TOKEN = re.compile(r""""[^"]*"|'[^']*'|<!--.*?-->|[\[\]>]""", re.DOTALL)
ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
# a name that HTML has, for a character; or a file of such names
HARMLESS_ENTITY = re.compile(
    rf"""<!ENTITY\s+(?:(?P<name>\w+)\s+(?:"[^"%]{{0,{MAX_ENTITY_CHARS}}}"|'[^'%]{{0,{MAX_ENTITY_CHARS}}}')"""
    r"""|%\s+\w+\s+(?:PUBLIC|SYSTEM)\s[^<>]{0,400})\s*>""",
    re.IGNORECASE,
)
CHARACTER_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|(\d{1,9}));")
UNPAIRED_SURROGATE = re.compile(r"[\ud800-\udfff]")
NO_XML_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
BARE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z_:][\w:.-]{0,63});)")


def repair_xml(body: bytes, charset: str | None = None) -> str:
    """Without declaration and DOCTYPE; well-formed as far as names of HTML's characters and ampersands make it so.

    Raises SourceError for entities of other kinds, a few letters of which may make gigabytes, and for endless nesting.
    """
    text = _without_prologue(decode(body, charset))
    text = NO_XML_CHARACTER.sub("", _decode_references(text))
    if _is_well_formed(text):
        return text
    text = BARE_AMPERSAND.sub("&amp;", NAMED_ENTITY.sub(_replace_entity, text))
    if _is_well_formed(text) or text.count("<") <= MAX_LOOSE_TAGS:
        return text
    return _recover(text)


def parse_xml(body: bytes, refusal: str) -> Any:
    """The root element; of a broken document what can be read of it."""
    from lxml import etree

    root = _parse_leniently(repair_xml(body))
    if root is None or not isinstance(root.tag, str):
        raise SourceError(refusal)
    etree.strip_elements(root, etree.Comment, etree.ProcessingInstruction, etree.Entity, with_tail=False)
    return root


def _without_prologue(text: str) -> str:
    at = 0
    while at < len(text):
        if not (piece := PROLOGUE_PIECE.match(text, at)):
            begin = text.find("<", at)
            if begin == at or begin < 0:
                break
            at = begin  # a warning of the server's, or a byte order mark
        elif piece["doctype"]:
            at = _skip_doctype(text, piece.end())
        else:
            at = piece.end()
    return text[at:]


def _skip_doctype(text: str, begin: int) -> int:
    """The end of a DOCTYPE that begins before `begin`; SourceError if it declares entities that are no characters."""
    inside, end = False, len(text)
    for token in DOCTYPE_TOKEN.finditer(text, begin):
        if token[0] == "[":
            inside = True
        elif token[0] == "]":
            inside = False
        elif token[0] == ">" and not inside:
            end = token.end()
            break
    for entity in ENTITY.finditer(text, begin, end):
        harmless = HARMLESS_ENTITY.match(text, entity.start(), end)
        if not harmless or (harmless["name"] and f"{harmless['name']};" not in html5):
            raise SourceError(ENTITIES_REFUSED)
    return end


def _decode_references(text: str) -> str:
    """With surrogates, by which JSON writes emoji, joined to characters; and without what XML does not allow."""
    decoded = CHARACTER_REFERENCE.sub(_decode_reference, text)
    if not UNPAIRED_SURROGATE.search(decoded):
        return decoded
    joined = decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return UNPAIRED_SURROGATE.sub("\ufffd", joined)


def _decode_reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    if number > 0x10FFFF or NO_XML_CHARACTER.match(chr(number)):
        return ""
    return chr(number) if 0xD800 <= number <= 0xDFFF else match[0]


def _replace_entity(match: re.Match[str]) -> str:
    return match[0] if match[1] in XML_ENTITIES else html5.get(f"{match[1]};", match[0])


def _is_well_formed(text: str) -> bool:
    """Raises SourceError for endless nesting, however far the document can be read."""
    depth = 0
    parser = expat.ParserCreate("utf-8")

    def on_start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise SourceError(f"it nests more than {MAX_XML_DEPTH} elements")

    def on_end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = on_start, on_end
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def _parse_leniently(text: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def _recover(text: str) -> str:
    from lxml import etree

    root = _parse_leniently(text)
    if root is None:
        raise SourceError("it is no XML")
    recovered: str = etree.tostring(root, encoding="unicode")
    if not _is_well_formed(recovered):
        raise SourceError("it is no XML")
    return recovered
