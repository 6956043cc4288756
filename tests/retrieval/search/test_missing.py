"""What is said to be missing: names, years and nouns, and never what a point has by another name."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.search.point_words import sounds

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)


def ask(library: Library, question: str) -> Result:
    return library.search(question, now=NOW)


@pytest.mark.parametrize(
    "question",
    [
        "北京研发投入强度",  # research and development investment intensity
        "北京研发强度",
        "石药集团的BD",  # CSPC
        "熊彼特式企业家和柯兹纳式企业家",  # Schumpeterian, Kirznerian
        "临床试验审批从60天缩短到多少天",
        "怀柔和密云各有多大",
        "7万家企业",
        "淘汰落后产能该靠市场还是靠行政命令?",  # administrative measures
        "hong kong inovative drug shares in june",
        "summarize the interview with Li Hao",  # 李浩, in the title
    ],
)
def test_what_a_point_has_by_another_name_is_not_missing(library: Library, question: str) -> None:
    result = ask(library, question)
    assert result.missing == result.hits[0].lacks == ()


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("上海研发投入强度", ("上海",)),
        ("北京研发强度 2019年的", ("2019",)),
        ("How bright is HEPS in Chengdu?", ("chengdu",)),
        ("怀柔科学城 xqzfoo 面积", ("xqzfoo",)),
        ("北京 量子比特", ("量子比特",)),
        ("怀柔科学城的门票多少钱一张", ("门票",)),
    ],
)
def test_names_years_and_nouns_are_missing(library: Library, question: str, missing: tuple[str, ...]) -> None:
    assert ask(library, question).missing == missing


WORDS = [
    "怀柔",
    "科学城",
    "各",
    "有多大",
    "家",
    "座",
    "的",
    "式",
    "how",
    "the",
    "吗",
    "上海",
    "条",
    "of",
    "作用",
    "情况",
    "7万",
    "news",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_no_particle_and_no_measure_word_is_ever_missing(library: Library, words: list[str]) -> None:
    assert set(ask(library, " ".join(words)).missing) <= {"怀柔", "科学城", "上海"}


@given(st.text("abcdefghijklmnopqrstuvwxyz"))
def test_sounds_say_nothing_twice_in_a_row(word: str) -> None:
    found = sounds(word)
    assert all(a != b for a, b in pairwise(found))
    assert len(found) <= len(word)
