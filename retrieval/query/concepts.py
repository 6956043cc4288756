"""Concepts: the things that a question asks for, each under all its names; and those of numbers and literal terms."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language.lexicon import Alternative
from retrieval.language.quantities import SCALES, find_quantities
from retrieval.model.results import Correction

MEASURE_WORD = re.compile(rf"[百千万亿]+(?:[美欧港日]?元)?|[美欧港日]?元|[年月日号]|(?:{'|'.join(SCALES)})\b")
BARE_NUMBER_WEIGHT = 0.4  # of the number without its unit: 455 for 455亿
MAX_ALTERNATIVES = 24  # of a word: an English one has hundreds, and the unlikely ones cost most and find nothing


class Concept(NamedTuple):
    """One thing asked for, under all its names. A tuple, since it takes a fifth of a frozen dataclass's time to make.

    `asked` is the question's word that it stands for, alone or with others (the parts of an unknown word); None for a
    concept that only adds to others: the phrase that two words make. `read` is the Chinese word that pinyin was read
    as. `neighbours` are words of nearly the same meaning: they find a text, but it does not count as having the word.
    """

    word: str
    alternatives: tuple[Alternative, ...]
    weight: float = 1.0
    asked: str | None = None
    read: str | None = None
    neighbours: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalyzedQuery:
    concepts: tuple[Concept, ...]
    corrections: tuple[Correction, ...]
    quantity: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The question's own words that are asked for, in order."""
        return tuple(dict.fromkeys(concept.asked for concept in self.concepts if concept.asked))


class WeightedTerms(dict[tuple[str, ...], float]):
    """Names, each with the greatest weight that it was given."""

    def __init__(self, weights: Mapping[tuple[str, ...], float]) -> None:
        super().__init__(weights)
        self._present: set[tuple[str, ...]] = set()
        self._ranked: Sequence[Alternative] = ()

    def add(self, terms: tuple[str, ...], weight: float) -> None:
        if weight > self.get(terms, 0):
            self[terms] = weight

    def add_present(self, terms: tuple[str, ...], weight: float) -> None:
        """A name that is known to occur in the corpus."""
        self.add(terms, weight)
        self._present.add(terms)

    def add_ranked(self, names: Sequence[Alternative]) -> None:
        """All names that are known to occur and that were ranked by `_likeliest_first`; once."""
        self._ranked = names

    def alternatives(self, vocabulary: TermDictionary) -> tuple[Alternative, ...]:
        """The likeliest ones that occur in the corpus; the first one added stays in any case."""
        ranked, present = self._ranked, self._present
        (first, weight), *others = self.items()
        added = [
            Alternative(terms, other)
            for terms, other in others
            if terms in present or all(term in vocabulary for term in terms)
        ]
        if added or first in [name.terms for name in ranked]:
            known = dict(ranked)
            weight = max(weight, known.get(first, 0))
            added = [name for name in added if name.weight > known.get(name.terms, 0)]
            again = {first, *(name.terms for name in added)}
            ranked = sorted([*(name for name in ranked if name.terms not in again), *added], key=_likeliest_first)
        return (Alternative(first, weight), *ranked[: MAX_ALTERNATIVES - 1])


def join_measures(runs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The runs with each number joined to its measure (亿, 月, billion), except for the 年 of a year."""
    number = ""
    for kind, run in [*runs, ("end", "")]:
        measured = MEASURE_WORD.match(run) if number else None
        measure = measured[0] if measured else ""
        if number:
            yield "number", f"{number}{' ' if kind == 'word' else ''}{measure.removeprefix('年')}".strip()
        number = run if kind == "number" else ""
        if not number and (rest := run[len(measure) :]):
            yield kind, rest


def amount_concept(written: str) -> Concept:
    """A number in the ways a text may write it; with a measure it is another amount than the bare one."""
    bare = re.match(r"[\d.,]+", written)
    digits = (bare[0] if bare else written).replace(",", "")
    amounts = [(amount,) for amount in find_quantities(written) if len(amount) > 3]
    bare_number = Alternative((digits,), BARE_NUMBER_WEIGHT if amounts else 1.0)
    names = [Alternative(terms, 1.0) for terms in amounts]
    return Concept(written if amounts else digits, (*names, bare_number), asked=written)


def literal_concept(token: str) -> Concept:
    return Concept(token, (Alternative((token,), 1.0),))


def _likeliest_first(name: Alternative) -> tuple[float, tuple[str, ...]]:
    return -name.weight, name.terms
