"""Where in a point's text the question's words are met, whatever they are called there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from retrieval.language.tokenizer import has_han, normalize, stem
from retrieval.model.results import Match
from retrieval.query.analyzer import Concept

HIGHLIGHTED_WORD = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[A-Za-z][A-Za-z&]*(?:['’][a-z]+)?")
MAX_CACHED_TERMS = 20_000  # words kept in memory with their stems, some 4 MB
MIN_TRANSLATION_WEIGHT = 0.3  # weight from which an alternative is shown as what a word means

SURE = 0.6  # likewise, of a part of what was asked


@dataclass(frozen=True, slots=True)
class Highlighter:
    """What the question's words may be called: English ones by their first stem; each with the word asked and its
    weight, to which more words add: a phrase beats its words."""

    english: dict[str, list[tuple[tuple[str, ...], str, float]]]
    chinese: list[tuple[str, str, float]]

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Self:
        sought = cls({}, [])
        for concept in concepts:
            asked = concept.word
            part = concept.asked not in (None, concept.word)
            for alternative in concept.alternatives:
                if alternative.weight < (SURE if part else MIN_TRANSLATION_WEIGHT):
                    continue
                first, *rest = alternative.terms
                if not has_han(first):
                    weighed = (alternative.terms, asked, alternative.weight + 0.1 * len(rest))
                    sought.english.setdefault(first, []).append(weighed)
                elif not rest and len(first) > 1:
                    sought.chinese.append((first, asked, alternative.weight + 0.1 * len(first)))
        return sought

    def find(self, text: str) -> tuple[Match, ...]:
        """The places, in order and without overlaps; where several words claim one, the likeliest does."""
        claims = sorted(self._claims(text), key=lambda claim: (-claim[0], claim[1].start))
        taken: list[Match] = []
        for _, match in claims:
            if all(match.end <= other.start or match.start >= other.end for other in taken):
                taken.append(match)
        return tuple(sorted(taken, key=lambda match: match.start))

    def _claims(self, text: str) -> Iterator[tuple[float, Match]]:
        words = list(HIGHLIGHTED_WORD.finditer(text))
        terms = [_term(match.group()) for match in words]
        for at, term in enumerate(terms):
            for phrase, asked, weight in self.english.get(term, ()):
                end = at + len(phrase)
                if len(phrase) == 1 or tuple(terms[at:end]) == phrase:
                    yield weight, Match(words[at].start(), words[end - 1].end(), asked)
        plain = normalize(text) if self.chinese and has_han(text) else ""
        if len(plain) == len(text):
            for word, asked, weight in self.chinese:
                for place in re.finditer(re.escape(word), plain):
                    yield weight, Match(place.start(), place.end(), asked)


@lru_cache(MAX_CACHED_TERMS)
def _term(word: str) -> str:
    return stem(word.lower().replace(",", ""))


def highlight(text: str, concepts: Iterable[Concept]) -> tuple[Match, ...]:
    return Highlighter.of(concepts).find(text)
