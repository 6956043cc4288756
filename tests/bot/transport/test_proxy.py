"""Behind a wall: both of python-telegram-bot's clients take the proxy, for real."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from tests.support.proxies import proxy
from tests.support.telegram import TOKEN, BotApi, Updates
from tests.support.telegram_http import serving


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_both_clients_take_the_proxy(scheme: str, services: Services, tmp_path: Path) -> None:
    api = BotApi()
    api.deliver(Updates().private("?"))
    with serving(api) as url, proxy(scheme) as way:
        settings = Settings(token=SecretStr(TOKEN), data=tmp_path, api_url=url, proxy=SecretStr(way.url))
        parts = app.assemble(settings, services, limits=UNLIMITED)
        async with parts.application as application:
            assert way.forwarded == 1
            [update] = await parts.bot.fetch_updates(None, 0, [])
            assert way.forwarded == 2
            await application.bot.send_message(7, "!")
            assert way.forwarded == 2  # the first client's connection, kept
    assert update["update_id"] == 9001
    assert [call.method for call in api.calls] == ["getMe", "sendMessage"]


async def test_a_password_of_the_proxy_is_nobody_s_to_read() -> None:
    settings = Settings(proxy=SecretStr("http://me:s3cret@127.0.0.1:1"))
    assert "s3cret" not in repr(settings)
