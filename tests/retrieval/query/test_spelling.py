from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import stem
from retrieval.query.spelling import (
    homophones,
    is_derived,
    nearest_term,
    nearest_written,
    one_letter_away,
    read_pinyin,
    syllables,
)
from tests.support.term_dictionary import build_term_dictionary


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("huairou", ["huai", "rou"]),
        ("zhongguancun", ["zhong", "guan", "cun"]),
        ("beijing", ["bei", "jing"]),
        ("zhuang", ["zhuang"]),
        ("battery", None),
        ("5g", None),
        ("", None),
    ],
)
def test_syllables(lexicon: Lexicon, word: str, parts: list[str] | None) -> None:
    assert syllables(word, lexicon) == parts


@given(st.text("abcdeghijnouxzy", max_size=20) | st.text())
def test_syllables_make_the_word(lexicon: Lexicon, word: str) -> None:
    parts = syllables(word, lexicon)
    assert parts is None or "".join(parts) == word


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("shu ju biao zhu", ["数据标注"]),
        ("shuju biaozhu", ["数据标注"]),
        ("xin neng yuan qi che", ["新能源", "汽车"]),
        ("ke chuang ban", ["科创板"]),
    ],
)
def test_pinyin_is_read(lexicon: Lexicon, run: str, words: list[str]) -> None:
    read = read_pinyin(run.split(), lexicon)
    assert read is not None
    assert [spelt.words[0][0] for spelt in read] == words


@pytest.mark.parametrize("run", ["the battery", "how many", "hai", "", "solid state"])
def test_english_is_not_pinyin(lexicon: Lexicon, run: str) -> None:
    assert read_pinyin(run.split(), lexicon) is None


@given(st.lists(st.sampled_from(["ke", "xue", "cheng", "huairou", "ng", "shi", "de", "battery", ""]) | st.text()))
def test_what_is_read_is_what_stood_there(lexicon: Lexicon, run: list[str]) -> None:
    for spelt in read_pinyin(run, lexicon) or ():
        assert spelt.letters in "".join(run)
        assert sum(share for _, share in spelt.words) <= 1 + 1e-9
        assert [share for _, share in spelt.words] == sorted((share for _, share in spelt.words), reverse=True)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("科创版", "科创板"), ("数剧", "数据"), ("造介", "造价"), ("贵洲", "贵州"), ("压宿", "压缩"), ("怀揉", "怀柔")],
)
def test_slips_that_sound_alike(lexicon: Lexicon, slip: str, meant: str) -> None:
    assert meant in dict(homophones(slip, lexicon))


@given(st.text("科创版数剧造介怀揉", min_size=2, max_size=4))
def test_a_slip_keeps_length_and_a_character(lexicon: Lexicon, word: str) -> None:
    found = homophones(word, lexicon)
    assert all(len(other) == len(word) and other != word and set(other) & set(word) for other, _ in found)
    assert all(0 < share <= 1 for _, share in found)
    assert sum(share for _, share in found) <= 1 + 1e-9


KNOWN = build_term_dictionary("batteri", "capit", "chip", "invest", "profit", "subsidi")


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("batery", None),
        ("bateri", "batteri"),
        ("battrei", "batteri"),
        ("capti", "capit"),
        ("chio", None),
        ("sbusdiid", None),
        ("zzzzz", None),
        ("umbsidi", None),
        ("", None),
    ],
)
def test_nearest(word: str, read: str | None) -> None:
    assert nearest_term(word, KNOWN) == read


@given(st.text("abteriv", max_size=12), st.lists(st.text("abteriv", min_size=1)))
def test_nearest_is_near(word: str, known: list[str]) -> None:
    read = nearest_term(word, build_term_dictionary(*known))
    slips = 0 if len(word) < 5 else 2 if len(word) >= 8 else 1
    if read is None:
        assert len(word) < 5 or all(OSA.distance(word, other) > slips or other[0] != word[0] for other in known)
    else:
        assert read in known
        assert OSA.distance(word, read) <= slips


def test_nothing_is_near_in_no_vocabulary() -> None:
    assert nearest_term("battery", build_term_dictionary()) is None


WRITTEN = build_term_dictionary(*map(stem, ("innovation", "documents", "growing", "policies", "huge", "find", "start")))


def alike(terms: Sequence[str]) -> list[float]:
    return [1.0] * len(terms)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("innovaton", "innovation"),
        ("innovatoin", "innovation"),
        ("innovattion", "innovation"),
        ("innovatiom", "innovation"),
        ("documennts", "documents"),
        ("growwing", "growing"),
        ("polices", "policies"),
    ],
)
def test_a_slip_in_a_stem_or_an_ending(word: str, meant: str) -> None:
    assert nearest_written(word, WRITTEN, alike) == stem(meant)


@pytest.mark.parametrize("word", ["", "growi", "hughes", "xinnovation", "innovéton", "3growing", "semiconductor"])
def test_short_words_and_others_are_left_alone(word: str) -> None:
    assert nearest_written(word, WRITTEN, alike) is None


def test_of_several_words_the_commoner_one_is_meant() -> None:
    known = build_term_dictionary("start", "stair")
    counts = {"start": 9.0, "stair": 2.0}
    assert nearest_written("statrs", known, lambda terms: [counts[term] for term in terms]) == "start"


@pytest.mark.parametrize(("word", "derived"), [("finder", True), ("hugeness", True), ("finden", False), ("er", False)])
def test_a_word_with_an_ending_of_its_own(word: str, derived: bool) -> None:
    assert is_derived(word, WRITTEN) is derived


@given(st.text("abet", min_size=1, max_size=8))
def test_one_letter_away_is_one_edit_with_the_first_letter_kept(word: str) -> None:
    found = one_letter_away(word)
    assert all(OSA.distance(word, other) == 1 and other[0] == word[0] for other in found)
    assert word[0] + "z" + word[1:] in found
