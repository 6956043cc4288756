"""The terms of all texts on the cluster, followed by each process: questions are read by them, and slips corrected."""

from collections.abc import Iterable

import numpy as np

from retrieval.cluster.client import ClusterClient, Json
from retrieval.index.term_dictionary import TermDictionary, TermTable
from retrieval.language.term_hash import hash_term

MAX_LATER_TERMS = 20_000  # in tables of what came later, before all become one table


class ClusterVocabulary:
    """Terms are never taken back: one whose last text was removed is read as a word, and found nowhere."""

    def __init__(self, client: ClusterClient, index: str) -> None:
        self._client, self._index = client, index
        self._seq = 0
        self._tables: list[TermTable] = []
        self.dictionary = TermDictionary([], [])

    def refresh(self) -> None:
        """Reads the terms that came since; a new dictionary if there are any, since the old one caches what occurs."""
        query = {"query": {"range": {"seq": {"gt": self._seq}}}, "sort": [{"seq": "asc"}, {"_doc": "asc"}]}
        later: set[str] = set()
        for hit in self._client.all_hits(self._index, query | {"_source": ["term", "seq"]}):
            later.add(hit["_source"]["term"])
            self._seq = max(self._seq, hit["_source"]["seq"])
        if not later:
            return
        self._tables.append(TermTable.of(later))
        if sum(map(len, self._tables[1:])) > MAX_LATER_TERMS:
            self._tables = [TermTable.of(term for table in self._tables for term in table)]
        self.dictionary = TermDictionary(self._tables, [np.sort(table.hashes) for table in self._tables])

    def hashes(self) -> set[int]:
        return {value for table in self._tables for value in table.hashes.tolist()}


def term_lines(terms: Iterable[str], seq: int, index: str) -> Iterable[Json]:
    """Bulk lines; `seq` is higher than that of every term that readers may have seen."""
    for term in terms:
        yield {"create": {"_index": index, "_id": f"{hash_term(term):016x}"}}
        yield {"term": term, "seq": seq}
