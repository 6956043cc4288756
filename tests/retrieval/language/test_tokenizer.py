from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.han import has_han
from retrieval.language.tokenizer import Tokenizer, latin_runs, normalize, simplify, split_runs, stem, stem_all

MIXED = "研发R&D２０２５年 cafés、Beijing's 420亿元 STAR-Market 科創債 -1,230.5%😀\x00\u200b"
texts = st.text() | st.text(MIXED)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("懷柔科學城", "怀柔科学城"),
        ("ＡＩ２０２５％", "ai2025%"),
        ("STAR Market", "star market"),
        ("①㎞", "1km"),
        ("", ""),
    ],
)
def test_normalize(text: str, plain: str) -> None:
    assert normalize(text) == plain


@given(texts)
def test_what_is_normal_stays(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(texts)
def test_simplifying_twice_changes_nothing(text: str) -> None:
    assert simplify(simplify(text)) == simplify(text)


@pytest.mark.parametrize(
    ("same", "root"),
    [
        (("subsidies", "subsidy"), "subsidi"),
        (("battery", "batteries", "battery's", "batteries'", "battery’s"), "batteri"),
        (("profitable",), "profit"),
        (("r&d",), "r&d"),
        (("怀柔",), "怀柔"),
        (("2025",), "2025"),
        (("",), ""),
    ],
)
def test_stem(same: tuple[str, ...], root: str) -> None:
    assert {word: stem(word) for word in same} == dict.fromkeys(same, root)


@given(st.text("研发電池0123456789.%😀 "))
def test_only_english_is_stemmed(text: str) -> None:
    assert stem(text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("r&d in 2025", [("word", "r&d"), ("word", "in"), ("number", "2025")]),
        ("1,230.5亿元", [("number", "1,230.5"), ("han", "亿元")]),
        ("科创债bonds", [("han", "科创债"), ("word", "bonds")]),
        ("issuance of科创债", [("word", "issuance"), ("word", "of"), ("han", "科创债")]),
        ("bd交易", [("word", "bd"), ("han", "交易")]),
        ("在a股上市", [("han", "在"), ("word", "a股"), ("han", "上市")]),
        ("ota型", [("word", "ota"), ("han", "型")]),
        ("5g 3.5mm i5", [("word", "5g"), ("number", "3"), ("word", "5mm"), ("word", "i5")]),
        ("don't stop_now", [("word", "don't"), ("word", "stop"), ("word", "now")]),
        ("…、?!", []),
    ],
)
def test_runs(text: str, found: list[tuple[str, str]]) -> None:
    assert list(split_runs(text)) == found


@given(texts.map(normalize))
def test_runs_stand_in_the_text_in_order(text: str) -> None:
    at = 0
    for kind, run in split_runs(text):
        at = text.index(run, at) + len(run)
        assert run
        assert has_han(run) or kind != "han"
        assert not has_han(run) or kind == "han" or len(run) == 2


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("发放消费券", {"消费券", "消费"}),
        ("發放消費券", {"消费券", "消费"}),
        ("科创板上市", {"科创板", "上市"}),
        ("subsidies for Batteries", {"subsidi", "for", "batteri"}),
        ("R&D intensity", {"r&d", "intens"}),
        ("42 billion yuan", {"42", "billion", "42000000000"}),
        ("420亿元", {"420", "亿元", "42000000000"}),
        ("1,230 firms", {"1230", "firm"}),
        ("三十个工作日", {"30", "工作日"}),
        ("30 working days", {"30", "work", "day"}),
    ],
)
def test_tokens(words: Tokenizer, text: str, has: set[str]) -> None:
    assert has <= set(words.tokens(text))


def test_tokens_stand_in_reading_order_with_the_quantities_last(words: Tokenizer) -> None:
    assert words.tokens("The fund grew to 42 billion yuan in July.") == [
        *("the", "fund", "grew", "to", "42", "billion", "yuan", "in", "juli"),
        *("42000000000", "~07"),
    ]


@given(texts)
@example(MIXED * 80)
@example("万" * 4000)
@example("9" * 4000)
@example("9" * 4000 + "亿")
@example("１" * 10 + "万亿" * 500)
@example("²³¼½" * 100)
@example("a'" * 2000)
@example("\U0001f468\u200d\U0001f469\u200d\U0001f467" * 500)
def test_any_text_has_tokens(words: Tokenizer, text: str) -> None:
    tokens = words.tokens(text)
    assert all(token and not any(map(str.isspace, token)) for token in tokens)


@pytest.mark.parametrize(
    ("run", "pieces"),
    [("消费券", ("消费券",)), ("发放消费券", ("发放", "消费券")), ("补贴独角兽", ("补贴", "独角兽")), ("", ())],
)
def test_cut_keeps_headwords_whole(words: Tokenizer, run: str, pieces: tuple[str, ...]) -> None:
    assert words.segment(run) == pieces


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)) | st.text("北京大学生物科创板消费券的"))
def test_cut_loses_nothing(words: Tokenizer, run: str) -> None:
    assert "".join(words.segment(run)) == run


def test_no_chinese_no_jieba(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    english = Tokenizer(cache, lambda pieces, _: [()] * len(pieces))
    assert english.tokens("R&D intensity of Beijing: 6%") == ["r&d", "intens", "of", "beij", "6", "6%"]
    assert not cache.exists()
    english.warm()
    assert [path.parent for path in cache.iterdir()] == [cache]


@given(st.text("ab12,.&'_- %") | texts.map(normalize))
@example("1,234.5 2.5g 12,34 r&d o'neill's a_b -3")
def test_latin_runs_are_those_that_are_not_chinese(text: str) -> None:
    assert latin_runs(text) == {run for kind, run in split_runs(text) if kind != "han"}


@given(texts.map(normalize) | st.from_regex(r"[a-z]{1,12}('s)?", fullmatch=True))
def test_stems_are_the_same_all_at_once(text: str) -> None:
    words = [*latin_runs(text), *text.split()]
    assert stem_all(words) == list(map(stem, words))
