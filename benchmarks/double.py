"""The double of the Bot API for load: one thread, HTTP/1.1 with connections kept, and every answer timed.

Some of what the bot sends is checked by tests/support/telegram.py, as in the tests. It hands updates out by itself: so
many a second, or whenever one was answered.
"""

import asyncio
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.telegram import TOKEN, BotApi
from tests.support.telegram_http import fields

CHATS = 2_000  # that take turns in asking: none asks more often than a person may
CHECKED = 16  # of so many messages one is read as Telegram reads it: what reads them has the bot's processors
AT_ONCE = 100  # updates that one getUpdates brings, as Telegram has it
WHERE = f"/bot{TOKEN}/"


@dataclass
class Asked:
    """When a question was there, was given to the bot, and its answer arrived: seconds of one clock."""

    there: float
    given: float = 0.0
    answered: float = 0.0


@dataclass
class Double:
    """Of a chat's questions the oldest is answered first, as the bot promises."""

    questions: Sequence[str]
    api: BotApi = field(default_factory=BotApi)
    open: defaultdict[int, deque[Asked]] = field(default_factory=lambda: defaultdict(deque))
    ended: list[Asked] = field(default_factory=list)
    checked: int = CHECKED
    outstanding: int = 0
    unasked: int = 0  # messages that nobody waited for
    news: asyncio.Event = field(default_factory=asyncio.Event)
    steps: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _waiting: deque[tuple[int, str, Asked]] = field(default_factory=deque)
    _given: deque[tuple[int, str]] = field(default_factory=deque)

    def ask(self) -> None:
        number = next(self._numbers)
        chat = 1 + number % CHATS
        person = {"id": chat, "is_bot": False, "first_name": "李", "language_code": "zh-hans"}
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "李"},
            "from": person,
            "text": self.questions[number % len(self.questions)],
        }
        asked = Asked(time.perf_counter())
        self.open[chat].append(asked)
        self.outstanding += 1
        self._waiting.append((number, json.dumps({"update_id": number, "message": message}), asked))
        self.news.set()

    async def answer(self, method: str, kind: str, body: bytes) -> bytes:
        parameters = fields(kind, body)
        if method == "getUpdates":
            return await self._updates(int(parameters.get("offset", 0)), float(parameters.get("timeout", 0)))
        if method == "sendMessage":
            self._arrived(int(parameters["chat_id"]))
            if len(self.ended) % self.checked:
                parameters.pop("parse_mode", None)
        _, answer = self.api._answer(method, parameters)
        return json.dumps(answer).encode()

    def _arrived(self, chat: int) -> None:
        if not self.open[chat]:
            self.unasked += 1
            return
        asked = self.open[chat].popleft()
        self.outstanding -= 1
        asked.answered = time.perf_counter()
        self.ended.append(asked)
        self.steps.set()

    async def _updates(self, offset: int, patience: float) -> bytes:
        while self._given and self._given[0][0] < offset:
            self._given.popleft()
        if not self._given and not self._waiting:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), patience)
            except TimeoutError:
                return b'{"ok":true,"result":[]}'
        now = time.perf_counter()
        while self._waiting and len(self._given) < AT_ONCE:
            number, update, asked = self._waiting.popleft()
            asked.given = now
            self._given.append((number, update))
        return f'{{"ok":true,"result":[{",".join(update for _, update in self._given)}]}}'.encode()


class Connection(asyncio.Protocol):
    """As much of HTTP/1.1 as the bot's client speaks: a request with its length, then its answer."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._transport: Any = None
        self._received = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._received[:end].decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            length = int(headers.get("content-length", 0))
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            method = first.split(" ")[1].removeprefix(WHERE)
            task = asyncio.get_running_loop().create_task(self._say(method, headers.get("content-type", ""), body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _say(self, method: str, kind: str, body: bytes) -> None:
        answer = await self._double.answer(method, kind, body)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        self._transport.write(head.encode() + answer)


@asynccontextmanager
async def listening(double: Double) -> Any:
    """Gives TELEGRAM_API_URL."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(double), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot"
    finally:
        server.close()
