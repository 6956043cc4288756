"""As deployed: Telegram posts over TLS to Debian's nginx with deploy/nginx.conf, and that passes on to the bot."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bot.transport.test_webhook import free
from tests.support.nginx import HOST, LACKING, Nginx, nginx
from tests.support.process import PATIENCE, copied, running
from tests.support.telegram import BotApi, Updates
from tests.support.telegram_http import serving

PATH = "/hook-x7"

pytestmark = pytest.mark.skipif(
    bool(LACKING), reason=f"NOT TESTED: the bot behind nginx; apt-get install {' '.join(LACKING)}"
)


def poster(api: BotApi, proxy: Nginx) -> Callable[..., httpx.Response]:
    """Telegram's way in, the certificate checked as it does."""

    def post(update: dict[str, Any], path: str = PATH, method: str = "POST", **headers: str) -> httpx.Response:
        told = {"Host": HOST, "X-Telegram-Bot-Api-Secret-Token": api.webhook.get("secret_token", "")} | headers
        with httpx.Client(verify=proxy.trust, trust_env=False) as client:
            return client.request(
                method, f"https://127.0.0.1:{proxy.port}{path}", json=update, headers=told,
                extensions={"sni_hostname": HOST},
            )  # fmt: skip

    return post


@pytest.mark.parametrize("kind", ["port", "socket"])
def test_a_question_is_answered_through_nginx_and_nothing_else_comes_in(kind: str, data: Path, tmp_path: Path) -> None:
    api, updates, own = BotApi(), Updates(), copied(data, tmp_path / "own")
    place = f"unix:{tmp_path}/bot.sock" if kind == "socket" else free()
    where = {"ZHIDIAN_WEBHOOK_URL": f"https://{HOST}{PATH}", "ZHIDIAN_WEBHOOK_LISTEN": place}
    with nginx(tmp_path / "nginx", PATH, place) as proxy, serving(api) as url:
        post = poster(api, proxy)
        assert post(updates.private("too early")).status_code == 502  # Telegram tries that again
        with running(own, url, tmp_path / "log", **where):
            assert api.wait_until(lambda: bool(api.webhook), PATIENCE)
            question, deadline = updates.private("怀柔科学城面积多大?"), time.monotonic() + PATIENCE
            while post(question).status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert post(question).status_code == 200  # a second time, as Telegram does when it has not heard the first
            forged = {"X-Telegram-Bot-Api-Secret-Token": "guessed"}
            assert post(updates.private("forged"), **forged).status_code == 403
            assert post(updates.private("elsewhere"), path="/").status_code == 404
            assert post(updates.private("asked"), method="GET").status_code == 403
            long = updates.private("长" * 4096)
            assert post(long).status_code == 200
            assert api.wait_until(lambda: len(api.arrived()) == 2, PATIENCE)
    assert "100.9" in api.arrived()[0].text
    assert len(api.arrived()) == 2
    assert "[emerg]" not in proxy.log.read_text("utf-8")
