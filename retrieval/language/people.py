"""People: a text to the names of persons in it, as far as their role or what they say tells that they are persons."""

import re
from collections.abc import Iterator

ROLES = (
    "professor|manager|director|founder|breeder|engineer|researcher|scientist|economist|analyst|chairman|chairwoman|chair"
    "|president|premier|minister|mayor|governor|secretary|academician|doctor|dr|dean|head|chief|coach|captain|owner"
    "|farmer|teacher|designer|architect|inventor|executive|officer|leader|partner|spokesman|spokeswoman|spokesperson"
    "|expert|lawyer|nurse|driver|pilot|athlete|champion|king|emperor|queen|pope|general|commander|author|writer|singer"
    "|actor|actress|winner|nominee|quarterback|linebacker|cornerback|ceo|mr|mrs|ms|rev|scholar|physicist|chemist"
    "|official|auditor|regulator|adviser|advisor|inspector|broker|biologist|historian|artist|musician|entrepreneur|investor|villager|shopkeeper|student|boss"
)
_PERSON_NAME = r"[A-Z][a-z'’-]+(?: (?:[A-Z]\.|[A-Z][A-Za-z'’-]+|de|van|von|bin)){0,2} [A-Z][A-Za-z'’-]+"
_SAYS = "says?|said|reckons?|calls?|believes?|told|argues?|notes?|explains?|warns?|estimates?|recalls?|admits?"
_WITH_ROLE = re.compile(rf"\b(?i:{ROLES})\.?,? (?P<name>{_PERSON_NAME})")
_ROLE_FIRST = re.compile(rf"(?i:{ROLES})\b\.? (?=[A-Z][\w'’-]+ [A-Z])")
_SPEAKS = re.compile(rf"(?P<name>{_PERSON_NAME})(?=,? (?:{_SAYS}|who)\b)")
_NO_PERSON = re.compile(
    r"\b(?:University|College|School|Bowl|League|Company|Group|Bank|City|District|County|Province|Street|Church|Party"
    r"|Union|Energy|Tourism|Technology|Institute|Center|Centre|Agency|Bureau|Ministry|Commission|Council|Laboratory|Lab"
    r"|Brokerage|Firm|Maker|Operator|Daily|News|Times|Motor|Auto|Aviation|Airlines|Fund|Capital|Securities|Station|Hospital|Association|Kong|Mongolia)\b"
    r"|^(?:The|A|An|In|On|At|Its?|His|Her|Their|This|That|These|Those|Some|Many|New|North|South|East|West|Chinese) "
)
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤乔闵"
)
CHINESE_ROLES = (
    "教授|院士|研究员|经理|董事长|总裁|总监|主任|局长|市长|省长|部长|书记|会长|理事长|秘书长|创始人|负责人|合伙人|站长|厂长|院长"
    "|校长|所长|专家|学者|博士|医生|工程师|分析师|经济学家|设计师|教练|队长|村民|店主|老板|农户|司机|首席|发言人|律师|记者|总理|总统|诗人|作家|球员"
)
_CHINESE_SAYS = "表示|认为|指出|介绍|坦言|透露|估计|告诉|强调|建议|说|称|看来"
_CHINESE_PERSON = re.compile(
    rf"(?:{CHINESE_ROLES}) ?(?P<a>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    rf"(?={_CHINESE_SAYS}|[，。、；：“”《（\s]|$|[在与和把将对的])"
    rf"|(?P<b>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=(?:{_CHINESE_SAYS})[，：“：])"
    rf"|(?:(?:{CHINESE_ROLES})|(?<![\u4e00-\u9fff·])) ?"
    r"(?P<c>(?:[\u4e00-\u9fff]{1,5}·){1,3}[\u4e00-\u9fff]{1,5}?)"
    r"(?=[\s，。、；：（）“”《》在与和把将对的以是也曾说被领带]|$)"
)


def find_people(text: str) -> list[tuple[int, int]]:
    """Spans in order, each name once, without overlaps."""
    found: list[tuple[int, int]] = []
    names: set[str] = set()
    for start, end in sorted(_spans(text)):
        if (not found or start >= found[-1][1]) and text[start:end] not in names:
            found.append((start, end))
            names.add(text[start:end])
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_WITH_ROLE, _SPEAKS):
        for match in pattern.finditer(text):
            if not _NO_PERSON.search(match["name"]):
                start, end = match.span("name")
                role = _ROLE_FIRST.match(text, start, end)  # at the beginning of a sentence: Professor Lai Guanyu
                yield role.end() if role else start, end
    for match in _CHINESE_PERSON.finditer(text):
        yield next(match.span(group) for group in "abc" if match[group])
