"""What is written to search in one topic is understood wherever it is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.topic_filter import read_topic_filter, topic_filter
from retrieval.query.filters import parse_filters

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("原始创新", "topic:原始创新"),
        ("AI chips", 'topic:"AI chips"'),
        ('the "new" steel', 'topic:「the "new" steel」'),
        ('"B"股', 'topic:「"B"股」'),
        ("“新质”生产力", 'topic:"“新质”生产力"'),
        ('"「', 'topic:『"「』'),
        ("", ""),
        ('"“”「」『』《》', ""),
    ],
)
def test_a_name_is_quoted_where_it_must_be(name: str, written: str) -> None:
    assert topic_filter(name) == written


@given(st.text(alphabet='ab创新 "“”「」『』《》,-', min_size=1, max_size=12).map(lambda text: " ".join(text.split())))
def test_the_search_and_the_inline_mode_read_the_same_name(name: str) -> None:
    if written := topic_filter(name):
        assert read_topic_filter(f" {written} ") == name
        if any(character.isalpha() for character in name):
            assert parse_filters(f"{written} words", NOW, [name]).topics == (name,)


@pytest.mark.parametrize("text", ["", "topic:", "steel", "topic:steel mills", 'topic:"steel" mills', "a topic:steel"])
def test_anything_else_is_no_filter_alone(text: str) -> None:
    assert read_topic_filter(text) is None
