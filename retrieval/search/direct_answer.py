"""The direct answer: a question and the point that answers it go in, the span of the one value that was asked for, or
None.

The value is taken from the clause that speaks of what is asked for: a wrong one is worse than none, so where two fit
alike there is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.language.figures import FigureMention, find_figures
from retrieval.language.people import find_people
from retrieval.language.places import find_places
from retrieval.model.results import Match, Result
from retrieval.search.asked_value import AMOUNTS, MEASURE_WORDS, NAMING, NUMERIC, AskedValue
from retrieval.search.emphasis import CharSpan

MIN_VALUE_CONFIDENCE = 0.55  # below it half of the values were wrong
TITLE_NAME_CONFIDENCE = 0.66  # from which a name that was asked for may stand in the title alone
PEOPLE_MEASURES = frozenset("名位人员")
PEOPLE_FOLLOW = re.compile(
    r"(?: ?[多余来])? ?(?:人|的?(?:居民|员工|职工|人口|用户|患者|老人|学生|游客|乘客|旅客|农民|工人|教师|医生|观众))"
    r"|(?: [a-z-]+){0,3}? (?:people|persons|men|women|children|residents|[a-z-]+(?:ers|ors|ists|ants|ents|ees|ians))\b"
)
# Who does something else between the name that was asked for and the value: Jared Allen …, Kony Ealy, who had 5.
FULL_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+(?=,? (?:who|which|that|has|have|had|is|was|were)\b)")
ONE_MEASURE = re.compile(r"[一每1](?:度|千瓦时?|公里|平方米?|平米?|平|公顷|亩|吨|公斤|斤|克|升|立方米?)")
PER_ONE = re.compile(r"每|单位|/|\b(?:per|each|every|an?|one)\b", re.IGNORECASE)
SMALLER_UNIT_BEFORE = re.compile(r"\d ?(?:分|小时|时|天|年|个月|minutes?|hours?|days?|years?|months?),?(?: and)? ?$")
TELLS_DIFFERENCE = re.compile(
    r"(?:贵|高出?|低|多出?|少|慢|快|便宜|增|减)了?(?:约|近|超过)?$"
    r"|^ ?(?:cheaper|dearer|more|less|longer|faster|slower|higher|lower)\b"
)
CLAUSE_MARK = re.compile(
    r"[;；。,，:：()（）—]| (?:and|but|while|whereas|although|though|of which|who|which|because|with) |其中|而"
)
RELATIVE = re.compile(r",? who ")  # Gao Mingche, who runs a municipal data bureau
COMPARED = re.compile(
    r"(?:against|than|compared (?:with|to)|versus|up from|down from|from|instead of|rather than|used to [a-z]+)"
    r"(?: the| an?)? ?$|(?:较|比|相比|而非|从|由|原来的?|过去的?|曾)$"
)
BEFORE_NOW = re.compile(
    r"^(?: the)? (?:a year (?:before|earlier|ago)|last year|the year before|twelve months (?:before|earlier))"
)
_LINKS = "in|of|with|without|at|by|for|to|from|and|or|on|as|than|is|was|has|times"
COUNTED_THINGS = re.compile(rf"(?: (?!(?:{_LINKS}) )[a-z-]+){{0,2}}?(?: people| (?!(?:{_LINKS})\b)[a-z-]*[a-rt-z]s)\b")
TOGETHER = r"(?:和|跟|与|同|、| and | or )"
OF_THEM = re.compile(r" of (?:them|these|those|which|whom)\b")
REST = re.compile(r"\bthe (?:other|remaining|rest:?) $|(?:其余|其他|剩下|余下|剩余)的?(?:约|近)?$")
ASKS_REST = re.compile(r"\b(?:other|rest|remaining|remainder)\b|其余|其他|剩下|余下|剩余")
SUBSET = re.compile(r"of which|of them|of whom|其中")


@dataclass(frozen=True, slots=True)
class AnsweringPoint:
    """A point's text, and where it has the question's words. The other words are as a result has them."""

    text: str
    matches: Sequence[Match]
    names: Sequence[str] = ()
    uncovered: Sequence[str] = ()
    missing: Sequence[str] = ()

    def words_within(self, start: int, end: int) -> set[str]:
        return {match.word for match in self.matches if start <= match.start and match.end <= end}

    def is_name(self, word: str) -> bool:
        return any(word in name or name in word for name in self.names)

    def has_word_at(self, start: int, end: int) -> bool:
        return any(match.start < end and start < match.end for match in self.matches)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`score` says how well the figure's `clause` fits the question."""

    figure: FigureMention
    score: float
    clause: CharSpan


def find_answer(result: Result) -> CharSpan | None:
    """The span in the first point of a confident answer; None for any other result."""
    if result.verdict != "answer" or not result.hits or result.confidence < MIN_VALUE_CONFIDENCE:
        return None
    text = result.hits[0].point.text
    matches = [match for match in result.hits[0].matches if 0 <= match.start < match.end <= len(text)]
    point = AnsweringPoint(text, matches, result.names, result.uncovered, result.missing)
    # A value may be of another place or firm, though the title names the one that was asked for.
    named = not point.names or any(point.is_name(match.word) for match in matches)
    if not (named or result.confidence >= TITLE_NAME_CONFIDENCE):
        return None
    return find_value(result.question.encode("utf-8", "replace").decode(), point)


def find_value(question: str, point: AnsweringPoint) -> CharSpan | None:
    """The span in the point's text of the one value that the question asks for."""
    asked = AskedValue.of(question)
    if not asked.kinds or any(point.is_name(word) for word in point.missing):
        return None
    point = replace(point, matches=_whole_names(point.matches, asked.plain))
    if asked.kinds == NUMERIC and any(asked.is_head(match.word) for match in point.matches):
        asked = replace(asked, kinds=AMOUNTS)  # 多少社区食堂 are so many, and no share
    if asked.kinds <= NAMING:
        return _only_name(asked, point)
    best = _best_figure(asked, point)
    if best is None or not _is_of_what_is_asked(best, asked, point) or _is_of_another_name(best, point):
        return None
    if _is_told_elsewhere(best, asked, point):
        return None
    figure = best.figure
    return figure.start, _end_with_noun(point.text, figure) if figure.kind == "count" else figure.end


def _best_figure(asked: AskedValue, point: AnsweringPoint) -> _Candidate | None:
    """None where two fit alike."""
    candidates = [
        _Candidate(figure, _score(figure, point), _clause(point.text, figure.start, figure.end))
        for figure in find_figures(point.text)
        if _fits(figure, asked, point)
    ]
    if any(_ends_with(one.figure, point.text, asked.measure) for one in candidates):
        candidates = [one for one in candidates if _ends_with(one.figure, point.text, asked.measure)]
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.figure.start))
    if not candidates or candidates[0].score <= 0 or _compares(candidates, asked, point):
        return None
    return None if len(candidates) > 1 and candidates[0].score <= candidates[1].score else candidates[0]


def _only_name(asked: AskedValue, point: AnsweringPoint) -> CharSpan | None:
    """The one person or place that the point names beside those of the question, if its clause tells what is asked."""
    if "person" in asked.kinds:
        spans = find_people(point.text)
    else:
        spans = [(one.start, one.end) for one in find_places(point.text) if asked.level in ("", one.level)]
    found = [span for span in spans if not point.has_word_at(*span) and point.text[slice(*span)] not in asked.written]
    if len(found) != 1 or point.missing:
        return None
    every = {match.word for match in point.matches}
    start, end = _clause(point.text, *found[0])
    if relative := RELATIVE.match(point.text, end):
        end = _clause(point.text, relative.end(), relative.end())[1]
    inside = point.words_within(start, end)
    fits = len(every) > 1 if asked.says else inside and 2 * len(inside) >= len(every)
    return found[0] if fits else None


def _fits(figure: FigureMention, asked: AskedValue, point: AnsweringPoint) -> bool:
    counted = asked.kinds == NUMERIC and figure.kind == "count" and _counts(figure, asked, point)
    return (
        (figure.kind in asked.kinds or counted)
        and figure.number.replace(",", "") not in asked.said
        and not (figure.kind == "span" and SMALLER_UNIT_BEFORE.search(point.text[: figure.start]))
        and not (REST.search(point.text[: figure.start]) and not ASKS_REST.search(asked.plain))
        and (not asked.difference or _tells_difference(figure, point.text))
        and (figure.kind != "count" or _has_measure(figure, point.text, asked.measure))
    )


def _has_measure(figure: FigureMention, text: str, measure: str) -> bool:
    """False where the text counts another sort of things: 136次 are no 名."""
    last = text[figure.start : figure.end].rstrip()[-1:]
    if not measure or last not in MEASURE_WORDS or last == measure or "个" in (last, measure):
        return True
    return last in PEOPLE_MEASURES and measure in PEOPLE_MEASURES


def _ends_with(figure: FigureMention, text: str, measure: str) -> bool:
    return bool(measure) and text[figure.start : figure.end].rstrip().endswith(measure)


def _compares(candidates: Sequence[_Candidate], asked: AskedValue, point: AnsweringPoint) -> bool:
    """Whether the question names two things, and another value is of the other one."""
    best = point.words_within(*candidates[0].clause)
    others: set[str] = set().union(*(point.words_within(*one.clause) for one in candidates[1:]))
    pairs = ((one, other) for one in best - others for other in others - best)
    return any(
        re.search(rf"{re.escape(first)}.?{TOGETHER}.?{re.escape(second)}", asked.plain)
        for pair in pairs
        for first, second in (pair, pair[::-1])
    )


def _is_of_what_is_asked(best: _Candidate, asked: AskedValue, point: AnsweringPoint) -> bool:
    if asked.per_one and not PER_ONE.search(point.text[slice(*best.clause)]):
        return False
    if any(ONE_MEASURE.fullmatch(word) for word in point.uncovered) or asked.lacks_quality_of(point.uncovered):
        return False
    if best.figure.kind == "date" and not _tells_what_happened(best, point):
        return False
    if best.figure.kind != "count":
        return asked.kinds not in (NUMERIC, AMOUNTS) or not any(map(asked.is_head, point.uncovered))
    return _is_counted(best, asked, point)


def _tells_what_happened(best: _Candidate, point: AnsweringPoint) -> bool:
    """Whether the clause of the day has more of the question than names, where the point has."""
    told = {match.word for match in point.matches if not point.is_name(match.word)}
    return not told or bool(told & point.words_within(*best.clause))


def _is_counted(best: _Candidate, asked: AskedValue, point: AnsweringPoint) -> bool:
    """Whether the clause of the number has the thing of which the question asks how many there are."""
    figure = best.figure
    if asked.people:
        return point.text[figure.end - 1] in PEOPLE_MEASURES or bool(PEOPLE_FOLLOW.match(point.text, figure.end))
    start, end = best.clause
    if point.text[figure.start : figure.end].rstrip()[-1:] in MEASURE_WORDS and figure.end == end:
        start = 0  # it may stand before the clause: 可信数据空间……，已建成63个
    inside = point.words_within(start, end)
    if not asked.counted:
        return any(not point.is_name(word) for word in inside)
    if any(asked.is_head(word) for word in point.uncovered):
        return False
    return any(asked.is_counted(word) for word in inside)


def _is_of_another_name(best: _Candidate, point: AnsweringPoint) -> bool:
    """Whether somebody else is named between the name that was asked for and the value."""
    ends = [one.end for one in point.matches if one.end <= best.figure.start and point.is_name(one.word)]
    between = FULL_NAME.finditer(point.text, max(ends), best.figure.start) if ends else ()
    return any(not point.has_word_at(*name.span()) for name in between)


def _is_told_elsewhere(best: _Candidate, asked: AskedValue, point: AnsweringPoint) -> bool:
    """Whether only a later clause has the name, or the word right before 多少: the 48 before 广东 are not in 广东."""
    named = [match for match in point.matches if point.is_name(match.word)]
    before = asked.word_before({match.word for match in point.matches})
    told = [match for match in point.matches if match.word == before]
    return any(of and all(match.start >= best.clause[1] for match in of) for of in (named, told))


def _whole_names(matches: Sequence[Match], plain: str) -> Sequence[Match]:
    """Without what the question says only within a longer name: 怀柔科学城 does not ask about 怀柔."""
    words = {match.word for match in matches}
    parts = {word for word in words for name in words - {word} if word in name and word not in plain.replace(name, "")}
    return [match for match in matches if match.word not in parts]


def _counts(figure: FigureMention, asked: AskedValue, point: AnsweringPoint) -> bool:
    """Whether a word of the question follows that it asks the number of."""
    return any(
        0 <= match.start - figure.end <= 1 and re.search(rf"(?:多少|几|how many ){re.escape(match.word)}", asked.plain)
        for match in point.matches
    )


def _end_with_noun(text: str, figure: FigureMention) -> int:
    """Where the English noun ends that is counted: 163 national-level innovation platforms."""
    noun = COUNTED_THINGS.match(text, figure.end)
    return noun.end() if noun else figure.end


def _tells_difference(figure: FigureMention, text: str) -> bool:
    return bool(TELLS_DIFFERENCE.search(text[: figure.start]) or TELLS_DIFFERENCE.search(text[figure.end :]))


def _score(figure: FigureMention, point: AnsweringPoint) -> float:
    """How many words of the question the figure's clause has, less what speaks against it."""
    text, (start, end) = point.text, _clause(point.text, figure.start, figure.end)
    inside = point.words_within(start, end)
    near = {match.word for match in point.matches if match.start < end} - inside
    score = len(inside) + 0.1 * len(near)
    if figure.kind == "count" and any(0 <= match.start - figure.end <= 2 for match in point.matches):
        score += 2  # the counted noun
    elif figure.kind == "count" and OF_THEM.match(text, figure.end):
        score += 2
    before = text[max(0, figure.start - 24) : figure.start]
    if COMPARED.search(before) or BEFORE_NOW.match(text[figure.end :]):
        score -= 1.5
    if SUBSET.search(text[max(0, start - 10) : figure.start]):
        score -= 0.5
    return score


def _clause(text: str, first: int, last: int) -> CharSpan:
    """Of what stands from `first` to `last`."""
    start, end = 0, len(text)
    for mark in CLAUSE_MARK.finditer(text):
        if mark.end() <= first and not _within_number(text, mark.start()):
            start = mark.end()
        elif mark.start() >= last and not _within_number(text, mark.start()):
            end = mark.start()
            break
    return start, end


def _within_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit() and text[at] == ","
