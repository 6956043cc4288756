"""A corpus on the cluster at one version: a question goes in, its context for search comes out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from retrieval.cluster import queries
from retrieval.cluster.candidates import CandidateDocuments, read_rows, segment_of
from retrieval.cluster.client import ClusterClient
from retrieval.cluster.documents import MAX_TOPICS, ClusterDocuments
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.queries import FIELDS
from retrieval.cluster.state import read_state
from retrieval.cluster.vectors import ClusterMeaning, read_spreads
from retrieval.cluster.vocabulary import ClusterVocabulary
from retrieval.index.concept_postings import ConceptFrequency, ConceptPlan, ConceptPlans
from retrieval.index.snapshot import Snapshot
from retrieval.index.statistics import NOWHERE, CorpusStatistics, TextStatistics
from retrieval.model.document_filter import DocumentFilter
from retrieval.query.concepts import Concept
from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.turns import FreeTurns
from retrieval.search.corpus_state import CandidateRequest, CorpusState, SearchContext
from retrieval.search.scoring import MAX_CANDIDATES
from retrieval.semantic.vector_store import VectorStore

SPARE_CANDIDATES = 20  # the cluster's scores are in single precision: the last of ours may come a little later there
MAX_CACHED_FREQUENCIES = 2_000  # of concepts, as long as nothing comes in


@dataclass(frozen=True, slots=True)
class CorpusSize:
    """How many points there are, and how many terms their texts and headings have."""

    points: int
    text_terms: int
    context_terms: int


@dataclass(frozen=True, kw_only=True)
class Clustered(CorpusState):
    """Each question has a context of its own, with its candidates."""

    client: ClusterClient
    names: IndexNames
    version: int
    size: CorpusSize
    meaning: ClusterMeaning | None = None
    plans: ConceptPlans = field(default_factory=ConceptPlans)
    frequencies: BoundedCache[ConceptPlan, tuple[ConceptFrequency, ConceptFrequency]] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_FREQUENCIES)
    )

    def context_for(self, request: CandidateRequest) -> SearchContext:
        concepts = request.reading.concepts
        kept = self.plans.of((concept.alternatives, concept.neighbours) for concept in concepts)
        plans = [kept.plan(concept.alternatives, concept.neighbours) for concept in concepts]
        told = self._statistics(plans)
        weights = [concept.weight for concept in concepts]
        query = queries.candidates(plans, weights, told, request.wanted, request.excluded)
        documents = self._best_documents(query) if query else set()
        nearest = self._nearest(request) if self.meaning and concepts else {}
        documents |= set(nearest.values())
        terms = {term for plan in plans for term in plan.terms}
        terms |= {term for name in request.excluded for term in name.terms}
        rows = read_rows(self.client, self.names.alias("points"), documents, terms, nearest)
        segments = (segment_of(rows, terms),) if rows else ()
        snapshot = Snapshot(self.version, None, 0, segments, (None,) * len(segments), told, kept)
        corpus = CandidateDocuments(self.client, self.names, rows)
        meaning = self.meaning.index(rows) if self.meaning else None
        return SearchContext(corpus, snapshot, self._occurs, corpus.newest, meaning)

    def _nearest(self, request: CandidateRequest) -> dict[int, int]:
        """Points that are near by meaning, each with its document."""
        if not self.meaning:
            return {}
        asked = self.meaning.nearest(request.text, request.wanted, request.excluded)
        answers = self.client.searches(self.names.alias("points"), asked)
        fields = [hit["fields"] for answer in answers for hit in answer["hits"]["hits"]]
        return {found["point"][0]: found["document"][0] for found in fields}

    def concept_frequencies(self, concepts: Sequence[Concept]) -> Sequence[float]:
        plans = [self.plans.plan(concept.alternatives, concept.neighbours) for concept in concepts]
        found = self._statistics(plans).text.frequencies
        return [found[plan].any for plan in plans]

    def has_documents(self, wanted: DocumentFilter) -> bool:
        return bool(ClusterDocuments(self.client, self.names).newest(wanted, 1))

    def _statistics(self, plans: Sequence[ConceptPlan]) -> CorpusStatistics:
        known = {plan: self.frequencies.get(plan) for plan in plans}
        missing = [plan for plan, found in known.items() if found is None]
        found = {plan: one for plan, one in known.items() if one} | self._ask_frequencies(missing)
        text, context = ({plan: pair[n] for plan, pair in found.items()} for n in (0, 1))
        return CorpusStatistics(
            TextStatistics(self.size.points, self.size.text_terms, text),
            TextStatistics(self.size.points, self.size.context_terms, context),
        )

    def _ask_frequencies(
        self, plans: Iterable[ConceptPlan]
    ) -> dict[ConceptPlan, tuple[ConceptFrequency, ConceptFrequency]]:
        asked = []
        for plan in plans:
            for n, name in enumerate(FIELDS):
                asked.append((plan, n, queries.concept_frequency(plan, name), True))
                if queries.has_partial_matches(plan):
                    asked.append((plan, n, queries.whole_frequency(plan, name), False))
        searches = [queries.frequency_search(query) for _, _, query, _ in asked]
        answers = self.client.searches(self.names.alias("points"), searches)
        found: dict[ConceptPlan, list[ConceptFrequency]] = {}
        for (plan, n, _, is_any), answer in zip(asked, answers, strict=True):
            value = float(answer["aggregations"]["df"]["value"])
            pair = found.setdefault(plan, [NOWHERE, NOWHERE])
            pair[n] = ConceptFrequency(value, value) if is_any else ConceptFrequency(pair[n].any, value)
        for plan, (text, context) in found.items():
            self.frequencies[plan] = text, context
        return {plan: (text, context) for plan, (text, context) in found.items()}

    def _best_documents(self, query: object) -> set[int]:
        body = {
            "query": query,
            "size": MAX_CANDIDATES + SPARE_CANDIDATES,
            "sort": ["_score", {"id_hash": "asc"}],
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": ["document"],
        }
        hits = self.client.search(self.names.alias("points"), body)["hits"]["hits"]
        return {hit["fields"]["document"][0] for hit in hits}

    def _occurs(self, concept: Concept) -> bool:
        """Whether any text has a whole name of it."""
        present = self.vocabulary.present({term for other in concept.alternatives for term in other.terms})
        known = [other for other in concept.alternatives if present.issuperset(other.terms)]
        if not known or any(len(other.terms) == 1 for other in known):
            return bool(known)
        body = {"size": 1, "terminate_after": 1, "_source": False, "query": queries.occurrence(known)}
        return bool(self.client.search(self.names.alias("points"), body)["hits"]["hits"])


class ClusterReader:
    """The cluster's current state, read anew when it has changed; for one thread at a time."""

    def __init__(
        self, client: ClusterClient, names: IndexNames, vectors: Callable[[], VectorStore | None] = lambda: None
    ) -> None:
        """`vectors` returns the store of this process's encoder, once it is loaded."""
        self._client, self._names, self._vectors = client, names, vectors
        self._vocabulary = ClusterVocabulary(client, names.alias("terms"))
        self._state: Clustered | None = None

    def current(self) -> Clustered:
        projection, vectors = read_state(self._client, self._names), self._vectors()
        version, has_vectors = projection.version, vectors is not None and projection.encoder == vectors.name
        if self._state is None or self._state.version != version or has_vectors != (self._state.meaning is not None):
            self._vocabulary.refresh()
            sums = {
                "points": {"value_count": {"field": "point"}},
                "text": {"sum": {"field": "length"}},
                "context": {"sum": {"field": "context_length"}},
                "topics": {"terms": {"field": "topics", "size": MAX_TOPICS}},
            }
            body = {"size": 0, "track_total_hits": False, "aggs": sums}
            found = self._client.search(self._names.alias("points"), body)["aggregations"]
            size = CorpusSize(*(int(found[name]["value"]) for name in ("points", "text", "context")))
            topics = tuple(sorted(bucket["key"] for bucket in found["topics"]["buckets"]))
            self._state = Clustered(
                topics=topics,
                vocabulary=self._vocabulary.dictionary,
                client=self._client,
                names=self._names,
                version=version,
                size=size,
                meaning=self._meaning(vectors) if vectors and has_vectors else None,
                turns=FreeTurns(),
            )
        return self._state

    def _meaning(self, vectors: VectorStore) -> ClusterMeaning:
        return ClusterMeaning(vectors, read_spreads(self._client, self._names.alias("state")))
