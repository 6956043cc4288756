"""Generations of the indexes: created beside the current one, filled, and put in its place at once."""

import time
from collections.abc import Callable

from retrieval.cluster.client import WRITE_SECONDS, ClusterClient, Json
from retrieval.cluster.mapping import REPLICAS, index_body
from retrieval.cluster.naming import KINDS, IndexNames, Kind
from retrieval.model.errors import CorpusUnreachableError

Indexes = dict[Kind, str]

MAX_CLAUSES = 8_192  # of one query: a question of many words under all their names has up to 1,300
CLAUSE_LIMIT = "indices.query.bool.max_clause_count"
DEFAULT_CLAUSE_LIMIT = 1_024
GREEN_SECONDS = 600.0  # until copies are made of a corpus that was just filled
HEALTH_POLL_SECONDS = 0.5
LOADING: Json = {"number_of_replicas": 0, "refresh_interval": "-1"}  # copies are made once, of what is complete
SERVING: Json = {"number_of_replicas": REPLICAS, "refresh_interval": "1s"}


class Generations:
    """`names` are those of one analyser."""

    def __init__(self, client: ClusterClient, names: IndexNames) -> None:
        self._client, self._names = client, names

    def current(self) -> int | None:
        """The number of the one that is searched; None before the first."""
        found = self._client.request("GET", f"/_alias/{self._names.alias('state')}", allowed=(404,))
        return max((int(index.rpartition("-")[2]) for index in found), default=None)

    def indexes(self, generation: int) -> Indexes:
        return {kind: self._names.index(kind, generation) for kind in KINDS}

    def create(self, generation: int) -> None:
        """Empty indexes to be filled; what is there under their names is deleted."""
        self.delete(generation)
        for kind, index in self.indexes(generation).items():
            body = index_body(kind)
            body["settings"] |= LOADING
            self._client.request("PUT", f"/{index}", body, WRITE_SECONDS)

    def serve(self, generation: int, waiting: Callable[[], object] = lambda: None) -> None:
        """Copies, then all aliases at once; `waiting` is called while copies are made."""
        indexes = self.indexes(generation)
        for index in indexes.values():
            self._client.request("PUT", f"/{index}/_settings", SERVING, WRITE_SECONDS)
        deadline = time.monotonic() + GREEN_SECONDS
        nodes = int(self._client.request("GET", "/_cluster/health")["number_of_data_nodes"])
        wanted = "green" if nodes > REPLICAS else "yellow"
        while self._status(indexes) not in {wanted, "green"}:
            if time.monotonic() > deadline:
                raise CorpusUnreachableError(
                    f"{self._client.address}: the new indexes had no copies after {GREEN_SECONDS:.0f} s; the old ones"
                    " are searched as before"
                )
            waiting()
            time.sleep(HEALTH_POLL_SECONDS)
        actions: list[Json] = []
        for kind, index in indexes.items():
            alias = self._names.alias(kind)
            actions.append({"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}})
            actions.append({"add": {"index": index, "alias": alias}})
        self._client.request("POST", "/_aliases", {"actions": actions}, WRITE_SECONDS)

    def delete(self, generation: int) -> None:
        for index in self.indexes(generation).values():
            self._client.request("DELETE", f"/{index}", seconds=WRITE_SECONDS, allowed=(404,))

    def raise_clause_limit(self) -> None:
        """Questions of many words need more clauses than OpenSearch takes by default."""
        if clause_limit(self._client) < MAX_CLAUSES:
            self._client.request("PUT", "/_cluster/settings", {"persistent": {CLAUSE_LIMIT: MAX_CLAUSES}})

    def _status(self, indexes: Indexes) -> str:
        path = f"/_cluster/health/{','.join(indexes.values())}"
        return str(self._client.request("GET", path, seconds=WRITE_SECONDS)["status"])


def clause_limit(client: ClusterClient) -> int:
    """ClusterRefusedError where the user may not read settings."""
    found = client.request("GET", "/_cluster/settings", flat_settings="true")
    for kind in ("transient", "persistent"):
        if CLAUSE_LIMIT in found.get(kind, {}):
            return int(found[kind][CLAUSE_LIMIT])
    return DEFAULT_CLAUSE_LIMIT
