"""What people see: messages with their buttons, as they stand after every edit, refused where Telegram refuses them."""

import json
from dataclasses import dataclass, field
from typing import Any

from telegram.request import RequestData

from tests.support.telegram import ME, BotApi, Call, Wire
from tests.support.telegram_html import InvalidError, parse

ACTIONS = ("callback_data", "url", "copy_text", "switch_inline_query_current_chat", "web_app")

Rows = list[list[dict[str, Any]]]


@dataclass
class Shown:
    html: str
    rows: Rows

    @property
    def text(self) -> str:
        return parse(self.html)[0]

    @property
    def labels(self) -> list[list[str]]:
        return [[button["text"] for button in row] for row in self.rows]


@dataclass
class Screen(BotApi):
    """`administrators` by chat; everybody else is a member."""

    shown: dict[tuple[int, int], Shown] = field(default_factory=dict)
    administrators: set[tuple[int, int]] = field(default_factory=set)
    kept: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def answers(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def _sendMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        rows = checked(parameters.get("reply_markup"), private=int(parameters["chat_id"]) > 0)
        sent = super()._sendMessage(parameters)
        self.shown[int(parameters["chat_id"]), sent["message_id"]] = Shown(parameters["text"], rows)
        return sent

    def _sendDocument(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "message_id": 1000 + len(self.calls),
            "date": 1,
            "chat": {"id": parameters["chat_id"], "type": "private"},
        }

    def _editMessageText(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        parse(parameters["text"])
        return self._changed(parameters, Shown(parameters["text"], checked(parameters.get("reply_markup"))))

    def _editMessageReplyMarkup(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        before = self.shown.get((parameters["chat_id"], parameters["message_id"]), Shown("…", []))
        return self._changed(parameters, Shown(before.html, checked(parameters.get("reply_markup"))))

    def _changed(self, parameters: dict[str, Any], after: Shown) -> dict[str, Any]:
        key = parameters["chat_id"], parameters["message_id"]
        if key not in self.shown:
            raise InvalidError("message to edit not found")
        if self.shown[key] == after:
            raise InvalidError("message is not modified")
        self.shown[key] = after
        kind = "private" if key[0] > 0 else "supergroup"
        return {"message_id": key[1], "date": 1, "chat": {"id": key[0], "type": kind}, "from": ME, "text": after.text}

    def _getChatMember(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        user = {"id": parameters["user_id"], "is_bot": False, "first_name": "x"}
        if (parameters["chat_id"], parameters["user_id"]) in self.administrators:
            return {"status": "creator", "user": user, "is_anonymous": False}
        return {"status": "member", "user": user}

    def _answerCallbackQuery(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        if len(parameters.get("text", "")) > 200:
            raise InvalidError("MESSAGE_TOO_LONG")
        return True

    def _answerInlineQuery(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        ids = [result["id"] for result in parameters["results"]]
        if len(set(ids)) != len(ids) or any(not 0 < len(id.encode()) <= 64 for id in ids) or len(ids) > 50:
            raise InvalidError("RESULT_ID_INVALID")
        for result in parameters["results"]:
            parse(result["input_message_content"]["message_text"])
            checked(result.get("reply_markup"))
            if not result["title"].strip():
                raise InvalidError("RESULT_TITLE_EMPTY")
        return True

    def _answerGuestQuery(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        content = parameters["result"]["input_message_content"]
        parse(content["message_text"])
        return {"inline_message_id": "guest"}

    def _getMyCommands(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return self.kept.get(place("commands", parameters), [])

    def _setMyCommands(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        self.kept[place("commands", parameters)] = parameters["commands"]
        return True

    def _getMyDescription(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return {"description": self.kept.get(place("description", parameters), "")}

    def _setMyDescription(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        if len(parameters["description"]) > 512:
            raise InvalidError("BOT_DESCRIPTION_TOO_LONG")
        self.kept[place("description", parameters)] = parameters["description"]
        return True

    def _getMyShortDescription(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        return {"short_description": self.kept.get(place("short", parameters), "")}

    def _setMyShortDescription(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        if len(parameters["short_description"]) > 120:
            raise InvalidError("BOT_SHORT_DESCRIPTION_TOO_LONG")
        self.kept[place("short", parameters)] = parameters["short_description"]
        return True


class ScreenWire(Wire):
    """Hands on the files that are sent, too."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        if "/documents/" in url:
            return 200, self._api.files[url.rpartition("/")[2]]
        parameters = dict(request_data.parameters) if request_data else {}
        if request_data and request_data.multipart_data:
            parameters["files"] = list(request_data.multipart_data.values())
        code, body = self._api.call(url.rpartition("/")[2], parameters)
        return code, json.dumps(body).encode()


def place(kind: str, parameters: dict[str, Any]) -> tuple[str, str, str]:
    return kind, parameters.get("scope", {}).get("type", "default"), parameters.get("language_code") or ""


def checked(markup: dict[str, Any] | None, private: bool = True) -> Rows:
    """The rows of a keyboard that Telegram takes; Mini Apps open in private chats only."""
    rows: Rows = markup["inline_keyboard"] if markup else []
    if sum(map(len, rows)) > 100 or any(not 0 < len(row) <= 8 for row in rows):
        raise InvalidError("REPLY_MARKUP_TOO_LONG")
    for button in [button for row in rows for button in row]:
        done = [action for action in ACTIONS if action in button]
        if len(done) != 1 or not button["text"].strip():
            raise InvalidError(f"BUTTON_INVALID {button}")
        if not 0 < len(button.get("callback_data", "x").encode()) <= 64:
            raise InvalidError("BUTTON_DATA_INVALID")
        if len(button.get("copy_text", {}).get("text", "x")) > 256:
            raise InvalidError("BUTTON_COPY_TEXT_INVALID")
        if "web_app" in button and not (private and button["web_app"]["url"].startswith("https://")):
            raise InvalidError("BUTTON_TYPE_INVALID")
    return rows
