"""Hours, days and zones as people say them: what is meant comes out, and what is not understood is asked back."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.clock import LOOKS_LIKE_TIME, read_clock
from bot.digest.schedule import DEFAULT_SCHEDULE, Schedule
from bot.digest.schedule_finder import find_schedule
from bot.digest.subscribe_parser import parse_command
from bot.render.i18n import LANGUAGES, say_in
from bot.render.time_zones import ZONE_NAMES, zone_called, zone_label

HAN = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
ENGLISH = ["twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
MINUTES = {0: "", 15: "一刻", 30: "半", 45: "三刻"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("晚上八点", "20:00"), ("早上八点半", "08:30"), ("下午三点一刻", "15:15"), ("晚上十二点", "00:00"),
        ("晚8点", "20:00"), ("早8点", "08:00"), ("晚8点半", "20:30"), ("中午", "12:00"), ("中午一点", "13:00"),
        ("夜里两点", "02:00"),
        ("凌晨12点", "00:00"), ("二十点", "20:00"), ("八点零五分", "08:05"), ("上午9:40", "09:40"),
        ("晚九点十分", "21:10"),
        ("noon", "12:00"), ("at noon", "12:00"), ("midnight", "00:00"), ("0730", "07:30"), ("7.30", "07:30"),
        ("half past nine", "09:30"), ("half nine", "09:30"), ("quarter to ten", "09:45"), ("quarter to one", "12:45"),
        ("ten past eight in the evening", "20:10"), ("seven thirty pm", "19:30"), ("nine o'clock", "09:00"),
        ("at 9", "09:00"), ("8 PM", "20:00"), ("8:30 p.m.", "20:30"), ("12 am", "00:00"), ("12 pm", "12:00"),
        ("8h30", "08:30"), ("1830", "18:30"),
    ],
)  # fmt: skip
def test_hours_as_they_are_said(said: str, meant: str) -> None:
    assert read_clock(said) == time.fromisoformat(meant)


@pytest.mark.parametrize(
    "said", ["9", "2025", "2030", "25点", "13:75", "half past thirteen", "0799", "seven", "要点", "芯片", ""]
)
def test_what_is_no_hour(said: str) -> None:
    assert read_clock(said) is None


@given(st.integers(1, 11), st.sampled_from(sorted(MINUTES)))
def test_chinese_hours_of_the_whole_day(hour: int, minute: int) -> None:
    for word, number in ((HAN[hour], hour), (str(hour), hour)):
        said = f"{word}点{MINUTES[minute]}"
        assert read_clock(f"上午{said}") == time(number, minute)
        assert read_clock(f"下午{said}") == time(number + 12, minute)
        assert read_clock(said) == time(number, minute)


@given(st.integers(1, 11), st.integers(0, 59))
def test_english_hours_of_the_whole_day(hour: int, minute: int) -> None:
    assert read_clock(f"{hour}:{minute:02} am") == time(hour, minute)
    assert read_clock(f"{hour}:{minute:02}pm") == time(hour + 12, minute)
    assert read_clock(f"half past {ENGLISH[hour]}") == time(hour, 30)
    assert read_clock(f"quarter to {ENGLISH[hour + 1]} in the evening") == time((hour + 12) % 24, 45)


@given(st.times())
def test_digits_read_as_they_are_printed(at: time) -> None:
    assert read_clock(f"{at:%H:%M}") == at.replace(second=0, microsecond=0)


@given(st.text(max_size=30))
def test_anything_can_be_read(text: str) -> None:
    read_clock(text)
    LOOKS_LIKE_TIME.fullmatch(text)
    assert parse_command(text, DEFAULT_SCHEDULE).schedule.days
    if found := find_schedule(text):
        assert found[0] in text


@given(st.sampled_from(sorted(ZONE_NAMES)), st.integers(0, 23), st.booleans())
def test_zones_have_names_in_both_languages(zone: str, hour: int, first: bool) -> None:
    names = [name.replace("_", " ") for name in ZONE_NAMES[zone].split()]
    han, latin = [name for name in names if not name.isascii()], [name for name in names if name.isascii()]
    name = han[0] if first else latin[0]
    command = parse_command(f"芯片 {hour:02}:00 {name}", DEFAULT_SCHEDULE)
    assert (command.subject, command.schedule) == ("芯片", Schedule("daily", time(hour), zone))
    for language in LANGUAGES:
        assert zone_called(zone_label(zone, say_in(language)).partition("（")[0].replace("ã", "a")) == zone


@pytest.mark.parametrize(
    ("written", "subject", "days", "hour", "zone"),
    [
        ("数据要素 每天晚上九点半 纽约时间", "数据要素", "daily", "21:30", "America/New_York"),
        ("原始创新 每天晚上九点半纽约时间", "原始创新", "daily", "21:30", "America/New_York"),
        ("芯片 21:30 香港", "芯片", "daily", "21:30", "Asia/Hong_Kong"),
        ("芯片 香港", "芯片 香港", "daily", "07:30", "Asia/Shanghai"),
        ("香港 8点", "香港", "daily", "08:00", "Asia/Shanghai"),
        ("chips 7am Pacific", "chips", "daily", "07:00", "America/Los_Angeles"),
        ("chips every day at half past nine London time", "chips", "daily", "09:30", "Europe/London"),
        ("chips every evening at eight", "chips", "daily", "20:00", "Asia/Shanghai"),
        ("chips on Mondays at 9", "chips", "mon", "09:00", "Asia/Shanghai"),
        ("储能 每晚八点", "储能", "daily", "20:00", "Asia/Shanghai"),
        ("每天早上八点 储能", "储能", "daily", "08:00", "Asia/Shanghai"),
        ("储能 每周一早上八点半", "储能", "mon", "08:30", "Asia/Shanghai"),
        ("上班时间", "上班时间", "daily", "07:30", "Asia/Shanghai"),
        ("Monday blues", "Monday blues", "daily", "07:30", "Asia/Shanghai"),
    ],
)
def test_a_subscription_with_hours_and_zones(written: str, subject: str, days: str, hour: str, zone: str) -> None:
    command = parse_command(written, DEFAULT_SCHEDULE)
    assert not command.mistaken
    assert (command.subject, command.schedule) == (subject, Schedule(days, time.fromisoformat(hour), zone))


@pytest.mark.parametrize(
    ("written", "mistaken"),
    [
        ("储能 25点", "25点"),
        ("储能 21:30 火星时间", "火星时间"),
        ("储能 每两天", "每两天"),
        ("储能 早上", "早上"),
        ("storage hourly", "hourly"),
        ("storage every other day", "every other day"),
        ("chips half past thirteen", "half past thirteen"),
        ("chips utc+8", "utc+8"),
    ],
)
def test_what_looks_like_a_time_and_is_not_understood_is_asked_back(written: str, mistaken: str) -> None:
    assert parse_command(written, DEFAULT_SCHEDULE).mistaken == mistaken


@pytest.mark.parametrize(
    ("text", "schedule", "rest"),
    [
        ("每天早上八点推送储能", "每天早上八点", "推送储能"),
        ("储能的消息每天早上八点推给我", "每天早上八点", "储能的消息推给我"),
        ("every day at 8 am send me chips", "every day at 8 am", "send me chips"),
        ("改成9点", "9点", "改成"),
        ("9点半", "9点半", ""),
    ],
)
def test_a_schedule_is_found_anywhere(text: str, schedule: str, rest: str) -> None:
    assert find_schedule(text) == (schedule, rest)
