"""Each filter of a question can be taken back, and nothing else changes."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.model.documents import BEIJING
from retrieval.query.filter_removal import filter_removals, without_filters
from retrieval.query.filters import parse_filters

NOW = datetime(2025, 8, 20, tzinfo=BEIJING)
TOPICS = ("原始创新", "数据要素", "new energy storage")


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("创新药 经济日报 2025年7月", {"outlet": "创新药 2025年7月", "date": "创新药 经济日报"}),
        ('"slow bull" -bonds', {"phrase": "slow bull -bonds", "excluded": '"slow bull"'}),
        ("topic:原始创新 湖北", {"topic": "湖北"}),
        ("原始创新", {"topic": ""}),
        ("outlet:人民日报 实验室 date:2025-07", {"outlet": "实验室 date:2025-07", "date": "outlet:人民日报 实验室"}),
        ('topic:"new energy storage" costs', {"topic": "costs"}),
        ("topic:new energy storage costs", {"topic": "costs"}),
        ('outlet:"Economic Daily" innovation', {"outlet": "innovation"}),
        ("创新药 2025年6月 2025年7月", {"date": "创新药"}),
        ("怀柔科学城面积多大? 2025年", {"date": "怀柔科学城面积多大?"}),
        ("怀柔科学城面积多大?", {}),
        ("", {}),
    ],
)
def test_a_filter_is_taken_back(question: str, without: dict[str, str]) -> None:
    assert {one.kind: one.question for one in filter_removals(question, NOW, TOPICS)} == without


PARTS = st.sampled_from(
    [
        "创新药",
        "2025年7月",
        "经济日报",
        "topic:原始创新",
        '"slow bull"',
        "-bonds",
        "人民日报",
        "last month",
        "how much",
        "?",
    ]
)


@given(st.lists(PARTS, max_size=6))
def test_what_is_left_has_the_other_filters_only(parts: list[str]) -> None:
    question = " ".join(parts)
    read = parse_filters(question, NOW, TOPICS)
    for one in filter_removals(question, NOW, TOPICS):
        left = parse_filters(one.question, NOW, TOPICS)
        assert left != read
        if one.kind == "outlet":
            assert left.outlets == tuple(name for name in read.outlets if name != one.value)
            assert replace(left, outlets=(), text="") == replace(read, outlets=(), text="")
        if one.kind == "date":
            assert (left.since, left.until) == (None, None)


@given(st.lists(PARTS, max_size=6), st.sets(st.sampled_from(["date", "outlet", "topic", "phrase", "excluded"])))
def test_of_kinds_that_are_dropped_nothing_is_left(parts: list[str], kinds: set[str]) -> None:
    left = without_filters(" ".join(parts), kinds, NOW, TOPICS)
    if left is not None:
        assert kinds.isdisjoint(one.kind for one in filter_removals(left, NOW, TOPICS))


@given(st.text(max_size=40))
def test_any_question_is_read(question: str) -> None:
    for one in filter_removals(question, NOW, TOPICS):
        assert one.question != question
