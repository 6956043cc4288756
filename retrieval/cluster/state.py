"""How far the projection is: one small document on the cluster, written after what it speaks of."""

from dataclasses import asdict, dataclass, fields
from typing import Self

from retrieval.cluster.client import ClusterClient, Json
from retrieval.cluster.errors import NoProjectionError
from retrieval.cluster.naming import IndexNames

STATE_ID = "state"


@dataclass(frozen=True, slots=True)
class ProjectionState:
    """`owner` is the corpus that is projected; its points up to key `point` and tombstones up to `tombstone` are here.

    `version` grows with every change, and is the `seq` of the terms that came with it. `last_seen` is the corpus's.
    `vectors` is how far those of the encoder `encoder` are here.
    """

    owner: str
    version: int = 0
    point: int = 0
    tombstone: int = 0
    last_seen: int = 0
    encoder: str = ""
    vectors: tuple[int, ...] = ()

    @classmethod
    def parse(cls, content: Json) -> Self:
        known = {field.name: content[field.name] for field in fields(cls) if field.name in content}
        return cls(**known | {"vectors": tuple(content.get("vectors", ()))})

    def document(self) -> Json:
        return {"content": asdict(self)}


def find_state(client: ClusterClient, index: str) -> ProjectionState | None:
    """None where nothing was projected yet."""
    found = client.request("GET", f"/{index}/_doc/{STATE_ID}", allowed=(404,))
    return ProjectionState.parse(found["_source"]["content"]) if found.get("found") else None


def read_state(client: ClusterClient, names: IndexNames) -> ProjectionState:
    if state := find_state(client, names.alias("state")):
        return state
    raise NoProjectionError(
        f"{client.address} has no corpus for this version of the bot: run `zhidian cluster reindex` where documents"
        " come in"
    )


def write_state(client: ClusterClient, index: str, state: ProjectionState, seconds: float) -> None:
    client.request("PUT", f"/{index}/_doc/{STATE_ID}", state.document(), seconds)
