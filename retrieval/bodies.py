"""How the body of a topic export falls into points:
- ' - ' divides. It belongs to a point only where the text before it stopped in mid-sentence: it ends in neither
  citation nor stop, but in a comma, an open bracket or a word like 'of', or the dash stands between two figures, or
  a small letter follows it in a body that has citations. So a point without stop and citation still ends at its dash.
- A heading ends at a dash: 'Group 3: …' and well-known ones (Industry Trends) anywhere, '第三组：…' too; others
  in Title Case or in Chinese at the start of the body, or after a citation or stop.
- `[n]` leaves the text wherever it stands; a stop beside it stays: 'up 5% [1][2].' and 'up 5%.[1]' give 'up 5%.'.
"""

import re
from collections.abc import Iterator, Sequence

from retrieval.statements import Statement

HEADING = 200  # characters: what is longer is a point that happens to say 'Group 2'
CITATION = re.compile(r"\[\d{1,3}(?: ?[,，、] ?\d{1,3})*]")
CITATIONS = re.compile(rf"([.。!?！？]?) ?((?:{CITATION.pattern}(?: ?[,，]? ?(?=\[\d))?)+)([.。]?)")
SEPARATOR = re.compile(r"^- |(?: -)+(?: |$)|(?<=[].。!?！？”\"])- ")
ENDED = re.compile(r"""(?:\[[\d ,，、]+]|[.。!?！？;；…])["”'’)）]*$""")
DANGLING = re.compile(r"(?:[,，、:：(（\[“]|\w (?:of|to|at|by|from|with|and|or|the|an?|in|on|for|than|about|vs))$")
GROUP = re.compile(r"(?:(?<![A-Za-z])Group ?\d+|第[一二三四五六七八九十百\d]+(?:组|部分)) ?(?=$|[:：])")
KNOWN = re.compile(
    r"\b(?:(?:Core|Key|Main) (?:View|Viewpoint|Insight|Point|Finding|Takeaway)"
    r"|(?:Industry|Market|Company|Policy) (?:Trend|Insight|Dynamic|Outlook|Overview))s?$"
)
TITLE_CASE = re.compile(
    r"[A-Z\d][\w/&'’-]*"
    r"(?:,? (?:[A-Z\d(&][\w/&'’)-]*|of|and|the|in|for|to|on|from|with|an?|by|at|vs\.?|as|or|into)){0,9}:?"
)
CHINESE = re.compile(
    r"[一-鿿]{0,6}(?:观点|要点|看点|洞察|见解|趋势|动态|影响|分析|展望|前景|建议|风险|表现|概览|总结|背景)[:：]?"
)
LAST_END = re.compile(rf"""(?s:.*)(?:{CITATION.pattern} ?[.。;；]?|[。！？][”’）]?|(?<![A-Z])[.!?]["”')]? ) ?""")


def statements(body: str) -> Iterator[Statement]:
    pieces = SEPARATOR.split(body)
    cites = bool(CITATION.search(body))
    section = ""
    point: list[str] = []
    for i, piece in enumerate(pieces):
        if point and not goes_on(point[-1], piece, cites):
            yield from stated(section, point)
            point = []
        point.append(piece)
        rest, head = heading(piece, first=i == 0)
        if head and (i + 1 < len(pieces) or (GROUP.match(head) and ENDED.search(rest))):
            yield from stated(section, [*point[:-1], rest])
            section, point = head, []
    yield from stated(section, point)


def stated(section: str, parts: Sequence[str]) -> Iterator[Statement]:
    joined = " - ".join(parts)
    text = CITATIONS.sub(lambda match: match[1] or match[3], joined).strip()
    if any(map(str.isalnum, text)):
        numbers = (int(n) for run in CITATION.findall(joined) for n in re.findall(r"\d+", run))
        yield section, text, tuple(dict.fromkeys(numbers))


def goes_on(left: str, right: str, cites: bool) -> bool:
    """Whether the dash between two pieces stands inside a point."""
    if not left or not right or ENDED.search(left[-HEADING:]):
        return False
    figures = re.search(r"\d[%℃]?$", left[-3:]) and right[0].isdigit()
    bracketed = any(left.count(opening) > left.count(closing) for opening, closing in ("()", "（）", "“”"))
    return bool(
        DANGLING.search(left[-HEADING:]) or bracketed or figures or (cites and re.match(r"[a-z](?![A-Z])", right))
    )


def heading(piece: str, first: bool) -> tuple[str, str]:
    """What stands before a dash, cut where the heading begins that leads to it; '' where there is none."""
    begin = max((match.start() for match in GROUP.finditer(piece)), default=-1)
    if begin < 0 and (known := KNOWN.search(piece)):
        begin = known.start()
    if begin < 0:
        end = LAST_END.match(piece)
        start = end.end() if end else 0
        tail, opening = piece[start:], first and not end
        named = CHINESE.fullmatch(tail) or (TITLE_CASE.fullmatch(tail) and (opening or " " in tail))
        short = len(tail) <= 30 and tail.count(" ") < 4 and not re.search(r"\d", tail)
        if (end and named) or (opening and (named or short)):
            begin = start
    if begin < 0 or len(piece) - begin > HEADING or CITATION.search(piece, begin):
        return piece, ""
    return piece[:begin].rstrip(), piece[begin:].rstrip(" :：")
