"""The direct answer: a question and the point that answers it go in, the span of the one value that was asked for, or
None.

The value is taken from the clause that speaks of what is asked for: a wrong one is worse than none, so where two fit
alike there is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.language.answer_types import ASKS_FIGURE, ASKS_SHARE, ASKS_WHEN, expected_answer_types
from retrieval.language.figures import FigureMention, find_figures
from retrieval.language.tokenizer import normalize
from retrieval.model.results import Match, Result
from retrieval.search.emphasis import CharSpan

MAX_DIRECT_CHARS = 160  # a longer one tells a story, and what it asks for is hard to say
ASKS_COUNT = re.compile(
    r"(?:多少|几)(?:[个家座条款项名位人辆艘台套只所种批次起份张支架单栋盏块趟户]|万?人)|\bhow many\b|[人次户家]数"
)
# More than one thing is asked for, or a reason.
ASKS_TWICE = re.compile(
    r"(?:多少|几[^乎]|多[大久长高快远贵重]).*[,，、。?？和].*(?:多少|几[^乎]|多[大久长高快远贵重])"
    r"|\b(?:how|what|when|who|which)\b.*(?:\band\b|[?.]).*\b(?:how|what|when|who|are there)\b|分别|各[有是占为]"
    r"|为什么|为何|为啥|怎么会|\bwhy\b",
    re.IGNORECASE,
)
SHARE_OF = re.compile(r"\bhow much of\b")
ASKS_DIFFERENCE = re.compile(
    r"比.*[贵高低多少慢快长便宜](?:多少|几)|how much (?:more|less|cheaper|faster|longer)", re.IGNORECASE
)
TELLS_DIFFERENCE = re.compile(
    r"(?:贵|高出?|低|多出?|少|慢|快|便宜|增|减)了?(?:约|近|超过)?$"
    r"|^ ?(?:cheaper|dearer|more|less|longer|faster|slower|higher|lower)\b"
)
CLAUSE_MARK = re.compile(
    r"[;；。,，:：()（）—]| (?:and|but|while|whereas|although|though|of which|who|which|because|with) |其中|而"
)
COMPARED = re.compile(
    r"(?:against|than|compared (?:with|to)|versus|up from|down from|from|instead of|rather than|used to [a-z]+)"
    r"(?: the| an?)? ?$|(?:较|比|相比|而非|从|由|原来的?|过去的?|曾)$"
)
BEFORE_NOW = re.compile(
    r"^(?: the)? (?:a year (?:before|earlier|ago)|last year|the year before|twelve months (?:before|earlier))"
)
_LINKS = "in|of|with|without|at|by|for|to|from|and|or|on|as|than|is|was|has|times"
COUNTED_THINGS = re.compile(rf"(?: (?!(?:{_LINKS}) )[a-z-]+){{0,2}}?(?: people| (?!(?:{_LINKS})\b)[a-z-]*[a-rt-z]s)\b")
SUBSET = re.compile(r"of which|of them|of whom|其中")
NUMERIC = frozenset({"money", "share", "area", "length", "weight", "power", "volume"})
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
class _Candidate:
    figure: FigureMention
    score: float


def find_answer(result: Result) -> CharSpan | None:
    """The span in the first point of a confident answer; None for any other result."""
    if result.verdict != "answer" or not result.hits:
        return None
    text = result.hits[0].point.text
    inside = [match for match in result.hits[0].matches if 0 <= match.start < match.end <= len(text)]
    return find_value(result.question.encode("utf-8", "replace").decode(), text, inside)


def find_value(question: str, text: str, matches: Sequence[Match]) -> CharSpan | None:
    """The span in `text` of the one value that the question asks for."""
    kinds = value_kinds(question)
    said = re.sub(r"[,\s]", "", question)
    plain = normalize(question)
    matches = _whole_names(matches, plain)
    difference = ASKS_DIFFERENCE.search(plain) is not None
    candidates = [
        _Candidate(figure, _score(figure, text, matches))
        for figure in find_figures(text)
        if (figure.kind in kinds or (kinds == NUMERIC and figure.kind == "count" and _counts(figure, matches, plain)))
        and figure.number.replace(",", "") not in said
        and (not difference or _tells_difference(figure, text))
    ]
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.figure.start))
    if not candidates or candidates[0].score <= 0:
        return None
    if len(candidates) > 1 and candidates[0].score <= candidates[1].score:
        return None
    best = candidates[0].figure
    return best.start, _end_with_noun(text, best) if best.kind == "count" else best.end


def _whole_names(matches: Sequence[Match], plain: str) -> Sequence[Match]:
    """Without what the question says only within a longer name: 怀柔科学城 does not ask about 怀柔."""
    words = {match.word for match in matches}
    parts = {word for word in words for name in words - {word} if word in name and word not in plain.replace(name, "")}
    return [match for match in matches if match.word not in parts]


def _counts(figure: FigureMention, matches: Sequence[Match], plain: str) -> bool:
    """Whether a word of the question follows that it asks the number of."""
    return any(
        0 <= match.start - figure.end <= 1 and re.search(rf"(?:多少|几|how many ){re.escape(match.word)}", plain)
        for match in matches
    )


def _end_with_noun(text: str, figure: FigureMention) -> int:
    """Where the English noun ends that is counted: 163 national-level innovation platforms."""
    noun = COUNTED_THINGS.match(text, figure.end)
    return noun.end() if noun else figure.end


def _tells_difference(figure: FigureMention, text: str) -> bool:
    return bool(TELLS_DIFFERENCE.search(text[: figure.start]) or TELLS_DIFFERENCE.search(text[figure.end :]))


def value_kinds(question: str) -> frozenset[str]:
    """The kinds of figure that would answer the question; none if it asks for none, or for more than one."""
    plain = normalize(question)
    if len(question) > MAX_DIRECT_CHARS or ASKS_TWICE.search(plain):
        return frozenset()
    expected = (
        {"share"} if SHARE_OF.search(plain) else {kind.removeprefix("#") for kind in expected_answer_types(plain)}
    )
    if ASKS_WHEN.search(question) and not expected - {"date"}:
        return frozenset({"date"})
    if expected := expected - {"date"}:
        return frozenset(expected) if len(expected) == 1 else frozenset()
    return frozenset({"count"}) if ASKS_COUNT.search(plain) else _hinted_kinds(question, plain)


def _hinted_kinds(question: str, plain: str) -> frozenset[str]:
    how_much = ASKS_SHARE.search(question) and re.search(r"多少|几|多[高大]|what|how", plain)
    if not (ASKS_FIGURE.search(question) or how_much):
        return frozenset()
    hinted = [kind for kind, words in HINTS.items() if words.search(plain)]
    return frozenset(hinted) if len(hinted) == 1 else NUMERIC


def _score(figure: FigureMention, text: str, matches: Sequence[Match]) -> float:
    """How many words of the question the figure's clause has, less what speaks against it."""
    start, end = _clause(text, figure)
    inside = {match.word for match in matches if start <= match.start and match.end <= end}
    near = {match.word for match in matches if match.start < end} - inside
    score = len(inside) + 0.1 * len(near)
    if figure.kind == "count" and any(0 <= match.start - figure.end <= 2 for match in matches):
        score += 2  # the counted noun
    before = text[max(0, figure.start - 24) : figure.start]
    if COMPARED.search(before) or BEFORE_NOW.match(text[figure.end :]):
        score -= 1.5
    if SUBSET.search(text[max(0, start - 10) : figure.start]):
        score -= 0.5
    return score


def _clause(text: str, figure: FigureMention) -> tuple[int, int]:
    start, end = 0, len(text)
    for mark in CLAUSE_MARK.finditer(text):
        if mark.end() <= figure.start and not _within_number(text, mark.start()):
            start = mark.end()
        elif mark.start() >= figure.end and not _within_number(text, mark.start()):
            end = mark.start()
            break
    return start, end


def _within_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit() and text[at] == ","
