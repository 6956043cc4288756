"""Listings of the documents on the cluster: as a DocumentListing reads, on a machine without documents of its own."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.client import ClusterClient, Json
from retrieval.cluster.documents import ClusterDocuments
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.state import read_state
from retrieval.model.documents import Document
from retrieval.model.errors import CorpusError, CorpusUnreachableError
from retrieval.runtime.background import PollingThread
from retrieval.storage.listing import DocumentChoice, DocumentListing, Facet, Revision

log = logging.getLogger(__name__)

VERSION_SECONDS = 0.5  # between two looks at whether anything came in
MONTH_CHARS = 7  # of a day: 2025-07
WHOLE_MONTH = re.compile(r"\d{4}-\d{2}")


class ClusterListing:
    """Safe for threads. Former versions are in the book of record alone: `own` has them where documents come in."""

    def __init__(self, address: ClusterAddress, analyser: str, own: DocumentListing) -> None:
        self._client, self._own = ClusterClient(address), own
        self._names = IndexNames.of(address.prefix, analyser)
        self._documents = ClusterDocuments(self._client, self._names)
        self._version, self._trouble = -1, ""
        self._look()
        complaint = "the state of the corpus on the cluster could not be read"
        self._following = PollingThread("cluster-listing", self._look, complaint, VERSION_SECONDS)

    def close(self) -> None:
        self._following.close()
        self._client.close()
        self._own.close()

    def version(self) -> int:
        """As it was VERSION_SECONDS ago: nobody waits for a node to say it."""
        return self._version

    def documents(self, choice: DocumentChoice, limit: int, offset: int = 0) -> list[Document]:
        return self._documents.latest(_query(choice), limit, offset)

    def count(self, choice: DocumentChoice) -> int:
        return self._documents.count(_query(choice))

    def outlets(self, choice: DocumentChoice) -> list[Facet]:
        counted = self._documents.counts_by("outlet", _query(choice))
        return [Facet(name, counted[name]) for name in sorted(counted, key=lambda one: (-counted[one], one))]

    def months(self, choice: DocumentChoice) -> list[Facet]:
        months: Counter[str] = Counter()
        for day, documents in self._documents.counts_by("day", _query(choice)).items():
            months[day[:MONTH_CHARS]] += documents
        return [Facet(month, months[month]) for month in sorted(months, reverse=True)]

    def revisions(self, id: str) -> list[Revision]:
        return self._own.revisions(id)

    def revised(self, ids: Sequence[str]) -> dict[str, datetime]:
        return self._own.revised(ids)

    def _look(self) -> None:
        """What cannot be reached is logged once; pages that need it say so to their readers."""
        try:
            self._version, self._trouble = read_state(self._client, self._names).version, ""
        except (CorpusUnreachableError, CorpusError) as error:
            if str(error) != self._trouble:
                log.error("%s", error)
            self._trouble = str(error)


def _query(choice: DocumentChoice) -> Json:
    filters: list[Json] = []
    if choice.topic is not None:
        filters.append({"term": {"topics": choice.topic}})
    if choice.outlet is not None:
        filters.append({"term": {"outlet": choice.outlet}})
    if choice.month is not None:
        filters.append({"prefix": {"day": choice.month}} if WHOLE_MONTH.fullmatch(choice.month) else {"match_none": {}})
    return {"bool": {"filter": filters}}
