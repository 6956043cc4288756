"""Figures: a text in either language to its numbers with their units, each in every way that it can be read."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.language_model.figure_reading import FigureReading, Measure
from bot.language_model.units import find_units
from retrieval.language.quantities import MONTH_NUMBERS, MYRIADS, SCALES, parse_numeral
from retrieval.language.tokenizer import simplify

_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * n for n, word in enumerate(_TEN_WORDS.split(), 2)}
_SMALL_WORDS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
SPELT = (
    {word: n for n, word in enumerate(f"{_SMALL_WORDS} eighteen nineteen".split(), 2)}
    | _TENS
    | {"twice": 2, "thrice": 3}
)
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS = {word: n for n, word in enumerate(_ORDINALS.split(), 2)}
FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
FRACTIONS |= {"hundredth": 100, "thousandth": 1000, "ten-thousandth": 10_000}
NUMERATORS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "nine": 9}

_HAN_DIGITS = "零〇一二两三四五六七八九十百千"
_DIGITS = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_COUNTED = "个家项座款条位名大类点次倍种期季年天月日周吨亩米元人度成届批轮级层只台辆艘架套份场所省市区县万亿小分岁比"
# What is no amount though it begins with a numeral.
_IDIOMS = (
    r"一(?![百千万亿十])|三农|两会|两岸|四川|九江|九州|千方百计|百分点|万象|百货|千瓦|千米|千克|百姓|十分|五粮液|三亚|三峡"
    "|五年规划|五年计划"
)

FRACTION = re.compile(
    rf"\b({'|'.join(NUMERATORS)})[- ]({'|'.join(FRACTIONS)})s?\b"
    rf"|\b({'|'.join(NUMERATORS)}) (?:in|out of|of every) (?:every )?({'|'.join(SPELT)}|\d+)\b"
    rf"|([{_HAN_DIGITS}万\d]+)分之([{_HAN_DIGITS}\d.]+)"
)
DECADES = re.compile(rf"\b(?:({'|'.join(SPELT)}) )?decades?\b")
DOUBLINGS = re.compile(r"\b(?:doubl|(tripl))(?:e[ds]?|ing)\b")
AND_A_HALF = re.compile(rf"\b(one|{'|'.join(SPELT)}) and a half\b|([{_HAN_DIGITS}]|\d+)(?:倍|年|个月|小时|天|个)半")
PLAN = re.compile(rf"(?:第)?十([{_HAN_DIGITS}])五(?!年|个|[百千万亿])")  # 十四五: the 14th Five-Year Plan
TENTHS = re.compile(
    r"([一二两三四五六七八九\d])成(?![立为功本都员长果就品效分熟绩交人])(?:([一二三四五六七八九])(?!\w))?"
)
QUARTER = re.compile(r"\bq([1-4])\b|第?([一二三四1-4])季度?|\b(first|second|third|fourth) quarter\b")
ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(0?[1-9]|1[0-2])(?:-(\d{1,2}))?\b")
MONTH = re.compile(rf"\b({'|'.join(MONTH_NUMBERS)})\b\.?(?: (\d{{1,2}})(?:st|nd|rd|th)?\b(?!,?\d))?")
HAN_MONTH = re.compile(rf"(\d{{1,2}}|[{_HAN_DIGITS}]{{1,3}})月(?:份)?(?:(\d{{1,2}}|[{_HAN_DIGITS}]{{1,3}})[日号])?")
HAN_YEAR = re.compile(r"((?:19|20)\d\d)年(?!代)")
DECADE = re.compile(r"\b(19|20)(\d0)'?s\b|(?:上世纪|本世纪)?(\d0)年代")
_SCALE_WORDS = "|".join(SCALES)
_TWO_WORDS = rf"(?:{'|'.join(_TENS)})[- ](?:one|{'|'.join(_SMALL_WORDS.split()[:8])})"
AMOUNT = re.compile(
    rf"(?P<sign>[$¥￥€£]|us\$|hk\$|rmb ?)?(?P<digits>{_DIGITS})(?:st|nd|rd|th)?"
    rf"(?P<scale>[百千]?[万亿]+|[百千](?![瓦米克])|[ -]?(?:{_SCALE_WORDS})\b)?"
    rf"|\b(?P<spelt>{_TWO_WORDS}|one(?=[ -](?:{_SCALE_WORDS}))|(?:{'|'.join(SPELT)})(?!-year plan)"
    rf"|a(?= (?:hundred|{_SCALE_WORDS})\b))\b(?P<spelt_scale>[ -](?:hundred|{_SCALE_WORDS})\b)?"
    rf"|(?<!\ba )(?<!per )(?<!each )(?<!by the )\b(?P<ordinal>{'|'.join(ORDINALS)})\b"
    rf"|(?:{_IDIOMS})|(?P<han>[{_HAN_DIGITS}]+)(?P<han_scale>[万亿]*)(?P<counted>[多余几]?[{_COUNTED}])?"
)
SMALL_HAN = {2: "二两双", 3: "三", 4: "四", 5: "五", 6: "六", 7: "七", 8: "八", 9: "九", 10: "十"}
LINK = re.compile(r"\s*(?:,|，|、|and|or|to|和|及|与|或|至|到|-|–|—|~|/|,? and|, or|升至|降至|升到|降到)\s*")


def find_figures(text: str) -> list[FigureReading]:
    """In reading order."""
    text = simplify(unicodedata.normalize("NFKC", text.replace("²", "2").replace("³", "3"))).lower()
    found: list[FigureReading] = []
    for pattern, read in _SPECIAL:
        for match in pattern.finditer(text):
            figures = list(read(match))
            found += figures
            if figures:
                text = text[: match.start()] + "\ua000" * (match.end() - match.start()) + text[match.end() :]
    found += _amounts(text)
    found.sort(key=lambda figure: figure.start)
    return _with_shared_units(found, text)


def missing_figures(original: str, translation: str) -> list[str]:
    """The figures of a text that do not stand in another, as written."""
    there = find_figures(translation)
    missing = [one for one in find_figures(original) if not any(one.agrees(other) for other in there)]
    return [one.written for one in missing if one.strong or not _in_words(one, translation.lower())]


def _in_words(figure: FigureReading, text: str) -> bool:
    """Whether a small number in words stands in the other text before any word: 两任 is no known measure."""
    values = [int(value) for value, _ in figure.readings if 2 <= value <= 10 and value == int(value)]
    spelt = {number: rf"\b{word}\b" for word, number in SPELT.items()}
    spelt |= {2: r"\b(?:two|twice|both|double|pair|second)\b"}
    if 2 in values and re.search("翻了?一?番|一倍", text):
        return True
    return any(re.search(rf"[{SMALL_HAN[value]}]|\b{value}\b|{spelt[value]}", text) for value in values)


def added_figures(original: str, text: str, *, idioms: bool = True) -> list[str]:
    """The figures of a text that the original does not have; with `idioms`, small numbers in words are let pass."""
    there = find_figures(original)
    return [
        one.written
        for one in find_figures(text)
        if (one.strong or not idioms) and not any(one.agrees(other) or other.agrees(one) for other in there)
    ]


def _figure(match: re.Match[str], *readings: tuple[Decimal | int, str], strong: bool = True) -> FigureReading:
    pairs = frozenset((Decimal(value).normalize(), unit) for value, unit in readings)
    return FigureReading(match[0].strip(), pairs, strong, match.start(), match.end())


def _fraction(match: re.Match[str]) -> Iterator[FigureReading]:
    count, part, some, among, below, above = match.groups()
    if some:
        whole = Decimal(among) if among.isdigit() else Decimal(SPELT[among])
        yield _share(match, NUMERATORS[some] / whole)
    elif count:
        if part == "half":
            return
        yield _share(match, Decimal(NUMERATORS[count]) / FRACTIONS[part])
    elif below == "百":
        yield _figure(match, (_number(above), "%"))
    elif _number(below):
        yield _share(match, _number(above) / _number(below))


def _share(match: re.Match[str], part: Decimal) -> FigureReading:
    return _figure(match, (part.quantize(Decimal("0.0001")), "part"), ((100 * part).quantize(Decimal("0.01")), "%"))


def _decades(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (10 * SPELT.get(match[1], 1), "year"), strong=False)


def _multiple(match: re.Match[str]) -> Iterator[FigureReading]:
    value = 3 if match[1] else 2
    yield _figure(match, (value, "fold"), (value, ""), strong=False)


def _and_a_half(match: re.Match[str]) -> Iterator[FigureReading]:
    word, numeral = match.groups()
    value = (_number(numeral) if numeral else Decimal(SPELT.get(word, 1))) + Decimal("0.5")
    yield _figure(match, (value, ""), (value, "fold"))


def _plan(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (10 + _number(match[1]), ""))


def _tenths(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _share(match, (10 * _number(match[1]) + (_number(match[2]) if match[2] else 0)) / 100)


def _quarter(match: re.Match[str]) -> Iterator[FigureReading]:
    short, han, word = match.groups()
    number = short or (str(_number(han)) if han else str(("first", "second", "third", "fourth").index(word) + 1))
    yield _figure(match, (Decimal(number), "quarter of a year"))


def _iso_date(match: re.Match[str]) -> Iterator[FigureReading]:
    year, month, day = match.groups()
    yield _figure(match, (int(year), "year"), (int(year), ""))
    yield _figure(match, (int(month), "month of the year"))
    if day:
        yield _figure(match, (int(day), ""), (int(day), "day"))


def _month(match: re.Match[str]) -> Iterator[FigureReading]:
    name, day = match.groups()
    if name in {"may", "mar", "dec", "sep", "jan"} and not day and name == "may" and not _is_month(match):
        return
    yield _figure(match, (MONTH_NUMBERS[name], "month of the year"))
    if day:
        yield _figure(match, (int(day), ""), (int(day), "day"))


def _is_month(match: re.Match[str]) -> bool:
    """Whether 'may' is the month."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    named = re.search(r"\b(?:in|by|since|until|to|from|of|last|this|early|mid|late|end)[ -]$", before)
    return bool(named or re.match(r",? (?:19|20)\d\d", after) or re.search(r"\d $", before))


def _han_month(match: re.Match[str]) -> Iterator[FigureReading]:
    month, day = _number(match[1]), match[2]
    if 1 <= month <= 12:
        yield _figure(match, (month, "month of the year"))
        if day:
            yield _figure(match, (_number(day), ""), (_number(day), "day"))


def _han_year(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (int(match[1]), ""))


def _decade(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (int(match[2] or match[3]), "decade"))


_SPECIAL = (
    (AND_A_HALF, _and_a_half),
    (DECADES, _decades),
    (DOUBLINGS, _multiple),
    (FRACTION, _fraction),
    (PLAN, _plan),
    (TENTHS, _tenths),
    (QUARTER, _quarter),
    (ISO_DATE, _iso_date),
    (MONTH, _month),
    (HAN_YEAR, _han_year),
    (HAN_MONTH, _han_month),
    (DECADE, _decade),
)


def _amounts(text: str) -> Iterator[FigureReading]:
    for match in AMOUNT.finditer(text):
        measure = _measure(match)
        if measure is None:
            continue
        end = match.end() - len(match["counted"] or "")
        units, unit_end = find_units(text, end)
        if not units and match["sign"]:
            units = find_units(match["sign"].strip(), 0)[0]
        if match["ordinal"] or (_is_year(match) and ("year", Decimal(1)) in units):
            units, unit_end = [], end
        measures = [replace(measure, unit=unit, factor=factor) for unit, factor in units] or [measure]
        readings = {one.reading for one in measures}
        if text[:unit_end].endswith("times"):  # 'three times' are as often occasions as multiples
            readings.add(measure.reading)
        strong = bool(match["digits"] or match["han_scale"] or match["spelt_scale"])
        end = unit_end if units else end
        yield replace(_figure(match, *readings, strong=strong), end=max(end, match.start() + 1), measure=measures[0])


def _is_year(match: re.Match[str]) -> bool:
    return bool(match["digits"] and re.fullmatch(r"(?:19|20)\d\d", match["digits"]))


def _measure(match: re.Match[str]) -> Measure | None:
    if match["digits"]:
        number = Decimal(match["digits"].replace(",", ""))
        return Measure(number, _scale(match["scale"]))
    if match["spelt"]:
        first, _, second = match["spelt"].replace("-", " ").partition(" ")
        small = SPELT | {"one": 1, "a": 1}
        return Measure(Decimal(small[first] + (small[second] if second else 0)), _scale(match["spelt_scale"]))
    if match["ordinal"]:
        return Measure(Decimal(ORDINALS[match["ordinal"]]))
    if match.string[: match.start()].endswith("每") and not set(match["han"] or "") - set("一百千"):
        return None  # 每百万公里: per million
    if match["han"] and (match["han_scale"] or _is_count(match["han"], match["counted"])):
        return Measure(_number(match["han"]), _scale(match["han_scale"]))
    return None


def _is_count(numeral: str, counted: str | None) -> bool:
    """Whether a Chinese numeral without a scale is an amount, and no part of a word or a name."""
    if numeral[0] in "百千":
        return False
    if counted:
        return len(numeral) > 1 or numeral in "二两三四五六七八九十"
    return len(numeral) > 1 and (bool(set(numeral) & set("十百千")) or len(numeral) >= 4)


def _scale(written: str | None) -> Decimal:
    factor = Decimal(1)
    word = (written or "").strip(" -")
    if word == "hundred":
        return Decimal(100)
    if word in SCALES:
        return Decimal(SCALES[word])
    for character in word:
        factor *= MYRIADS.get(character, {"百": 100, "千": 1000}.get(character, 1))
    return factor


def _number(written: str) -> Decimal:
    if re.fullmatch(r"\d+(?:\.\d+)?", written):
        return Decimal(written)
    return Decimal(10_000 if written == "万" else parse_numeral(written.replace("万", "") or "零"))


def _with_shared_units(figures: Sequence[FigureReading], text: str) -> list[FigureReading]:
    """In '15.9, 12.7 and 11.2 GW' and '3 to 5 billion' the last one's unit and scale are also the others'."""
    shared = list(figures)
    for at in range(len(shared) - 2, -1, -1):
        one, later = shared[at], shared[at + 1]
        if not (one.measure and later.measure) or one.measure.unit or not LINK.fullmatch(text[one.end : later.start]):
            continue
        more = replace(one.measure, unit=later.measure.unit, factor=later.measure.factor)
        scaled = replace(more, scale=later.measure.scale if more.scale == 1 else more.scale)
        shared[at] = replace(one, readings=one.readings | {more.reading, scaled.reading}, measure=scaled)
    return shared
