"""What errors mean, as python-telegram-bot's own client raises them from what comes over the wire."""

import json
from typing import Any

import httpx
import pytest
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.transport.errors import Outcome, benign, chat_is_gone, markup_refused, outcome, reply_lost


async def failure(answer: httpx.Response | Exception) -> TelegramError:
    """The error that a request ends with where Telegram gives this answer, or the network none."""

    def answered(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = HTTPXRequest(httpx_kwargs={"transport": httpx.MockTransport(answered)})
    with pytest.raises(TelegramError) as caught:
        await client.post("https://api.telegram.org/bot1:x/sendMessage")
    await client.shutdown()
    return caught.value


def response(code: int, description: str, **parameters: int) -> httpx.Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return httpx.Response(code, content=json.dumps(body | ({"parameters": parameters} if parameters else {})))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (response(429, "Too Many Requests: retry after 5", retry_after=5), Outcome.UNSENT),
        (response(500, "Internal Server Error"), Outcome.UNSENT),
        (httpx.Response(502, content=b"<html>Bad Gateway</html>"), Outcome.UNSENT),
        (response(504, "Gateway Timeout"), Outcome.UNCLEAR),
        (httpx.ConnectError("refused"), Outcome.UNSENT),
        (httpx.ConnectTimeout(""), Outcome.UNSENT),
        (httpx.PoolTimeout(""), Outcome.UNSENT),
        (httpx.ProxyError("407"), Outcome.UNSENT),
        (httpx.ReadTimeout(""), Outcome.UNCLEAR),
        (httpx.WriteTimeout(""), Outcome.UNCLEAR),
        (httpx.ReadError("reset"), Outcome.UNCLEAR),
        (httpx.RemoteProtocolError("disconnected"), Outcome.UNCLEAR),
        (OSError("something else"), Outcome.UNCLEAR),
        (httpx.Response(200, content=b"<html>"), Outcome.UNCLEAR),
        (response(403, "Forbidden: bot was blocked by the user"), Outcome.NEVER),
        (response(400, "Bad Request: chat not found"), Outcome.NEVER),
        (response(400, "Bad Request: group was upgraded", migrate_to_chat_id=-1009), Outcome.NEVER),
        (response(401, "Unauthorized"), Outcome.NEVER),
        (response(404, "Not Found"), Outcome.NEVER),
        (response(409, "Conflict: terminated by other getUpdates request"), Outcome.NEVER),
    ],
)
async def test_outcome(answer: httpx.Response | Exception, expected: Outcome) -> None:
    assert outcome(await failure(answer)) is expected


@pytest.mark.parametrize(
    ("description", "kinds"),
    [
        ("Bad Request: message is not modified: specified new message content is the same", {benign}),
        ("Bad Request: query is too old and response timeout expired or query ID is invalid", {benign}),
        ("Bad Request: message to be replied not found", {benign, reply_lost}),
        ("Bad Request: can't parse entities: Unsupported start tag", {markup_refused}),
        ("Bad Request: chat not found", {chat_is_gone}),
        ("Bad Request: message is too long", set()),
    ],
)
async def test_kinds_of_bad_requests(description: str, kinds: set[Any]) -> None:
    error = await failure(response(400, description))
    assert {kind for kind in (benign, reply_lost, markup_refused, chat_is_gone) if kind(error)} == kinds


async def test_a_chat_is_gone_where_the_bot_is_not_welcome() -> None:
    assert chat_is_gone(await failure(response(403, "Forbidden: bot was kicked from the supergroup chat")))
    assert not chat_is_gone(await failure(httpx.ReadTimeout("")))
