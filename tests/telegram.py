"""Telegram's side of the wire, twice: as a request class of python-telegram-bot's, and as an HTTP server on loopback.

Both stand before the same BotApi, which checks what is sent as strictly as Telegram does, or more so.
"""

import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from telegram.request import BaseRequest, RequestData

from tests.telegram_html import Entity, InvalidError, parse

TOKEN = "123456:TEST-token_of_the_double"
NAME = "ZhidianTestBot"
ME = {"id": 123456, "is_bot": True, "first_name": "知点", "username": NAME, "can_join_groups": True}


@dataclass(frozen=True)
class Call:
    method: str
    parameters: dict[str, Any]

    @property
    def text(self) -> str:
        return parse(self.parameters["text"])[0]

    @property
    def entities(self) -> list[Entity]:
        return parse(self.parameters["text"])[1]


@dataclass
class BotApi:
    """Keeps updates until they are confirmed by offset, and every call; `refuse` plans what goes wrong."""

    calls: list[Call] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    refusals: defaultdict[str, deque[tuple[int, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(deque))
    changed: threading.Condition = field(default_factory=threading.Condition)

    def refuse(self, method: str, code: int, description: str, **parameters: int) -> None:
        """The next call of `method` fails so."""
        self.refusals[method].append((code, {"description": description, "parameters": parameters}))

    def deliver(self, update: dict[str, Any]) -> None:
        with self.changed:
            self.updates.append(update)
            self.changed.notify_all()

    def call(self, method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer."""
        if method == "getUpdates":
            return 200, {"ok": True, "result": self._pending(parameters)}
        with self.changed:
            self.calls.append(Call(method, parameters))
            self.changed.notify_all()
        if self.refusals[method]:
            code, body = self.refusals[method].popleft()
            return code, {"ok": False, "error_code": code, **body}
        try:
            return 200, {"ok": True, "result": getattr(self, f"_{method}", self._done)(parameters)}
        except InvalidError as error:
            return 400, {"ok": False, "error_code": 400, "description": f"Bad Request: {error}"}

    def sent(self) -> list[Call]:
        return [call for call in self.calls if call.method == "sendMessage"]

    def wait_for(self, messages: int, seconds: float) -> list[Call]:
        """As soon as that many messages were sent; all that were sent when the time is over."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.sent()) >= messages, seconds)
            return self.sent()

    def _pending(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """An offset confirms all updates before it, as Telegram has it: what is not confirmed comes again."""
        offset = int(parameters.get("offset", 0))
        with self.changed:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
            self.changed.wait_for(lambda: self.updates, min(int(parameters.get("timeout", 0)), 1))
            return self.updates[: int(parameters.get("limit", 100))]

    def _getMe(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return ME

    def _done(self, _: dict[str, Any]) -> bool:
        return True

    def _sendMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if parameters.get("parse_mode") not in {None, "HTML"}:
            raise InvalidError(f"unsupported parse_mode {parameters['parse_mode']}")
        text = parse(parameters["text"])[0] if "parse_mode" in parameters else parameters["text"]
        chat = int(parameters["chat_id"])
        kind = "private" if chat > 0 else "supergroup"
        return {
            "message_id": 1000 + len(self.calls),
            "date": 1,
            "chat": {"id": chat, "type": kind},
            "from": ME,
            "text": text,
        }


class Wire(BaseRequest):
    """The double within the process."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float | None:
        return 5

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        code, body = self._api.call(url.rpartition("/")[2], dict(request_data.parameters) if request_data else {})
        return code, json.dumps(body).encode()


@contextmanager
def serving(api: BotApi) -> Iterator[str]:
    """The double behind HTTP; gives TELEGRAM_API_URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            token, _, method = urlsplit(self.path).path.removeprefix("/bot").partition("/")
            if token == TOKEN:
                code, answer = api.call(method, {name: decoded(name, value) for name, value in parse_qsl(body, True)})
            else:
                code, answer = 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """The bot hangs up in the middle of a long poll when it is stopped."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/bot"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


JSON = {"reply_parameters", "link_preview_options", "commands", "allowed_updates", "reply_markup", "scope"}


def decoded(name: str, value: str) -> Any:
    return json.loads(value) if name in JSON else value


class Updates:
    """Updates as Telegram makes them, numbered upwards, commands marked; `extra` are further fields of a message."""

    def __init__(self) -> None:
        self._number = 0

    def private(self, text: str | None = None, language: str | None = "zh-hans", **extra: Any) -> dict[str, Any]:
        return self._message({"id": 7, "type": "private", "first_name": "李"}, text, language, extra)

    def group(self, text: str | None = None, language: str | None = "zh-hans", **extra: Any) -> dict[str, Any]:
        return self._message({"id": -1007, "type": "supergroup", "title": "群"}, text, language, extra)

    def _message(
        self, chat: dict[str, Any], text: str | None, language: str | None, extra: dict[str, Any]
    ) -> dict[str, Any]:
        self._number += 1
        sender = {"id": 7, "is_bot": False, "first_name": "李"} | ({"language_code": language} if language else {})
        message = {"message_id": self._number, "date": int(time.time()), "chat": chat, "from": sender}
        if text is not None:
            message["text"] = text
            if command := re.match(r"/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]+)?(?=\s|$)", text):
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        return {"update_id": 9000 + self._number, extra.pop("kind", "message"): message | extra}
