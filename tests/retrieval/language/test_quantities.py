import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.quantities import (
    CHINESE_DATE,
    ENGLISH_DATE,
    HALF_SHARE,
    HAN_DIGIT,
    MONTH_BEGINNINGS,
    MONTH_NAMES,
    PERCENT,
    PERCENT_SIGNS,
    SCALED,
    SCALES,
    WRITTEN,
    find_quantities,
    parse_numeral,
)
from retrieval.language.tokenizer import normalize

DIGITS = "零一二三四五六七八九"
amounts = st.integers(1, 10**13) | st.builds(
    lambda digits, power: digits * 10**power, st.integers(1, 9999), st.integers(3, 9)
)


def read(text: str) -> list[str]:
    return find_quantities(normalize(text))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("42 billion yuan", "42 bn", "42-billion", "420亿元", "四百二十亿元"), ["42000000000"]),
        (("1.2 million", "120万", "1.2 mln"), ["1200000"]),
        (("84.2 billion", "842亿", "842億"), ["84200000000"]),
        (("3 trillion", "3万亿", "三万亿", "３万亿"), ["3000000000000"]),
        (("8500万", "八千五百万", "85百万", "8千5百万", "85 million"), ["85000000"]),
        (("two million", "两百万", "二百万"), ["2000000"]),
        (("1,340万",), ["13400000"]),
        (("6.5%", "6.5 percent", "6.5 per cent", "百分之6.5"), ["6.5%"]),
        (("80%", "八成", "8成", "百分之八十"), ["80%"]),
        (("over half of the country", "过半", "一半", "過半"), ["50%"]),
        (("July 2025", "Jul 2025", "2025年7月", "2025年七月"), ["~07", "2025-07"]),
        (("December 3, 2025", "2025年12月3日"), ["~12", "2025-12", "~12-03"]),
        (("July 17", "July 17th", "7月17日", "七月十七日"), ["~07", "~07-17"]),
        (("May 2025", "2025年5月"), ["~05", "2025-05"]),
        (("it may rise", "half-hearted", "37", "A100 chips", "第13月", "万一", "", "PET-CT", "v1.2.3"), []),
    ],
)
def test_one_spelling_for_each(texts: tuple[str, ...], found: list[str]) -> None:
    # a numeral written out is its bare number besides, as 80% has the token 80
    assert {text: [q for q in read(text) if not re.fullmatch(r"\d\d?", q)] for text in texts} == dict.fromkeys(
        texts, found
    )


def chinese(number: int) -> str:
    """The numeral as it is written out: 20300 is 二万零三百."""
    written = ""
    for power, myriad in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, power)
        if part:
            written += group(part, inner=bool(written)) + myriad
    return written


def group(number: int, *, inner: bool) -> str:
    digits = f"{number:04}" if inner else str(number)
    named = [
        (DIGITS[int(d)] + (ten if d != "0" else "")) for d, ten in zip(digits[::-1], ("", *"十百千"), strict=False)
    ]
    written = re.sub("零+", "零", "".join(reversed(named))).rstrip("零")
    return re.sub("^一十", "十", written) if not inner else written


@given(st.integers(1, 9999))
def test_chinese_numerals(number: int) -> None:
    assert parse_numeral(chinese(number)) == number


@given(st.integers(1, 9999).map(str))
def test_digit_by_digit(digits: str) -> None:
    assert parse_numeral("".join(DIGITS[int(digit)] for digit in digits)) == int(digits)


def decimal(number: int, scale: int) -> str:
    whole, part = divmod(number, scale)
    return f"{whole:,}" + (f".{part:0{len(str(scale)) - 1}}".rstrip("0") if part else "")


@given(amounts, st.sampled_from([("thousand", 10**3), ("million", 10**6), ("billion", 10**9), ("trillion", 10**12)]))
def test_english_scales(number: int, scale: tuple[str, int]) -> None:
    written = decimal(number, scale[1])
    for text in (f"{written} {scale[0]}", f"{written.replace(',', '')} {scale[0]} yuan", f"${written}-{scale[0]}"):
        assert read(text) == [str(number)]


@given(amounts, st.sampled_from([("万", 10**4), ("亿", 10**8), ("萬", 10**4), ("億", 10**8), ("万亿", 10**12)]))
def test_chinese_scales(number: int, scale: tuple[str, int]) -> None:
    written = decimal(number, scale[1])
    for text in (f"{written}{scale[0]}", f"达{written.replace(',', '')}{scale[0]}元。"):
        assert read(text) == [str(number)]


@given(st.integers(11, 9999), st.sampled_from([("万", 10**4), ("亿", 10**8), ("万亿", 10**12)]))
def test_written_out(number: int, scale: tuple[str, int]) -> None:
    assert read(f"{chinese(number)}{scale[0]}元") == [str(number * scale[1])]


@given(st.integers(1, 99), st.integers(0, 99))
def test_percents(whole: int, part: int) -> None:
    number = f"{whole}.{part}".rstrip("0").rstrip(".") if part else str(whole)
    assert read(f"up {number}%") == read(f"up {number} percent") == read(f"增长百分之{number}") == [f"{number}%"]
    assert f"{whole}%" in read(f"百分之{chinese(whole) if whole > 9 else DIGITS[whole]}")


@given(st.integers(1, 12), st.integers(1900, 2100), st.integers(1, 28))
def test_dates(month: int, year: int, day: int) -> None:
    name = MONTH_NAMES[month - 1].title()
    days = [f"~{month:02}", f"{year}-{month:02}", f"~{month:02}-{day:02}"]
    assert read(f"on {name} {day}, {year}") == read(f"{year}年{month}月{day}日") == days
    assert read(f"in {name} {year}") == read(f"{year}年{month}月") == days[:2]
    assert set(days[:2]) <= set(read(f"{year}年{chinese(month)}月份"))
    assert read(f"on {name} {day}") == read(f"{month}月{day}号") == [days[0], days[2]]


@given(st.text() | st.text("0123456789,.%零一二两十百千万亿年月日成分之 ", max_size=60) | st.text(max_size=4000))
def test_any_text(text: str) -> None:
    found = read(text)
    assert len(found) == len(set(found))
    assert all(re.fullmatch(r"~?[\d.]+(?:-\d\d)?%?", quantity) for quantity in found)


@given(st.from_regex(PERCENT), st.from_regex(SCALED), st.from_regex(WRITTEN), st.from_regex(CHINESE_DATE))
def test_what_is_looked_for_first_stands_in_every_match(percent: str, scaled: str, written: str, date: str) -> None:
    assert any(sign in percent for sign in PERCENT_SIGNS)
    assert any(scale in scaled for scale in SCALES)
    assert not written.isascii()
    assert HAN_DIGIT.search(written)
    assert "月" in date


@given(st.from_regex(ENGLISH_DATE))
def test_a_month_begins_every_english_date(date: str) -> None:
    assert any(name in date for name in MONTH_BEGINNINGS)


@given(st.from_regex(HALF_SHARE))
def test_half_stands_in_every_half(half: str) -> None:
    assert "half" in half or "半" in half
