"""Emphasis: matches in a point's text go in, the spans to set in bold and the notes for a Chinese reader come out."""

from collections.abc import Iterable, Sequence

from retrieval.language.figures import whole_figure
from retrieval.language.han import has_han
from retrieval.model.results import Match

MAX_EMPHASISED = 8  # spans in bold: more and nothing stands out
MAX_NOTES = 3
MIN_NOTE_CHARS = 2  # a single character has too many senses

CharSpan = tuple[int, int]


def find_emphasis(text: str, matches: Sequence[Match], value: CharSpan | None) -> list[CharSpan]:
    """Spans of `text`, ascending and disjoint: the value that was asked for, else the words of the question.

    A number stands in bold with its unit, its ordinal and its range, or not at all.
    """
    if value:
        return [value]
    spans = [(match.start, match.end) for match in matches if match.end <= len(text)]
    return _merge(sorted(whole_figure(text, *span) if _has_digit(text, span) else span for span in spans))[
        :MAX_EMPHASISED
    ]


def _has_digit(text: str, span: CharSpan) -> bool:
    return any(character.isdigit() for character in text[slice(*span)])


def annotations(matches: Sequence[Match], text: str, question: str) -> list[tuple[int, str]]:
    """For a Chinese reader: the words of the question that foreign words surely stand for, each with the end of its
    span; none for a foreign word that the question has."""
    notes: list[tuple[int, int, str]] = []
    named: set[str] = set()
    asked = question.lower()
    for match in sorted(matches, key=lambda match: match.start):
        word, written = match.word, text[match.start : match.end]
        if not match.sure or word in named or match.end > len(text) or has_han(written) or not has_han(word):
            continue
        named.add(word)
        if len(word) < MIN_NOTE_CHARS or written.lower() in asked or written.endswith("ly"):
            continue
        if notes and match.start - notes[-1][1] <= 1 and text[notes[-1][1] : match.start] in {"", " ", "-"}:
            start, _, before = notes.pop()
            notes.append((start, match.end, word if before in word else before + word))
        elif not notes or match.start >= notes[-1][1]:
            notes.append((match.start, match.end, word))
    return [(end, word) for _, end, word in notes[:MAX_NOTES]]


def _merge(spans: Iterable[CharSpan]) -> list[CharSpan]:
    """Sorted spans, with those joined that overlap or are at most a character apart."""
    merged: list[CharSpan] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
