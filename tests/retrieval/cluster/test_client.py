"""The client against a server that answers as nodes in trouble do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from retrieval.cluster import client as client_module
from retrieval.cluster.address import ClusterAddress
from retrieval.cluster.client import ClusterClient, Json
from retrieval.cluster.errors import ClusterFullError, ClusterRefusedError
from retrieval.model.errors import CorpusUnreachableError

WHOLE = {"hits": {"hits": []}, "_shards": {"total": 3, "failed": 0}, "timed_out": False}
PARTIAL = WHOLE | {"_shards": {"total": 3, "failed": 1}}
BLOCK = {"error": {"type": "cluster_block_exception", "reason": "disk usage exceeded flood-stage watermark"}}
LOST = {"error": {"type": "search_phase_execution_exception", "reason": "Node not connected"}}

Answer = tuple[int, object]


@contextmanager
def node(answer: Callable[[str, str], Answer]) -> Iterator[int]:
    """A node that says what `answer` makes of a path and a body; its port."""

    class NodeDouble(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            status, content = answer(self.path, body)
            written = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_PUT = do_POST  # noqa: N815

        def log_message(self, *arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), NodeDouble)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def connected(*ports: int, login: str = "") -> Iterator[ClusterClient]:
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    client = ClusterClient(ClusterAddress.parse(f"opensearch+http://{login}{hosts}/news"))
    yield client
    client.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "READ_SECONDS", 1.0)
    monkeypatch.setattr(client_module, "WRITE_SECONDS", 1.0)


@pytest.mark.parametrize("trouble", [(500, LOST), (503, {}), (200, PARTIAL), (200, WHOLE | {"timed_out": True})])
def test_another_node_is_asked_and_what_is_partial_is_no_answer(trouble: Answer) -> None:
    with node(lambda *_: trouble) as bad, node(lambda *_: (200, WHOLE)) as good:
        with connected(bad, good) as client:
            for _ in range(4):
                assert client.search("points", {}, seconds=2.0) == WHOLE
        with connected(bad) as client, pytest.raises(CorpusUnreachableError, match="did not answer whole"):
            client.search("points", {}, seconds=0.5)


def test_of_several_searches_each_must_be_whole() -> None:
    answers = iter([{"responses": [WHOLE, PARTIAL]}, {"responses": [WHOLE, LOST]}, {"responses": [WHOLE, WHOLE]}])
    seen: list[str] = []

    def answer(path: str, body: str) -> Answer:
        seen.append(body)
        return 200, next(answers)

    with node(answer) as port, connected(port) as client:
        assert client.searches("points", [{}, {}]) == [WHOLE, WHOLE]
    assert len(seen) == 3
    assert seen[0].count('"allow_partial_search_results":false') == 2


def test_a_node_that_is_gone_is_passed_over() -> None:
    with node(lambda *_: (200, WHOLE)) as gone:
        pass
    with node(lambda *_: (200, WHOLE)) as good, connected(gone, good) as client:
        assert client.search("points", {}, seconds=2.0) == WHOLE
    with connected(gone) as client, pytest.raises(CorpusUnreachableError):
        client.search("points", {}, seconds=0.5)


@pytest.mark.parametrize(("status", "said"), [(401, "password is wrong"), (403, "may not"), (400, "status 400")])
def test_what_is_refused_is_not_asked_again_and_shows_no_password(status: int, said: str) -> None:
    asked: list[str] = []

    def answer(path: str, body: str) -> Answer:
        asked.append(path)
        return status, {"error": {"type": "nothing_exception", "reason": "no"}}

    with (
        node(answer) as port,
        connected(port, login="bot:hush-hush@") as client,
        pytest.raises(ClusterRefusedError, match=said) as error,
    ):
        client.search("points", {})
    assert len(asked) == 1
    assert "hush-hush" not in f"{error.value}{error.value.__context__}"


def test_an_index_that_was_made_at_a_try_without_an_answer_is_there() -> None:
    answers = iter([(503, {}), (400, {"status": 400, "error": {"type": "resource_already_exists_exception"}})])
    with node(lambda *_: next(answers)) as port, connected(port) as client:
        assert client.request("PUT", "/points") == {}


def test_after_one_question_without_an_answer_the_next_wait_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "AWAY_SECONDS", 0.0)
    asked: list[str] = []

    def answer(path: str, body: str) -> Answer:
        asked.append(path)
        return (503, {}) if len(asked) < 6 else (200, WHOLE)

    with node(answer) as port, connected(port) as client:
        for _ in range(2):
            with pytest.raises(CorpusUnreachableError):
                client.search("points", {})
        assert 2 < len(asked) < 6
        while len(asked) < 6:
            asked.append("")
        assert client.search("points", {}) == WHOLE


def test_full_disks_are_called_so() -> None:
    item = {"index": {"_id": "1", "status": 429, "error": BLOCK["error"]}}
    full = pytest.raises(ClusterFullError, match="disks are full")
    with node(lambda *_: (200, {"items": [item]})) as port, connected(port) as client, full:
        client.write([{"index": {"_index": "points", "_id": "1"}}, {}])
    for status in (429, 403):  # a new index is refused as if the user might not make one
        blocked = BLOCK | {"status": status}
        with node(lambda *_, answer=(status, blocked): answer) as port, connected(port) as client, full:
            client.request("PUT", "/points")


def test_of_a_batch_only_what_was_not_taken_is_sent_again() -> None:
    lines: list[Json] = [
        *({"index": {"_index": "points", "_id": "1"}}, {"point": 1}),
        *({"create": {"_index": "terms", "_id": "2"}}, {"term": "a"}),
        {"delete": {"_index": "points", "_id": "3"}},
    ]
    rejected = {"status": 429, "error": {"type": "rejected_execution_exception"}}
    answers = iter(
        [
            [{"index": rejected}, {"create": {"status": 409, "error": {}}}, {"delete": {"status": 404}}],
            [{"index": {"status": 201}}],
        ]
    )
    sent: list[str] = []

    def answer(path: str, body: str) -> Answer:
        sent.append(body)
        return 200, {"items": next(answers)}

    with node(answer) as port, connected(port) as client:
        client.write(lines)
    assert [len(body.splitlines()) for body in sent] == [5, 2]


def test_a_document_that_is_refused_is_named() -> None:
    item = {"index": {"_id": "7", "status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no field"}}}
    refused = pytest.raises(ClusterRefusedError, match="index of 7: no field")
    with node(lambda *_: (200, {"items": [item]})) as port, connected(port) as client, refused:
        client.write([{"index": {"_index": "points", "_id": "7"}}, {}])
