"""Figures: a text to the numbers in it with their words (over, about), scales, units and ranges, each with its type.

They are found as a reader sees them: 'over 6%', '100.9 square kilometers', '60 to 80 yuan', '约420亿元', '2025-26'.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.language.quantities import MONTH_NAMES, SPELT_UNITS

_SPELT = "|".join(SPELT_UNITS)
_WRITTEN_NUMBER = (
    rf"(?:\d[\d,]*(?:\.\d+)?|(?<![A-Za-z])(?:{_SPELT}|(?<!first[ -])(?<!second[ -])(?<!latter )half|dozens?|hundreds"
    r"|thousands|millions)(?![A-Za-z])"
    r"|[一二两三四五六七八九十百千]+(?=[万亿成倍]))"
)
_SCALE_FORM = r"(?: ?(?:hundred|thousand|million|billion|trillion|bn|mn)\b| ?(?:万亿|[千百十]?[万亿]))"
_BEFORE = (
    r"(?:(?<![A-Za-z])(?<!spread )"
    r"(?:(?:no )?(?:more|less|fewer) than|as (?:much|many|little|few|high|low) as|at (?:least|most)|up to"
    r"|over|above|about|around|roughly|nearly|almost|just (?:over|under)|under|below|only|merely|barely|close to) "
    r"|[<>≥≤~≈] ?|(?:超过|逾|大约|约为|约|接近|近|不足|不到|至少|最多|至多|仅|高达|低于|高于|突破) ?)"
)
_AFTER = r"(?:\+| or (?:more|less|fewer)\b|(?:以上|以下|左右|上下))"
_UNIT_FORMS = {
    "share": r" ?(?:%|‰|percent\b|per cent\b|percentage points?\b|个百分点|成(?![本为立交功员果都绩就]))",
    "money": r" ?(?:[美欧港日]?元|块钱?|(?:Hong Kong |US )?dollars?\b|yuan\b|RMB\b|euros?\b|yen\b|pounds?\b)",
    "area": r" ?(?:平方(?:公里|千米|米)|公顷|亩|square (?:kilo)?met(?:er|re)s?\b|square (?:feet|miles?|km)\b"
    r"|hectares?\b|mu\b|acres?\b)",
    "length": r"(?: ?|-)(?:公里|千米|[厘毫纳微]?米(?!饭)|(?:kilo|nano)?met(?:er|re)s?\b|[kcmn]?m\b|miles?\b)",
    "weight": r" ?(?:公斤|千克|克|吨|斤|(?:kilo)?grams?\b|kilos?\b|kg\b|tons?\b|tonnes?\b)",
    "power": r" ?(?:[千兆吉]?瓦时?|度(?=电)|[kMGT]?Wh\b|[kMGT]W\b|Ah\b|TOPS\b|Wh/kg\b"
    r"|(?:kilo|mega|giga)watt(?:-hour)?s?\b)",
    "volume": r" ?(?:立方米|升|cubic met(?:er|re)s?\b|lit(?:er|re)s?\b)",
    "age": r" ?(?:周?岁|years? old\b)|-year-olds?\b",
    "span": r"(?: ?|-)(?:秒|分钟|个?小时|个?工作日|天|日(?=内)|个?星期|周|个月|年(?![代度底初末])"
    r"|(?:seconds?|minutes?|hours?|(?:(?:working|consecutive|straight) )?(?:days?|years?)|weeks?|months?)\b)",
    "times": r" ?(?:倍|times\b)|-?fold\b",
}
_UNIT = "|".join(f"(?P<{kind}>{unit})" for kind, unit in _UNIT_FORMS.items())
_MEASURE_FORM = r" ?(?:[家个座条款项名位人辆艘台套只头户处所种批例次宗起笔份张件支架单栋眼盏块]|万?人次)"
_RANGE = r"(?: ?(?:-|–|—|~|至|到) ?| to )"
_MONTH_FORM = rf"(?:{'|'.join(name[:3].title() for name in MONTH_NAMES)})[a-z]*"
DATE = re.compile(
    r"\b(?:between |from )?(?:19|20)\d\d (?:and|to) (?:19|20)\d\d\b"
    r"|\b(?:the )?(?:(?:first|second) half|(?:first|second|third|fourth) quarter) of (?:19|20)\d\d\b"
    r"|(?:19|20)\d\d ?年? ?(?:至|到|—|～|~) ?(?:19|20)\d\d ?年间?"
    r"|(?:19|20)\d\d ?年(?: ?\d{1,2} ?月(?:份| ?\d{1,2} ?[日号]|[上中下]旬|底|初)?|[初底末]|[上下]半年)?"
    r"|(?<!\d)\d{1,2} ?月(?: ?\d{1,2} ?[日号]|份|底|初)"
    rf"|\b{_MONTH_FORM}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?!\d)(?:,? (?:19|20)\d\d\b)?"
    rf"|\b(?:\d{{1,2}} |(?:early|late|mid)[- ])?{_MONTH_FORM} (?:19|20)\d\d\b"
    r"|\b(?:the end of |mid-|early |late |mid )?(?<![.\d])(?:19|20)\d\d\b(?:[-–]\d\d\b)?(?![.,%]?\d)"
    r"(?! ?(?:%|people|yuan|元|[家个人户]))"
)
FIGURE = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<currency>[¥$€£] ?)?"
    rf"(?P<number>(?<![\w.]){_WRITTEN_NUMBER}|(?<=[^\x00-\x7f]){_WRITTEN_NUMBER})(?P<scale>{_SCALE_FORM})?"
    rf"(?:(?P<range>{_RANGE})(?:[¥$€£] ?)?{_WRITTEN_NUMBER}{_SCALE_FORM}?)?"
    rf"(?:{_UNIT}|(?P<measure>{_MEASURE_FORM}))?(?P<after>{_AFTER})?",
)
WRITTEN_SHARE = re.compile(
    r"\b(?:nearly |almost |about |over |more than |less than )?"
    r"(?:(?<!first[ -])(?<!second[ -])half(?! (?:a )?(?:year|yuan|of 20))"
    r"|(?:one|two|three|an?)[ -](?:thirds?|quarters?|fifths?|tenths?)"
    r"|one in (?:two|three|four|five|ten)|\d+ in \d[\d,]*|(?:two|three|four) (?:in|out of) (?:three|four|five|ten))\b"
    r"|(?:超|近|约)?(?:百分之[一二三四五六七八九十百]+|[一二三四五六七八九十]分之[一二三四五六七八九十]+|过半|一半|半数)"
    r"|[近约超]?[一二两三四五六七八九]成[一二三四五六七八九]?(?![本为立交功员果])"
)
# What may not be cut from a number in front of it: an ordinal, a letter of a unit or of a name.
TAIL = re.compile(r"(?:st|nd|rd|th)\b|[A-Za-z]+|[-–/]\d[\d,.]*\w*|[.,]\d+")
RISE = re.compile(r"(?:\bfrom|由|从) ?$")
NAME_BEFORE = re.compile(r"[A-Za-z][-A-Za-z]*-?$|第$|No\. ?$")


@dataclass(frozen=True, slots=True)
class FigureMention:
    """Characters `start` to `end` are a figure of this kind, `number` its digits; a `count` has no unit."""

    start: int
    end: int
    kind: str
    number: str


def find_figures(text: str) -> list[FigureMention]:
    """In order and without overlaps; dates and fractions are figures too, numbers in names (5G, 3SBio) are none."""
    found = [FigureMention(*match.span(), "date", match[0]) for match in DATE.finditer(text)]
    taken = [(figure.start, figure.end) for figure in found]
    for match in WRITTEN_SHARE.finditer(text):
        if _is_free(match.span(), taken):
            found.append(FigureMention(*match.span(), "share", match[0]))
            taken.append(match.span())
    found += (figure for figure in _figures(text) if _is_free((figure.start, figure.end), taken))
    return sorted(found, key=lambda figure: figure.start)


def whole_figure(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, with all of each figure, ordinal or range of which it has a part."""
    for figure in find_figures(text):
        if figure.start < end and start < figure.end:
            start, end = min(start, figure.start), max(end, figure.end)
    while end < len(text) and text[end - 1].isdigit() and (tail := TAIL.match(text, end)):
        end = tail.end()
    while start and text[start].isdigit() and re.match(r"[\d.,\-–/]", text[start - 1]):
        start -= 1
    return start, end


def _figures(text: str) -> Iterator[FigureMention]:
    for match in FIGURE.finditer(text):
        kinds = [kind for kind in _UNIT_FORMS if match[kind]]
        kind = "money" if match["currency"] else kinds[0] if kinds else "count"
        start, end = match.span()
        if match["range"] and RISE.search(text[:start]):  # 'from 60 to 30' is not a range
            yield FigureMention(start, match.start("range"), kind, match["number"])
            start = match.end("range")
            yield FigureMention(start, end, kind, text[start:end])
            continue
        start += len(match[0]) - len(match[0].lstrip())
        unmeasured = not (kinds or match["measure"] or match["scale"] or match["after"])
        if (
            NAME_BEFORE.search(text[:start])
            and not text[start].isspace()
            and not match["before"]
            and _glued(text, start)
        ):
            continue
        if unmeasured and TAIL.match(text, end) and not match["range"]:
            continue
        yield FigureMention(start, end, kind, match["number"])


def _glued(text: str, start: int) -> bool:
    return start > 0 and not text[start - 1].isspace()


def _is_free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end in taken)
