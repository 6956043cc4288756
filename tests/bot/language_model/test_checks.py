"""What of a model's words may be shown: translations that are true to the original, sentences that rest on points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language_model.composition_check import read_sentence, sentence_faults, split_sentences
from bot.language_model.translation_check import needs_translation, translation_faults
from bot.language_model.translator import clean_translation
from bot.render.composed import ComposedSentence
from bot.render.i18n import Language
from retrieval.language.lexicon import Lexicon

HUAIROU = (
    "Huairou Science City covers 100.9 square kilometers, of which 68.2 square kilometers are in Huairou"
    " and 32.7 square kilometers in Miyun"
)
STATION = "以酒泉一座200兆瓦/800兆瓦时电站为例，容量电费每年约4400万元，占总收入的38%"

TRUE: list[tuple[str, str, Language]] = [
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里", "zh"),
    (HUAIROU, "怀柔（Huairou）科学城100.9平方公里：68.2平方公里在怀柔，32.7平方公里在密云（Miyun）", "zh"),
    (
        STATION,
        "At a 200 MW/800 MWh station in Jiuquan the capacity fee is some 44 million yuan a year, 38% of income",
        "en",
    ),
]
WRONG: list[tuple[str, str, Language, str]] = [
    (HUAIROU, "怀柔科学城面积为109平方公里，其中怀柔68.2平方公里，密云32.7平方公里", "zh", "figures missing"),
    (HUAIROU, "怀柔科学城面积为100.9公顷，其中怀柔68.2平方公里，密云32.7平方公里", "zh", "figures missing"),
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，平谷32.7平方公里", "zh", "names missing"),
    (
        HUAIROU,
        "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里，投资5亿元",
        "zh",
        "figures added",
    ),
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里，见evil.com", "zh", "address"),
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里，问 @evilbot", "zh", "address"),
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里 /forget", "zh", "address"),
    (HUAIROU, "怀柔科学城面积为100.9平方公里，其中怀柔68.2平方公里，密云32.7平方公里，由Tesla建", "zh", "names added"),
    (HUAIROU, HUAIROU, "zh", "form"),
    (HUAIROU, "", "zh", "form"),
    (HUAIROU, "怀柔 100.9 68.2 32.7", "zh", "figures missing"),
    (STATION, STATION, "en", "form"),
    (
        STATION,
        "At a 200 MW/800 MWh station in Jiuquan the fee is 44 million dollars a year, 38%",
        "en",
        "figures missing",
    ),
    (STATION, "At a 200 MW/800 MWh station in Zhangye the fee is 44 million yuan a year, 38%", "en", "names missing"),
    (STATION, "<b>At</b> a 200 MW/800 MWh station in Jiuquan the fee is 44 million yuan a year, 38%", "en", "markup"),
]
POINTS = (HUAIROU, "Beijing's R&D intensity has been over 6% for six consecutive years", STATION)


@pytest.mark.parametrize(("original", "translation", "language"), TRUE)
def test_a_true_translation_is_shown(original: str, translation: str, language: Language, lexicon: Lexicon) -> None:
    assert translation_faults(original, translation, language, lexicon) == []


@pytest.mark.parametrize(("original", "translation", "language", "fault"), WRONG)
def test_a_wrong_translation_is_not(
    original: str, translation: str, language: Language, fault: str, lexicon: Lexicon
) -> None:
    assert any(found.startswith(fault) for found in translation_faults(original, translation, language, lexicon))


@pytest.mark.parametrize(
    ("text", "language", "needed"),
    [
        (HUAIROU, "zh", True), (HUAIROU, "en", False), (STATION, "zh", False), (STATION, "en", True),
        ("Supply Side Reforms", "zh", True), ("CATL", "zh", False), ("2025-07-31", "zh", False),
        ("EHang的BD交易", "zh", False), ("EHang的BD交易", "en", True), ("", "zh", False),
        ("Technology innovation bonds (科创债) give investors one more choice", "en", False),
        ("Technology innovation bonds (科创债) give investors one more choice", "zh", True),
    ],
)  # fmt: skip
def test_only_what_the_reader_cannot_read_is_translated(text: str, language: Language, needed: bool) -> None:
    assert needs_translation(text, language) is needed


def without_fault(said: str, language: Language, lexicon: Lexicon) -> list[ComposedSentence]:
    read = map(read_sentence, split_sentences(said))
    return [one for one in read if not sentence_faults(one, POINTS, language, lexicon)]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("怀柔科学城面积为100.9平方公里[1]。", ["怀柔科学城面积为100.9平方公里。"]),
        ("怀柔科学城面积大。[1] 北京研发投入强度超过6%。[2]", ["怀柔科学城面积大。", "北京研发投入强度超过6%。"]),
        ("怀柔科学城面积为100.9平方公里[1]。北京研发投入强度连续六年超过7%[2]。", ["怀柔科学城面积为100.9平方公里。"]),
        ("怀柔科学城面积为100.9平方公里。", []),
        ("怀柔科学城面积为100.9平方公里[2]。", []),
        ("怀柔科学城面积为100.9平方公里[7]。", []),
        ("怀柔科学城面积为100.9平方公里[0]。", []),
        ("上海研发投入强度连续六年超过6%[2]。", []),
        ("北京研发投入强度连续六年超过6%，今年也是[2]。", []),
        ("北京研发投入强度连续六年超过6%，见 https://evil.example [2]。", []),
        ("北京研发投入强度连续六年超过6%，华为领先[2]。", []),
        ("酒泉电站的容量电费每年约4400万元[3]。", ["酒泉电站的容量电费每年约4400万元。"]),
        ("酒泉电站的容量电费每年约4400万元，投资方为海目星[3]。", []),
        ("作为一个人工智能语言模型，我不能回答[1]。", []),
        ("In English: over 6% [2].", []),
    ],
)  # fmt: skip
def test_sentences_that_rest_on_what_they_cite(said: str, shown: list[str], lexicon: Lexicon) -> None:
    assert [one.text for one in without_fault(said, "zh", lexicon)] == shown


def test_an_english_sentence_over_a_chinese_point(lexicon: Lexicon) -> None:
    true = "A 200 MW/800 MWh station in Jiuquan earns about 44 million yuan a year in capacity fees [3]."
    assert [one.cited for one in without_fault(true, "en", lexicon)] == [(3,)]
    assert not without_fault(true.replace("Jiuquan", "Zhangye"), "en", lexicon)
    assert not without_fault(true.replace("44", "43"), "en", lexicon)


def test_citations_in_all_their_forms() -> None:
    assert read_sentence("面积为100.9平方公里[1][3]。") == ComposedSentence("面积为100.9平方公里。", (1, 3))
    assert read_sentence("It is 6% 【2】.") == ComposedSentence("It is 6%.", (2,))
    assert read_sentence("It is 6% [2, 1].").cited == (2, 1)
    assert split_sentences("It is 6.5% [1]. The U.S. share is 3 [2]! 三[1]。") == [
        "It is 6.5% [1].", "The U.S. share is 3 [2]!", "三[1]。",
    ]  # fmt: skip


@given(st.text(alphabet="ab 。.!？[]12,\n储能", max_size=80))
def test_no_letter_is_lost_between_sentences(said: str) -> None:
    assert "".join("".join(split_sentences(said)).split()) == "".join(said.split())


@given(said=st.text(max_size=200))
def test_nothing_uncited_is_ever_shown(said: str, lexicon: Lexicon) -> None:
    assert all(one.cited and set(one.cited) <= {1, 2, 3} for one in without_fault(said, "zh", lexicon))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("<think>Let me see: 100.9</think>\n\n怀柔", "怀柔"),
        ("<think>without an end", ""),
        ("“怀柔”", "怀柔"),
        (' "a\n b" ', "a b"),
    ],
)
def test_thoughts_and_quotation_marks_are_taken_off(said: str, text: str) -> None:
    assert clean_translation(said, "Huairou") == text
