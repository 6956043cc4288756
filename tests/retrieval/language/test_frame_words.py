"""What is left of a question that asks for news: its subject, and what is asked of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.frame_words import without_frame


@pytest.mark.parametrize(
    ("question", "content"),
    [
        ("固态电池什么时候能量产", "固态电池 量产"),
        ("固态电池量产时间", "固态电池量产"),
        ("有没有固态电池的新闻", "固态电池"),
        ("最近AI眼镜怎么样了？", "AI眼镜"),
        ("平陆运河通航了没有", "平陆运河通航"),
        ("核电池最新的进展是什么", "核电池"),
        ("any news on solid-state batteries", "solid-state batteries"),
        ("When will solid-state batteries be sold?", "solid-state batteries be sold"),
        ("what's happening with the low-altitude economy?", "low-altitude economy"),
        ("How is the EAST reactor coming along?", "EAST reactor"),
        ("tell me when the Pinglu canal opens", "Pinglu canal opens"),
    ],
)
def test_words_that_ask_for_news_are_no_content(question: str, content: str) -> None:
    assert without_frame(question) == content


@pytest.mark.parametrize(
    "name",
    [
        "大规模设备更新",
        "气候变化",
        "澎湃新闻",
        "有色金属",
        "国有企业",
        "在线教育",
        "New York",
        "research and development",
    ],
)
def test_frame_words_in_names_stay(name: str) -> None:
    assert without_frame(name) == name


def test_what_is_frame_only_stays() -> None:
    assert without_frame("最新消息") == "最新消息"
    assert without_frame("news") == "news"


@given(st.text())
def test_something_is_left_of_anything(question: str) -> None:
    assert without_frame(question) or not question
