"""Quantities: numbers and dates in a text to one spelling each: '42000000000', '50%', '2025-07', '~07-17'."""

import re
from collections.abc import Iterator
from decimal import Decimal

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
SCALES = {"thousand": 10**3, "million": 10**6, "mln": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12}
_SPELT_UNITS = "one two three four five six seven eight nine ten eleven twelve"
SPELT_UNITS = {word: n for n, word in enumerate(_SPELT_UNITS.split(), 1)}
_MONTH_NAMES = "january february march april may june july august september october november december"
MONTH_NAMES = _MONTH_NAMES.split()
MONTH_BEGINNINGS = tuple(name[:3] for name in MONTH_NAMES)  # a date needs one
MONTH_NUMBERS = {name: n for n, name in enumerate(MONTH_NAMES, 1)} | {
    name[:3]: n for n, name in enumerate(MONTH_NAMES, 1) if n != 5
}

_NUMERAL = "[零〇一二两三四五六七八九十百千]"
_ARABIC = r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?"
SCALED = re.compile(rf"({_ARABIC}|\b(?:{'|'.join(SPELT_UNITS)}))[ -]?({'|'.join(SCALES)})\b")
WRITTEN = re.compile(rf"((?:\d+千)?\d+(?:,\d{{3}})*(?:\.\d+)?[百千]?|{_NUMERAL}+)?((?:[万亿])+)|({_NUMERAL}{{2,}}|十)")
HAN_DIGIT = re.compile(f"[{_NUMERAL[1:-1]}万亿]")  # WRITTEN needs one
# 四百二十亿元: an amount without a digit, which a dictionary would cut apart
SPELT_AMOUNT = re.compile(rf"{_NUMERAL}+[万亿]+(?:[美欧港日]?元)?")
CHINESE_COUNT = re.compile(rf"{_NUMERAL}*[十百千]{_NUMERAL}*")
PERCENT = re.compile(
    rf"(\d+(?:\.\d+)?)(?:%| ?percent\b| ?per cent\b)|百分之(\d+(?:\.\d+)?|{_NUMERAL}+)|([一二两三四五六七八九\d])成"
)
PERCENT_SIGNS = ("%", "percent", "per cent", "百分之", "成")  # PERCENT needs one; `in` takes a fiftieth of the time
HALF_SHARE = re.compile(r"\bhalf (?:of|the|a)\b|过半|一半|半数")
CHINESE_DATE = re.compile(
    rf"(?:(\d{{4}})年)?(\d{{1,2}}|{_NUMERAL}{{1,2}})月(?:份|底|初|末|中旬)?(?:(\d{{1,2}}|{_NUMERAL}{{1,3}})[日号])?"
)
ENGLISH_DATE = re.compile(
    rf"\b({'|'.join(MONTH_NUMBERS)})\b\.?(?: (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d))?,?(?: (\d{{4}})\b)?"
)


def find_quantities(text: str) -> list[str]:
    """The quantities in normalised text, each once: amounts, then shares, then dates, each in reading order."""
    return list(dict.fromkeys([*_scaled(text), *_percents(text), *_dates(text)]))


def parse_numeral(written: str) -> int:
    """The value of a Chinese numeral: '四百二十' is 420, '二〇二五' is 2025."""
    if not any(character in TENS for character in written):
        return int("".join(str(DIGITS[character]) for character in written))
    total = digit = 0
    for character in written:
        if character in TENS:
            total += (digit or 1) * TENS[character]
            digit = 0
        else:
            digit = DIGITS[character]
    return total + digit


def _scaled(text: str) -> Iterator[str]:
    for match in SCALED.finditer(text) if any(scale in text for scale in SCALES) else ():
        number, scale = match.groups()
        yield _plain(Decimal(SPELT_UNITS.get(number) or number.replace(",", "")) * SCALES[scale])
    for match in WRITTEN.finditer(text) if not text.isascii() and HAN_DIGIT.search(text) else ():
        number, scale, alone = match.groups()
        if alone:
            yield str(parse_numeral(alone))
        elif number:
            value = _leading(number)
            for character in scale:
                value *= MYRIADS[character]
            yield _plain(value)


def _leading(number: str) -> Decimal:
    if number[0] in DIGITS or number[0] in TENS:
        return Decimal(parse_numeral(number))
    pieces = re.findall(r"([\d,.]+)([百千]?)", number)
    return sum((Decimal(digits.replace(",", "")) * TENS.get(tail, 1) for digits, tail in pieces), Decimal(0))


def _percents(text: str) -> Iterator[str]:
    for match in PERCENT.finditer(text) if any(sign in text for sign in PERCENT_SIGNS) else ():
        arabic, written, tenths = match.groups()
        if arabic:
            yield f"{arabic}%"
        elif written:
            yield f"{written if written[0].isdigit() else parse_numeral(written)}%"
        else:
            yield f"{(int(tenths) if tenths.isdigit() else DIGITS[tenths]) * 10}%"
    if ("half" in text or "半" in text) and HALF_SHARE.search(text):
        yield "50%"


def _dates(text: str) -> Iterator[str]:
    for match in CHINESE_DATE.finditer(text) if "月" in text else ():
        year, month, day = match.groups()
        yield from _date(year, _small(month), _small(day))
    for match in ENGLISH_DATE.finditer(text) if any([name in text for name in MONTH_BEGINNINGS]) else ():  # noqa: C419
        month, day, year = match.groups()
        if month == "may" and not (day or year):
            continue
        yield from _date(year, MONTH_NUMBERS[month], int(day) if day else None)


def _date(year: str | None, month: int | None, day: int | None) -> Iterator[str]:
    if month is None or not 1 <= month <= 12:
        return
    yield f"~{month:02}"
    if year:
        yield f"{year}-{month:02}"
    if day and 1 <= day <= 31:
        yield f"~{month:02}-{day:02}"


def _small(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if written.isdigit() else parse_numeral(written)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
