"""SIGKILL in the middle of a delivery run of the real process: nobody gets a digest twice, nobody none unlisted."""

from pathlib import Path

from bot.delivery.dispatcher import MAX_SENDS_AT_ONCE
from tests.support.digest_load import killed
from tests.support.process import copied
from tests.support.telegram import BotApi
from tests.support.telegram_http import serving


def test_ten_kills_double_nothing_and_lose_nothing_unlisted(data: Path, tmp_path: Path) -> None:
    api = BotApi()
    folder = copied(data, tmp_path / "data")
    with serving(api) as url:
        count = killed(api, url, folder, tmp_path / "log", readers=200, kills=10)
    assert not count.doubled, str(count)
    assert not count.unlisted, str(count)
    assert len(count.uncertain) <= sum(count.in_flight), str(count)
    assert max(count.in_flight) <= MAX_SENDS_AT_ONCE
