"""What kind of thing a question asks for (money, a share, how long, when …), and which kinds of thing a text holds.

Kinds are terms of the index like words: how much it tells that a point has one, BM25 itself says.
"""

import re
from collections.abc import Iterator

_FEW = r"an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half"
_NUMBER = rf"(?:\d[\d,.]*|[一二两三四五六七八九十百千几]+|\b(?:{_FEW}))"
_LARGE = r"(?:[百千]?[万亿]+|(?: ?(?:thousand|million|billion|trillion|mn|bn)))?"
_MANY = rf"{_NUMBER}{_LARGE}(?: ?[多余个]+)?[ -]?"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"


def _measured(chinese: str, english: str) -> str:
    return rf"{_MANY}(?:{chinese}|(?:{english})\b)"


_PRESENT = {
    "money": rf"[¥￥$€£] ?\d"
    rf"|{_measured('[美欧港日]?元|块钱?|角', 'yuan|rmb|cny|usd|dollars?|euros?|yen|pounds?|jiao')}",
    "share": r"\d ?(?:%|percent\b|per cent\b)|百分之|[一二两三四五六七八九\d]成|[一二三四五六七八九十]分之|过半|一半"
    r"|\bhalf\b"
    r"|\b(?:one|two|three|four|\d) (?:in|of every|out of) (?:every )?(?:two|three|four|five|ten|\d)"
    r"|\b(?:an?|one|two|three) (?:thirds?|quarters?|fifths?|tenths?)\b",
    "times": rf"{_measured('倍', 'times|fold')}|\b(?:doubl|tripl|quadrupl)",
    "span": _measured(
        "秒|分钟|小时|天|工作日|日内|周|星期|月|年(?!代)", "(?:second|minute|hour|day|week|month|year)s?"
    ),
    "date": rf"\b(?:19|20)\d\d\b|\d年|\d{{1,2}}月|\b(?:{_MONTHS})\b|[今明去]年|年底"
    r"|\b(?:this|next|last) (?:year|month)\b",
    "length": _measured("公里|[千厘毫纳]?米|海里", "km|(?:kilo|centi|milli|nano)?met(?:re|er)s?|cm|mm|nm|miles?|feet"),
    "weight": _measured("公斤|千?克|吨|斤", "kg|kilos?|(?:kilo)?grams?|tons?|tonnes?"),
    "power": _measured("[千兆吉]?瓦|度", "[kmgt]?wh?|(?:kilo|mega|giga)watts?(?:-hours?)?"),
    "area": _measured("平方|公顷|亩", "square|hectares?|mu|acres?"),
}
_PAID = "价格|售价|票价|成本|工资|月薪|收入|费用|补贴|投资额?|融资|营收|利润|保费|租金|学费|产值|金额"
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
    r"|how many (?:mu|hectares|square)",
}
HELD, ASKED = ({kind: re.compile(pattern) for kind, pattern in table.items()} for table in (_PRESENT, _ASKED))


def answer_types_in(text: str) -> Iterator[str]:
    """The kinds that a normalised text holds, as terms that no text has as words."""
    return (f"#{kind}" for kind, pattern in HELD.items() if pattern.search(text))


def expected_answer_types(question: str) -> Iterator[str]:
    """The kinds that a normalised question asks for, likewise."""
    return (f"#{kind}" for kind, pattern in ASKED.items() if pattern.search(question))
