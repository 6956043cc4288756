"""What errors mean, as python-telegram-bot's own client raises them from what comes over the wire."""

import json
from typing import Any

import httpx
import pytest
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.transport.errors import DeliveryCertainty, bot_was_removed, certainty_of, is_benign, markup_refused, reply_lost


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
        (response(429, "Too Many Requests: retry after 5", retry_after=5), DeliveryCertainty.UNSENT),
        (response(500, "Internal Server Error"), DeliveryCertainty.UNSENT),
        (httpx.Response(502, content=b"<html>Bad Gateway</html>"), DeliveryCertainty.UNSENT),
        (response(504, "Gateway Timeout"), DeliveryCertainty.UNCLEAR),
        (httpx.ConnectError("refused"), DeliveryCertainty.UNSENT),
        (httpx.ConnectTimeout(""), DeliveryCertainty.UNSENT),
        (httpx.PoolTimeout(""), DeliveryCertainty.UNSENT),
        (httpx.ProxyError("407"), DeliveryCertainty.UNSENT),
        (httpx.ReadTimeout(""), DeliveryCertainty.UNCLEAR),
        (httpx.WriteTimeout(""), DeliveryCertainty.UNCLEAR),
        (httpx.ReadError("reset"), DeliveryCertainty.UNCLEAR),
        (httpx.RemoteProtocolError("disconnected"), DeliveryCertainty.UNCLEAR),
        (OSError("something else"), DeliveryCertainty.UNCLEAR),
        (httpx.Response(200, content=b"<html>"), DeliveryCertainty.UNCLEAR),
        (response(403, "Forbidden: bot was blocked by the user"), DeliveryCertainty.NEVER),
        (response(400, "Bad Request: chat not found"), DeliveryCertainty.NEVER),
        (response(400, "Bad Request: group was upgraded", migrate_to_chat_id=-1009), DeliveryCertainty.NEVER),
        (response(401, "Unauthorized"), DeliveryCertainty.NEVER),
        (response(404, "Not Found"), DeliveryCertainty.NEVER),
        (response(409, "Conflict: terminated by other getUpdates request"), DeliveryCertainty.NEVER),
    ],
)
async def test_outcome(answer: httpx.Response | Exception, expected: DeliveryCertainty) -> None:
    assert certainty_of(await failure(answer)) is expected


@pytest.mark.parametrize(
    ("description", "kinds"),
    [
        ("Bad Request: message is not modified: specified new message content is the same", {is_benign}),
        ("Bad Request: query is too old and response timeout expired or query ID is invalid", {is_benign}),
        ("Bad Request: message to be replied not found", {is_benign, reply_lost}),
        ("Bad Request: can't parse entities: Unsupported start tag", {markup_refused}),
        ("Bad Request: chat not found", {bot_was_removed}),
        ("Bad Request: message is too long", set()),
    ],
)
async def test_kinds_of_bad_requests(description: str, kinds: set[Any]) -> None:
    error = await failure(response(400, description))
    assert {kind for kind in (is_benign, reply_lost, markup_refused, bot_was_removed) if kind(error)} == kinds


async def test_a_bot_was_removed_where_the_bot_is_not_welcome() -> None:
    assert bot_was_removed(await failure(response(403, "Forbidden: bot was kicked from the supergroup chat")))
    assert not bot_was_removed(await failure(httpx.ReadTimeout("")))
