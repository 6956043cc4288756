"""The highlighter: a query's concepts and a point's text to the places that match the question's words."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from retrieval.language.glyphs import UNSEEN, fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.tokenizer import normalize, stem
from retrieval.model.results import Match
from retrieval.query.concepts import Concept

HIGHLIGHTED_WORD = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[A-Za-z][A-Za-z&]*(?:['’][a-z]+)?")
IsSure = Callable[[str, Alternative], bool]

MAX_CACHED_TERMS = 20_000  # some 4 MB
MIN_TRANSLATION_WEIGHT = 0.3  # of an alternative that is highlighted
SURE_NAME_WEIGHT = 1.0  # of a name by our glossary, or by the first sense of CC-CEDICT
MUTUAL_SHARE = 0.9  # of the likeliest Chinese word's weight: good is 好 rather than 产品
MIN_PART_HIGHLIGHT_WEIGHT = 0.6  # likewise, for a part of a word of the question


@dataclass(frozen=True, slots=True)
class Highlighter:
    """Alternatives with the word asked and their weight, longer ones heavier, so that a phrase beats its words.

    English ones stand under their first stem.
    """

    english: dict[str, list[tuple[tuple[str, ...], str, float, bool]]]
    chinese: list[tuple[str, str, float]]

    @classmethod
    def of(cls, concepts: Iterable[Concept], is_sure: IsSure = lambda *_: False) -> Self:
        """`is_sure` says whether a word of the question surely has this name."""
        highlighter = cls({}, [])
        for concept in concepts:
            asked = concept.word
            part = concept.asked not in (None, concept.word)
            for alternative in concept.alternatives:
                if alternative.weight < (MIN_PART_HIGHLIGHT_WEIGHT if part else MIN_TRANSLATION_WEIGHT):
                    continue
                first, *rest = alternative.terms
                if not has_han(first):
                    weighed = (
                        alternative.terms,
                        asked,
                        alternative.weight + 0.1 * len(rest),
                        is_sure(asked, alternative),
                    )
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
        return tuple(replace(one, start=at[one.start], end=at[one.end - 1] + 1) for one in self._matches(seen))

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
            for phrase, asked, weight, sure in self.english[terms[at]]:
                end = at + len(phrase)
                if len(phrase) == 1 or tuple(terms[at:end]) == phrase:
                    yield weight, Match(words[at].start(), words[end - 1].end(), asked, sure)
        plain = normalize(text) if self.chinese and has_han(text) else ""
        if len(plain) == len(text):
            for word, asked, weight in self.chinese:
                at = plain.find(word)
                while at >= 0:
                    yield weight, Match(at, at + len(word), asked)
                    at = plain.find(word, at + len(word))


def is_sure_name(word: str, name: Alternative, lexicon: Lexicon) -> bool:
    """Whether a Chinese noun or name has this English name by our glossary or a first sense, in both directions."""
    if name.weight < SURE_NAME_WEIGHT or not has_han(word) or not (lexicon.is_noun(word) or lexicon.is_name(word)):
        return False
    backwards = lexicon.alternatives(" ".join(name.terms))
    top = backwards[0].weight if backwards else 0.0
    return any(other.terms == (word,) and other.weight >= MUTUAL_SHARE * top for other in backwards)


@lru_cache(MAX_CACHED_TERMS)
def _term(word: str) -> str:
    return stem(word.lower().replace(",", ""))
