from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.timestamp import is_plausible, parse_timestamp
from retrieval.model.documents import BEIJING


@pytest.mark.parametrize(
    ("written", "time"),
    [
        # numbers, the year first
        ("2025/07/01 08:00:00 +0800", "08:00"),
        ("2025/7/1 8:00:00 +0800", "08:00"),
        ("2025.07.01 08:00 +0800", "08:00"),
        ("2025-7-1 8:00", "08:00"),
        ("2025.7.1", "00:00"),
        ("2025/07/01", "00:00"),
        ("2025-07-01", "00:00"),
        ("2025/07/01T08:00:00Z", "16:00"),
        ("2025/07/01 08:00:00 UTC", "16:00"),
        ("2025-07-01 08:00:00 UTC", "16:00"),
        ("2025-07-01 08:00:00 GMT", "16:00"),
        ("2025-07-01 08:00:00 utc", "16:00"),
        ("2025-07-01 08:00:00UTC", "16:00"),
        ("2025-07-01T08:00:00Z", "16:00"),
        ("2025-07-01t08:00:00z", "16:00"),
        ("2025-07-01T08:00:00+08:00", "08:00"),
        ("2025-07-01T08:00:00+0800", "08:00"),
        ("2025-07-01T08:00:00.123+08:00", "08:00"),
        ("2025-07-01T08:00:00,5+08", "08:00"),
        ("2025-07-01T08:00Z", "16:00"),
        ("2025-07-01 08:00:00.0", "08:00"),
        ("2025-07-01T08:00:00 +08:00", "08:00"),
        ("2025-07-01 08:00 GMT+8", "08:00"),
        ("2025-07-01 08:00 UTC+08:00", "08:00"),
        ("2025-07-01 00:00 UTC-08:00", "16:00"),
        ("2025-07-01 08:00 北京时间", "08:00"),
        ("2025-07-01 08:00:00 Asia/Shanghai", "08:00"),
        ("2025-07-01, 08:00", "08:00"),
        ("2025-07-01 星期二 08:00", "08:00"),
        ("2025-07-01 8:00 PM", "20:00"),
        ("2025-07-01 下午8:00", "20:00"),
        ("２０２５－０７－０１ ０８：００", "08:00"),
        ("20250701", "00:00"),
        ("20250701T080000Z", "16:00"),
        ("20250701080000", "08:00"),
        ("1751328000", "08:00"),
        ("1751328000000", "08:00"),
        ("2025-07-01 08:00:00 +0800 CST", "08:00"),
        ("2025-07-01 00:00:00 +0000 UTC", "08:00"),
        ("2025-07-01 08:00:00 +0800 +0800", "08:00"),
        ("2025-07-01T08:00:00+08:00[Asia/Shanghai]", "08:00"),
        ("2025-07-01 00:00 (UTC)", "08:00"),
        ("2025-07-01 09:00 (UTC+9)", "08:00"),
        ("2025-07-01（星期二）08:00", "08:00"),
        ("20250701 08:00:00", "08:00"),
        # in Chinese
        ("周二, 01 7月 2025 00:00:00 +0000", "08:00"),
        ("星期二, 1 七月 2025 08:00:00 +0800", "08:00"),
        ("2025年7月1日 08:00:00 +0800", "08:00"),
        ("2025年07月01日 08:00:00 CST", "08:00"),
        ("2025年7月1日", "00:00"),
        ("2025年07月01日08:00", "08:00"),
        ("2025年7月1日 8时5分", "08:05"),
        ("2025年7月1日 8点", "08:00"),
        ("2025年7月1日 8时5分6秒", "08:05"),
        ("2025 年 7 月 1 日 08:00", "08:00"),
        ("2025年7月1日 星期二 下午3:30", "15:30"),
        ("2025年7月1日 上午12:30", "00:30"),
        ("2025年7月1日 中午12:30", "12:30"),
        ("2025年7月1日 晚8点", "20:00"),
        # months with names
        ("Tue, 01 Jul 2025 08:00:00 +0800", "08:00"),
        ("Tue, 1 Jul 2025 8:00:00 PM +0800", "20:00"),
        ("Tue, 01 Jul 2025 08:00:00 GMT", "16:00"),
        ("Tue, 01 Jul 2025 08:00:00 Z", "16:00"),
        ("Tue, 01 Jul 2025 00:00:00 PDT", "15:00"),
        ("Tue, 01 Jul 2025 08:00:00 CST", "08:00"),
        ("Tue, 01 Jul 2025 08:00:00", "08:00"),
        ("Tue,01 Jul 2025 08:00:00 +0800", "08:00"),
        ("Wed, 01 Jul 2025 08:00 +0800", "08:00"),
        ("01 Jul 25 08:00:00 +0800", "08:00"),
        ("1 July 2025", "00:00"),
        ("1st July 2025, 08:00", "08:00"),
        ("01-Jul-2025 08:00:00", "08:00"),
        ("July 1, 2025", "00:00"),
        ("Jul. 1, 2025 8:00 a.m.", "08:00"),
        ("July 1, 2025 at 8 PM", "20:00"),
        ("Tuesday, July 1, 2025 8:00 PM", "20:00"),
        ("Tue Jul 01 08:00:00 CST 2025", "08:00"),
        ("Tue Jul  1 08:00:00 2025", "08:00"),
        ("Tue Jul 01 2025 08:00:00 GMT+0800 (中国标准时间)", "08:00"),
        # the day first
        ("01-07-2025 08:00:00 GMT", "16:00"),
        ("01.07.2025 08:00", "08:00"),
        ("1.7.2025", "00:00"),
    ],
)
def test_one_day_in_many_spellings(written: str, time: str) -> None:
    found = parse_timestamp(written)
    assert found
    assert f"{found.astimezone(BEIJING):%Y-%m-%d %H:%M}" == f"2025-07-01 {time}"


@pytest.mark.parametrize(
    ("written", "day"),
    [("13/07/2025 08:00", "2025-07-13"), ("07/13/2025 08:00", "2025-07-13"), ("07/07/2025", "2025-07-07")],
)
def test_a_day_and_a_month_that_only_one_reading_allows(written: str, day: str) -> None:
    found = parse_timestamp(written)
    assert found
    assert f"{found.astimezone(BEIJING):%Y-%m-%d}" == day


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "1970-01-01",
        "0",
        "1900-01-01 00:00:00",
        "0001-01-01T00:00:00Z",
        "07/01/2025 08:00",
        "2025-07",
        "2025年7月",
        "2025",
        "07-01 08:00",
        "昨天 08:00",
        "3小时前",
        "2025-13-01",
        "2025-02-30",
        "2025-07-01 25:00",
        "2025-07-01 08:61",
        "2025-07-01 08:00 QXT",
        "2025-07-01 08:00 (somewhere)",
        "周二, 01 十三月 2025 08:00",
        "2025-07-01 08:00 +2500",
        "2025-07-01 08:00 and more",
        "0000-00-00 00:00:00",
        "25-07-01",
    ],
)
def test_no_date_is_guessed(written: str) -> None:
    assert parse_timestamp(written) is None


NOW = datetime(2025, 7, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "plausible"),
    [
        (NOW, True),
        (NOW + timedelta(hours=8), True),
        (NOW + timedelta(days=2), False),
        (datetime(2099, 7, 1, tzinfo=UTC), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(1998, 1, 1, tzinfo=UTC), True),
    ],
)
def test_what_can_have_been_published(time: datetime, plausible: bool) -> None:
    assert is_plausible(time, NOW) == plausible


@given(st.integers(700_000_000, 5_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_an_iso_time_is_read_as_it_is(seconds: int, minutes: int) -> None:
    time = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    assert parse_timestamp(time.isoformat()) == time


@given(st.text("0123456789-/.:年月日 TZ+APM", max_size=40) | st.text(max_size=120))
def test_anything_is_read_or_refused(written: str) -> None:
    found = parse_timestamp(written)
    assert found is None or found.tzinfo == UTC
