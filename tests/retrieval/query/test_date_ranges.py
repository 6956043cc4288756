import calendar
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.tokenizer import normalize
from retrieval.query import date_ranges
from retrieval.query.date_expressions import RULES, DateRange

TODAY = date(2025, 10, 15)  # a Wednesday
NUMERALS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
ENGLISH = calendar.month_name[1:]


def read(text: str, today: date = TODAY) -> list[tuple[str, str, str]]:
    """What is found as (text, since, until), open ends as ''."""
    text = normalize(text)
    return [
        (text[found.start : found.end], str(found.range.since or ""), str(found.range.until or ""))
        for found in date_ranges.find_dates(text, today)
    ]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("今天", "2025-10-15", "2025-10-15"),
        ("昨日", "2025-10-14", "2025-10-14"),
        ("前天", "2025-10-13", "2025-10-13"),
        ("本周", "2025-10-13", "2025-10-19"),
        ("这个星期", "2025-10-13", "2025-10-19"),
        ("上周", "2025-10-06", "2025-10-12"),
        ("上上周", "2025-09-29", "2025-10-05"),
        ("上周五", "2025-10-10", "2025-10-10"),
        ("本月", "2025-10-01", "2025-10-31"),
        ("上个月", "2025-09-01", "2025-09-30"),
        ("上季度", "2025-07-01", "2025-09-30"),
        ("今年", "2025-01-01", "2025-12-31"),
        ("前年", "2023-01-01", "2023-12-31"),
        ("今年上半年", "2025-01-01", "2025-06-30"),
        ("去年下半年", "2024-07-01", "2024-12-31"),
        ("去年12月", "2024-12-01", "2024-12-31"),
        ("第三季度", "2025-07-01", "2025-09-30"),
        ("四季度", "2025-10-01", "2025-12-31"),
        ("2025年Q3", "2025-07-01", "2025-09-30"),
        ("7月14日", "2025-07-14", "2025-07-14"),
        ("11月", "2024-11-01", "2024-11-30"),
        ("2月29日", "2024-02-29", "2024-02-29"),
        ("二〇二五年七月十四日", "2025-07-14", "2025-07-14"),
        ("２０２５年７月", "2025-07-01", "2025-07-31"),
        ("2025 年 7 月", "2025-07-01", "2025-07-31"),
        ("最近三天", "2025-10-12", "2025-10-15"),
        ("近一周", "2025-10-08", "2025-10-15"),
        ("過去兩個月", "2025-08-15", "2025-10-15"),
        ("最近半年", "2025-04-15", "2025-10-15"),
        ("最近半个月", "2025-09-30", "2025-10-15"),
        ("最近24小时", "2025-10-14", "2025-10-15"),
        ("2025年6月以来", "2025-06-01", ""),
        ("自6月起", "2025-06-01", ""),
        ("從2025年6月開始", "2025-06-01", ""),
        ("7月之前", "", "2025-06-30"),
        ("2024年至2025年", "2024-01-01", "2025-12-31"),
        ("2024-2025年", "2024-01-01", "2025-12-31"),
        ("2025年6月到8月", "2025-06-01", "2025-08-31"),
        ("2024年11月到2月", "2024-11-01", "2025-02-28"),
        ("6-8月", "2025-06-01", "2025-08-31"),
        ("7月14日到20日", "2025-07-14", "2025-07-20"),
        ("去年12月到今年2月", "2024-12-01", "2025-02-28"),
        ("today", "2025-10-15", "2025-10-15"),
        ("the day before yesterday", "2025-10-13", "2025-10-13"),
        ("last week", "2025-10-06", "2025-10-12"),
        ("last month", "2025-09-01", "2025-09-30"),
        ("last year", "2024-01-01", "2024-12-31"),
        ("last 3 days", "2025-10-12", "2025-10-15"),
        ("past two weeks", "2025-10-01", "2025-10-15"),
        ("the past year", "2024-10-15", "2025-10-15"),
        ("July", "2025-07-01", "2025-07-31"),
        ("Jul 2025", "2025-07-01", "2025-07-31"),
        ("July last year", "2024-07-01", "2024-07-31"),
        ("November", "2024-11-01", "2024-11-30"),
        ("May 3rd", "2025-05-03", "2025-05-03"),
        ("the third quarter of 2025", "2025-07-01", "2025-09-30"),
        ("2025Q3", "2025-07-01", "2025-09-30"),
        ("first half of this year", "2025-01-01", "2025-06-30"),
        ("since June", "2025-06-01", ""),
        ("since 2025-06-03", "2025-06-03", ""),
        ("after 2024", "2025-01-01", ""),
        ("2025 onwards", "2025-01-01", ""),
        ("before July", "", "2025-06-30"),
        ("until July", "", "2025-07-31"),
        ("from June to August 2025", "2025-06-01", "2025-08-31"),
        ("between 2024 and 2025", "2024-01-01", "2025-12-31"),
        ("2025-06..2025-08", "2025-06-01", "2025-08-31"),
    ],
)
def test_a_date(text: str, since: str, until: str) -> None:
    assert read(text) == [(normalize(text), since, until)]


@pytest.mark.parametrize(
    "text",
    [
        "2025-13",
        "3500",
        "1530.HK",
        "2025.07",
        "2020年代",
        "去年同期",
        "今日头条",
        "前三季度",
        "2000 yuan",
        "2000 元",
        "$2000",
        "登上月球",
        "6月龄",
        "两个月",
        "the first half",
        "Q5",
        "Q3-100",
        "FAQ2",
        "0001年",
        "3800年",
    ],
)
def test_no_date(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2025年13月", "2025-01-01", "2025-12-31"),
        ("2月30日", "2025-02-01", "2025-02-28"),
        ("July 32 2025", "2025-07-01", "2025-07-31"),
        ("2025-02-00", "2025-02-01", "2025-02-28"),
    ],
)
def test_around_a_date_that_does_not_exist(text: str, since: str, until: str) -> None:
    (found,) = date_ranges.find_dates(normalize(text), TODAY)
    assert found.unreal
    assert (str(found.range.since), str(found.range.until)) == (since, until)


def test_within_a_sentence() -> None:
    found = read("中科创星2024年跟进了多少，2025年7月呢")
    assert [text for text, _, _ in found] == ["2024年", "2025年7月"]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("2025", True),
        ("2024-2025", True),
        ("makers may profit", True),
        ("jul", True),
        ("in May", False),
        ("in 2024", False),
    ],
)
def test_what_may_be_something_else_is_bare(text: str, bare: bool) -> None:
    assert [found.bare for found in date_ranges.find_dates(normalize(text), TODAY)] == [bare]


def test_combine() -> None:
    year, july = DateRange(date(2025, 1, 1), date(2025, 12, 31)), DateRange(date(2025, 7, 1), date(2025, 7, 31))
    earlier = DateRange(date(2023, 1, 1), date(2023, 12, 31))
    assert date_ranges.combine([]) == DateRange()
    assert date_ranges.combine([year, july]) == july
    assert date_ranges.combine([DateRange(since=july.since), DateRange(until=year.until)]) == DateRange(
        july.since, year.until
    )
    assert date_ranges.combine([july, earlier]) == DateRange(earlier.since, july.until)
    assert date_ranges.combine([DateRange(until=earlier.until), DateRange(since=july.since)]) == DateRange()


DAYS: list[Callable[[date], str]] = [
    lambda day: f"{day}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year} 年 {day.month} 月 {day.day} 號",
    lambda day: f"{ENGLISH[day.month - 1]} {day.day}, {day.year}",
    lambda day: f"{day.day} {ENGLISH[day.month - 1][:3]} {day.year}",
]
MONTHS: list[Callable[[date], str]] = [
    lambda day: f"{day:%Y-%m}",
    lambda day: f"{day.year}/{day.month}",
    lambda day: f"{day.year}年{day.month}月",
    lambda day: f"{day.year}年{day.month}月份",
    lambda day: (
        f"{''.join(NUMERALS[digit] for digit in str(day.year))}年{'十' * (day.month >= 10)}"
        f"{NUMERALS[str(day.month % 10)].replace('〇', '')}月"
    ),
    lambda day: f"{ENGLISH[day.month - 1]} {day.year}",
    lambda day: f"{ENGLISH[day.month - 1][:3]}. {day.year}",
]
past = st.dates(date(1990, 1, 1), TODAY)


def test_every_spelling_of_a_day_gives_it_back() -> None:
    @given(past, st.sampled_from(DAYS))
    def one(day: date, spell: Callable[[date], str]) -> None:
        text = spell(day)
        assert read(text) == [(normalize(text), str(day), str(day))]

    @given(
        past, past, st.sampled_from(DAYS), st.sampled_from(["{}到{}", "{} to {}", "from {} to {}", "between {} and {}"])
    )
    def two(first: date, last: date, spell: Callable[[date], str], form: str) -> None:
        first, last = sorted([first, last])
        text = form.format(spell(first), spell(last))
        assert read(text) == [(normalize(text), str(first), str(last))]

    @given(past, st.sampled_from(DAYS))
    def opened(day: date, spell: Callable[[date], str]) -> None:
        assert read(f"since {spell(day)}")[0][1:] == (str(day), "")
        assert read(f"{spell(day)}以来")[0][1:] == (str(day), "")
        assert read(f"before {spell(day)}")[0][1:] == ("", str(day - timedelta(1)))

    one()
    two()
    opened()


@given(past, st.sampled_from(MONTHS))
def test_every_spelling_of_a_month_gives_it_back(day: date, spell: Callable[[date], str]) -> None:
    first = day.replace(day=1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    text = spell(day)
    assert read(text) == [(normalize(text), str(first), str(last))]


PIECES = [
    "2025",
    "13",
    "年",
    "月",
    "7",
    "日",
    "到",
    "-",
    "to",
    "since",
    "may",
    "q3",
    "上",
    "周",
    "近",
    "三",
    "个",
    "以来",
    "之前",
    " ",
]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text(text: str) -> None:
    text, end = " ".join(normalize(text).split()), 0
    for found in date_ranges.find_dates(text, TODAY):
        assert end <= found.start < found.end <= len(text)
        assert not (found.range.since and found.range.until) or found.range.since <= found.range.until
        end = found.end


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("8月", ["2025-08-01 2025-08-31", "2024-08-01 2024-08-31"]),
        ("second quarter", ["2025-04-01 2025-06-30", "2024-04-01 2024-06-30"]),
        ("Q2", ["2025-04-01 2025-06-30", "2024-04-01 2024-06-30"]),
        ("December", ["2024-12-01 2024-12-31", "2023-12-01 2023-12-31"]),
        ("12月到2月", ["2024-12-01 2025-02-28", "2023-12-01 2024-02-29"]),
        ("2月29日", ["2024-02-29 2024-02-29", "2020-02-29 2020-02-29"]),
        ("since June", ["2025-06-01 None", "2024-06-01 None"]),
        ("7月之前", ["None 2025-06-30", "None 2024-06-30"]),
    ],
)
def test_without_a_year_it_may_be_that_of_an_earlier_one(text: str, ranges: list[str]) -> None:
    (found,) = date_ranges.find_dates(normalize(text), TODAY)
    assert [f"{span.since} {span.until}" for span in found.ranges][:2] == ranges


@pytest.mark.parametrize("text", ["2025年8月", "上周", "last quarter", "this month", "去年12月到今年2月", "2024"])
def test_a_date_that_says_its_year_is_one(text: str) -> None:
    (found,) = date_ranges.find_dates(normalize(text), TODAY)
    assert len(found.ranges) == 1


@given(
    st.sampled_from(["8月", "{m}月", "{m}月{d}日", "第2季度", "上半年", "august", "{m}月到{n}月", "since july"]),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 31),
    st.dates(date(1950, 1, 1), date(2090, 1, 1)),
)
def test_the_years_of_a_date_without_one_go_back_and_none_lies_ahead(
    form: str, month: int, until: int, day: int, today: date
) -> None:
    for found in date_ranges.find_dates(form.format(m=month, n=until, d=day), today):
        starts = [span.since for span in found.ranges if span.since]
        assert len(found.ranges) > 1
        assert starts == sorted(set(starts), reverse=True)
        assert all(start <= today for start in starts)
        assert all(span.since <= span.until for span in found.ranges if span.since and span.until)


PERIOD_PIECES = """
    2025 2024 7 12 31 3 一 二 十 年 月 日 号 季度 半年 上 下 第 q3 h1 - / . to 到 至 今年 去年 前年 今天 昨日 上周
    星期 礼拜 五 这个 最近 近 过去 几 两 天 小时 may march sept oct december the of in this last past recent few couple
    first second half quarter year month week day days today yesterday before 度 元 增长 growth
"""


@given(st.text() | st.lists(st.sampled_from([*PERIOD_PIECES.split(), " ", " "]), max_size=8).map("".join))
def test_what_a_form_needs_stands_in_all_that_it_matches(text: str) -> None:
    text = normalize(text)
    for needed, form, _ in RULES:
        assert needed(text) or not form.search(text)
