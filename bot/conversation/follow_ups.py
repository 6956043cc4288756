"""Follow-ups: a short question and the one before it go in, the complete question comes out.

'那湖北呢?' after '北京的研发投入强度是多少?' asks '湖北的研发投入强度是多少?'. The new subject replaces
the year, place, outlet or name in the question before; where there is none of its kind, it is added.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from retrieval.language.answer_types import ASKS_SOMETHING
from retrieval.language.han import has_han
from retrieval.language.quantities import MONTH_NAMES
from retrieval.model.outlets import all_names
from retrieval.model.results import Result

MAX_SHORT_HAN = 14  # characters of a Chinese subject
MAX_SHORT_WORDS = 6  # words of an English one
MAX_WORD_HAN = 4  # characters of a Chinese word

FOLLOW_UP = re.compile(
    r"^(?:那(?![个家些里边样种次位天年时儿])么?|换成|改成|换|至于)\s*(?P<a>[^?？。！!]{1,30}?)\s*(?:呢|怎么样|如何|又?是?多少|的?情况)?\s*[?？。！!]*$"
    r"|^(?P<b>[^?？。！!]{1,20}?)\s*呢\s*[?？]*$"
    r"|^(?:and|what about|how about|and what about|or|instead)\b[\s,]+(?P<c>[^?]{1,60}?)"
    r"\s*(?:then|instead|too)?\s*\?*$",
    re.IGNORECASE,
)
# '…比呢' names what the answer is compared with.
COMPARED_WITH = re.compile(r"^(?:跟|和|与|同|比起|相比|对比)(?=.{2,}比)|^(?:比起|相比|对比)|(?:相比|比较|比起来|比)$")
EMPTY_SUBJECTS = {"it", "that", "this", "them", "you", "me", "那个", "这个", "你", "我"}
LEADING_PREPOSITION = re.compile(r"^(?:in|for|of|at|by|from|on|with|the)\s+", re.IGNORECASE)

YEAR_SLOT = re.compile(
    r"(?<!\d)(?:19|20)\d\d ?年?(?![\d%])|[今去前明]年|上半年|下半年|\b(?:this|last|next) year\b", re.IGNORECASE
)
MONTH_SLOT = re.compile(
    r"(?<!\d)\d{1,2} ?月份?|[一二三四五六七八九十]{1,2}月份?|上个?月|本月"
    rf"|\b(?:{'|'.join(map(str.title, MONTH_NAMES))}|(?:this|last) month)\b"
)
QUARTER_SLOT = re.compile(r"第?[一二三四1-4] ?季度|\bQ[1-4]\b|\b(?:first|second|third|fourth) quarter\b", re.IGNORECASE)
# Provinces, large cities and countries: most follow-ups name one ('and in Hubei?').
PLACES_HAN = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西"
    "|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|杭州|南京|苏州|无锡|宁波|合肥|武汉|长沙|成都|西安|郑州|青岛"
    "|济南|大连|沈阳|哈尔滨|长春|厦门|福州|南昌|昆明|贵阳|南宁|海口|三亚|石家庄|太原|兰州|西宁|银川|乌鲁木齐|拉萨|呼和浩特"
    "|东莞|佛山|珠海|常州|南通|嘉兴|绍兴|温州|宜昌|洛阳|烟台|潍坊|唐山|雄安|长三角|珠三角|京津冀|粤港澳大湾区|大湾区"
    "|中国|美国|日本|韩国|德国|法国|英国|印度|欧盟|欧洲|俄罗斯|越南|新加坡|东南亚"
)
PLACES_LATIN = (
    "Beijing|Tianjin|Shanghai|Chongqing|Hebei|Shanxi|Liaoning|Jilin|Heilongjiang|Jiangsu|Zhejiang|Anhui|Fujian"
    "|Jiangxi|Shandong|Henan|Hubei|Hunan|Guangdong|Hainan|Sichuan|Guizhou|Yunnan|Shaanxi|Gansu|Qinghai|Taiwan"
    "|Inner Mongolia|Guangxi|Tibet|Ningxia|Xinjiang|Hong Kong|Macau|Shenzhen|Guangzhou|Hangzhou|Nanjing|Suzhou"
    "|Wuxi|Ningbo|Hefei|Wuhan|Changsha|Chengdu|Xi'an|Xian|Zhengzhou|Qingdao|Jinan|Dalian|Shenyang|Harbin"
    "|Changchun|Xiamen|Fuzhou|Nanchang|Kunming|Dongguan|Foshan|Zhuhai|Yichang|China|the US|the United States"
    "|America|Japan|South Korea|Korea|Germany|France|Britain|the UK|India|the EU|Europe|Russia|Vietnam"
    "|Singapore"
)
PLACE_SLOT = re.compile(rf"(?:{PLACES_HAN})[省市]?|\b(?:{PLACES_LATIN})\b", re.IGNORECASE)
NAME_SLOT = re.compile(r"(?<![.?!] )(?<!^)\b(?:[A-Z][A-Za-z0-9&.-]*[A-Za-z0-9])(?: [A-Z][A-Za-z0-9&.-]*)*")
SLOTS = (YEAR_SLOT, MONTH_SLOT, QUARTER_SLOT, PLACE_SLOT)

# The words of a question that say what is asked about its subject.
ASKED_BEFORE = re.compile(
    r"[是有又]?(?:多少(?:[个人家钱元次]|(?=[,，?？]|$))|多[大久长高快远贵重](?![的地])|几[个家项座年天次成倍种]|什么时候|何时|在?哪[里儿年天]?)"
    r"|^(?:how (?:many|much|long|fast|far|big|large|high|old|often)|what|when|where)\b"
    r"(?: (?:is|are|was|were|does|do|did|has|have)\b(?: the\b)?)?",
    re.IGNORECASE,
)

CharRange = tuple[int, int]


def follow_up_subject(text: str) -> str | None:
    """The subject without particles; None where the text is a complete question."""
    match = FOLLOW_UP.match(" ".join(text.split()))
    if not match:
        return None
    subject = LEADING_PREPOSITION.sub("", match["a"] or match["b"] or match["c"])
    subject = COMPARED_WITH.sub("", subject) or subject
    usable = _is_short(subject) and not ASKS_SOMETHING.search(subject) and subject.lower() not in EMPTY_SUBJECTS
    return subject if usable else None


def reply_subject(text: str) -> str | None:
    """The subject of a reply to an answer; None where the reply has content of its own, or none at all.

    Of its own is all but a year, a place, an outlet or a name, or one word ('医保').
    """
    text = " ".join(text.split())
    if (subject := follow_up_subject(text)) is not None:
        return subject
    bare = LEADING_PREPOSITION.sub("", text.rstrip("?？。!！ "))
    if not bare or not _is_short(bare) or ASKS_SOMETHING.search(bare):
        return None
    one_word = len(bare) <= MAX_WORD_HAN if has_han(bare) else len(bare.split()) == 1
    rest = bare
    for slot in SLOTS:
        rest = slot.sub("", rest)
    return bare if one_word or not rest.strip(" 的在,，、") or _outlet_span(bare) == (0, len(bare)) else None


def append_question(before: str, text: str) -> str:
    """The question before with one that has no content of its own: '45 billion of licensing' and 'who bought it?'.

    What the one before asked is no longer asked, where the new one asks something.
    """
    subject = ASKED_BEFORE.sub(" ", before).strip(" ?？,，") if ASKS_SOMETHING.search(text) else ""
    return _append(" ".join(subject.split()) or before, text)


def raise_documents(result: Result, documents: Collection[str], factor: float) -> Result:
    """The scores of points in these documents are multiplied by `factor`."""
    scored = [replace(hit, score=hit.score * factor) if hit.document.id in documents else hit for hit in result.hits]
    scored.sort(key=lambda hit: -hit.score)
    ranked = (hit if hit.rank == n else replace(hit, rank=n) for n, hit in enumerate(scored, 1))
    return replace(result, hits=tuple(ranked))


def complete_question(before: str, subject: str) -> str:
    """The question before, with the subject in the place of one of its kind or added at the end."""
    for slot in SLOTS:
        if (new := slot.search(subject)) and (old := slot.search(before)):
            return _append(_replace(before, old.span(), new[0]), _cut(subject, new.span()))
    if (outlet := _outlet_span(subject)) and (known := _outlet_span(before)):
        return _append(_replace(before, known, subject[slice(*outlet)]), _cut(subject, outlet))
    if subject[:1].isupper() and len(names := list(NAME_SLOT.finditer(before))) == 1:
        return _replace(before, names[0].span(), subject)
    return _append(before, subject)


def _is_short(subject: str) -> bool:
    return len(subject) <= MAX_SHORT_HAN if has_han(subject) else len(subject.split()) <= MAX_SHORT_WORDS


def _outlet_span(text: str) -> CharRange | None:
    folded = text.casefold()
    if len(folded) != len(text):
        return None
    spans: Iterable[CharRange] = (
        (at, at + len(name)) for name in all_names() if len(name) > 1 and (at := folded.find(name)) >= 0
    )
    return max(spans, key=lambda span: (span[1] - span[0], -span[0]), default=None)


def _replace(text: str, span: CharRange, new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _cut(text: str, span: CharRange) -> str:
    return LEADING_PREPOSITION.sub("", _replace(text, span, " ").strip(" 的在,，、"))


def _append(question: str, more: str) -> str:
    return f"{question.rstrip('?？。!！ ')} {more}".strip() if more.strip() else question
