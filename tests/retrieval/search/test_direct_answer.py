"""The one value that was asked for; values.tsv has those that stand above right points of tests/quality, as read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.figures import find_figures, whole_figure
from retrieval.model.results import Match
from retrieval.search.direct_answer import find_value, value_kinds


def value(question: str, text: str, *words: str) -> str | None:
    matches = [Match(text.index(word), text.index(word) + len(word), word) for word in words]
    span = find_value(question, text, matches)
    return text[slice(*span)] if span else None


AREA = "Huairou Science City covers 100.9 square kilometers, of which 68.2 square kilometers are in Huairou."


@pytest.mark.parametrize(
    ("question", "text", "words", "found"),
    [
        ("怀柔科学城有多大?", AREA, ("Huairou", "Science City"), "100.9 square kilometers"),
        (
            "怀柔科学城有多大?",
            "怀柔科学城规划面积100.9平方公里，其中怀柔68.2平方公里。",
            ("怀柔科学城",),
            "100.9平方公里",
        ),
        (
            "How many firms are there?",
            "The zone has over 120 listed firms of this kind.",
            ("zone",),
            "over 120 listed firms",
        ),
        (
            "审批缩短到多少天?",
            "Review was shortened from 60 working days to 30 working days.",
            ("Review",),
            "30 working days",
        ),
        ("票价多少钱?", "Tickets cost 60 to 80 yuan.", ("Tickets",), "60 to 80 yuan"),
        ("什么时候量产?", "Mass production starts in March 2027.", ("Mass production",), "March 2027"),
        ("占比多少?", "The share was 12%, against 9% a year earlier.", ("share",), "12%"),
        # nothing, where two fit alike, two things are asked for, or it stands in the question
        ("要多少钱?", "It costs 5 yuan or 6 yuan.", (), None),
        ("来了多少游客、花了多少钱?", "Visitors spent 147 billion yuan.", ("Visitors",), None),
        ("为什么贵了好几倍?", "It costs four times as much.", ("costs",), None),
        ("比网约车便宜多少?", "Riders pay 1.9 yuan, a ride-hailing car charges 2.4 yuan.", ("ride-hailing",), None),
        ("花了60元吗，还是多少钱?", "It cost 60 yuan.", ("cost",), None),
        ("谁牵头?", "It cost 60 yuan.", ("cost",), None),
        ("5G多少钱?", "The 3SBio deal used 5G sets.", ("5G",), None),
    ],
)
def test_the_value_is_of_what_is_asked_for(question: str, text: str, words: tuple[str, ...], found: str | None) -> None:
    assert value(question, text, *words) == found


WITH_PARTS = (
    "Huairou Science City covers an area of 100.9 square kilometers, with 68.2 square kilometers in Huairou and "
    "32.7 square kilometers in Miyun."
)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("怀柔科学城有多大?", "100.9 square kilometers"),
        ("怀柔科学城在怀柔有多大?", "68.2 square kilometers"),
        ("怀柔科学城在密云有多大?", "32.7 square kilometers"),
    ],
)
def test_a_part_of_a_name_asks_for_nothing_by_itself(question: str, found: str) -> None:
    whole, parts = "Huairou Science City", {"怀柔": "in Huairou", "密云": "Miyun"}
    matches = [Match(0, len(whole), "怀柔科学城")]
    for word, name in parts.items():
        if word in question:
            end = WITH_PARTS.index(name) + len(name)
            matches.append(Match(end - len(name.split()[-1]), end, word))
    span = find_value(question, WITH_PARTS, matches)
    assert span
    assert WITH_PARTS[slice(*span)] == found


texts = st.lists(
    st.sampled_from(
        ["over", "6%", " ", "100.9", "平方公里", "to", "约", "2025-26", "14th", "yuan", "，", "3SBio", "July 3"]
    )
    | st.text(max_size=6)
).map("".join)


@given(texts)
def test_figures_are_in_order_and_disjoint(text: str) -> None:
    figures = find_figures(text)
    assert all(0 <= one.start < one.end <= len(text) for one in figures)
    assert all(one.end <= other.start for one, other in pairwise(figures))


@given(texts, st.integers(0, 30), st.integers(1, 10))
def test_a_whole_figure_holds_its_part_and_no_digit_is_left_at_its_ends(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    if start < end:
        first, last = whole_figure(text, start, end)
        assert first <= start
        assert last >= end


@given(st.text())
def test_any_question(question: str) -> None:
    assert value_kinds(question) is not None
