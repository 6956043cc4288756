"""Proper names in both languages, and whether one stands in a text of the other."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language_model.proper_names import find_names, missing_names, stands
from retrieval.language.lexicon import Lexicon

FOUND = [
    ("Inner Mongolia leads, followed by Xinjiang", {"Inner Mongolia", "Xinjiang"}),
    ("Rates rose, said Xu Wenqian of Nahang Technology", {"Xu", "Wenqian", "Nahang"}),
    ("Large deals by 3SBio and CSPC show this", {"3SBio", "CSPC"}),
    ("the driving chip Star One", {"Star One"}),
    ("The United States' share dropped", {"United States"}),
    ("Average cell cost fell; Stations stand idle", set()),
    ("容量电价由甘肃、宁夏率先执行", {"甘肃", "宁夏"}),
    ("研究者宋启明说，效率提高", {"宋启明"}),
    ("EHang的无人机和AI平台", {"EHang", "AI"}),
    ("压缩机等核心装备全部国产", set()),
]

STANDS = [
    ("Huairou", "怀柔科学城", True),
    ("Huairou", "密云水库", False),
    ("CATL", "宁德时代的电池", True),
    ("CATL", "比亚迪的电池", False),
    ("Inner Mongolia", "内蒙古居首", True),
    ("Inner Mongolia", "青海居首", False),
    ("United States", "美国的份额", True),
    ("Lin Zhaoyuan", "林兆远说", True),
    ("Lin Zhaoyuan", "王兆远说", False),
    ("Golmud", "格尔木（Golmud）东站", True),
    ("怀柔", "the Huairou district", True),
    ("怀柔", "the Miyun district", False),
    ("宁德时代", "CATL said", True),
    ("韩维岳", "Han Weiyue said", True),
    ("韩维岳", "Wang Weiyue said", False),
    ("EHang", "EHang（亿航）", True),
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_the_names_in_a_text(text: str, names: set[str], lexicon: Lexicon) -> None:
    assert set(find_names(text, lexicon)) == names


@pytest.mark.parametrize(("name", "text", "expected"), STANDS)
def test_a_name_stands_as_written_in_pinyin_or_by_the_dictionary(
    name: str, text: str, expected: bool, lexicon: Lexicon
) -> None:
    assert stands(name, text, lexicon) is expected


@given(text=st.text(max_size=200))
@example(text="0AÀ0")
def test_every_text_has_its_own_names(text: str, lexicon: Lexicon) -> None:
    assert missing_names(text, text, lexicon) == []
