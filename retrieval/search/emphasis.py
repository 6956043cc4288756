"""Emphasis: a question and a point go in, spans come out: figures or dates if asked for, else the matched words."""

import re
from collections.abc import Iterable, Sequence

from retrieval.language.answer_types import ASKS_FIGURE, ASKS_SHARE, ASKS_WHEN
from retrieval.language.han import has_han
from retrieval.language.quantities import MONTH_NAMES
from retrieval.model.results import Match

MAX_EMPHASISED = 8  # spans in bold: more and nothing stands out
MAX_FIGURES = 3
MAX_NOTES = 4

MONTH_NAME = rf"(?:{'|'.join(name[:3].title() for name in MONTH_NAMES)})[a-z]*"
WRITTEN_DATES = re.compile(
    r"(?:19|20)\d\d ?年(?: ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?)?|\d{1,2} ?月 ?\d{1,2} ?[日号]"
    rf"|\b{MONTH_NAME}\.?(?: \d{{1,2}}(?:st|nd|rd|th)?\b(?!\d))?,? (?:19|20)\d\d\b"
    rf"|\b(?:\d{{1,2}} )?{MONTH_NAME} (?:19|20)\d\d\b"
    r"|\b(?:mid-|early |late |mid )?(?:19|20)\d\d\b(?![\d.,%]*\d)"
)
SCALE_WORD = r" ?(?:%|percent\b|‰|个百分点|万亿|亿|万|千|百)| (?:hundred|thousand|million|billion|trillion)\b"
UNIT_WORD = (
    r"元|美元|平方公里|公顷| ?(?:yuan|dollars?)\b"
    r"| (?:square kilomet(?:er|re)s?|hectares|kilomet(?:er|re)s?|hours|working days|years)\b"
)
FIGURE_WITH_UNIT = re.compile(rf"[$¥€£]? ?\d[\d,]*(?:\.\d+)?\+?(?:{SCALE_WORD})?(?:{UNIT_WORD})?")
# After a number: 3SBio and 5G are names.
NAMED_UNIT = re.compile(r"(?![MGT]Wh?\b|[MGT]?B\b|[MGT]?Hz\b)[A-Z]")
SHARE_SIGN = re.compile(r"%|percent|‰|百分点")

CharSpan = tuple[int, int]


def find_emphasis(question: str, text: str, matches: Sequence[Match]) -> list[CharSpan]:
    """Spans of `text`, ascending and disjoint."""
    if asked := find_asked(question, text, matches):
        return asked
    return _merge(sorted((match.start, match.end) for match in matches if match.end <= len(text)))[:MAX_EMPHASISED]


def find_asked(question: str, text: str, matches: Sequence[Match]) -> list[CharSpan]:
    """Spans of the dates or figures that are asked for; none where it is neither, or the text has none."""
    if ASKS_WHEN.search(question) and (dates := _new_spans(WRITTEN_DATES, question, text)):
        return _nearest(dates, matches)
    if (ASKS_FIGURE.search(question) or ASKS_SHARE.search(question)) and (figures := _figures(question, text)):
        return _nearest(figures, matches)
    return []


def annotations(matches: Sequence[Match], text: str) -> list[tuple[int, str]]:
    """For a Chinese reader: the words of the question that foreign words stand for, each with the end of its span."""
    notes: list[tuple[int, int, str]] = []
    named: set[str] = set()
    for match in sorted(matches, key=lambda match: match.start):
        word = match.word
        if word in named or not has_han(word) or has_han(text[match.start : match.end]) or match.end > len(text):
            continue
        named.add(word)
        if notes and match.start - notes[-1][1] <= 1 and text[notes[-1][1] : match.start] in {"", " ", "-"}:
            start, _, before = notes.pop()
            notes.append((start, match.end, before + word))
        elif not notes or match.start >= notes[-1][1]:
            notes.append((match.start, match.end, word))
    return [(end, word) for _, end, word in notes[:MAX_NOTES]]


def _figures(question: str, text: str) -> list[CharSpan]:
    dates = [match.span() for match in WRITTEN_DATES.finditer(text)]
    figures = [
        (start, end)
        for start, end in _new_spans(FIGURE_WITH_UNIT, question, text)
        if not any(first < end and start < last for first, last in dates)
        and not text[max(start - 1, 0) : start].isalpha()
        and not NAMED_UNIT.match(text, end)
    ]
    shares = [span for span in figures if SHARE_SIGN.search(text[slice(*span)])]
    return shares if shares and ASKS_SHARE.search(question) else figures


def _new_spans(pattern: re.Pattern[str], question: str, text: str) -> list[CharSpan]:
    """Matches, without leading blanks, that the question does not already contain."""
    spans = ((match.end() - len(match[0].lstrip()), match.end()) for match in pattern.finditer(text))
    return [(start, end) for start, end in spans if text[start:end] not in question]


def _nearest(spans: Sequence[CharSpan], matches: Sequence[Match]) -> list[CharSpan]:
    if matches:
        spans = sorted(spans, key=lambda span: (min(abs(match.start - span[0]) for match in matches), span))
    return sorted(spans[:MAX_FIGURES])


def _merge(spans: Iterable[CharSpan]) -> list[CharSpan]:
    """Sorted spans, with those joined that overlap or are at most a character apart."""
    merged: list[CharSpan] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
