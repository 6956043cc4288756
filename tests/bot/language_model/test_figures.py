"""Figures in both languages: the same ones agree however they are written, others do not."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.language_model.figures import added_figures, find_figures, missing_figures

SAME = [
    ("Cumulative capacity reached 103.6 GW / 251 GWh, 41% above 2024", "累计装机103.6吉瓦/251吉瓦时，比2024年增长41%"),
    ("Inner Mongolia leads with 15.9 GW", "内蒙古以1590万千瓦居首"),
    ("deals worth $45.5 billion from January to May", "1月至5月的交易额为455亿美元"),
    ("The top three are 15.9, 12.7 and 11.2 GW", "前三名为15.9吉瓦、12.7吉瓦和11.2吉瓦"),
    ("15.9 GW, 12.7 GW and 11.2 GW", "15.9、12.7和11.2吉瓦"),
    ("3 to 5 billion yuan", "30亿至50亿元"),
    ("in the 14th Five-Year Plan period", "“十四五”期间"),
    ("168 yuan per kilowatt a year, down from 230 yuan two years ago", "每年每千瓦168元，低于两年前的230元"),
    ("213 million kWh", "2.13亿千瓦时"),
    ("213 million kWh", "2.13亿度电"),
    ("down nearly 40% from three years ago", "比三年前下降近四成"),
    ("below one ten-thousandth", "低于万分之一"),
    ("a third of buyers", "三分之一的买家"),
    ("one in three buyers", "三分之一的买家"),
    ("about 700,000 cubic meters", "约70万立方米"),
    ("at minus 20 degrees Celsius", "零下20摄氏度时"),
    ("at 20:15 on July 17", "7月17日20时15分"),
    ("in the second quarter, Q4", "二季度、第四季度"),
    ("eight major facilities and 163 platforms", "八大装置和163个平台"),
    ("failed to respond twice", "两次未响应"),
    ("the 21st century, the 1990s", "21世纪、上世纪90年代"),
    ("twenty-five people, five hundred firms", "25人，500家企业"),
    ("In May 2025 exports may rise 5%", "2025年5月出口可能增长5%"),
    ("rose 1.2 percentage points to 99.9 percent", "上升1.2个百分点，达到99.9%"),
    ("1 trillion yuan", "一万亿元"),
    ("100.9 square kilometers", "100.9平方公里"),
    ("31,000 yuan per ton", "每吨3.1万元"),
    ("9.5 years, against the 7 years written", "9.5年，而写的是7年"),
    ("¥5.6 billion", "56亿元"),
]

OTHER = [
    ("103.6 GW", "106.3吉瓦"),
    ("103.6 GW", "103.6兆瓦"),
    ("45.5 billion dollars", "45.5亿美元"),
    ("45.5 billion dollars", "455亿元"),
    ("41%", "41"),
    ("41%", "41个百分点"),
    ("three years ago", "两年前"),
    ("in July", "6月"),
    ("July 17", "7月18日"),
    ("2024", "2025年"),
    ("the 14th Five-Year Plan", "“十三五”规划"),
    ("a third", "四分之一"),
    ("twelve months", "十个月"),
    ("100.9 square kilometers", "100.9公里"),
    ("2.42 hours", "2.42天"),
    ("second quarter", "三季度"),
]


@pytest.mark.parametrize(("english", "chinese"), SAME)
def test_the_same_figures_agree_in_both_directions(english: str, chinese: str) -> None:
    assert find_figures(english)
    assert (missing_figures(english, chinese), added_figures(english, chinese)) == ([], [])
    assert (missing_figures(chinese, english), added_figures(chinese, english)) == ([], [])


@pytest.mark.parametrize(("english", "chinese"), OTHER)
def test_another_figure_or_unit_is_missing(english: str, chinese: str) -> None:
    assert missing_figures(english, chinese)


@pytest.mark.parametrize(
    "text", ["四川和三亚一起努力", "It may rise as one of the best", "千方百计统一思想", "百姓十分满意", "三农"]
)
def test_numerals_in_words_and_names_are_no_figures(text: str) -> None:
    assert find_figures(text) == []


AMOUNTS = st.decimals(min_value="0.01", max_value="999999", places=2, allow_nan=False).filter(lambda n: n % 1 != 0)
UNITS_IN_BOTH = st.sampled_from(
    [
        *[
            ("GW", "吉瓦"),
            ("yuan", "元"),
            ("dollars", "美元"),
            ("kilometers", "公里"),
            ("tons", "吨"),
            ("percent", "%"),
        ],
        *[("hectares", "公顷"), ("hours", "小时"), ("kWh", "千瓦时"), ("percentage points", "个百分点")],
    ]
)


@given(AMOUNTS, UNITS_IN_BOTH, st.sampled_from([("", "", 1), (" billion", "亿", 10), (" million", "万", 100)]))
def test_any_amount_agrees_with_itself(amount: object, unit: tuple[str, str], scale: tuple[str, str, int]) -> None:
    english, chinese, factor = scale
    text = f"It was {amount:,}{english} {unit[0]} then." if unit[0] else ""
    other = f"当时为{amount * factor}{chinese}{unit[1]}。"  # type: ignore[operator]
    assert (missing_figures(text, other), missing_figures(other, text)) == ([], [])


@given(AMOUNTS, AMOUNTS, UNITS_IN_BOTH, UNITS_IN_BOTH)
def test_any_other_amount_or_unit_is_missing(
    one: object, other: object, unit: tuple[str, str], another: tuple[str, str]
) -> None:
    assume(one != other)
    assert missing_figures(f"It was {one} {unit[0]}.", f"为{other}{unit[1]}。")
    if unit != another:
        assert missing_figures(f"It was {one} {unit[0]}.", f"为{one}{another[1]}。")


@given(st.text(max_size=300))
def test_every_text_has_its_own_figures(text: str) -> None:
    assert missing_figures(text, text) == []
    assert added_figures(text, text) == []
