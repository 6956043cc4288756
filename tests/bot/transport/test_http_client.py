"""What goes wrong between the bot and the Bot API, over real sockets, and what it says about the message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.transport.errors import DeliveryCertainty, certainty_of
from bot.transport.http_client import KeepAliveRequest, build_request, encode_parameters, endpoint
from tests.support.telegram import TOKEN, BotApi
from tests.support.telegram_http import serving


@asynccontextmanager
async def served(answer: bytes | None) -> AsyncIterator[str]:
    """Whoever asks gets this and is hung up on; None: neither."""

    ended: list[asyncio.Future[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ended.append(done)
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        done.set_result(None)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot"
        await asyncio.gather(*ended)


async def failure(url: str, **patience: Any) -> TelegramError:
    request = KeepAliveRequest(1)
    await request.initialize()
    try:
        with pytest.raises(TelegramError) as caught:
            await request.post(f"{url}{TOKEN}/sendMessage", **patience)
    finally:
        await request.shutdown()
    assert TOKEN not in repr(caught.value) + repr(caught.value.__cause__)
    return caught.value


@pytest.mark.parametrize(
    ("url", "server", "target"),
    [
        ("https://api.telegram.org/bot1:x/sendMessage", ("api.telegram.org", 443, True), "api.telegram.org"),
        ("https://Api.Telegram.org:443/bot1:x/sendMessage", ("api.telegram.org", 443, True), "api.telegram.org"),
        ("http://127.0.0.1:8081/bot1:x/sendMessage", ("127.0.0.1", 8081, False), "127.0.0.1:8081"),
        ("http://[::1]:8081/bot1:x/sendMessage", ("::1", 8081, False), "[::1]:8081"),
        ("http://机器人.test/bot1:x/sendMessage", ("xn--gmqz0qc7o.test", 80, False), "xn--gmqz0qc7o.test"),
    ],
)
def test_where_a_call_goes(url: str, server: tuple[str, int, bool], target: str) -> None:
    called = endpoint(url)
    assert called.server == server
    assert called.head.startswith(f"POST /bot1:x/sendMessage HTTP/1.1\r\nHost: {target}\r\n".encode())


@pytest.mark.parametrize("url", ["ftp://a/bot", "api.telegram.org/bot", "http:///bot", "http://a:b/bot"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(NetworkError, match="no http or https address"):
        endpoint(url)


HTML = b"<html>Bad Gateway</html>"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", DeliveryCertainty.UNCLEAR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", DeliveryCertainty.UNCLEAR),
        (b"no HTTP at all\r\n\r\n", DeliveryCertainty.UNCLEAR),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: %d\r\n\r\n%s" % (len(HTML), HTML), DeliveryCertainty.UNSENT),
    ],
)
async def test_an_answer_that_is_none(answer: bytes, expected: DeliveryCertainty) -> None:
    async with served(answer) as url:
        error = await failure(url)
    assert isinstance(error, NetworkError)
    assert certainty_of(error) is expected


async def test_nobody_answers_in_time() -> None:
    async with served(None) as url:
        error = await failure(url, read_timeout=0.1)
    assert isinstance(error, TimedOut)
    assert certainty_of(error) is DeliveryCertainty.UNCLEAR


async def test_nobody_is_there() -> None:
    async with served(b"") as url:
        pass
    assert certainty_of(await failure(url)) is DeliveryCertainty.UNSENT


async def test_no_connection_was_free() -> None:
    async with served(None) as url:
        request = KeepAliveRequest(1)
        await request.initialize()
        first = asyncio.create_task(request.post(f"{url}{TOKEN}/getMe", read_timeout=0.5))
        await asyncio.sleep(0.1)
        with pytest.raises(TimedOut) as caught:
            await request.post(f"{url}{TOKEN}/sendMessage", connect_timeout=0.1, pool_timeout=0.1)
        assert certainty_of(caught.value) is DeliveryCertainty.UNSENT
        with pytest.raises(TimedOut):
            await first
        await request.shutdown()


async def test_texts_and_files_arrive_as_they_are() -> None:
    api = BotApi()
    with serving(api) as url:
        async with Bot(TOKEN, url, request=build_request(2, None), get_updates_request=build_request(1, None)) as bot:
            await bot.send_message(7, "加息 & 降息 <b>100%</b> + 1\n=")
            await bot.send_document(7, b"\x00\xff{}", filename="数据.json", caption="您的数据")
    message, document = api.calls[-2:]
    assert message.parameters["text"] == "加息 & 降息 <b>100%</b> + 1\n="
    assert b"\x00\xff{}" in document.parameters.values()
    assert document.parameters["caption"] == "您的数据"


NESTED = st.recursive(
    st.text() | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.dictionaries(st.text(min_size=1), NESTED))
def test_whatever_is_sent_is_read_as_it_was(fields: dict[str, Any]) -> None:
    body = encode_parameters(RequestData([RequestParameter(name, value, None) for name, value in fields.items()]))
    assert json.loads(body) == fields
