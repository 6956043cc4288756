"""What a question asks for: a question goes in, the kind of the one value that would answer it comes out, with what is
counted or measured by it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from retrieval.language.answer_types import ASKS_FIGURE, ASKS_SHARE, ASKS_WHEN, expected_answer_types
from retrieval.language.glyphs import fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.people import CHINESE_ROLES, ROLES
from retrieval.language.places import PlaceLevel
from retrieval.language.tokenizer import normalize

# A longer question tells a story, and what it asks for is hard to say.
MAX_DIRECT_CHARS = 160
MAX_DIRECT_HAN = 80
MEASURE_WORDS = "个家座条款项名位人辆艘台套只头户处所种批例次宗起笔份张件支架单栋眼盏块趟"
ASKS_COUNT = re.compile(rf"(?:多少|几)(?:[{MEASURE_WORDS}]|万?人)|\bhow many\b|[人次户家]数")
# More than one thing is asked for, or a reason.
ASKS_TWICE = re.compile(
    r"(?:多少|几[^乎]|多[大久长高快远贵重]).*[,，、。?？和].*(?:多少|几[^乎]|多[大久长高快远贵重])"
    r"|\b(?:how|what|when|who|which)\b.*(?:\band\b|[?.]).*\b(?:how|what|when|who|are there)\b|分别|各[有是占为]"
    r"|为什么|为何|为啥|怎么会|\bwhy\b",
    re.IGNORECASE,
)
# The counted thing: 'how many connected-car firms sit', 多少项重大科技设施.
COUNTED_ENGLISH = re.compile(
    r"\bhow many ((?:[\w'-]+ ){0,3}?(?:people|men|women|children|[\w-]*[a-rt-z]s))(?![\w-])", re.IGNORECASE
)
COUNTED_CHINESE = re.compile(rf"(?:多少|几)([{MEASURE_WORDS}]?)([^，。,.?？!！、\s了]*)")
PEOPLE = re.compile(r"人|people\b|persons\b")
ASKS_WHO = re.compile(
    rf"谁(?!的|家|知)|哪一?位|哪一?个(?:{CHINESE_ROLES})|(?:^|, ?|\bby )(?:whom?|which (?:{ROLES}))\b"
)
# 差在哪里, 好在哪儿 ask for a difference, and no place.
ASKS_WHERE = re.compile(
    r"(?<![差事别难好出处点强弱错亏赢输卡贵实存])(?:位于|设在|建在|坐落在|坐落于|落户|落户在|开在|在|到|往)"
    r"(?:哪里|哪儿|何处|什么地方|哪一?[个座]?(?:城市|省份?|市|县|区|镇|村|地方))"
    r"|哪一?[个座](?:城市|省份?|市|县|区|镇|村)|^where (?:is|are|was|were|did|does|do|will|can|has|have)\b"
    r"|\b(?:which|what) (?:\w+ )?(?:city|province|county|town|district|village|place)\b"
)
ASKED_LEVELS: dict[PlaceLevel, re.Pattern[str]] = {
    "province": re.compile(r"哪一?[个]?省|\b(?:which|what) (?:\w+ )?province\b"),
    "city": re.compile(r"哪一?[个座]?(?:城市|市)|\b(?:which|what) (?:\w+ )?city\b"),
}
ASKS_MORE = re.compile(
    r"多少|几[个家年天月]|什么|怎么|如何|为何|哪|谁|(?:[,;]|\band) ?(?:how|when|where|what|which|why|who)\b"
)
ASKS_SAYING = re.compile(
    r"谁(?:说|认为|表示|指出|提出|介绍|称|警告|估计|建议|主张|抱怨|觉得)|(?:说|提|讲)的$"
    rf"|\b(?:who|which (?:{ROLES})) (?:said|says|thinks|reckons|argues|warns|claims|advises|proposes|wants|believes"
    r"|expects|complains|called|calls)\b"
)
ASKS_AGE = re.compile(r"年龄(?:是|有|为|大概|大约)*(?:多大|多少|几)|几岁|多少岁|多大(?:年纪|岁数)|^how old\b")
# 关门的比例是多少, 高压线路占多少: what stands before it has the share.
ASKED_QUALITY = re.compile(r"的?(?:比例|占比|比重|份额|面积|数量|人数|价格|金额)(?:大概|大约|约)?(?:是|为|有|占)?$")
ASKS_GROWTH = re.compile(r"(?:增长|增加|上涨|上升|下滑|下降|减少|回落|[涨跌])了?(?:多少|几成)(?!钱|元)")
HOW_MUCH = re.compile(r"(?:了|到|到了|是|为|有|占|大约|约)?(?:多少|几[^乎何]|多[大久长高快])")
ONE_OF = re.compile(r"(?:一|每|1)(?:度|千瓦时?|块钱?|元|公里|平方米?|平米?|平|公顷|亩|吨|公斤|斤|克|升|立方米?)")
ASKS_DECADE = re.compile(r"年代|世纪|\bdecade\b|\bcentury\b", re.IGNORECASE)
SHARE_OF = re.compile(r"\bhow much of\b")
ASKS_DIFFERENCE = re.compile(
    r"比.*[贵高低多少慢快长便宜](?:多少|几)|how much (?:more|less|cheaper|faster|longer)", re.IGNORECASE
)
NAMING = frozenset({"person", "place"})
NUMERIC = frozenset({"money", "share", "area", "length", "weight", "power", "volume"})
AMOUNTS = frozenset({"count", "money", "weight", "power", "volume"})
# What a question hints at, beside the question words that name a type.
HINTS = {
    "power": re.compile(r"装机|容量|功率|千瓦|\bcapacity\b|多少度|electricity"),
    "area": re.compile(r"面积|多少亩"),
    "money": re.compile(
        r"多少钱|[额价费薪资税款]|工资|成本|收入|利润|投资|基金|(?:[付交花收卖赚挣拿欠赔借])(?:了|到|掉|出)?(?:多少|几)"
        r"|\bcosts?\b|\bprices?\b|revenue|sales|turnover|value|worth|earn|\bpaid?\b|\bcash\b|\bmoney\b"
    ),
    "share": re.compile(
        r"[率比占]|份额|几成|百分|强度|涨幅|增[长速幅]|\bshare\b|\brate\b|percent|proportion|intensity|how much of"
    ),
    "span": re.compile(r"多[快慢]|how (?:fast|quick)"),
    "volume": re.compile(r"\bwater\b|用水|蓄水|多少水"),
    "weight": re.compile(r"\bgrain\b|粮食|产粮"),
}


@dataclass(frozen=True, slots=True)
class AskedValue:
    """`said` has the question's digits. `counted` is the counted thing as far as it is known, `measure` its word.

    `people`: persons are counted. `says`: what somebody says is asked for, of a `level` of places its name.
    """

    written: str
    plain: str
    said: str
    kinds: frozenset[str]
    counted: str
    measure: str
    people: bool
    difference: bool
    per_one: bool
    says: bool
    level: PlaceLevel

    def is_head(self, word: str) -> bool:
        """Whether the counted thing begins with the Chinese word, or ends with the English one."""
        if has_han(word):
            return len(word) > 1 and self.counted.startswith(word)
        return self.counted.split()[-1:] == [word]

    def is_counted(self, word: str) -> bool:
        """Whether the word names the counted thing: in English its last word, since 'transfer reviews' are reviews."""
        if has_han(word) or has_han(self.counted):
            return word in self.counted or self.counted in word
        return self.counted.split()[-1:] == word.split()[-1:]

    def lacks_quality_of(self, uncovered: Collection[str]) -> bool:
        """Whether one of these words is what a share or another quality is asked of."""
        asks = HOW_MUCH.search(self.plain)
        before = self.plain[: asks.start()] if asks else ""
        of = ASKED_QUALITY.sub("", before)
        return of != before and any(len(word) > 1 and of.endswith(word) for word in uncovered)

    def word_before(self, words: Collection[str]) -> str:
        """The one of `words` that stands right before the Chinese question word: 净利润下滑 in 净利润下滑了多少."""
        asks = HOW_MUCH.search(self.plain)
        before = self.plain[: asks.start()].rstrip() if asks else ""
        return max((word for word in words if before.endswith(word)), key=len, default="")

    @classmethod
    def of(cls, question: str) -> Self:
        plain = normalize(fold_glyphs(question))
        english, chinese = COUNTED_ENGLISH.search(plain), COUNTED_CHINESE.search(plain)
        counted = english[1] if english else chinese[2] if chinese else ""
        measure = chinese[1] if chinese else ""
        return cls(
            question,
            plain,
            re.sub(r"[,\s]", "", question),
            value_kinds(question),
            counted,
            measure,
            measure == "人" or PEOPLE.match(counted) is not None,
            ASKS_DIFFERENCE.search(plain) is not None,
            ONE_OF.search(plain) is not None,
            ASKS_SAYING.search(plain) is not None,
            next((level for level, pattern in ASKED_LEVELS.items() if pattern.search(plain)), ""),
        )


def value_kinds(question: str) -> frozenset[str]:
    """The kinds of figure that would answer the question; none if it asks for none, or for more than one."""
    plain = normalize(fold_glyphs(question))
    if _is_long(question) or ASKS_TWICE.search(plain):
        return frozenset()
    if ASKS_AGE.search(plain):
        return frozenset({"age"})
    if name := ASKS_WHO.search(plain) or ASKS_WHERE.search(plain):
        rest = f"{plain[: name.start()]} {plain[name.end() :]}"
        kind = "person" if ASKS_WHO.search(plain) else "place"
        return frozenset() if ASKS_MORE.search(rest) else frozenset({kind})
    expected = (
        {"share"} if SHARE_OF.search(plain) else {kind.removeprefix("#") for kind in expected_answer_types(plain)}
    )
    if ASKS_WHEN.search(question) and not expected - {"date"}:
        return frozenset() if ASKS_DECADE.search(question) else frozenset({"date"})
    if expected := expected - {"date"}:
        return frozenset(expected) if len(expected) == 1 else frozenset()
    return frozenset({"count"}) if ASKS_COUNT.search(plain) else _hinted_kinds(question, plain)


def _is_long(question: str) -> bool:
    return len(question) > (MAX_DIRECT_HAN if has_han(question) else MAX_DIRECT_CHARS)


def _hinted_kinds(question: str, plain: str) -> frozenset[str]:
    how_much = ASKS_SHARE.search(question) and re.search(r"多少|几|多[高大]|what|how", plain)
    if not (ASKS_FIGURE.search(question) or how_much):
        return frozenset()
    if ASKS_GROWTH.search(plain):
        return frozenset({"share"})
    hinted = [kind for kind, words in HINTS.items() if words.search(plain)]
    return frozenset(hinted) if len(hinted) == 1 else NUMERIC
