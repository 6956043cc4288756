"""Figures: a text in either language to its numbers with their units, each in every way that it can be read."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.language_model.units import find_unit
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
_COUNTED = "个家项座款条位名大类点次倍种期季年天月日周吨亩米元人度成届批轮级层只台辆艘架套份场所省市区县万亿小分"
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
PLAN = re.compile(rf"(?:第)?十([{_HAN_DIGITS}])五(?!年|个|[百千万亿])")  # 十四五: the 14th Five-Year Plan
TENTHS = re.compile(
    r"([一二两三四五六七八九\d])成(?![立为功本都员长果就品效分熟绩交人])(?:([一二三四五六七八九])(?!\w))?"
)
QUARTER = re.compile(r"\bq([1-4])\b|第?([一二三四1-4])季度?|\b(first|second|third|fourth) quarter\b")
ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(\d{1,2})(?:-(\d{1,2}))?\b")
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
    rf"|\b(?P<ordinal>{'|'.join(ORDINALS)})\b"
    rf"|(?:{_IDIOMS})|(?P<han>[{_HAN_DIGITS}]+)(?P<han_scale>[万亿]*)(?P<counted>[多余几]?[{_COUNTED}])?"
)
LINK = re.compile(r"\s*(?:,|，|、|and|or|to|和|及|与|或|至|到|-|–|—|~|/|,? and|, or|升至|降至|升到|降到)\s*")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as written, its scale (million, 万), its base unit and the factor to that."""

    number: Decimal
    scale: Decimal = Decimal(1)
    unit: str = ""
    factor: Decimal = Decimal(1)

    @property
    def reading(self) -> tuple[Decimal, str]:
        return (self.number * self.scale * self.factor).normalize(), self.unit


@dataclass(frozen=True, slots=True)
class FigureReading:
    """`readings` are pairs of value and base unit, '' for none; `strong` figures are written with digits or a scale."""

    written: str
    readings: frozenset[tuple[Decimal, str]]
    strong: bool
    start: int
    end: int
    measure: Measure | None = None

    def agrees(self, other: "FigureReading") -> bool:
        """With another language's figure: the value and, if this one has a unit, the unit."""
        if not self.readings.isdisjoint(other.readings):
            return True
        values = {value for value, unit in self.readings if not unit}
        if any(unit for _, unit in self.readings):
            return False
        return any(value in values for value, _ in other.readings)


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
    return [one.written for one in find_figures(original) if not any(one.agrees(other) for other in there)]


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
        yield _figure(match, ((NUMERATORS[some] / whole).quantize(Decimal("0.0001")), "part"))
    elif count:
        if part == "half":
            return
        yield _figure(match, ((Decimal(NUMERATORS[count]) / FRACTIONS[part]).quantize(Decimal("0.0001")), "part"))
    elif below == "百":
        yield _figure(match, (_number(above), "%"))
    elif _number(below):
        yield _figure(match, ((_number(above) / _number(below)).quantize(Decimal("0.0001")), "part"))


def _plan(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (10 + _number(match[1]), ""))


def _tenths(match: re.Match[str]) -> Iterator[FigureReading]:
    yield _figure(match, (10 * _number(match[1]) + (_number(match[2]) if match[2] else 0), "%"))


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
        unit = find_unit(text, end) or (find_unit(match["sign"].strip(), 0) if match["sign"] else None)
        if unit and match["ordinal"] is None and not (_is_year(match) and unit[0] == "year"):
            measure = replace(measure, unit=unit[0], factor=unit[1])
        strong = bool(match["digits"] or match["han_scale"] or match["spelt_scale"])
        end = max(end, unit[2]) if unit else end
        yield replace(_figure(match, measure.reading, strong=strong), end=end, measure=measure)


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
