"""Where a question is searched: a state of the corpus to the context of one question.

`Embedded` has the whole index in this process. A corpus on other machines hands out a context with the question's
candidates and the statistics of the whole, so that all that comes after scores and judges alike.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol, Self

from retrieval.index.characters import points_with_characters
from retrieval.index.snapshot import Snapshot
from retrieval.index.term_dictionary import TermDictionary
from retrieval.language.lexicon import Alternative
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import Document, Point
from retrieval.model.results import Result
from retrieval.query.concepts import AnalyzedQuery, Concept, literal_concept
from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.turns import Turns
from retrieval.search.weights import LearnedWeights, load_weights
from retrieval.semantic.vector_index import VectorIndex
from retrieval.storage.corpus import Corpus

MAX_CACHED_CHARACTERS = 4_000  # stretches of a question that may be slips
MAX_CACHED_RESULTS = 256  # some 5 MB


class SearchedCorpus(Protocol):
    """What a search reads besides the index; keys are those of the context's snapshot."""

    def hits(self, keys: Sequence[int]) -> dict[int, tuple[Document, Point]]:
        """Points by key, each with its document (without points)."""

    def traces(self, keys: Sequence[int]) -> dict[int, str]:
        """The texts of points' fingerprints by key."""


@dataclass(frozen=True, slots=True)
class CandidateRequest:
    """What a question's candidates depend on: points of `wanted` documents without any of the `excluded` names.

    `text` is what an encoder is given.
    """

    reading: AnalyzedQuery
    wanted: DocumentFilter
    excluded: tuple[Alternative, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What one question is searched in: at least its best candidates, with all points of their documents.

    `occurs` says whether any text of the corpus has a whole name of a concept; `newest` gives the keys of the first
    points of so many documents that pass a filter, the latest published first; `meaning` is the encoder's index.
    """

    corpus: SearchedCorpus
    snapshot: Snapshot
    occurs: Callable[[Concept], bool]
    newest: Callable[[DocumentFilter, int], Sequence[int]]
    meaning: VectorIndex | None = None

    @classmethod
    def of_whole(cls, corpus: Corpus, snapshot: Snapshot, meaning: VectorIndex | None) -> Self:
        """All of the corpus, which the snapshot is of."""

        def newest(wanted: DocumentFilter, limit: int) -> Sequence[int]:
            return corpus.newest(snapshot.latest_documents(wanted, limit), limit)

        return cls(corpus, snapshot, partial(occurs_in, snapshot), newest, meaning)


class KeptResult(NamedTuple):
    """Of the hits the first `marked` have their matches and what they lack."""

    result: Result
    marked: int


@dataclass(frozen=True, kw_only=True)
class CorpusState(ABC):
    """One state of the corpus; `topics` are the names of all topics, `vocabulary` the terms of all texts.

    `answered` caches results by all that they depend on, since examples and pages are asked for over and over. Searches
    take `turns`, except where they mostly wait for other machines.
    """

    topics: tuple[str, ...]
    vocabulary: TermDictionary
    weights: LearnedWeights = field(default_factory=load_weights)
    answered: BoundedCache[tuple[object, ...], KeptResult] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_RESULTS)
    )
    turns: Turns = field(default_factory=Turns)

    def is_written(self, characters: str) -> bool:  # noqa: ARG002
        """Whether the corpus has these lower-case characters side by side, as far as that can be told."""
        return False

    @abstractmethod
    def context_for(self, request: CandidateRequest) -> SearchContext: ...

    @abstractmethod
    def concept_frequencies(self, concepts: Sequence[Concept]) -> Sequence[float]:
        """Roughly how many texts have each of these concepts, if only a part of it."""

    def text_counts(self, terms: Sequence[str]) -> Sequence[float]:
        """Roughly how many texts have each of these terms."""
        return self.concept_frequencies([literal_concept(term) for term in terms])

    @abstractmethod
    def has_documents(self, wanted: DocumentFilter) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Embedded(CorpusState):
    """All questions are searched in one context, which has the whole corpus; `written` is `Corpus.is_written`, which
    reads texts: what it said is kept."""

    context: SearchContext
    written: Callable[[str, Collection[int]], bool]
    said: BoundedCache[str, bool] = field(default_factory=lambda: BoundedCache(MAX_CACHED_CHARACTERS))

    @classmethod
    def of(
        cls, topics: tuple[str, ...], context: SearchContext, written: Callable[[str, Collection[int]], bool]
    ) -> Self:
        return cls(topics=topics, vocabulary=context.snapshot.vocabulary, context=context, written=written)

    @property
    def snapshot(self) -> Snapshot:
        return self.context.snapshot

    def is_written(self, characters: str) -> bool:
        if (known := self.said.get(characters)) is None:
            known = self.written(characters, points_with_characters(self.snapshot, characters))
            self.said[characters] = known
        return known

    def context_for(self, request: CandidateRequest) -> SearchContext:  # noqa: ARG002
        return self.context

    def concept_frequencies(self, concepts: Sequence[Concept]) -> Sequence[float]:
        plans = [self.snapshot.plans.plan(concept.alternatives, concept.neighbours) for concept in concepts]
        return self.snapshot.text.posting_counts(plans)

    def has_documents(self, wanted: DocumentFilter) -> bool:
        return self.snapshot.has_documents(wanted)


def occurs_in(snapshot: Snapshot, concept: Concept) -> bool:
    """Whether any text of the snapshot has a whole name of the concept."""
    vocabulary = snapshot.vocabulary
    if any(len(other.terms) == 1 and other.terms[0] in vocabulary for other in concept.alternatives):
        return True
    known = [other for other in concept.alternatives if all(term in vocabulary for term in other.terms)]
    return any(len(index.texts_with(known)) > 0 for index in (snapshot.text, snapshot.context))
