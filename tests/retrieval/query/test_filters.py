from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING
from retrieval.model.results import UnrealDate
from retrieval.query.entity_mentions import NameMatcher
from retrieval.query.filters import QueryFilters, parse_filters

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)
TOPICS = ("冰雪经济", "AI Chips")
JULY = {"since": date(2025, 7, 1), "until": date(2025, 7, 31)}
YEAR = {"since": date(2024, 1, 1), "until": date(2024, 12, 31)}
LAST_WEEK: dict[str, Any] = {"since": date(2025, 10, 6), "until": date(2025, 10, 12)}
DAILY: dict[str, Any] = {"outlets": ("经济日报",)}


def read(question: str) -> QueryFilters:
    return parse_filters(question, NOW, TOPICS)


def favoured(found: dict[str, Any]) -> dict[str, Any]:
    return {f"favoured_{name}": value for name, value in found.items()}


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("创新药 经济日报 2025年7月", "创新药", DAILY | JULY),
        ("创新药，经济日报，2025年7月", "创新药", DAILY | JULY),
        ("經濟日報2025年7月 創新藥", "創新藥", DAILY | JULY),
        ("创新药 《经济日报》 2025年7月", "创新药", DAILY | JULY),
        ("经济日报 2025-07", "", DAILY | JULY),
        ("Jing Ji Ri Bao 2025-07 创新药", "创新药", DAILY | JULY),
        ("芯片 2025-07 出口", "芯片 出口", JULY),
        ("Economic Daily July 2025", "", DAILY | JULY),
        ("Economic Daily chips July 2025", "chips", DAILY | JULY),
        ("chips, July 2025, Shenzhen", "chips Shenzhen", JULY),
        ("chips since July 2025", "chips", {"since": date(2025, 7, 1)}),
        ("People’s Daily chips", "chips", {"outlets": ("人民日报",)}),
        ("subsidy 2024", "subsidy", YEAR),
        ("in 2024", "", YEAR),
        ("2024", "", YEAR),
        ("上周？", "", LAST_WEEK),
        ("2024年 中科创星跟进了多少个项目？", "中科创星跟进了多少个项目？", YEAR),
        ("创新药卖了多少钱？ 经济日报", "创新药卖了多少钱", DAILY),
    ],
)
def test_what_stands_apart_filters(question: str, text: str, found: dict[str, Any]) -> None:
    assert read(question) == QueryFilters(text, **found)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("中科创星2024年跟进了多少个项目，都是什么方向？", YEAR),
        ("中科创星 2024 年跟进了多少个项目", YEAR),
        ("经济日报说创新药卖了多少", DAILY),
        ("《经济日报》说创新药卖了多少", DAILY),
        ("据 经济日报 报道 芯片", DAILY),
        ("2024年，科创债发行规模创新高了", YEAR),
        ("what did Economic Daily write about chips in July 2025?", DAILY | JULY),
        ("Economic Daily chips?", DAILY),
        ("chips in 2024", YEAR),
        ("chips July 2025 Shenzhen", JULY),
        ("Economic Daily's chips", DAILY),
    ],
)
def test_within_a_sentence_it_only_raises(question: str, found: dict[str, Any]) -> None:
    assert read(question) == QueryFilters(question, **favoured(found))


@pytest.mark.parametrize("question", ["经济日报上周说了什么？", "What did Economic Daily say last week?"])
def test_a_sentence_that_asks_for_nothing_else_filters(question: str) -> None:
    assert read(question) == QueryFilters("", **(DAILY | LAST_WEEK))


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("outlet:经济日报 芯片", "芯片", DAILY),
        ("芯片 來源：經濟日報", "芯片", DAILY),
        ("OUTLET: Economic Daily chips", "chips", DAILY),
        ('outlet:"Jing Ji Ri Bao" date:"July 2025" chips', "chips", DAILY | JULY),
        ("媒体:「经济日报」 时间：2025年7月 它说了什么", "它说了什么", DAILY | JULY),
        ("outlet:江湖小报 芯片", "芯片", {"outlets": ("江湖小报",)}),
        ("date:2024 中科创星跟进了多少？", "中科创星跟进了多少？", YEAR),
        ("日期：上周 芯片", "芯片", LAST_WEEK),
        ("date:2026", "", {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}),
        ("topic:ai chips exports", "exports", {"topics": ("AI Chips",)}),
        ("话题：冰雪经济 吉林", "吉林", {"topics": ("冰雪经济",)}),
        ("topic:冰雪经济 topic:光伏 outlet:经济日报", "", {"topics": ("冰雪经济", "光伏")} | DAILY),
        ("since:2025-07 chips", "chips", {"since": date(2025, 7, 1)}),
        ("until:2025-07 chips", "chips", {"until": date(2025, 7, 31)}),
        ("date:soon chips", "date:soon chips", {}),
        ("时间:5分钟 chips", "时间:5分钟 chips", {}),
        ("outlet:", "outlet:", {}),
    ],
)
def test_written_out_it_filters(question: str, text: str, found: dict[str, Any]) -> None:
    assert read(question) == QueryFilters(text, **found)


@pytest.mark.parametrize("operator", ["date:", "日期：", "since:", "until: "])
@pytest.mark.parametrize(
    "written", ["2025-13", "2025-99", "2025-02-30", "2025/2/30", "2025年2月30日", "31 june 2025", "20250230", "1850"]
)
def test_a_date_that_does_not_exist_is_no_word_and_no_filter(operator: str, written: str) -> None:
    assert read(f"{operator}{written} chips") == QueryFilters("chips", unreal_dates=(UnrealDate(written),))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("chips 2025-06-31", "2025-06-31"),
        ("芯片 2025年6月31日", "2025年6月31日"),
        ("what did chips cost on 31 june 2025?", "31 june 2025"),
        ("how did chips do on june 31, 2025?", "june 31, 2025"),
    ],
)
def test_of_a_day_that_does_not_exist_the_month_counts(question: str, asked: str) -> None:
    found = read(question)
    assert found.unreal_dates == (UnrealDate(asked, date(2025, 6, 1), date(2025, 6, 30)),)
    assert date(2025, 6, 1) in (found.since, found.favoured_since)


def test_of_a_month_that_does_not_exist_the_year_counts() -> None:
    assert read("芯片 2024年13月") == QueryFilters(
        "芯片",
        since=date(2024, 1, 1),
        until=date(2024, 12, 31),
        unreal_dates=(UnrealDate("2024年13月", date(2024, 1, 1), date(2024, 12, 31)),),
    )


@pytest.mark.parametrize("question", ["2024-25 season", "in may 45 firms listed", "rule 2025-13", "13月"])
def test_what_only_looks_like_such_a_date(question: str) -> None:
    assert read(question).unreal_dates == ()


@given(st.integers(1, 12), st.integers(0, 99))
def test_a_day_behind_date_filters_or_is_refused(month: int, day: int) -> None:
    written = f"2024-{month:02}-{day:02}"
    found = read(f"date:{written} chips")
    assert found.text == "chips"
    if 1 <= day <= monthrange(2024, month)[1]:
        assert found.since == found.until == date(2024, month, day)
    else:
        assert found.unreal_dates == (UnrealDate(written),)


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("冰雪经济", "", {"topics": ("冰雪经济",)}),
        ("冰雪經濟？", "", {"topics": ("冰雪经济",)}),
        ("ai  chips", "", {"topics": ("AI Chips",)}),
        ("冰雪经济 2025年7月", "", {"topics": ("冰雪经济",)} | JULY),
        ("冰雪经济在吉林怎么样", "冰雪经济在吉林怎么样", {}),
    ],
)
def test_a_topic_filters_alone(question: str, text: str, found: dict[str, Any]) -> None:
    assert read(question) == QueryFilters(text, **found)


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ('"Patient Capital" funds', "Patient Capital funds", {"phrases": ("Patient Capital",)}),
        ("funds “Patient Capital”", "funds Patient Capital", {"phrases": ("Patient Capital",)}),
        ('"in July 2025" funds', "in July 2025 funds", {"phrases": ("in July 2025",)}),
        ("什么是“反内卷”？", "什么是“反内卷”？", {}),
        ("「慢牛」 行情 『硬科技』 《规划》", "「慢牛」 行情 『硬科技』 《规划》", {}),
        ('"经济日报" 芯片', "芯片", DAILY),
        ("芯片 -上海", "芯片", {"excluded": ("上海",)}),
        ("芯片 －上海, 出口", "芯片 , 出口", {"excluded": ("上海",)}),
        ('-"Patient Capital" funds -「慢牛」', "funds", {"excluded": ("Patient Capital", "慢牛")}),
        ('-"" -“ ” chips', '-"" chips', {}),
        ("PET-CT 2023 -2025 a - b", "PET-CT 2023 -2025 a - b", {}),
    ],
)
def test_phrases_and_exclusions(question: str, text: str, found: dict[str, Any]) -> None:
    assert read(question) == QueryFilters(text, **found)


@pytest.mark.parametrize(
    "question", ["光伏目标 2030年", "3500", "2000 yuan subsidy", "companies may profit", "latest news"]
)
def test_numbers_and_years_to_come_are_words(question: str) -> None:
    assert read(question) == QueryFilters(question)


def test_days_are_those_of_beijing() -> None:
    evening = datetime(2025, 10, 14, 17, tzinfo=UTC)
    assert parse_filters("今天", evening, ()).since == date(2025, 10, 15)


PIECES = [
    "经济日报",
    "2025年7月",
    "outlet:",
    "date:",
    "topic:",
    "-",
    '"',
    "“",
    "”",
    "《",
    "》",
    "?",
    "，",
    " ",
    "芯片",
    "chips",
    "in",
    "2025",
    "may",
    "冰雪经济",
    "since",
    "-上海",
    "’",
]


@given(
    st.text() | st.lists(st.sampled_from(PIECES)).map("".join),
    st.integers(0, 10**5).map(lambda hours: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=17 * hours)),
)
def test_any_text(question: str, now: datetime) -> None:
    found = parse_filters(question, now, TOPICS)
    for since, until in [(found.since, found.until), (found.favoured_since, found.favoured_until)]:
        assert since is None or until is None or since <= until
    assert found.text == " ".join(found.text.split())
    assert all([*found.outlets, *found.topics, *found.phrases, *found.excluded, *found.favoured_outlets])


WORDS = [
    "芯片",
    "补贴",
    "上海",
    "怎么样？",
    "R&D",
    "chips",
    "subsidy",
    "what",
    "of",
    "PET-CT",
    "「慢牛」",
    "3.5%",
    "420亿元",
    "《规划》",
    "it's，",
]
words = st.lists(st.sampled_from(WORDS))


@given(words, st.sampled_from([" ", "  ", "\n", "\u3000"]))
def test_without_filters_the_text_comes_back(words: list[str], space: str) -> None:
    assert read(space.join(words)) == QueryFilters(" ".join(words))


@given(words, st.lists(st.from_regex(r"[a-z]{3,8}|[光电]{2,4}", fullmatch=True), unique=True), words)
def test_excluded_words_do_not_remain(before: list[str], excluded: list[str], after: list[str]) -> None:
    excluded = [word for word in excluded if word not in WORDS]
    found = read(" ".join([*before, *(f"-{word}" for word in excluded), *after]))
    assert found == QueryFilters(" ".join([*before, *after]), excluded=tuple(excluded))


@pytest.mark.parametrize(
    "question",
    [
        "second quarter nominal GDP growth",
        "energy storage capacity August",
        "储能 8月",
        "储能，6月到8月",
        "Q2 GDP growth",
    ],
)
def test_a_date_without_a_year_only_raises(question: str) -> None:
    found = read(question)
    assert (found.text, found.since, found.until) == (question, None, None)
    assert found.favoured_since


@pytest.mark.parametrize(
    "question", ["8月", "8月有什么新闻？", "what was reported in August?", "冰雪经济 8月", "date:8月"]
)
def test_a_date_without_a_year_filters_where_nothing_else_is_asked(question: str) -> None:
    found = read(question)
    assert (found.text, found.since, found.until) == ("", date(2025, 8, 1), date(2025, 8, 31))


@given(st.sampled_from(["储能 8月", "8月", "date:8月 储能", "冰雪经济 8月"]), st.integers(2018, 2025))
def test_it_means_the_last_one_that_has_documents(question: str, year: int) -> None:
    august = DocumentFilter(since=date(year, 8, 1), until=date(year, 8, 31))

    def has_documents(wanted: DocumentFilter) -> bool:
        return wanted == replace(august, topics=wanted.topics)

    found = parse_filters(question, NOW, TOPICS, has_documents)
    assert {found.since, found.favoured_since} == {None, august.since}
    assert {found.until, found.favoured_until} == {None, august.until}


OTHER_NAMES = {"snow economy": "冰雪经济", "Ice and snow economy": "冰雪经济", "AI Chips": "人工智能"}


@pytest.mark.parametrize(
    ("question", "text", "topic"),
    [
        ("topic:snow economy hotels", "hotels", "冰雪经济"),
        ('topic:"ICE and snow economy" 酒店', "酒店", "冰雪经济"),
        ("hotels topic:Snow Economy", "hotels", "冰雪经济"),
        ("topic:AI Chips", "", "AI Chips"),  # a topic's own name goes before another's other one
    ],
)
def test_a_topic_has_names_in_both_languages(question: str, text: str, topic: str) -> None:
    assert parse_filters(question, NOW, TOPICS, other_names=OTHER_NAMES) == QueryFilters(text, topics=(topic,))


def test_words_that_are_also_a_topic_s_other_name_are_asked_about() -> None:
    assert parse_filters("snow economy", NOW, TOPICS, other_names=OTHER_NAMES) == QueryFilters("snow economy")


@given(st.dictionaries(st.text("ab1' 研发", min_size=1, max_size=4), st.just("x")), st.text("ab1' 研发", max_size=8))
def test_the_longest_name_at_a_place_in_whole_words(names: dict[str, str], text: str) -> None:
    def within(at: int) -> bool:
        return 0 < at < len(text) and text[at - 1 : at + 1].isascii() and text[at - 1 : at + 1].isalnum()

    for at in range(len(text) + 1):
        there = [name for name in names if text.startswith(name, at) and not within(at) and not within(at + len(name))]
        assert NameMatcher(names).longest(text, at) == max(map(len, there), default=0)
        assert at in NameMatcher(names).beginnings(text) or not there


@pytest.mark.parametrize("question", ["topic:储能 补贴", 'topic:"energy storage" 补贴', "topic:energy storage 补贴"])
def test_a_part_of_a_topic_s_name_names_it(question: str) -> None:
    names = {"new-type energy storage": "新型储能", "data elements": "数据要素"}
    found = parse_filters(question, NOW, ["新型储能", "数据要素"], other_names=names)
    assert found.topics == ("新型储能",)
