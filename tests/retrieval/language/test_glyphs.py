import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.language.fingerprints import fingerprint
from retrieval.language.glyphs import RADICALS, UNSEEN, fold_glyphs
from retrieval.language.tokenizer import Tokenizer, normalize

UNSEEN_CHARACTERS = [character for character in map(chr, range(0x110000)) if UNSEEN.match(character)]
SENTENCES = [
    "宁波的存储器产线每月生产五万片，投资420亿元。",
    "The semiconductor plant in Ningbo makes 30,000 wafers a month, R&D included.",
    "研发R&D２０２５年 cafés、Beijing's 科創債 -1,230.5%",
]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    cache: Path = tmp_path_factory.mktemp("jieba")
    return Tokenizer(cache, lambda pieces, _: [()] * len(pieces))


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("semi\u00adcon\u00adduc\u00adtor", "semiconductor"),
        ("人\u200d工\u200c智\u200b能\ufeff", "人工智能"),
        ("葛\U000e0100洲坝\ufe00", "葛洲坝"),
        ("⻓江的⻋企和⺠营企业", "长江的车企和民营企业"),
        ("二○二六年", "二〇二六年"),
        ("二◯一○年", "二〇一〇年"),
        ("二OO八年", "二〇〇八年"),
        ("○ 一号店", "○ 一号店"),
        ("第一○", "第一○"),
        ("五一O2O平台", "五一O2O平台"),
        ("plain", "plain"),
    ],
)
def test_what_is_seen(written: str, seen: str) -> None:
    assert fold_glyphs(written) == seen


def test_format_characters_are_unseen() -> None:
    """All but those that stand around other characters and are drawn."""
    drawn = {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606), *range(0x13430, 0x13460)}
    others = (character for character in map(chr, range(0x110000)) if not UNSEEN.match(character))
    assert {ord(character) for character in others if unicodedata.category(character) == "Cf"} <= drawn


def test_radicals_become_ideographs() -> None:
    assert all(0x2E80 <= radical <= 0x2EFF for radical in RADICALS)
    assert all("CJK UNIFIED" in unicodedata.name(str(character)) for character in RADICALS.values())


@settings(max_examples=300)
@given(st.data(), st.sampled_from(SENTENCES))
def test_a_text_strewn_with_them_has_the_same_tokens(tokenizer: Tokenizer, data: st.DataObject, text: str) -> None:
    gaps = st.text(st.sampled_from(UNSEEN_CHARACTERS), max_size=2)
    strewn = "".join(data.draw(gaps) + character for character in text) + data.draw(gaps)
    assert normalize(strewn) == normalize(text)
    assert tokenizer.tokens(strewn) == tokenizer.tokens(text)
    assert fingerprint(strewn) == fingerprint(text)
