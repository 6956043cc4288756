"""Answer types (money, share, date …): a question gives the types it asks for, a text the types it holds.

Types are index terms, so BM25 itself weighs how rare each one is. search/asked_value.py reads
further wordings, for the one value that is set in bold type.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from retrieval.language.han import HAN
from retrieval.language.quantities import MONTH_NAMES

_FEW = r"an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half"
_COUNT_CHARACTERS = "一二两三四五六七八九十百千几"
_NUMBER = rf"(?:\d[\d,.]*|[{_COUNT_CHARACTERS}]+|\b(?:{_FEW}))"
_LARGE = r"(?:[百千]?[万亿]+|(?: ?(?:thousand|million|billion|trillion|mn|bn)))?"
_MANY = rf"{_NUMBER}{_LARGE}(?: ?[多余个]+)?[ -]?"

MAX_TYPED_QUESTIONS = 256  # kept: a question is read, and its best points are judged by what it asks for
# what stands behind a number: in Chinese, and in English up to the word's end
UNITS = {
    "money": ("[美欧港日]?元|块钱?|角", "yuan|rmb|cny|usd|dollars?|euros?|yen|pounds?|jiao"),
    "times": ("倍", "times|fold"),
    "span": ("秒|分钟|小时|天|工作日|日内|周|星期|月|年(?!代)", "(?:second|minute|hour|day|week|month|year)s?"),
    "length": ("公里|[千厘毫纳]?米|海里", "km|(?:kilo|centi|milli|nano)?met(?:re|er)s?|cm|mm|nm|miles?|feet"),
    "weight": ("公斤|千?克|吨|斤", "kg|kilos?|(?:kilo)?grams?|tons?|tonnes?"),
    "power": ("[千兆吉]?瓦|度", "[kmgt]?wh?|(?:kilo|mega|giga)watts?(?:-hours?)?"),
    "area": ("平方|公顷|亩", "square|hectares?|mu|acres?"),
}
_UNIT_WORDS = {kind: rf"{chinese}|(?:{english})\b" for kind, (chinese, english) in UNITS.items()}
_ANY_UNIT = "|".join(_UNIT_WORDS.values())
MEASURES = {kind: re.compile(rf"{_MANY}(?:{words})") for kind, words in _UNIT_WORDS.items()}
# All places where a number may begin, and whether any unit follows: a quarter of the time of a search for each kind.
_NUMBER_START = re.compile(rf"[\d{_COUNT_CHARACTERS}]|\b(?:{_FEW})")
_MEASURED = re.compile(rf"{_MANY}(?:{_ANY_UNIT})")
# what else holds a type
_PRESENT = {
    "money": r"[¥￥$€£] ?\d",
    "share": r"\d ?(?:%|percent\b|per cent\b)|百分之|[一二两三四五六七八九\d]成|[一二三四五六七八九十]分之|过半|一半"
    r"|\bhalf\b"
    r"|\b(?:one|two|three|four|\d) (?:in|of every|out of) (?:every )?(?:two|three|four|five|ten|\d)"
    r"|\b(?:an?|one|two|three) (?:thirds?|quarters?|fifths?|tenths?)\b",
    "times": r"\b(?:doubl|tripl|quadrupl)",
    "date": rf"\b(?:19|20)\d\d\b|\d年|\d{{1,2}}月|\b(?:{'|'.join(MONTH_NAMES)})\b|[今明去]年|年底"
    r"|\b(?:this|next|last) (?:year|month)\b",
}
KINDS = ("money", "share", "times", "span", "date", "length", "weight", "power", "area")
_PAID = "价格|售价|票价|成本|工资|月薪|收入|费用|补贴|投资额?|融资|营收|利润|保费|租金|学费|产值|金额"
# what is large without an area
_NO_PLACE = (
    "funds?|deals?|markets?|loans?|investments?|budgets?|deficits?|stakes?|shares?|gaps?|orders?|teams?|staff|workforces?"
    "|compan(?:y|ies)|firms?|economy|output|capacity|increases?|impacts?|risks?|models?|batter(?:y|ies)"
)
_NO_PLACE_HAN = (
    "基金|资金|规模|市场|贷款|投资|预算|赤字|股份|差距|订单|团队|员工|公司|企业|经济|产量|产能|容量"
    "|影响|风险|压力|模型|电池|力度|作用"
)
_ASKED = {
    "money": rf"多少[钱元]|几块|几[百千万亿]?元|多贵|[贵便宜]多少|多少(?:薪|资金|{_PAID})|花[了费]?(?:多少|几)"
    rf"|(?:{_PAID})(?:[是有为]|大概|大约|到底)*(?:多少|几)"
    r"|how much (?:do|does|did|is|are|was|were|will|would|money|has|have|can)"
    r"|what (?:does|do|did|is|was|are) .*\b(?:costs?|prices?|fees?|salary|wages?|pay|paid|rent|premiums?)\b"
    r"|\bhow (?:expensive|cheap|well .*paid|pricey)"
    r"|\bhow much .*\b(?:costs?|pay|paid|earn|charge|spend|spent|invest|raise)",
    "share": r"占比|比例|份额|几成|百分之几|[率重](?:[是有为]|大概|大约|到底)*(?:多少|几)"
    r"|多少(?:比例|比重|[^，。]{0,6}率)"
    r"|what (?:share|percent|percentage|proportion|fraction|part|rate)|\bhow (?:large|big|small) a (?:share|part)"
    r"|percent of",
    "times": r"几倍|多少倍|how many times",
    "span": r"多久|多长时间|几[天年周]|几个?(?:月|小时|星期|工作日|季度)|多少(?:天|年|分钟|小时|个月)|几分钟"
    r"|how (?:long|soon|quick|quickly|many (?:\w+ )?(?:second|minute|hour|day|week|month|year)s)",
    "date": r"[什啥]么?时候|何时|哪一?年|几月|哪个月|几号|哪天|什么时间|(?:^|[,;] ?|\band )when\b|(?:by|since) when"
    r"|(?:what|which) (?:year|month|day|date)\b",
    "length": r"多远|多长(?!时间)|多宽|多深|多厚|几公里|多少(?:公里|米)|how (?:far|tall|deep|wide|thick)|distance"
    r"|how many (?:km|kilomet|met)",
    "weight": r"多重|多少[吨斤]|几[吨斤]|how (?:heavy|many (?:tons|tonnes|kilos))|weigh",
    "power": r"多少(?:千瓦|兆瓦|度|电)|几度电|how (?:many|much) .{0,20}watt",
    "area": r"面积.{0,4}(?:多大|多少(?!钱)|几)|多少(?:亩|平方|公顷)|几[亩平]|(?:what|how large an) area"
    r"|how many (?:mu|hectares|square)"
    rf"|\bhow (?:large|big) (?:is|are|was|were)\b(?!.*\b(?:{_NO_PLACE})\b)|^(?!.*(?:{_NO_PLACE_HAN})).*[有是]多大",
}
ASKING_WORDS = (
    "how",
    "what",
    "which",
    "when",
    "percent of",
    "distance",
    "weigh",
)  # an English question has one of them
HELD, ASKED = ({kind: re.compile(pattern) for kind, pattern in table.items()} for table in (_PRESENT, _ASKED))

_HOW = "how (?:many|much|long|fast|far|big|large|high|old|often|quick)"
_HOW_HAN = "多[大久长高快远贵重]"
# For normalised questions: ranking raises the points that hold a figure.
ASKS_QUANTITY = re.compile(
    rf"多少|几[个家项座年天次成倍种]|{_HOW_HAN}|占比|比例|份额|duo ?(?:shao|da|jiu|gao|chang)|{_HOW}|percent"
    r"|what (?:share|rate|price|size|number|proportion)"
)
# The next three are for questions as written, and wider: a mistake only sets the wrong words in bold type.
ASKS_FIGURE = re.compile(
    rf"(?i)多少|几[个家项座年天次成倍种款条位名]|{_HOW_HAN}|规模|面积|\b{_HOW}"
    r"|\bwhat (?:share|rate|price|size|number|area)"
)
ASKS_SHARE = re.compile(
    r"(?i)占比|比例|份额|百分|强度|[利税效]率|增[长速幅]|涨幅|percent|\bshare\b|\brate\b|intensity|proportion|\bgr[eo]w"
)
ASKS_WHEN = re.compile(
    r"(?i)什么时[候间]|何时|哪一?[年天月]|几[月号年]|多会儿|\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)\b"
)
# A question of its own rather than a follow-up, as written.
ASKS_SOMETHING = re.compile(
    rf"(?i)多少|{_HOW_HAN}|什么|怎么|怎样|如何|哪|谁|几|吗|为何|为什么|是否|有没有"
    r"|\b(?:how|what|which|who|whose|when|where|why|is|are|was|were|do|does|did|can|will|has|have)\b"
)
# A Chinese sentence rather than a list of keywords, normalised.
SENTENCE_SIGNS = re.compile(
    r"[?。!吗呢啥怎哪谁是]|什么|多少|几(?!何)|如何|为何|有没有|能不能|了(?!解)|(?<!小)说|(?<![存实])在(?![线建])"
    rf"|[{HAN}]{{13}}"  # no keyword is as long as that
)

_ASKS_COUNT = re.compile(r"(?:多少|几)[家架座位名辆艘台套只]|多少[个人]|\bhow many\b")
_AMOUNT = re.compile(  # money and shares
    r"[¥$€£]\d[\d,.]*|\d[\d,.]*(?: ?%| ?percent| (?:(?:m|b|tr)illion )?(?:yuan|dollars)|[百千]?[万亿]*(?:美元|元|倍))"
)
_ANY_NUMBER = re.compile(
    r"\d|[一二两三四五六七八九十百千万]|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty"
    r"|thirty|forty|fifty|hundreds?|thousands?|millions?)\b"
)
_ANY_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]{2}")


def answer_types_in(text: str) -> Iterator[str]:
    """The types that a normalised text holds, as index terms that no word equals."""
    starts = [number.start() for number in _NUMBER_START.finditer(text)]
    measured = [start for start in starts if _MEASURED.match(text, start)]
    kinds = {kind for start in measured for kind, measure in MEASURES.items() if measure.match(text, start)}
    return (f"#{kind}" for kind in KINDS if kind in kinds or (kind in HELD and HELD[kind].search(text)))


@lru_cache(MAX_TYPED_QUESTIONS)
def expected_answer_types(question: str) -> tuple[str, ...]:
    """The types that a normalised question asks for, likewise."""
    if question.isascii() and not any([word in question for word in ASKING_WORDS]):  # noqa: C419 -- a third of the time
        return ()
    return tuple(f"#{kind}" for kind, pattern in ASKED.items() if pattern.search(question))


def can_answer(question: str, text: str, *, quantity: bool) -> bool | None:
    """Whether a text holds the type asked for, or a count, or a figure; None if no such thing is asked for.

    Both are normalised.
    """
    if expected := expected_answer_types(question):
        return not set(expected).isdisjoint(answer_types_in(text))
    if _ASKS_COUNT.search(question):
        return _ANY_NUMBER.search(_AMOUNT.sub("", text)) is not None
    return _ANY_FIGURE.search(text) is not None if quantity else None
