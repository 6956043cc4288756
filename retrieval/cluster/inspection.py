"""The state that a cluster is in: an address goes in, what operators should know comes out; nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.cluster.client import ClusterClient
from retrieval.cluster.errors import ClusterRefusedError
from retrieval.cluster.generations import Generations, clause_limit
from retrieval.cluster.naming import IndexNames
from retrieval.cluster.state import ProjectionState, find_state

STUCK_SECONDS = 120.0  # in which a copy of a shard should at least have begun
DISK_BLOCK = "index.blocks.read_only_allow_delete"


@dataclass(frozen=True, slots=True)
class StuckRecovery:
    """A copy of a shard that does not begin; `source` is the node that has the primary."""

    index: str
    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """`has_manager`: whether the nodes elected one, without which nothing is written. `clauses` of one query are taken,
    None if the user may not ask. `scripts`: whether ours run, None before there is an index. `others` are the
    fingerprints of other analysers with indexes under the prefix; `blocked` are indexes that a full disk closed."""

    version: str
    status: str
    nodes: int
    has_manager: bool
    clauses: int | None
    scripts: bool | None
    generation: int | None
    state: ProjectionState | None
    size_bytes: int
    others: tuple[str, ...]
    blocked: tuple[str, ...]
    stuck: tuple[StuckRecovery, ...]


def inspect_cluster(client: ClusterClient, names: IndexNames) -> ClusterHealth:
    """CorpusUnreachableError or ClusterRefusedError where that much cannot be asked."""
    version = client.request("GET", "/")["version"]
    # asked of one node for itself: without a manager the other way would wait until the time is up
    health = client.request("GET", "/_cluster/health", local="true")
    has_manager = bool(health.get("discovered_cluster_manager", True))
    generations = Generations(client, names)
    generation = generations.current() if has_manager else None
    indexes = generations.indexes(generation) if generation else {}
    return ClusterHealth(
        f"{version.get('distribution', 'elasticsearch')} {version['number']}",
        health["status"],
        health["number_of_nodes"],
        has_manager,
        _clauses(client),
        _scripts(client, names) if generation else None,
        generation,
        find_state(client, indexes["state"]) if indexes else None,
        _size(client, names) if generation else 0,
        tuple(sorted(_others(client, names))),
        tuple(sorted(_blocked(client, names))),
        tuple(_stuck(client, names)),
    )


def _clauses(client: ClusterClient) -> int | None:
    try:
        return clause_limit(client)
    except ClusterRefusedError:
        return None


def _scripts(client: ClusterClient, names: IndexNames) -> bool:
    """Asked as a question asks: the script counts a term, which needs OpenSearch 2.9."""
    script = {"source": "return termFreq('text', 'a') + 1;"}
    body = {"size": 0, "query": {"script_score": {"query": {"match_all": {}}, "script": script}}}
    try:
        client.search(names.alias("points"), body)
    except ClusterRefusedError:
        return False
    return True


def _size(client: ClusterClient, names: IndexNames) -> int:
    found = client.request("GET", f"/{names.alias('*')}/_stats/store")  # type: ignore[arg-type]
    return int(found["_all"]["total"]["store"]["size_in_bytes"])


def _others(client: ClusterClient, names: IndexNames) -> set[str]:
    found = client.request("GET", f"/_alias/{names.prefix}-*-state", allowed=(404,))
    aliases = {alias for one in found.values() if isinstance(one, dict) for alias in one.get("aliases", ())}
    return {alias.removesuffix("-state").rpartition("-")[2] for alias in aliases} - {names.fingerprint}


def _blocked(client: ClusterClient, names: IndexNames) -> list[str]:
    path = f"/{names.prefix}-*/_settings/{DISK_BLOCK}"
    found = client.request("GET", path, allowed=(404,), flat_settings="true")
    return [index for index, one in found.items() if one["settings"].get(DISK_BLOCK) == "true"]


def _stuck(client: ClusterClient, names: IndexNames) -> Iterator[StuckRecovery]:
    found = client.request("GET", f"/{names.prefix}-*/_recovery", allowed=(404,), active_only="true")
    for index, one in found.items():
        for shard in one["shards"]:
            seconds = shard["total_time_in_millis"] / 1000
            if shard["stage"] == "INIT" and seconds > STUCK_SECONDS:
                yield StuckRecovery(index, shard.get("source", {}).get("name", "?"), seconds)
