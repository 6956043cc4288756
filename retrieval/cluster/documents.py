"""The documents on the cluster: what the bot shows of a corpus, without a corpus of its own."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from retrieval.cluster.client import ClusterClient, Json
from retrieval.cluster.mapping import read_document, read_point
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.queries import document_clauses
from retrieval.cluster.state import read_state
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.results import Topic
from retrieval.storage.schema import CorpusTotals

MAX_TOPICS = 10_000
MAX_VALUES = 20_000  # of a field: the days of fifty years
MAX_WINDOW = 10_000  # hits that OpenSearch counts off in one search
LATEST_FIRST = [{"published": "desc"}, {"key": "desc"}]


class ClusterDocuments:
    """As a Corpus reads, and safe for threads. Documents that came in a second ago may be missing."""

    def __init__(self, client: ClusterClient, names: IndexNames) -> None:
        self._client, self._names = client, names
        self._index = names.alias("documents")

    def document(self, id: str) -> Document | None:
        found = self._find({"term": {"id": id}}, size=1)
        return read_document(found[0]) if found else None

    def recent(self, limit: int, topic: str | None = None, offset: int = 0) -> list[Document]:
        return self.latest(_of_topic(topic), limit, offset)

    def latest(self, query: Json, limit: int, offset: int = 0) -> list[Document]:
        """Those that `query` finds, the latest published first; all of them for a limit below 0."""
        if limit < 0 or offset + limit > MAX_WINDOW:
            hits = self._client.all_hits(self._index, {"query": query, "sort": LATEST_FIRST}, page=1_000)
            every = [read_document(hit["_source"]) for hit in hits]
            return every[offset:] if limit < 0 else every[offset : offset + limit]
        body = {"query": query, "sort": LATEST_FIRST, "from": offset, "size": limit, "track_total_hits": False}
        return [read_document(source) for source in self._sources(body)]

    def after(self, first_seen: int, topic: str | None = None, limit: int = 100) -> list[tuple[int, Document]]:
        query = _of_topic(topic, {"range": {"key": {"gt": first_seen}}})
        body = {"query": query, "sort": [{"key": "asc"}], "size": min(limit, MAX_WINDOW), "track_total_hits": False}
        return [(source["key"], read_document(source)) for source in self._sources(body)]

    def first_seen(self, ids: Collection[str]) -> dict[str, int]:
        return {source["id"]: source["key"] for source in self._find({"terms": {"id": list(ids)}}, ["id", "key"])}

    def texts(self, points: Iterable[str]) -> dict[str, str]:
        wanted = set(points)
        found = self._find({"terms": {"point_ids": list(wanted)}}) if wanted else []
        there = [read_point(written) for source in found for written in source["content"]["points"]]
        return {point.id: point.text for point in there if point.id in wanted}

    def topics(self) -> list[Topic]:
        aggregations = {"points": {"sum": {"field": "point_count"}}, "newest": {"max": {"field": "published"}}}
        buckets = self._aggregate({"topics": {"terms": {"field": "topics", "size": MAX_TOPICS}, "aggs": aggregations}})[
            "topics"
        ]["buckets"]
        topics = [
            Topic(
                bucket["key"],
                bucket["doc_count"],
                int(bucket["points"]["value"]),
                datetime.fromtimestamp(bucket["newest"]["value"], BEIJING),
            )
            for bucket in buckets
        ]
        return sorted(topics, key=lambda topic: (-topic.documents, topic.name))

    def count(self, query: Json) -> int:
        body: Json = {"size": 0, "track_total_hits": True, "query": query}
        return int(self._client.search(self._index, body)["hits"]["total"]["value"])

    def counts_by(self, field: str, query: Json) -> dict[str, int]:
        """How many of the documents that `query` finds have each value of a field, for at most MAX_VALUES values."""
        terms = {"values": {"terms": {"field": field, "size": MAX_VALUES}}}
        return {bucket["key"]: bucket["doc_count"] for bucket in self._aggregate(terms, query)["values"]["buckets"]}

    def counts(self) -> CorpusTotals:
        found = self._aggregate(
            {
                "documents": {"value_count": {"field": "key"}},
                "points": {"sum": {"field": "point_count"}},
                "oldest": {"min": {"field": "published"}},
                "newest": {"max": {"field": "published"}},
            }
        )
        days = (found[name]["value"] for name in ("oldest", "newest"))
        oldest, newest = (None if day is None else datetime.fromtimestamp(day, BEIJING) for day in days)
        return CorpusTotals(
            int(found["documents"]["value"]),
            int(found["points"]["value"]),
            oldest,
            newest,
            read_state(self._client, self._names).last_seen,
        )

    def hits(self, keys: Sequence[int]) -> dict[int, tuple[Document, Point]]:
        """Points by key, each with its document (without points)."""
        wanted, found = set(keys), {}
        for source in self._find({"terms": {"point_keys": list(wanted)}}) if wanted else []:
            document = read_document(source, with_points=False)
            for key, written in zip(source["point_keys"], source["content"]["points"], strict=True):
                if key in wanted:
                    found[key] = document, read_point(written)
        return found

    def newest(self, wanted: DocumentFilter, limit: int) -> list[int]:
        """Keys of the first points of the latest published of these documents, in that order."""
        body = {
            "query": {"bool": {"filter": document_clauses(wanted, "key")}},
            "sort": [{"published": "desc"}, {"id": "asc"}],
            "size": limit,
            "_source": ["first_point"],
            "track_total_hits": False,
        }
        return [source["first_point"] for source in self._sources(body)]

    def _find(self, query: Json, fields: Sequence[str] = (), size: int = MAX_WINDOW) -> list[Json]:
        body: Json = {"query": query, "size": size, "sort": ["_doc"], "track_total_hits": False}
        return self._sources(body | ({"_source": list(fields)} if fields else {}))

    def _sources(self, body: Json) -> list[Json]:
        return [hit["_source"] for hit in self._client.search(self._index, body)["hits"]["hits"]]

    def _aggregate(self, aggregations: Json, query: Json | None = None) -> Json:
        body = {"size": 0, "track_total_hits": False, "query": query or {"match_all": {}}, "aggs": aggregations}
        found: Json = self._client.search(self._index, body)
        answers: Json = found["aggregations"]
        return answers


def _of_topic(topic: str | None, *filters: Json) -> Json:
    return {"bool": {"filter": [*filters, *([{"term": {"topics": topic}}] if topic is not None else [])]}}
