from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.dictionary_builder import phrase_terms
from retrieval.language.han import has_han
from retrieval.language.lexicon import Lexicon


def others(lexicon: Lexicon, term: str) -> dict[str, float]:
    return {" ".join(other.terms): other.weight for other in lexicon.alternatives(term)}


@pytest.mark.parametrize(
    ("term", "other"),
    [
        ("补贴", "subsidy"),
        ("subsidy", "补贴"),
        ("芯片", "chip"),
        ("chip", "芯片"),
        ("研发", "R&D"),
        ("R&D", "研发"),
        ("武汉", "Wuhan"),
        ("Wuhan", "武汉"),
        ("科创板", "STAR Market"),
        ("STAR Market", "科创板"),
        ("证监会", "CSRC"),
        ("反内卷", "anti-involution"),
        ("深圳", "Shenzhen"),
        ("电池", "battery"),
    ],
)
def test_both_directions(lexicon: Lexicon, term: str, other: str) -> None:
    assert phrase_terms(other) in others(lexicon, phrase_terms(term))


def test_a_pointer_brings_what_its_headword_means(lexicon: Lexicon) -> None:
    """CC-CEDICT says of 身分 only that it is a variant of 身份."""
    found = others(lexicon, "身分")
    assert found["身份"] >= found[phrase_terms("identity")] > 0


def test_an_unknown_word_is_a_value(lexicon: Lexicon) -> None:
    assert not lexicon.alternatives("没有的词")
    assert lexicon.words_for_pinyin("qwrtz") == ()
    assert not lexicon.known("没有的词")
    assert not lexicon.is_name("没有的词")
    assert lexicon.words_with_prefix("没有的词", 5, bool) == []


@pytest.mark.parametrize(
    ("term", "name"),
    [("武汉", True), ("wuhan", True), ("上海", True), ("补贴", False), ("batteri", False), ("发展", False)],
)
def test_names(lexicon: Lexicon, term: str, name: bool) -> None:
    assert lexicon.is_name(term) == name


def test_spelt_commonest_first(lexicon: Lexicon) -> None:
    found = lexicon.words_for_pinyin("shuju")
    assert found[0][0] == "数据"
    assert [frequency for _, frequency in found] == sorted((frequency for _, frequency in found), reverse=True)


def test_spellings_of_the_glossary(lexicon: Lexicon) -> None:
    assert "科创板" in dict(lexicon.words_for_pinyin("kechuangban"))


def test_beginning(lexicon: Lexicon) -> None:
    found = dict(lexicon.words_with_prefix("造", 2, lambda sound: sound.startswith("zaoj")))
    assert "造价" in found
    assert "造成" not in found
    assert {lexicon.pinyin(word)[:4] for word in found} == {"zaoj"}
    assert all(len(word) == 2 and word.startswith("造") for word in found)


def test_reads_only(data: Path, lexicon: Lexicon) -> None:
    before = (data / "lexicon.bin").read_bytes()
    with pytest.raises(ValueError, match="read-only"):
        lexicon.open().weights[0] = 0
    assert (data / "lexicon.bin").read_bytes() == before


def test_what_is_compiled_is_not_compiled_again(data: Path) -> None:
    percents: list[int] = []
    lexicon = Lexicon(data / "lexicon.bin", percents.append)
    lexicon.open()
    lexicon.close()
    assert percents == []


@given(st.text() | st.text("研发补贴电池科创板") | st.sampled_from(["chip", "batteri", "star market", "的", "r&d"]))
@example("\x00")
@example("@")
@example("%_'\"")
def test_any_term(lexicon: Lexicon, term: str) -> None:
    found = lexicon.alternatives(term)
    assert all(0 < other.weight <= 1 and other.terms and all(other.terms) for other in found)
    assert [other.weight for other in found] == sorted((other.weight for other in found), reverse=True)
    assert len({other.terms for other in found}) == len(found)
    assert not any(other.terms[0].startswith("@") for other in found)
    foreign = [other for other in found if has_han(other.terms[0]) != has_han(term)]
    assert lexicon.foreign_name(term) == (foreign[0] if foreign else None)
    for other in found:
        likely = other.weight >= 0.9 * found[0].weight
        assert lexicon.is_likely_name(" ".join(other.terms), term, 0.9) == likely
    assert not lexicon.is_likely_name("", term, 0.0)
    if found or lexicon.is_name(term):
        assert lexicon.known(term)
    assert lexicon.joined(["补", "贴", term], 3)[0][-1] == "补贴"
    assert lexicon.joined([term[:1], term[1:], "没有的词"], 3)[0] == ([term] if lexicon.known(term) else [])
    assert all(frequency >= 0 for _, frequency in lexicon.words_for_pinyin(term))
    assert all(word.startswith(term) for word, _ in lexicon.words_with_prefix(term, len(term) + 1, bool))


def test_phrases_of_adjacent_words(lexicon: Lexicon) -> None:
    assert lexicon.phrases(("a", "star", "market", "r&d"), 5) == {"star market"}
    assert lexicon.phrases(("market", "star"), 5) == frozenset()
    assert lexicon.phrases((), 5) == frozenset()
