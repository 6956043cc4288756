"""The double of the Bot API behind HTTP, on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.telegram import TOKEN, BotApi, HungUpError, refusal


@contextmanager
def serving(api: BotApi) -> Iterator[str]:
    """The double behind HTTP; gives TELEGRAM_API_URL."""

    class TelegramHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token, _, method = urlsplit(self.path).path.removeprefix("/bot").partition("/")
            try:
                if token == TOKEN:
                    code, answer = api.call(method, fields(self.headers.get("Content-Type", ""), body))
                else:
                    code, answer = refusal(401, "Unauthorized")
            except HungUpError:
                self.close_connection = True
                return
            data = b"<html>Bad Gateway</html>" if code == 502 else json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    class TelegramServer(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128  # the bot opens one connection an answer under way

        def handle_error(self, *_: object) -> None:
            """The bot hangs up in the middle of a long poll when it is stopped."""

    server = TelegramServer(("127.0.0.1", 0), TelegramHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/bot"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


JSON = {"reply_parameters", "link_preview_options", "commands", "allowed_updates", "reply_markup", "scope", "results"}


def fields(kind: str, body: bytes) -> dict[str, Any]:
    """A call's parameters, from JSON or from a form, plain or with files."""
    if kind == "application/json":
        return {name: read_json(value) for name, value in json.loads(body or "{}").items()}
    if not kind.startswith("multipart/"):
        return {name: decoded(name, value) for name, value in parse_qsl(body.decode(), True)}
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found: dict[str, Any] = {}
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[name] = content if part.get_filename() else decoded(name, content.decode())
    return found


def read_json(value: Any) -> Any:
    """As in a form, where all but lists and objects are strings."""
    return value if isinstance(value, str | list | dict) else json.dumps(value)


def decoded(name: str, value: str) -> Any:
    return json.loads(value) if name in JSON else value
