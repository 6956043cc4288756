"""OPML: a file of feeds to addresses with topics, and the feeds followed to such a file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feeds.source import SourceError
from feeds.xml_repair import parse_xml
from retrieval.formats.text_lines import clean
from retrieval.model.outlets import is_web

FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)|^feed(?=://)", re.IGNORECASE)
OWN_NAMESPACE = "urn:zhidian:feeds"  # of what OPML has no attribute for


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in OPML; `topic` is the outline around it, or ''; `every` is in seconds, None if not said."""

    url: str
    topic: str
    title: str = ""
    every: int | None = None
    links: str = ""


def read_opml(opml: bytes) -> Iterator[Outline]:
    """Raises SourceError if it is no OPML, or names no feed."""
    root = parse_xml(opml, "it is no OPML")
    if root.tag.rpartition("}")[2].casefold() != "opml":
        raise SourceError("it is no OPML")
    found = False
    for outline in root.iter("{*}*"):
        attributes = {name.casefold(): value for name, value in outline.attrib.items()}
        url = _address(attributes.get("xmlurl") or "")
        if not url:
            continue
        found = True
        around = outline.getparent()
        outer = {name.casefold(): value for name, value in around.attrib.items()} if around is not None else {}
        every = attributes.get(f"{{{OWN_NAMESPACE}}}every", "")
        yield Outline(
            url,
            clean(outer.get("title") or outer.get("text") or ""),
            clean(attributes.get("title") or attributes.get("text") or ""),
            int(every) if every.isdecimal() and len(every) < 10 else None,
            attributes.get(f"{{{OWN_NAMESPACE}}}links", ""),
        )
    if not found:
        raise SourceError("it names no feed; an outline of one has the attribute xmlUrl with an http or https address")


def write_opml(outlines: Iterable[Outline]) -> str:
    """One folder for each topic."""
    from lxml import etree

    root = etree.Element("opml", version="2.0", nsmap={"zhidian": OWN_NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Zhidian"
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for one in outlines:
        if one.topic not in folders:
            folders[one.topic] = etree.SubElement(body, "outline", text=one.topic)
        outline = etree.SubElement(folders[one.topic], "outline", type="rss", text=one.title or one.url, xmlUrl=one.url)
        if one.every:
            outline.set(f"{{{OWN_NAMESPACE}}}every", str(one.every))
        if one.links:
            outline.set(f"{{{OWN_NAMESPACE}}}links", one.links)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written.decode()


def _address(written: str) -> str:
    url = FEED_SCHEME.sub(lambda match: "http" if match[0].casefold() == "feed" else "", written.strip())
    return url if is_web(url) else ""
