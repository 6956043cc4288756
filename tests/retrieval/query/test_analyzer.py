import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.aliases import Aliases
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer
from retrieval.model.results import Correction
from retrieval.query.analyzer import CORRECTION_WEIGHT, QueryAnalyzer
from retrieval.query.compounds import LONE_CHARACTER_WEIGHT
from retrieval.query.concepts import MAX_ALTERNATIVES, AnalyzedQuery
from tests.support.term_dictionary import build_term_dictionary

CORPUS = """
    star market unprofit not profit list non consensus subsidi compens batteri storag capac huairou scienc citi invest
    privat equiti hard technolog guizhou data voucher energi 30 数据 贵州 科创板 造价 储能 怀柔 补贴 袋鼠
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Aliases:
    return Aliases(tmp_path_factory.mktemp("aliases") / "aliases.tsv")


@pytest.fixture(scope="module")
def reader(words: Tokenizer, lexicon: Lexicon, empty: Aliases) -> QueryAnalyzer:
    return QueryAnalyzer(words, lexicon, empty, build_term_dictionary(*CORPUS.split()))


def called(reading: AnalyzedQuery, word: str) -> dict[str, float]:
    """What a concept of the question may be called."""
    concept = next(concept for concept in reading.concepts if concept.word == word)
    return {" ".join(other.terms): other.weight for other in concept.alternatives}


def asked(reading: AnalyzedQuery) -> list[str]:
    return list(dict.fromkeys(concept.asked for concept in reading.concepts if concept.asked))


@pytest.mark.parametrize(
    ("question", "word", "other"),
    [
        ("储能", "储能", "energi storag"),
        ("補貼電池", "电池", "batteri"),
        ("怀柔", "怀柔", "huairou"),
        ("科创板上市", "科创板", "star market"),
        ("subsidies", "subsidies", "补贴"),
        ("subsidised", "subsidised", "subsidi"),
        ("未盈利", "未盈利", "unprofit"),
        ("非共识", "非共识", "non consensus"),
        ("420亿元", "42000000000", "42000000000"),
        ("42 billion yuan", "42000000000", "42000000000"),
        ("基金有四百二十亿元", "四百二十亿元", "42000000000"),
        ("三十个工作日", "三十", "30"),
        ("1,230 firms", "1230", "1230"),
    ],
)
def test_a_concept_may_be_called(reader: QueryAnalyzer, question: str, word: str, other: str) -> None:
    found = called(reader.analyze(question), word)
    assert other in found
    assert all(0 < weight <= 1 for weight in found.values())


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("请问怀柔有多少储能？", ["怀柔", "储能"]),
        ("what is the storage capacity?", ["storage", "capacity"]),
        ("BD交易", ["bd", "交易"]),
        ("HEPS的电池", ["heps", "电池"]),
        ("1,230 firms", ["1,230", "firms"]),
        ("455亿美元的储能", ["455亿美元", "储能"]),
        ("四百二十亿元的储能", ["四百二十亿元", "储能"]),
        ("2024年怀柔", ["2024", "怀柔"]),
        ("7月怀柔", ["7月", "怀柔"]),
        ("42 billion yuan", ["42 billion", "yuan"]),
        ("kangaroo court", ["kangaroo", "court"]),
        ("多少？", []),
        ("what is it?", []),
        ("", []),
        (" ,.!?，。", []),
    ],
)
def test_the_words_asked_for(reader: QueryAnalyzer, question: str, said: list[str]) -> None:
    assert asked(reader.analyze(question)) == said


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("科创版上市", [Correction("科创版", "科创板")]),
        ("贵洲数剧", [Correction("贵洲", "贵州"), Correction("数剧", "数据")]),
        ("储能造介", [Correction("造介", "造价")]),
        ("privte equty", [Correction("privte", "privat"), Correction("equty", "equiti")]),
        ("科创板上市", []),
        ("private equity", []),
        ("what is the storge", [Correction("storge", "storag")]),
    ],
)
def test_slips_are_corrected_and_said(reader: QueryAnalyzer, question: str, corrections: list[Correction]) -> None:
    assert list(reader.analyze(question).corrections) == corrections


def test_only_what_the_corpus_has_is_a_correction(words: Tokenizer, lexicon: Lexicon, empty: Aliases) -> None:
    nothing = QueryAnalyzer(words, lexicon, empty, build_term_dictionary())
    assert nothing.analyze("科创版上市 privte equty").corrections == ()


@pytest.mark.parametrize("question", ["买放难", "每放一度电", "农货", "难买"])
def test_what_may_well_be_meant_as_written_is_no_slip(reader: QueryAnalyzer, question: str) -> None:
    assert reader.analyze(question).corrections == ()


def test_a_slip_keeps_what_was_written(reader: QueryAnalyzer) -> None:
    reading = reader.analyze("贵洲")
    assert called(reading, "贵洲") == {"贵洲": 1.0, "贵州": CORRECTION_WEIGHT, "guizhou": CORRECTION_WEIGHT}
    weights = {concept.word: concept.weight for concept in reading.concepts}
    assert weights["贵洲"] == 1.0
    assert weights["洲"] >= LONE_CHARACTER_WEIGHT


def test_characters_that_the_corpus_has_side_by_side_are_a_word(
    words: Tokenizer, lexicon: Lexicon, empty: Aliases
) -> None:
    reader = QueryAnalyzer(words, lexicon, empty, build_term_dictionary("新芯", "新型", "单票", "郭子", "子衡"))
    for name, pairs in {"武汉新芯": ["新芯"], "单票收入": ["单票"], "郭子衡": ["郭子 子衡"]}.items():
        reading = reader.analyze(name)
        assert reading.corrections == ()
        word = next(word for word in asked(reading) if word in name and word not in ("武汉", "收入"))
        assert set(pairs) <= called(reading, word).keys()


def test_a_foreign_name_is_one_word(words: Tokenizer, lexicon: Lexicon, empty: Aliases) -> None:
    reader = QueryAnalyzer(words, lexicon, empty, build_term_dictionary())
    assert asked(reader.analyze("柯兹纳式企业家")) == ["柯兹纳", "式", "企业家"]


@pytest.mark.parametrize(
    ("question", "word", "other"),
    [
        ("慢牛行情", "慢牛", "slow bull"),
        ("退磁技术", "退磁", "demagnet"),
        ("未盈利企业上市", "未盈利", "unprofit"),
        ("研发投入强度", "研发投入强度", "r&d intens"),
        ("研发投入强度", "研发", "research develop"),
        ("研发投入强度", "强度", "intens"),
    ],
)
def test_compounds_are_their_parts_too(
    words: Tokenizer, lexicon: Lexicon, empty: Aliases, question: str, word: str, other: str
) -> None:
    corpus = "slow bull demagnet unprofit compani list r&d intens research develop invest"
    reader = QueryAnalyzer(words, lexicon, empty, build_term_dictionary(*corpus.split()))
    assert other in called(reader.analyze(question), word)


@pytest.mark.parametrize(
    ("question", "quantity"),
    [
        ("有多少家企业", True),
        ("几家公司", True),
        ("占比是怎样的", True),
        ("duo shao qian", True),
        ("how many firms", True),
        ("What share of buyers", True),
        ("為什麼虧損", False),
        ("why did it fail", False),
        ("", False),
    ],
)
def test_whether_a_quantity_is_asked_for(reader: QueryAnalyzer, question: str, quantity: bool) -> None:
    assert reader.analyze(question).quantity == quantity


def test_pinyin_is_read_as_chinese(reader: QueryAnalyzer) -> None:
    reading = reader.analyze("huairou bu tie")
    assert "怀柔" in called(reading, "huairou")
    assert "subsidi" in called(reading, "butie")


def test_a_long_word_that_only_happens_to_be_syllables_is_english(reader: QueryAnalyzer) -> None:
    assert "袋鼠" in called(reader.analyze("kangaroo"), "kangaroo")
    assert "怀柔" in called(reader.analyze("huairou"), "huairou")


def test_a_word_is_called_what_the_corpus_has_and_what_was_asked(reader: QueryAnalyzer) -> None:
    found = called(reader.analyze("储能"), "储能")
    assert "energi storag" in found
    assert all(term in CORPUS.split() for other in found for term in other.split())
    assert set(called(reader.analyze("咖啡"), "咖啡")) == {"咖啡"}


def test_a_word_is_called_its_likeliest_names(words: Tokenizer, lexicon: Lexicon, empty: Aliases) -> None:
    names = [" ".join(other.terms) for other in lexicon.alternatives("take")]
    rich = QueryAnalyzer(
        words, lexicon, empty, build_term_dictionary("take", *(term for name in names for term in name.split()))
    )
    found = called(rich.analyze("take"), "take")
    assert len(names) > len(found) == MAX_ALTERNATIVES
    assert next(iter(found)) == "take"
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_an_amount_is_more_than_its_digits(reader: QueryAnalyzer) -> None:
    found = called(reader.analyze("455亿美元"), "455亿美元")
    assert found["45500000000"] == 1 > found["455"]


def test_a_lone_character_weighs_less(reader: QueryAnalyzer) -> None:
    weights = {concept.word: concept.weight for concept in reader.analyze("钱、储能").concepts}
    assert weights == {"钱": LONE_CHARACTER_WEIGHT, "储能": 1.0}


def test_a_rare_character_has_one_sense(reader: QueryAnalyzer) -> None:
    weights = {concept.word: concept.weight for concept in reader.analyze("锗、钴、人").concepts}
    assert weights["锗"] == 1.0
    assert weights["钴"] > 0.8
    assert weights["人"] == LONE_CHARACTER_WEIGHT


def test_parts_of_an_unknown_word_stand_for_it(reader: QueryAnalyzer) -> None:
    parts = [concept for concept in reader.analyze("怀柔储能城").concepts if concept.asked]
    assert {"怀柔", "储能"} <= {concept.word for concept in parts}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("怀柔储能补贴", "您好，请问一下，怀柔的储能补贴到底是怎么样的呢？谢谢"),
        ("storage subsidies", "Hello, could you please tell me about the storage subsidies, thanks?"),
    ],
)
def test_politeness_is_noise(reader: QueryAnalyzer, short: str, long: str) -> None:
    assert {c.word for c in reader.analyze(short).concepts} == {c.word for c in reader.analyze(long).concepts}


PIECES = [
    "怀柔",
    "科创版",
    "未",
    "非",
    "的",
    "Beijing's ",
    "privte ",
    "huai rou ",
    "R&D",
    "420亿",
    "50%",
    "7月",
    "😀",
    "\x00",
]
texts = st.text(max_size=200) | st.lists(st.sampled_from(PIECES)).map("".join) | st.text("未非不科创版huairo 12亿")


@given(texts)
@example("未" * 1000)
@example("未科版" * 333)
@example("xianxian" * 125)
@example("科创版" * 333)
@example("\U00020000\U0002f800" * 20)
def test_any_text_is_read(reader: QueryAnalyzer, text: str) -> None:
    reading = reader.analyze(text)
    assert len({concept.word for concept in reading.concepts}) == len(reading.concepts)
    for concept in reading.concepts:
        assert 0 < concept.weight <= 1
        assert concept.alternatives
        assert all(0 < other.weight <= 1 and other.terms for other in concept.alternatives)
    assert reading == reader.analyze(text)


@given(st.lists(st.sampled_from(["怀柔", "补贴", "storage", "subsidies", "42 billion"]), unique=True, min_size=1))
def test_asking_twice_in_one_question_asks_once(reader: QueryAnalyzer, said: list[str]) -> None:
    once, twice = reader.analyze("，".join(said)).concepts, reader.analyze("，".join(said * 2)).concepts
    assert {concept.word for concept in once} <= {concept.word for concept in twice}
    assert {concept.asked for concept in once} == {concept.asked for concept in twice}


def test_a_name_in_pinyin_leaves_a_slip_of_another_word_to_be_corrected(
    words: Tokenizer, lexicon: Lexicon, empty: Aliases
) -> None:
    """Both have one stem: xiaoming's -ing is no ending, and xiaom is short of an i."""
    analyzer = QueryAnalyzer(words, lexicon, empty, build_term_dictionary("xiaomi", "phone", "price"))
    assert not analyzer.analyze("what did xiaoming say of the phone price").corrections
    assert analyzer.analyze("the phone price of xiaom").corrections == (Correction("xiaom", "xiaomi"),)
