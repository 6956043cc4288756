"""Only what Telegram signed of a person, within the hour, names them."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.page.init_data import MiniAppUser, check_init_data
from tests.support.telegram import TOKEN

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
USER = {"id": 7, "first_name": "李 & <b>", "language_code": "zh-hans"}


def signed(token: str = TOKEN, at: datetime = NOW, **fields: str) -> str:
    values = {"auth_date": str(int(at.timestamp())), "user": json.dumps(USER), "query_id": "AA"} | fields
    text = "\n".join(f"{name}={value}" for name, value in sorted(values.items()))
    secret = hmac.digest(b"WebAppData", token.encode(), sha256)
    return urlencode(values | {"hash": hmac.new(secret, text.encode(), sha256).hexdigest()})


def test_a_person_whom_telegram_named_is_known() -> None:
    init_data = signed()
    signature = dict(parse_qsl(init_data))["hash"]
    assert check_init_data(init_data, TOKEN, NOW) == MiniAppUser(7, "zh-hans", signature)
    assert check_init_data(signed(at=NOW - timedelta(minutes=59)), TOKEN, NOW)
    assert check_init_data(signed(signature="of the third party"), TOKEN, NOW)


@pytest.mark.parametrize(
    "init_data",
    [
        "",
        "hash=",
        signed(token="1:other"),
        signed(at=NOW - timedelta(minutes=61)),
        signed(at=NOW + timedelta(minutes=6)),
        signed() + "&user=%7B%22id%22%3A8%7D",
        signed().replace("%22id%22%3A+7", "%22id%22%3A+8"),
        signed() + "&extra=1",
        signed(auth_date="soon"),
        signed(auth_date="-5"),
        signed(auth_date="9" * 400),
        signed(user="null"),
        signed(user="[7]"),
        signed(user='{"id": "7"}'),
        signed(user='{"id": true}'),
        signed(user='{"id": -7}'),
        signed(user="{"),
        signed()[:-1] + "é",
        "x" * 100_000,
    ],
)
def test_what_is_forged_old_or_odd_names_nobody(init_data: str) -> None:
    assert check_init_data(init_data, TOKEN, NOW) is None


def test_without_a_token_nobody_is_known() -> None:
    assert check_init_data(signed(token=""), "", NOW) is None


@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert check_init_data(text, TOKEN, NOW) is None
