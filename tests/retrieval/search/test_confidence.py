"""Verdicts over the seeds, through `Library`: what is asked is there, is not, or is of another place, firm or year."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.search.weights import load_weights

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)
SURER_TO_LESS_SURE = ["answer", "maybe", "none"]


def ask(library: Library, question: str) -> Result:
    return library.search(question, now=NOW)


@pytest.mark.parametrize(
    "question",
    [
        "怀柔科学城面积多大？",
        "昌平区的政府引导资金规模多大？",
        "反内卷从什么时候开始成为政策主线？",
        "How many connected-car firms sit in the Yizhuang zone?",
    ],
)
def test_what_is_there_is_an_answer(library: Library, question: str) -> None:
    assert ask(library, question).verdict == "answer"


@pytest.mark.parametrize(
    "question", ["红烧肉怎么做才不腻？", "what is the capital of australia", "asdf qwer zxcv", "", "什么", "番茄炒蛋"]
)
def test_what_is_not_there_is_no_answer(library: Library, question: str) -> None:
    assert ask(library, question).verdict != "answer"


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("上海科学城面积多大？", "上海"),
        ("R&D intensity of Chengdu", "chengdu"),
        ("宁德时代2024年跟进了多少个项目，都是什么方向？", "宁德时代"),
        ("How many connected-car firms sit in the Wuxi zone?", "wuxi"),
        ("中科创星2019年跟进了多少个项目？", "2019"),
    ],
)
def test_a_neighbour_is_not_an_answer(library: Library, question: str, lacks: str) -> None:
    result = ask(library, question)
    assert result.verdict != "answer"
    assert lacks in result.missing


@pytest.mark.parametrize(
    ("question", "verdict"),
    [("新京报说怀柔科学城面积多大？", "answer"), ("经济日报说怀柔科学城面积多大？", "maybe")],
)
def test_who_printed_it_need_not_stand_in_the_text(library: Library, question: str, verdict: str) -> None:
    result = ask(library, question)
    assert result.verdict == verdict
    assert result.missing == (() if verdict == "answer" else ("经济日报",))


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("浦东新区有多少家智能网联汽车企业？", "浦东新区"),  # 'Pudong New Area' is not there where 'area' is
        ("How many of Jilin's connected-car firms sit in the Yizhuang zone?", "jilin's"),
        ("giant panda fund", "panda"),
    ],
)
def test_a_part_of_a_name_is_not_the_name(library: Library, question: str, lacks: str) -> None:
    result = ask(library, question)
    assert result.verdict != "answer"
    assert lacks in result.missing


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("昌平区的政府引导资金有多少元？", "answer"),
        ("怀柔科学城面积多少钱？", "maybe"),
        ("How many connected-car firms sit in the Yizhuang zone?", "answer"),
    ],
)
def test_what_is_asked_for_must_be_there_money_or_a_count(library: Library, question: str, verdict: str) -> None:
    assert ask(library, question).verdict == verdict


@pytest.mark.parametrize(
    "question",
    ["怀柔科学城有什么作用？", "昌平区政府资金的行情", "what's the role of Huairou Science City?", "懷柔科學城的意義"],
)
def test_an_aspect_need_not_be_named(library: Library, question: str) -> None:
    result = ask(library, question)
    assert (result.verdict, result.missing) == ("answer", ())


@pytest.mark.parametrize(
    "question", ["怀柔科学城有多大?", "How large is Huairou Science City?", "how big is huairou science city"]
)
def test_the_size_of_a_place_is_an_area(library: Library, question: str) -> None:
    result = ask(library, question)
    assert result.verdict == "answer"
    assert "100.9 square" in result.hits[0].point.text


@pytest.mark.parametrize("question", ["怀柔科学城的房价", "怀柔科学城的门票价格是多少？"])
def test_another_attribute_is_not_an_answer(library: Library, question: str) -> None:
    assert ask(library, question).verdict != "answer"


def test_what_occurs_nowhere_is_said(library: Library) -> None:
    result = ask(library, "怀柔科学城 zeppelin 面积")
    assert result.missing == result.nowhere == ("zeppelin",)


def test_what_only_another_point_has_is_not_nowhere(library: Library) -> None:
    result = ask(library, "怀柔科学城 新药 面积 xylophone")
    assert "新药" in result.missing
    assert result.nowhere == ("xylophone",)


WORDS = [
    *(
        "怀柔",
        "科学城",
        "面积",
        "基金",
        "昌平",
        "新药",
        "北京",
        "上海",
        "2024年",
        "补贴",
        "反内卷",
        "钢铁",
        "多少",
        "420亿",
    ),
    *(
        "fund",
        "Beijing's",
        "R&D intensity",
        "new drugs",
        "Shanghai",
        "2019",
        "steel",
        "over half",
        "how many",
        "involution",
    ),
]
NOWHERE = ["zeppelin", "长颈鹿", "1987654", "Gröditz", "xylophone"]
questions = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
# a year at an end of the question limits what is shown, and no longer does with another word beside it
no_years = st.sampled_from([word for word in WORDS if not word.startswith("20")])


@given(questions)
def test_the_confidence_is_of_the_verdict(library: Library, question: str) -> None:
    result = ask(library, question)
    limits = load_weights().words
    low, high = {"answer": (limits.answer, 1), "maybe": (limits.maybe, limits.answer), "none": (0, limits.maybe)}[
        result.verdict
    ]
    assert low <= result.confidence <= high
    assert set(result.nowhere) <= set(result.missing)
    assert result.hits or result.verdict == "none"


@given(st.lists(no_years, min_size=1, max_size=8), st.sampled_from(NOWHERE), st.booleans())
@example(["怀柔", "面积"], "zeppelin", True)
@example(["fund"], "xylophone", False)
def test_a_word_from_nowhere_never_makes_it_surer(library: Library, said: list[str], word: str, first: bool) -> None:
    """At either end: between two words that are a phrase, it would take them apart."""
    before = ask(library, " ".join(said))
    after = ask(library, " ".join([word, *said] if first else [*said, word]))
    assert word.lower() in after.uncovered  # and in `nowhere`, where it is sure to name one thing
    assert after.confidence <= before.confidence
    assert SURER_TO_LESS_SURE.index(after.verdict) >= SURER_TO_LESS_SURE.index(before.verdict)


@given(st.lists(no_years, max_size=8).map(" ".join))
def test_asking_politely_is_asking_the_same(library: Library, question: str) -> None:
    plain, polite = ask(library, question), ask(library, f"请问 {question}")
    assert (polite.verdict, polite.missing) == (plain.verdict, plain.missing)
