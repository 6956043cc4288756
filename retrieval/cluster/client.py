"""Requests to a cluster: whole answers come out, or an error that says why not; never a part in silence.

What fails is asked of another node until the time is up. opensearch-py is an extra, loaded here and nowhere else.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.errors import ClusterFullError, ClusterRefusedError
from retrieval.model.errors import CorpusError, CorpusUnreachableError

log = logging.getLogger(__name__)

Json = dict[str, Any]

NODE_READ_SECONDS, NODE_WRITE_SECONDS = 5.0, 20.0  # for one node to answer, and to write
READ_SECONDS = 8.0  # for all tries of a question's request: within ten the person who asks should know
AWAY_SECONDS, MAX_AWAY_SECONDS = 2.0, 30.0  # the same for a while after one had no answer: nobody waits in a row
WRITE_SECONDS = 60.0  # a primary on a node that hangs waits until the cluster throws the node out
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.1, 2.0  # between tries
MAX_NODE_CONNECTIONS = 16  # to each node: so many requests at once
DEAD_NODE_SECONDS = 5.0  # until a node that failed is asked again
AGAIN_STATUSES = {408, 429, 500, 502, 503, 504}  # 500 is also said by a node that has lost the others
MAX_BULK_BYTES = 8 << 20
MISSING_EXTRA = "ZHIDIAN_CORPUS is set, and the package opensearch-py is missing: pip install 'zhidian[cluster]'"


class ClusterClient:
    """Safe for threads."""

    def __init__(self, address: ClusterAddress) -> None:
        try:
            from opensearchpy import OpenSearch
        except ImportError:
            raise CorpusError(MISSING_EXTRA) from None
        # opensearch-py logs each failed try with its request: what people ask is nobody's business
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)
        self.address = address
        self._away_until = 0.0
        self._client = OpenSearch(
            [{"host": host, "port": port} for host, port in address.hosts],
            http_auth=(address.user, address.password) if address.user else None,
            use_ssl=address.tls,
            verify_certs=address.tls,
            ca_certs=str(address.ca) if address.ca else None,
            timeout=NODE_READ_SECONDS,
            pool_maxsize=MAX_NODE_CONNECTIONS,
            max_retries=0,
            dead_timeout=DEAD_NODE_SECONDS,
            timeout_cutoff=0,
            http_compress=False,
        )

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        seconds: float | None = None,
        allowed: Sequence[int] = (),
        **params: str,
    ) -> Json:
        """The answer; empty for a status in `allowed`. `body` is JSON, or text of lines of JSON.

        `seconds` are for all tries; unless given READ_SECONDS, or AWAY_SECONDS where the last one had no answer.
        """
        from opensearchpy import exceptions

        if seconds is None:
            seconds = AWAY_SECONDS if time.monotonic() < self._away_until else READ_SECONDS
        deadline, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
        while True:
            left = max(deadline - time.monotonic(), pause)
            node = NODE_READ_SECONDS if seconds <= READ_SECONDS else NODE_WRITE_SECONDS
            try:
                found = self._client.transport.perform_request(
                    method, path, params={**params, "request_timeout": min(node, left)}, body=body
                )
            except (exceptions.AuthenticationException, exceptions.AuthorizationException) as error:
                if _is_full(error):
                    raise ClusterFullError(_full_message(self.address)) from None
                raise ClusterRefusedError(f"{self.address}: {_login_problem(error.status_code)}") from None
            except exceptions.SSLError as error:
                raise ClusterRefusedError(f"{self.address}: its certificate is not trusted ({_short(error)})") from None
            except exceptions.TransportError as error:
                status = error.status_code
                # an index that was made at a try whose answer did not come in time
                if status in allowed or error.error == "resource_already_exists_exception":
                    return {}
                if _is_full(error):
                    raise ClusterFullError(_full_message(self.address)) from None
                if isinstance(status, int) and status not in AGAIN_STATUSES:
                    raise ClusterRefusedError(f"{self.address}: status {status}, {_short(error)}") from None
                reason = f"status {status}" if isinstance(status, int) else type(error).__name__
            else:
                if not (reason := _partial(found)):
                    self._away_until = 0.0
                    return found if isinstance(found, dict) else {}
            if time.monotonic() + pause > deadline:
                self._away_until = time.monotonic() + MAX_AWAY_SECONDS
                raise CorpusUnreachableError(f"{self.address} did not answer whole within {seconds:.0f} s: {reason}")
            time.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def search(self, index: str, body: Json, seconds: float | None = None) -> Json:
        return self.request(
            "POST", f"/{index}/_search", body, seconds, allow_partial_search_results="false", request_cache="false"
        )

    def searches(self, index: str, bodies: Sequence[Json]) -> list[Json]:
        """Several at once, each whole."""
        if not bodies:
            return []
        header = {"index": index, "allow_partial_search_results": False}
        found = self.request("POST", "/_msearch", json_lines(line for body in bodies for line in (header, body)))
        answers: list[Json] = found["responses"]
        return answers

    def all_hits(self, index: str, body: Json, page: int = 10_000) -> Iterator[Json]:
        """Every hit in the order of `body`'s sort, which must be total, page by page."""
        after: Json = {}
        while True:
            hits = self.search(index, {**body, "size": page, "track_total_hits": False, **after})["hits"]["hits"]
            yield from hits
            if len(hits) < page:
                return
            after = {"search_after": hits[-1]["sort"]}

    def write(self, lines: Iterable[Json]) -> None:
        """Bulk lines, each action with its document; ids are given, so that what is sent twice is there once.

        Actions on what is there already, or gone already, succeed.
        """
        for batch in _batches(lines):
            self._write_batch(batch)

    def _write_batch(self, actions: list[tuple[Json, Json | None]]) -> None:
        deadline, pause = time.monotonic() + WRITE_SECONDS, FIRST_PAUSE_SECONDS
        while actions:
            left = max(deadline - time.monotonic(), NODE_READ_SECONDS)
            lines = json_lines(line for action in actions for line in action if line is not None)
            items = self.request("POST", "/_bulk", lines, left)["items"]
            again, reason = [], ""
            for action, item in zip(actions, items, strict=True):
                [(kind, outcome)] = item.items()
                status, error = outcome["status"], outcome.get("error", {})
                if status < 300 or (kind, status) in BENIGN_OUTCOMES:
                    continue
                if error.get("type") == "cluster_block_exception":
                    raise ClusterFullError(_full_message(self.address))
                if status not in AGAIN_STATUSES:
                    raise ClusterRefusedError(f"{self.address}: {kind} of {outcome.get('_id')}: {error.get('reason')}")
                again.append(action)
                reason = str(error.get("type"))
            if again and time.monotonic() + pause > deadline:
                raise CorpusUnreachableError(f"{self.address} did not take {len(again)} documents: {reason}")
            if actions := again:
                time.sleep(pause)
                pause = min(pause * 2, MAX_PAUSE_SECONDS)


# a term that is known, a point that was deleted before, a vector of a point that is gone meanwhile
BENIGN_OUTCOMES = {("create", 409), ("delete", 404), ("update", 404)}


def json_lines(lines: Iterable[Json]) -> str:
    return "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in lines)


def _batches(lines: Iterable[Json]) -> Iterator[list[tuple[Json, Json | None]]]:
    """Of at most MAX_BULK_BYTES."""
    batch: list[tuple[Json, Json | None]] = []
    size = 0
    lines = iter(lines)
    for action in lines:
        document = None if "delete" in action else next(lines)
        length = len(json.dumps(document or action))
        if batch and size + length > MAX_BULK_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((action, document))
        size += length
    if batch:
        yield batch


def _partial(found: object) -> str:
    """Why an answer is not whole; '' if it is."""
    if not isinstance(found, Mapping):
        return ""
    for one in found.get("responses", (found,)):
        if error := one.get("error"):
            return str(error.get("type", error)) if isinstance(error, Mapping) else str(error)
        if one.get("timed_out") is True or one.get("_shards", {}).get("failed"):
            return "some shards did not answer"
    return ""


def _is_full(error: Any) -> bool:
    return error.status_code in {403, 429} and "cluster_block_exception" in str(error.info)


def _full_message(address: ClusterAddress) -> str:
    return f"{address} takes nothing in, since its disks are full: make room on the nodes; it goes on by itself"


def _login_problem(status: object) -> str:
    return "the user or the password is wrong" if status == 401 else "this user may not do that; see docs/cluster.md"


def _short(error: Any) -> str:
    return " ".join(str(getattr(error, "error", error)).split())[:200]
