"""The projector: what the corpus of the ingesting machine has and the cluster lacks is written there, in order.

SQLite stays the book of record. Only one machine writes, since keys and `first_seen` are one sequence: the state on the
cluster names its corpus, and another one is refused. Everything has the id of its row, so that what is written twice,
because the process ended in between, is there once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby

from retrieval.cluster.client import WRITE_SECONDS, ClusterClient, Json
from retrieval.cluster.errors import ForeignCorpusError
from retrieval.cluster.generations import Generations, Indexes
from retrieval.cluster.mapping import point_document, row_terms, stored_document
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.state import ProjectionState, find_state, write_state
from retrieval.cluster.vectors import vector_lines, write_spreads
from retrieval.cluster.vocabulary import ClusterVocabulary, term_lines
from retrieval.language.term_hash import hash_term
from retrieval.model.errors import CorpusError
from retrieval.runtime.progress import OnProgress
from retrieval.semantic.vector_index_file import SavedVectorIndex
from retrieval.semantic.vector_store import VectorCursor, VectorStore
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import IndexRow

PROJECTED_POINTS = 2_000  # between two states: what is written again after a kill

Rows = list[IndexRow]


class Projector:
    """Writes one corpus; for one thread at a time. `corpus` is its own connection: it reads in the background."""

    def __init__(
        self,
        client: ClusterClient,
        names: IndexNames,
        corpus: Corpus,
        vectors: Callable[[], VectorStore | None] = lambda: None,
        saved: SavedVectorIndex | None = None,
    ) -> None:
        """`vectors` returns those of the encoder, once it is loaded; `saved` has their index."""
        self._vectors, self._saved = vectors, saved
        self._client, self._corpus = client, corpus
        self._generations = Generations(client, names)
        self._known: dict[str, set[int]] = {}  # hashes of the terms that are there, by the index that has them

    def is_empty(self) -> bool:
        """Whether this machine has nothing to write: it only reads the cluster."""
        return self._corpus.counts().last_seen == 0

    def ensure_ours(self) -> None:
        """ForeignCorpusError if documents that come in here could not be written."""
        if (number := self._generations.current()) is None:
            return
        state = find_state(self._client, self._generations.indexes(number)["state"])
        if state and state.owner != self._corpus.identity():
            raise ForeignCorpusError(
                f"{self._client.address} holds the corpus of another machine: let documents in there, choose another"
                " prefix, or replace it with this machine's by `zhidian cluster reindex`"
            )

    def catch_up(self, progress: OnProgress = lambda *_: None) -> None:
        """Nothing happens on a machine without documents."""
        if self.is_empty():
            return
        self.ensure_ours()
        if (number := self._generations.current()) is None:
            self.reindex(progress)
        else:
            self._fill(self._generations.indexes(number), 0, progress)

    def reindex(self, progress: OnProgress = lambda *_: None) -> None:
        """Everything anew, beside what is searched meanwhile, and whoever's corpus that is; then in its place.

        One that was interrupted goes on where it was.
        """
        if self.is_empty():
            raise CorpusError("no documents came in on this machine: run `zhidian cluster reindex` where they do")
        before = self._generations.current()
        version = 0
        if before is not None and (state := find_state(self._client, self._generations.indexes(before)["state"])):
            version = state.version
        number = (before or 0) + 1
        self._generations.raise_clause_limit()
        indexes = self._generations.indexes(number)
        begun = find_state(self._client, indexes["state"])
        if begun is None or begun.owner != self._corpus.identity():
            self._generations.create(number)
        self._fill(indexes, version, progress)
        self._generations.serve(number)
        if before is not None:
            self._generations.delete(before)

    def _fill(self, indexes: Indexes, version: int, progress: OnProgress) -> None:
        state = find_state(self._client, indexes["state"]) or ProjectionState(self._corpus.identity(), version)
        vectors = self._vectors()
        with vectors.state() if vectors else nullcontext(VectorCursor()) as reached:
            pass  # before the points: each vector up to there belongs to a point that is written before it
        state = self._fill_points(indexes, state, progress)
        if vectors and self._saved:
            self._fill_vectors(indexes, state, vectors, self._saved, reached)

    def _fill_vectors(
        self,
        indexes: Indexes,
        state: ProjectionState,
        vectors: VectorStore,
        saved: SavedVectorIndex,
        reached: VectorCursor,
    ) -> None:
        seen = VectorCursor(*state.vectors) if state.encoder == vectors.name else VectorCursor()
        if seen == reached and state.encoder == vectors.name:
            return
        index = saved.refresh(vectors)
        with vectors.state():
            for page in vectors.since(seen):
                self._client.write(vector_lines(page, index, indexes["points"]))
        write_spreads(self._client, indexes["state"], index.spreads)
        self._client.request("POST", f"/{indexes['points']}/_refresh", seconds=WRITE_SECONDS)
        cursor = (reached.vector, reached.point, reached.tombstone)
        state = replace(state, version=state.version + 1, encoder=vectors.name, vectors=cursor)
        write_state(self._client, indexes["state"], state, WRITE_SECONDS)

    def _fill_points(self, indexes: Indexes, state: ProjectionState, progress: OnProgress) -> ProjectionState:
        done, total = 0, 0
        while True:
            with self._corpus.snapshot():
                tombstones = self._corpus.tombstones(state.tombstone)
                rows = _whole_documents(self._corpus.rows(state.point), PROJECTED_POINTS)
                documents = list(self._documents(rows))
                counts = self._corpus.counts()
                total = total or (counts.points if state.point == 0 else len(rows))
            if not rows and not tombstones and state.last_seen == counts.last_seen:
                return state
            version = state.version + 1
            self._client.write(self._lines(indexes, rows, documents, version))
            if tombstones:
                self._delete(indexes, [tombstone.point for tombstone in tombstones])
            for kind in ("documents", "points", "terms"):
                self._client.request("POST", f"/{indexes[kind]}/_refresh", seconds=WRITE_SECONDS)
            state = replace(
                state,
                version=version,
                point=rows[-1].point if rows else state.point,
                tombstone=tombstones[-1].seq if tombstones else state.tombstone,
                last_seen=state.last_seen if len(rows) >= PROJECTED_POINTS else counts.last_seen,
            )
            write_state(self._client, indexes["state"], state, WRITE_SECONDS)
            done += len(rows)
            progress("", min(done, total), total)

    def _documents(self, rows: Rows) -> Iterator[Json]:
        hits = self._corpus.hits([row.point for row in rows])
        for key, points in groupby(rows, key=lambda row: row.document):
            found = [(row.point, *hits[row.point]) for row in points]
            yield stored_document(key, found[0][1], [(key, point) for key, _, point in found])

    def _lines(self, indexes: Indexes, rows: Rows, documents: Sequence[Json], version: int) -> Iterator[Json]:
        """Documents first: a point that is found has one."""
        for document in documents:
            yield {"index": {"_index": indexes["documents"], "_id": str(document["key"])}}
            yield document
        known = self._known_terms(indexes["terms"])
        new = sorted(term for term in set().union(*map(row_terms, rows)) if hash_term(term) not in known)
        yield from term_lines(new, version, indexes["terms"])
        for row in rows:
            yield {"index": {"_index": indexes["points"], "_id": str(row.point)}}
            yield point_document(row)
        known.update(map(hash_term, new))

    def _known_terms(self, index: str) -> set[int]:
        if index not in self._known:
            vocabulary = ClusterVocabulary(self._client, index)
            vocabulary.refresh()
            self._known = {index: vocabulary.hashes()}
        return self._known[index]

    def _delete(self, indexes: Indexes, points: Sequence[int]) -> None:
        """The points, and those documents of theirs that are gone."""
        for begin in range(0, len(points), PROJECTED_POINTS):
            some = list(points[begin : begin + PROJECTED_POINTS])
            body = {"query": {"terms": {"point_keys": some}}, "sort": ["_doc"], "_source": ["key", "id"]}
            found = [hit["_source"] for hit in self._client.all_hits(indexes["documents"], body)]
            numbers = self._corpus.first_seen([source["id"] for source in found])
            gone = [source["key"] for source in found if numbers.get(source["id"]) != source["key"]]
            deleted = [("points", point) for point in some] + [("documents", key) for key in gone]
            self._client.write({"delete": {"_index": indexes[kind], "_id": str(key)}} for kind, key in deleted)


def _whole_documents(rows: Iterator[IndexRow], points: int) -> Rows:
    """At least so many points, if there are as many, to the end of a document."""
    taken: Rows = []
    for row in rows:
        if len(taken) >= points and row.document != taken[-1].document:
            break
        taken.append(row)
    return taken
