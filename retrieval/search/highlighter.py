"""The highlighter: a query's concepts and a point's text to the places that match the question's words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from retrieval.language.glyphs import UNSEEN, fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.tokenizer import normalize, stem
from retrieval.model.results import Match
from retrieval.query.concepts import Concept

HIGHLIGHTED_WORD = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[A-Za-z][A-Za-z&]*(?:['’][a-z]+)?")
MAX_CACHED_TERMS = 20_000  # some 4 MB
MIN_TRANSLATION_WEIGHT = 0.3  # of an alternative that is highlighted
MIN_PART_HIGHLIGHT_WEIGHT = 0.6  # likewise, for a part of a word of the question


@dataclass(frozen=True, slots=True)
class Highlighter:
    """Alternatives with the word asked and their weight, longer ones heavier, so that a phrase beats its words.

    English ones stand under their first stem.
    """

    english: dict[str, list[tuple[tuple[str, ...], str, float]]]
    chinese: list[tuple[str, str, float]]

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Self:
        highlighter = cls({}, [])
        for concept in concepts:
            asked = concept.word
            part = concept.asked not in (None, concept.word)
            for alternative in concept.alternatives:
                if alternative.weight < (MIN_PART_HIGHLIGHT_WEIGHT if part else MIN_TRANSLATION_WEIGHT):
                    continue
                first, *rest = alternative.terms
                if not has_han(first):
                    weighed = (alternative.terms, asked, alternative.weight + 0.1 * len(rest))
                    highlighter.english.setdefault(first, []).append(weighed)
                elif not rest and len(first) > 1:
                    highlighter.chinese.append((first, asked, alternative.weight + 0.1 * len(first)))
        return highlighter

    def find(self, text: str) -> tuple[Match, ...]:
        """In order and without overlaps; of overlapping matches the heaviest."""
        seen = fold_glyphs(text)
        if len(seen) == len(text):
            return self._matches(seen)
        at = [place for place, character in enumerate(text) if not UNSEEN.match(character)]
        return tuple(Match(at[one.start], at[one.end - 1] + 1, one.word) for one in self._matches(seen))

    def _matches(self, text: str) -> tuple[Match, ...]:
        claims = sorted(self._claims(text), key=lambda claim: (-claim[0], claim[1].start))
        taken: list[Match] = []
        for _, match in claims:
            if all(match.end <= other.start or match.start >= other.end for other in taken):
                taken.append(match)
        return tuple(sorted(taken, key=lambda match: match.start))

    def _claims(self, text: str) -> Iterator[tuple[float, Match]]:
        words = list(HIGHLIGHTED_WORD.finditer(text)) if self.english else []
        terms = [_term(match[0]) for match in words]
        for at in [n for n, term in enumerate(terms) if term in self.english]:
            for phrase, asked, weight in self.english[terms[at]]:
                end = at + len(phrase)
                if len(phrase) == 1 or tuple(terms[at:end]) == phrase:
                    yield weight, Match(words[at].start(), words[end - 1].end(), asked)
        plain = normalize(text) if self.chinese and has_han(text) else ""
        if len(plain) == len(text):
            for word, asked, weight in self.chinese:
                at = plain.find(word)
                while at >= 0:
                    yield weight, Match(at, at + len(word), asked)
                    at = plain.find(word, at + len(word))


@lru_cache(MAX_CACHED_TERMS)
def _term(word: str) -> str:
    return stem(word.lower().replace(",", ""))
