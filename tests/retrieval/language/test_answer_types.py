import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.answer_types import (
    ASKED,
    ASKING_WORDS,
    HELD,
    KINDS,
    MEASURES,
    answer_types_in,
    expected_answer_types,
)
from retrieval.language.tokenizer import TOKEN_RUN, normalize


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        ("一张票多少钱", "Tickets sell at 38 yuan", "money"),
        ("补贴是多少", "每人补贴1.2万元", "money"),
        ("How much does a lift cost?", "按次刷卡，一次3角", "money"),
        ("本地企业占比多少", "58% of the money", "share"),
        ("自己掏几成", "one in five has already shut", "share"),
        ("利用率有多少", "利用率过半", "share"),
        ("涨了几倍", "Prices tripled", "times"),
        ("多久能送到", "delivered in 20 minutes", "span"),
        ("How many working days does it take?", "三十个工作日内", "span"),
        ("什么时候开工", "Work begins in March", "date"),
        ("Who runs it, and when does it open?", "2026年开业", "date"),
        ("能飞多远", "up to 60 km with reserve", "length"),
        ("多重", "it weighs 2.4 kg", "weight"),
        ("装了多少兆瓦", "103.6 GW at the end of August", "power"),
        ("面积有多大", "100.9 square kilometres", "area"),
    ],
)
def test_what_is_asked_for_is_held(question: str, text: str, kind: str) -> None:
    assert f"#{kind}" in expected_answer_types(normalize(question))
    assert f"#{kind}" in answer_types_in(normalize(text))


@pytest.mark.parametrize(
    "question",
    [
        "What goes wrong when copycats pile in?",
        "投入强度有多高",
        "基金规模多大",
        "有多少是盈利的",
        "Which yearly capacity does it have?",
        "为什么涨价",
        "",
    ],
)
def test_of_no_kind_is_anything(question: str) -> None:
    assert not list(expected_answer_types(normalize(question)))


def test_text_without_figures_holds_nothing() -> None:
    assert not list(answer_types_in("researchers say that the market is slow"))


@given(st.text())
def test_kinds_are_no_words(text: str) -> None:
    for kind in [*expected_answer_types(normalize(text)), *answer_types_in(normalize(text))]:
        assert kind.removeprefix("#") in ASKED.keys() & {*KINDS}
        assert not re.match(TOKEN_RUN, kind)


ASKING_PIECES = """
    how many much long far large big a an what which when since by year month date day area price costs fee does is the
    distance between weighs heavy percent of share percentage expensive spent spend money watts tons mu hectares times
    growth battery solar , ;
"""


@given(st.lists(st.sampled_from(ASKING_PIECES.split()), max_size=8).map(" ".join))
def test_english_questions_ask_with_one_of_few_words(text: str) -> None:
    asked = tuple(f"#{kind}" for kind, pattern in ASKED.items() if pattern.search(text))
    assert expected_answer_types(text) == asked
    assert not asked or any(word in text for word in ASKING_WORDS)


NUMBERS_AND_UNITS = """
    1 25 3,000 十 百 千 万 亿 几 二 多 余 个 半 a an one half million thousand bn - . 元 美元 块 倍 times 米 km mu 平方
    度 kwh w 年 年代 月 天 days ton t and
"""


@given(st.text() | st.lists(st.sampled_from([*NUMBERS_AND_UNITS.split(), " "]), max_size=12).map("".join))
def test_one_pass_over_the_numbers_finds_what_a_search_for_each_kind_finds(text: str) -> None:
    text = normalize(text)
    searched = [kind for kind in KINDS if any(kind in table and table[kind].search(text) for table in (MEASURES, HELD))]
    assert list(answer_types_in(text)) == [f"#{kind}" for kind in searched]
