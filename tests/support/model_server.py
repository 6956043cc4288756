"""A double of a language model at the wire: an OpenAI-compatible server on loopback that says what a test tells it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Write = Callable[[bytes], Any]


@dataclass(frozen=True)
class Misbehaviour:
    """In place of an answer: an HTTP status with a body, or `raw`, which writes head and body itself."""

    status: int = 500
    body: str = "{}"
    raw: Callable[[Write], None] | None = None


@dataclass
class ModelServer:
    """`says` gets the system prompt and the user's message; what it returns is streamed word by word.

    `hold` keeps answers back until it is set.
    """

    url: str = ""
    says: Callable[[str, str], str | Misbehaviour] = lambda _system, _user: ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    tokens: int = 0  # that it reports as used; 0 reports none


def translating(translations: dict[str, str]) -> Callable[[str, str], str]:
    """Says the translation of the text that is asked for; of others, that there is none."""

    def say(_: str, user: str) -> str:
        return translations.get(json.loads(user).get("text", ""), "no translation")

    return say


def event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return event({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def cut_off(text: str) -> Misbehaviour:
    """The connection ends in the middle of the answer, without an end of the stream."""
    return Misbehaviour(raw=lambda write: write(HEAD + chunk(text)))


def refusing(status: int, message: str) -> Misbehaviour:
    return Misbehaviour(status, json.dumps({"error": {"message": message, "type": "x", "code": "y"}}))


def endless(text: str) -> Misbehaviour:
    def write_on(write: Write) -> None:
        write(HEAD)
        while True:
            write(chunk(text))

    return Misbehaviour(raw=write_on)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    server.hold.set()

    class ModelHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            server.hold.wait(30)
            system = "".join(m["content"] for m in body["messages"] if m["role"] == "system")
            said = server.says(system, body["messages"][-1]["content"])
            self.close_connection = True
            with suppress(OSError):
                self.answer(said)

        def answer(self, said: str | Misbehaviour) -> None:
            if isinstance(said, Misbehaviour):
                if said.raw:
                    said.raw(self.wfile.write)
                    return
                body = said.body.encode()
                self.send_response(said.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            self.wfile.write(HEAD)
            for start in range(0, len(said), 7):
                self.wfile.write(chunk(said[start : start + 7]))
            self.wfile.write(chunk("", "stop"))
            if server.tokens:
                self.wfile.write(event({"id": "1", "choices": [], "usage": usage(server.tokens)}))
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *_: object) -> None: ...

    class ModelHttpServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever asks hangs up in the middle of what is endless."""

    httpd = ModelHttpServer(("127.0.0.1", 0), ModelHandler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.url = f"http://127.0.0.1:{httpd.server_port}/v1"
    try:
        yield server
    finally:
        server.hold.set()
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def usage(total: int) -> dict[str, int]:
    return {"prompt_tokens": total // 2, "completion_tokens": total - total // 2, "total_tokens": total}
