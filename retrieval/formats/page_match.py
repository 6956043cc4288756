"""Page match: an article's page is held against the feed entry that led to it.

Servers answer with a block page, a notice or their front page in place of an article, with status 200 and in words that
change. What they lack is what the entry says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from retrieval.formats.encoding import decode
from retrieval.formats.html import parse_page
from retrieval.formats.text_lines import MalformedError
from retrieval.language.han import HAN, count_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import normalize, split_runs, stem
from retrieval.model.documents import Document
from retrieval.model.problem import Problem

MIN_TITLE_TERMS = 4  # fewer are 甲 or 'Read more'
MIN_SUMMARY_TERMS = 8
MAX_SUMMARY_CHARS_HELD = 400  # what a lead says stands in its article
SHORT_PAGE_CHARS = 600  # notices are shorter, most articles longer
MIN_SHARE_SHORT, MIN_SHARE_LONG = 0.5, 0.25  # of the entry's terms that a page must have
NOTICE_CHARS, MIN_SHARE_NOTICE = 200, 0.25
MIN_SHARE_OF_LENGTH = 0.4  # of the entry's own text
MIN_FOREIGN_CHARS = 300  # of a page in another script than its entry
FRONT_PAGE = re.compile(r"/?(?:(?:index|home|default|main|m)(?:\.\w{1,5})?/?)?", re.IGNORECASE)
CANONICAL = re.compile(
    r"""<link\b[^<>]{0,300}?\brel\s*=\s*["']?canonical\b[^<>]{0,300}>|<meta\b[^<>]{0,300}?["']og:url["'][^<>]{0,300}>""",
    re.IGNORECASE,
)
HREF = re.compile(r"""\b(?:href|content)\s*=\s*["']?([^"'\s<>]{1,500})""", re.IGNORECASE)


class MismatchError(MalformedError):
    """The page is not the entry's article; it may be at another time."""


@dataclass(frozen=True, slots=True)
class EntryClaim:
    """What an entry says of its article: where it is and what it tells; texts may be ''."""

    link: str
    title: str
    summary: str


def parse_entry_page(
    body: bytes, url: str, topic: str, charset: str | None, published: datetime | None, claim: EntryClaim
) -> Document:
    """As `parse_page`. Raises MismatchError with the reason if it is another page than the entry's."""
    if leads_to_front(claim.link, url):
        raise MismatchError(1, Problem("mismatch-address"))
    document = parse_page(body, url, topic, charset, published)
    names_front = any(
        leads_to_front(claim.link, urljoin(url, address)) for address in _canonical_addresses(body, charset)
    )
    if reason := find_mismatch(document, claim, names_front=names_front):
        raise MismatchError(1, reason)
    return document


def leads_to_front(link: str, url: str) -> bool:
    """Whether an article's address ended at the front page of a site or of the section that it is in."""
    try:
        asked, found = urlsplit(link), urlsplit(url)
    except ValueError:
        return False
    if (FRONT_PAGE.fullmatch(asked.path) and not asked.query) or found.query:
        return False
    above = found.path.endswith("/") and asked.path != found.path and asked.path.startswith(found.path)
    return bool(FRONT_PAGE.fullmatch(found.path)) or above


def find_mismatch(document: Document, claim: EntryClaim, *, names_front: bool = False) -> Problem | None:
    """Why the document is not what the entry tells of; `names_front`: the page says that it is a front page."""
    text = "\n".join(point.text for point in document.points)
    title, summary = _terms(claim.title), _terms(claim.summary[:MAX_SUMMARY_CHARS_HELD])
    title_share = _share(title, _terms(document.title))
    if names_front and len(title) >= MIN_TITLE_TERMS and title_share < MIN_SHARE_SHORT:
        return Problem("mismatch-front")
    if len(claim.summary) > len(claim.title) and len(text) < MIN_SHARE_OF_LENGTH * len(claim.summary):
        return Problem("mismatch-short")
    claims = [terms for terms, few in ((title, MIN_TITLE_TERMS), (summary, MIN_SUMMARY_TERMS)) if len(terms) >= few]
    if not claims:
        return None
    if _is_chinese(claim.title + claim.summary) != _is_chinese(text):
        return None if len(text) >= MIN_FOREIGN_CHARS else Problem("mismatch-language")
    return _compare_words(document.title, text, claims)


def _compare_words(title: str, text: str, claims: Sequence[frozenset[str]]) -> Problem | None:
    body = _terms(text)
    page = body | _terms(title)
    least = MIN_SHARE_SHORT if len(text) < SHORT_PAGE_CHARS else MIN_SHARE_LONG
    if max(_share(terms, page) for terms in claims) < least:
        return Problem("mismatch-words")
    # a notice may stand below the article's own title
    if len(text) < NOTICE_CHARS and max(_share(terms, body) for terms in claims) < MIN_SHARE_NOTICE:
        return Problem("mismatch-notice")
    return None


def _canonical_addresses(body: bytes, charset: str | None) -> list[str]:
    head = decode(body, charset)[:50_000]
    return [address[1] for tag in CANONICAL.finditer(head) if (address := HREF.search(tag[0]))]


def _terms(text: str) -> frozenset[str]:
    """Pairs of Chinese characters, stems and figures."""
    found = set[str]()
    for kind, run in split_runs(normalize(text)):
        if kind == "han":
            found.update(run[at : at + 2] for at in range(len(run) - 1))
        elif run not in STOPWORDS:
            found.add(run if kind == "number" else stem(run))
    return frozenset(found)


def _share(terms: frozenset[str], page: frozenset[str]) -> float:
    return len(terms & page) / len(terms) if terms else 0.0


def _is_chinese(text: str) -> bool:
    """By weight: a Chinese character says as much as three letters."""
    letters = len(re.findall(rf"[^\W\d_{HAN}]", text))
    return 3 * count_han(text) >= letters
