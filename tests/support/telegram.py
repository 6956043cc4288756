"""Telegram's side of the wire: checks what is sent as strictly as Telegram does, or more so.

It stands behind a request class of python-telegram-bot's here, and behind an HTTP server in telegram_http.py.
"""

import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

from bot.render.i18n import LANGUAGES, say_in
from tests.support.telegram_html import Entity, InvalidError, parse

TOKEN = "123456:TEST-token_of_the_double"
NAME = "ZhidianTestBot"
ME = {"id": 123456, "is_bot": True, "first_name": "知点", "username": NAME, "can_join_groups": True}


WAITING_LINES = {say_in(language)(line) for language in LANGUAGES for line in ("one-moment", "answers-wait")}

# What became of a call: taken, refused, or not answered at all, and then taken all the same (lost, or late, which is
# as long as the bot waits) or not (closed).
Fate = Literal["taken", "refused", "lost", "late", "closed"]
Answer = tuple[int, dict[str, Any]]


class HungUpError(Exception):
    """The connection is closed without an answer."""


@dataclass
class Call:
    method: str
    parameters: dict[str, Any]
    fate: Fate = "taken"

    @property
    def chat(self) -> int:
        return int(self.parameters["chat_id"])

    @property
    def text(self) -> str:
        text = self.parameters["text"]
        return parse(text)[0] if "parse_mode" in self.parameters else text

    @property
    def entities(self) -> list[Entity]:
        return parse(self.parameters["text"])[1]


def refusal(code: int, description: str, **parameters: int) -> Answer:
    return code, {"ok": False, "error_code": code, "description": description, "parameters": parameters}


@dataclass
class BotApi:
    """Keeps updates until they are confirmed by offset, and every call.

    `refuse` plans what goes wrong next, `fault` may decide it of any call; of `blocked` chats nothing is taken, and
    `moved` groups have a new id.
    """

    calls: list[Call] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    refusals: defaultdict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    fault: Callable[[str, dict[str, Any]], Fate | Answer] = lambda _method, _parameters: "taken"
    blocked: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    settings: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # that people sent, by file_id
    webhook: dict[str, Any] = field(default_factory=dict)  # as it was set
    deliveries: dict[str, Any] = field(default_factory=dict)  # what getWebhookInfo says besides
    exclusive: bool = False  # whether a getUpdates ends one that is still open with 409, as Telegram has it
    late: float = 0.0  # seconds that the connection of a call with that fate stays open
    polls: int = 0  # getUpdates so far
    changed: threading.Condition = field(default_factory=threading.Condition)

    def refuse(self, method: str, code: int, description: str, **parameters: int) -> None:
        """The next call of `method` fails so."""
        self.refusals[method].append(refusal(code, description, **parameters))

    def deliver(self, *updates: dict[str, Any]) -> None:
        with self.changed:
            self.updates += updates
            self.changed.notify_all()

    def call(self, method: str, parameters: dict[str, Any]) -> Answer:
        """Status and body of the answer; HungUpError where there is none."""
        if method == "getUpdates":
            with self.changed:
                self.polls += 1
                poll = self.polls
                self.changed.notify_all()
            waiting = self._pending(parameters, poll)
            if self.exclusive and poll != self.polls:
                return refusal(409, "Conflict: terminated by other getUpdates request")
        call = Call(method, parameters)
        with self.changed:
            fault = self.refusals[method].popleft() if self.refusals[method] else self.fault(method, parameters)
            if fault == "closed":
                answer, call.fate = None, fault
            elif isinstance(fault, tuple):
                answer, call.fate = fault, "refused"
            elif method == "getUpdates":
                answer, call.fate = (200, {"ok": True, "result": waiting}), fault
            else:
                answer = self._answer(method, parameters)
                call.fate = fault if answer[0] == 200 else "refused"
            if method != "getUpdates":
                self.calls.append(call)
                self.changed.notify_all()
        if call.fate == "late":
            time.sleep(self.late)
        if answer is None or call.fate in {"lost", "late"}:
            raise HungUpError
        return answer

    def sent(self) -> list[Call]:
        """Without the lines that ask for a moment's patience: how many there are depends on the machine."""
        return [call for call in self.calls if call.method == "sendMessage" and call.text not in WAITING_LINES]

    def waiting_lines(self) -> list[Call]:
        return [call for call in self.calls if call.method == "sendMessage" and call.text in WAITING_LINES]

    def arrived(self) -> list[Call]:
        """Messages that somebody can read, whether the bot learned of it or not."""
        return [call for call in self.sent() if call.fate in {"taken", "lost", "late"}]

    def wait_for(self, messages: int, seconds: float) -> list[Call]:
        """As soon as that many messages arrived; all that did when the time is over."""
        self.wait_until(lambda: len(self.arrived()) >= messages, seconds)
        return self.arrived()

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def _answer(self, method: str, parameters: dict[str, Any]) -> Answer:
        chat = str(parameters.get("chat_id", ""))
        if chat.lstrip("-").isdigit() and int(chat) in self.blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if chat.lstrip("-").isdigit() and int(chat) in self.moved:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            return refusal(400, text, migrate_to_chat_id=self.moved[int(chat)])
        try:
            return 200, {"ok": True, "result": getattr(self, f"_{method}", self._done)(parameters)}
        except InvalidError as error:
            return refusal(400, f"Bad Request: {error}")

    def _pending(self, parameters: dict[str, Any], poll: int) -> list[dict[str, Any]]:
        """An offset confirms all updates before it, as Telegram has it: what is not confirmed comes again."""
        offset = int(parameters.get("offset", 0))
        with self.changed:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
            self.changed.wait_for(
                lambda: self.updates or (self.exclusive and self.polls != poll),
                min(int(parameters.get("timeout", 0)), 1),
            )
            return self.updates[: int(parameters.get("limit", 100))]

    def _getMe(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return ME

    def _setWebhook(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        if not str(parameters["url"]).startswith("https://"):
            raise InvalidError("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = parameters
        return True

    def _deleteWebhook(self, _: dict[str, Any]) -> bool:  # noqa: N802
        self.webhook = {}
        return True

    def _getWebhookInfo(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        info = {"url": self.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}
        return info | self.deliveries

    def _done(self, _: dict[str, Any]) -> bool:
        return True

    def _sendMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if parameters.get("parse_mode") not in {None, "HTML"}:
            raise InvalidError(f"unsupported parse_mode {parameters['parse_mode']}")
        text = parse(parameters["text"])[0] if "parse_mode" in parameters else parameters["text"]
        return self._message(parameters) | {"text": text}

    def _message(self, parameters: dict[str, Any]) -> dict[str, Any]:
        chat = int(parameters["chat_id"])
        kind = "private" if chat > 0 else "supergroup"
        return {"message_id": 1000 + len(self.calls), "date": 1, "chat": {"id": chat, "type": kind}, "from": ME}

    def _sendDocument(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._message(parameters) | {"document": {"file_id": "1", "file_unique_id": "1"}}

    def _sendPhoto(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if len(parse(parameters.get("caption", ""))[0]) > 1024:
            raise InvalidError("message caption is too long")
        return self._message(parameters) | {"photo": []}

    def _getFile(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        id = parameters["file_id"]
        if id not in self.files:
            raise InvalidError("wrong file_id or the file is temporarily unavailable")
        return {"file_id": id, "file_unique_id": id, "file_size": len(self.files[id]), "file_path": f"documents/{id}"}

    def _editMessageText(self, parameters: dict[str, Any]) -> dict[str, Any] | bool:  # noqa: N802
        if "inline_message_id" in parameters:
            parse(parameters["text"])
            return True
        return self._sendMessage(parameters) | {"message_id": int(parameters["message_id"])}

    def _editMessageReplyMarkup(self, parameters: dict[str, Any]) -> dict[str, Any] | bool:  # noqa: N802
        if "inline_message_id" in parameters:
            return True
        return self._message(parameters) | {"message_id": int(parameters["message_id"])}

    def _setMyCommands(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        return self._set("commands", parameters, parameters["commands"])

    def _getMyCommands(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return self._get("commands", parameters, [])

    def _setMyDescription(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        return self._set("description", parameters, parameters.get("description", ""))

    def _getMyDescription(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return {"description": self._get("description", parameters, "")}

    def _setMyShortDescription(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        return self._set("short", parameters, parameters.get("short_description", ""))

    def _getMyShortDescription(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return {"short_description": self._get("short", parameters, "")}

    def _getChatMenuButton(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return self.settings.get(("menu button", "", ""), {"type": "default"})

    def _setChatMenuButton(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        self.settings["menu button", "", ""] = parameters["menu_button"]
        return True

    def _set(self, what: str, parameters: dict[str, Any], value: Any) -> bool:
        self.settings[what, str(parameters.get("scope", "")), parameters.get("language_code", "")] = value
        return True

    def _get(self, what: str, parameters: dict[str, Any], otherwise: Any) -> Any:
        key = what, str(parameters.get("scope", "")), parameters.get("language_code", "")
        return self.settings.get(key, otherwise)


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
        parameters: dict[str, Any] = dict(request_data.parameters) if request_data else {}
        if request_data and request_data.multipart_data:
            parameters |= {name: file[1] for name, file in request_data.multipart_data.items()}
        try:
            code, body = self._api.call(url.rpartition("/")[2], parameters)
        except HungUpError as error:
            raise NetworkError("the double hung up") from httpx.RemoteProtocolError(str(error))
        return code, json.dumps(body).encode()


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
