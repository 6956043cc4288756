import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.cedict import CedictEntry, Gloss, parse_glosses, plain_pinyin, read_entries

LINES = [
    "# CC-CEDICT",
    "#! version=1",
    "",
    "研發 研发 [yan2 fa1] /research and development/to develop/",
    "not an entry",
    "武漢 武汉 [Wu3 han4] /Wuhan, subprovincial city, capital of Hubei/",
]


def test_lines_that_are_entries() -> None:
    assert list(read_entries(LINES)) == [
        CedictEntry("研发", "研發", "yan2 fa1", ("research and development", "to develop")),
        CedictEntry("武汉", "武漢", "Wu3 han4", ("Wuhan",)),
    ]


@pytest.mark.parametrize(("pinyin", "name"), [("Bei3 jing1", True), ("bei3", False), ("", False), ("A A zhi4", True)])
def test_names_have_a_capital(pinyin: str, name: bool) -> None:
    assert CedictEntry("北京", "北京", pinyin, ()).is_name == name


@pytest.mark.parametrize(
    ("pinyin", "letters"),
    [("Bei3 jing1", "beijing"), ("lu:4 se4", "lvse"), ("nu:3", "nv"), ("xi1 an1", "xian"), ("r5", "r"), ("", "")],
)
def test_spelling(pinyin: str, letters: str) -> None:
    assert plain_pinyin(pinyin) == letters


@pytest.mark.parametrize(
    ("sense", "found"),
    [
        ("to subsidize", ["subsidize"]),
        ("a battery", ["battery"]),
        ("voucher; coupon", ["voucher", "coupon"]),
        ("stock or share", ["stock", "share"]),
        ("(finance) to go public", ["go public"]),
        ("semiconductor (material)", ["semiconductor"]),
        ("Beijing, capital of China", ["beijing"]),
        ("Golmud or Ge'ermu city", ["golmud"]),
        ("initial public offering (IPO)", ["initial public offering", "ipo"]),
        ("CL:個|个[ge4]", []),
        ("surname Wang", []),
        ("Taiwan pr. [yan2]", []),
        ("what a long gloss of many words says is not looked up", []),
        ("!", []),
        ("()", []),
    ],
)
def test_what_a_sense_translates_to(sense: str, found: list[str]) -> None:
    assert {gloss.phrase for gloss in parse_glosses([sense])} == set(found)


@pytest.mark.parametrize(
    ("sense", "word"),
    [
        ("abbr. for 中國證監會|中国证监会[Zhong1 guo2 Zheng4 jian1 hui4]", "中国证监会"),
        ("variant of 台[tai2]", "台"),
        ("see 電池|电池[dian4 chi2]", "电池"),
        ("(coll.) same as 電池|电池[dian4 chi2]", "电池"),
    ],
)
def test_a_pointer_leads_to_another_headword(sense: str, word: str) -> None:
    assert parse_glosses([sense]) == [Gloss(word, 0.9, word=True)]


def test_later_senses_weigh_less_and_classifiers_do_not_count() -> None:
    first, second, third = parse_glosses(["CL:個|个[ge4]", "vehicle", "car; automobile"])
    assert first == Gloss("vehicle", 1.0)
    assert first.weight > second.weight > third.weight


def test_rare_senses_weigh_less() -> None:
    plain, rare = parse_glosses(["cart"]), parse_glosses(["(archaic) cart"])
    assert plain[0].phrase == rare[0].phrase
    assert plain[0].weight > rare[0].weight


def test_the_heaviest_of_equal_glosses_stays() -> None:
    assert parse_glosses(["car", "vehicle", "car"]) == parse_glosses(["car", "vehicle"])


BREAKS = "/\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
PIECES = [*" ()[]|;,", "to ", "CL:", "see ", "abbr. for ", "个[ge4]", "Xi'an", "or", "old"]
senses = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=BREAKS))
pieces = st.sampled_from(PIECES)
pinyin = st.from_regex(r"[a-z]{1,5}[1-5]( [a-z]{1,5}[1-5]){0,3}", fullmatch=True)


@given(st.lists(senses | st.lists(pieces).map("".join)))
def test_any_senses(written: list[str]) -> None:
    found = parse_glosses(written)
    assert all(0 < gloss.weight <= 1 and gloss.phrase for gloss in found)
    assert len({(gloss.phrase, gloss.word) for gloss in found}) == len(found)


@given(st.text() | st.lists(pieces | st.sampled_from(["/", "個 个 [ge4] /"])).map("".join))
def test_any_line(line: str) -> None:
    assert len(list(read_entries([line]))) <= 1


word = st.text("研发電池汽车", min_size=1, max_size=4)


@given(word, word, pinyin, st.lists(senses, min_size=1))
def test_a_line_comes_back(traditional: str, simplified: str, pinyin: str, written: list[str]) -> None:
    line = f"{traditional} {simplified} [{pinyin}] /{'/'.join(written)}/"
    assert list(read_entries([line])) == [CedictEntry(simplified, traditional, pinyin, tuple(written))]
