"""Statistics: what scores need to know of a whole corpus, so that an index of a part of it scores as the whole does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from retrieval.index.concept_postings import ConceptFrequency, ConceptPlan

NOWHERE = ConceptFrequency(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class TextStatistics:
    """Of one field of all texts: how many there are, their terms, and the frequencies of a question's concepts.

    Frequencies are multiples of the grain, so those of a corpus's parts add up to those of the corpus, to the last bit.
    """

    size: int
    terms: int
    frequencies: Mapping[ConceptPlan, ConceptFrequency]

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> Self:
        size, terms = 0, 0
        frequencies: dict[ConceptPlan, ConceptFrequency] = {}
        for part in parts:
            size, terms = size + part.size, terms + part.terms
            for plan, found in part.frequencies.items():
                before = frequencies.get(plan, NOWHERE)
                frequencies[plan] = ConceptFrequency(before.any + found.any, before.whole + found.whole)
        return cls(size, terms, frequencies)


@dataclass(frozen=True, slots=True)
class CorpusStatistics:
    """Of the points' own texts, and of their headings."""

    text: TextStatistics
    context: TextStatistics
