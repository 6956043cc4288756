"""Bodies of topic exports: one line of text to statements (section, text, citations).

- One mark divides a body: ' - ' or, if no point begins with that, ' – ', ' — ' or a bullet. The mark is part of a
  point only if the text before it breaks off: it ends in a comma, an open bracket or a word like 'of', or the mark
  stands between two figures. In a body that marks the ends of its points, a small letter after the mark or a lone
  name before it (China - U.S. trade) says so too. A point without stop and citation still ends at its dash.
- A heading ends at a dash: 'Group 3: …', '第三组：…' and well-known ones (Industry Trends) anywhere; others in Title
  Case or in Chinese at the start of the body, or after a citation or stop. Well-known ones may end at a colon ('Core
  Viewpoint: …'), and a group's may contain a dash ('Group 2: Supply - Demand Balance').
- `[n]` is removed from the text; a stop beside it stays: 'up 5% [1][2].' and 'up 5%.[1]' give 'up 5%.'.
"""

import re
from collections.abc import Iterator, Sequence

from retrieval.language.han import HAN
from retrieval.model.factory import Statement

MAX_HEADING_CHARS = 200  # a longer text is a point that happens to say 'Group 2'
MAX_CITATION_RUN = 50  # paragraphs that '[3-9]' may cite: articles have no more
CITED_NUMBERS = r"\d{1,3}(?: ?[,，、;；~～–－-] ?\d{1,3})*"
CITATION = re.compile(rf"\[{CITED_NUMBERS}]")
PRINTED_CITATION = re.compile(rf"[\[［【] ?({CITED_NUMBERS}) ?[]］】]")
CITATIONS = re.compile(
    rf"([.。!?！？]?) ?((?:{CITATION.pattern}(?: ?[,，]? ?(?=\[\d))?)+)(?: ?([.。](?!\d)))?(?=([A-Za-z])?)"
)
CITED_RANGE = re.compile(r"(\d+)(?: ?[~～–－-] ?(\d+))?")
ENDED = re.compile(rf"""(?:{CITATION.pattern}|[.。!?！？;；…])["”'’)）]*$""")
DANGLING = re.compile(r"(?:[,，、:：(（\[“]|\w (?:of|to|at|by|from|with|and|or|the|an?|in|on|for|than|about|vs))$")
SMALL_LETTER = re.compile(r"[a-z](?![A-Z])")  # and no eVTOL
HEADING_NAME = re.compile(rf"(?:The )?(?:[A-Z][\w&'’/-]*|(?:[A-Z]\.)+)|[{HAN}]{{1,4}}")

_GROUP = r"(?:(?<![A-Za-z])Group ?\d+|第[一二三四五六七八九十百\d]+(?:组|部分))"
_KNOWN = (
    r"(?:(?:Core|Key|Main) (?:View|Viewpoint|Insight|Point|Finding|Takeaway)s?"
    r"|(?:Industry|Market|Company|Policy) (?:Trend|Insight|Dynamic|Outlook|Overview)s?"
    r"|(?:核心|主要|关键)(?:观点|要点|看点|洞察|见解)|(?:行业|市场|公司|政策)(?:动态|趋势|洞察|展望|概览))"
)
GROUP = re.compile(rf"{_GROUP} ?(?=$|[:：])")
KNOWN_HEADING = re.compile(rf"(?:【|\b){_KNOWN}】?$")
TITLE_CASE = re.compile(
    r"[A-Z\d][\w/&'’-]*"
    r"(?:[,:]? (?:[A-Z\d(&][\w/&'’)-]*|of|and|the|in|for|to|on|from|with|an?|by|at|vs\.?|as|or|into)){0,9}:?"
)
CHINESE_HEADING = re.compile(
    rf"【?[{HAN}]{{0,6}}(?:观点|要点|看点|洞察|见解|趋势|动态|影响|分析|展望|前景|建议|风险|表现|概览|总结|背景)】?[:：]?"
    rf"|[一二三四五六七八九十]、[{HAN}]{{1,12}}"
)
CHINESE_WORDS = re.compile(f"[{HAN}、与和]{{3,8}}")
CHINESE_NAME = re.compile(f"[{HAN}]{{2,8}}")
LISTED_NAME = re.compile(rf" - (?:[A-Z][\w&/'’-]*|[{HAN}]{{2,8}})$")  # the last of a heading's parts is one word
STOPPED = re.compile(rf"[.。!?！？][\"”’'）)]* ?(?:{CITATION.pattern} ?)*$")
MAX_NAME_WORDS = 4
SENTENCE_OPENING = re.compile(r"(?:The|It|Its|This|These|There|A|An|In|By|As|At|On|For|With) ")
LAST_END = re.compile(rf"""(?s:.*)(?:{CITATION.pattern} ?[.。;；]?|[。！？][”’）]?|(?<![A-Z])[.!?]["”')]? ) ?""")

_ANY_MARK = "[-‐‑－–—•●▪◦·・∙]"
LIST_MARKS = ("[-‐‑－]", "–", "—+", "[•●▪◦·・∙]")
POINT_SEPARATORS = [
    re.compile(
        rf"^{mark} |(?: {mark})+(?: |$)|(?<=[].。!?！？…”\"]){mark} "
        rf"|(?<=[{HAN}]){mark} (?!\d)|(?<=[].。!?！？]) {mark}(?=[^\W\d])"
    )
    for mark in LIST_MARKS
]
BEGINNINGS = [
    re.compile(rf"(?:^|[].。!?！？;；…][\"”’)）]? ?|{_KNOWN}】? ?|{_GROUP}(?:(?! {_ANY_MARK} ).){{0,80}} ?){mark} ")
    for mark in LIST_MARKS
]
KNOWN_COLON = re.compile(rf"((?:^|(?<=[].。!?！？] )|(?<=[]。！？])){_KNOWN}) ?[:：] ?(?!\n)")
GROUP_COLON = re.compile(rf"({_GROUP}) ?[:：] ?(?=(?:(?!{_GROUP} ?[:：])[^\n])*?{CITATION.pattern})")


def parse_statements(body: str) -> Iterator[Statement]:
    pieces = split_points(PRINTED_CITATION.sub(r"[\1]", body.replace("**", "")))
    marked = bool(CITATION.search(body)) or any(ENDED.search(piece) for piece in pieces[:-1])
    section = ""
    point: list[str] = []
    for i, piece in enumerate(pieces):
        rest, head = split_heading(piece, first=i == 0)
        if not (point or head) and marked and GROUP.match(section) and is_heading_part(piece, pieces[i + 1 :], section):
            section += f" - {piece}"
            continue
        if point and not is_continuation(point[-1], piece, marked):
            yield from parse_points(section, point)
            point = []
        point.append(piece)
        if head and (i + 1 < len(pieces) or (GROUP.match(head) and ENDED.search(rest))):
            yield from parse_points(section, [*point[:-1], rest])
            section, point = head, []
    yield from parse_points(section, point)


def is_body(line: str) -> bool:
    """Guess whether an unlabelled line is a body."""
    begin, *rest = split_points(line)
    return bool(PRINTED_CITATION.search(line) or (rest and split_heading(begin, first=True)[1]))


def split_points(body: str) -> list[str]:
    """Split a body, which is one line, at its marks and at the colons of headings."""
    used = (n for n, beginning in enumerate(BEGINNINGS) if beginning.search(body))
    cut = POINT_SEPARATORS[next(used, 0)].sub("\n", body)
    return GROUP_COLON.sub(r"\1\n", KNOWN_COLON.sub(r"\1\n", cut)).split("\n")


def parse_points(section: str, parts: Sequence[str]) -> Iterator[Statement]:
    joined = " - ".join(parts)
    text = CITATIONS.sub(strip_citations, joined).strip()
    if any(map(str.isalnum, text)):
        yield section, text, tuple(dict.fromkeys(parse_citations(joined)))


def strip_citations(match: re.Match[str]) -> str:
    """Keep the stop beside citations, or the space that 'rose [1]by' would lack."""
    space = " " if match[4] and match[0].startswith(" ") else ""
    return match[1] or match[3] or space


def parse_citations(text: str) -> Iterator[int]:
    for run in CITATION.findall(text):
        for first, last in CITED_RANGE.findall(run):
            yield int(first)
            if last:
                yield from range(int(first) + 1, min(int(first) + MAX_CITATION_RUN, int(last)) + 1)


def is_continuation(left: str, right: str, marked: bool) -> bool:
    """Whether the dash between two pieces is part of a point."""
    if marked and right and HEADING_NAME.fullmatch(left):
        return True
    if not left or not right or ENDED.search(left[-MAX_HEADING_CHARS:]):
        return False
    bracketed = any(left.count(opening) > left.count(closing) for opening, closing in ("()", "（）", "“”"))
    return bool(
        DANGLING.search(left[-MAX_HEADING_CHARS:])
        or bracketed
        or is_number_range(left, right)
        or (marked and SMALL_LETTER.match(right))
    )


def is_number_range(left: str, right: str) -> bool:
    return bool(re.search(r"\d[%℃年月日]?$", left[-3:])) and right[0].isdigit()


def is_heading_part(piece: str, rest: Sequence[str], section: str) -> bool:
    """Whether a piece below a group's heading is the rest of it: a title without a stop, and a point after it.

    A single word may begin a point (China - U.S. trade); it is a title in a row of them that ends at a sentence with a
    stop (Flow - Heat - Dry pumps sell.).
    """
    following = next(iter(rest), "")
    if not following or SMALL_LETTER.match(following) or is_number_range(piece, following):
        return False
    if CHINESE_WORDS.fullmatch(piece):
        return True
    sentence = next((other for other in rest if not is_short_name(other)), "")
    in_a_row = bool(STOPPED.search(sentence) and (LISTED_NAME.search(section) or is_short_name(following)))
    several = TITLE_CASE.fullmatch(piece) and (" " in piece or SENTENCE_OPENING.match(following) or in_a_row)
    return bool(several or (CHINESE_NAME.fullmatch(piece) and in_a_row))


def is_short_name(piece: str) -> bool:
    """A title of a few words without stop or citation, as the parts of a heading are."""
    words = len(piece.split())
    return words <= MAX_NAME_WORDS and bool(TITLE_CASE.fullmatch(piece) or CHINESE_NAME.fullmatch(piece))


def split_heading(piece: str, first: bool) -> tuple[str, str]:
    """Split what precedes a dash into the point's rest and the heading before the dash, '' if there is none."""
    begin = max((match.start() for match in GROUP.finditer(piece)), default=-1)
    if begin < 0 and (known := KNOWN_HEADING.search(piece)):
        begin = known.start()
    if begin < 0:
        end = LAST_END.match(piece)
        start = end.end() if end else 0
        tail, opening = piece[start:], first and not end
        named = CHINESE_HEADING.fullmatch(tail) or (TITLE_CASE.fullmatch(tail) and (opening or " " in tail))
        short = opening and len(tail) <= 12 and re.fullmatch(f"[{HAN}、与和“”:：【】]+", tail)
        if (end or opening) and (named or short):
            begin = start
    if begin < 0 or len(piece) - begin > MAX_HEADING_CHARS or CITATION.search(piece, begin):
        return piece, ""
    return piece[:begin].rstrip(), piece[begin:].rstrip(" :：")
