"""Judgments: feedback on answers goes in, question files for `zhidian measure` come out."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.analytics.anonymizer import common_pieces, is_open, plain_wording
from bot.analytics.queries import Feedback, LoggedQuestion
from bot.render.html import single_line

GOOD_REASONS = frozenset({"good", "chosen"})
WRONG_REASONS = frozenset({"off", "outdated"})  # 'incomplete' means right as far as it went
SEPARATORS = re.compile(r"[\t|\v\f\x1c-\x1e\x85\u2028\u2029\r\n]")  # of fields, substrings and lines of the file


@dataclass(frozen=True, slots=True)
class JudgmentFiles:
    """Lines, and the counts of questions left out: wording that may not be seen, points gone from the corpus."""

    answerable: Sequence[str]
    wrong: Sequence[str]
    unseen: int
    gone: int


@dataclass(slots=True)
class _Opinions:
    asked: LoggedQuestion
    good: dict[str, None] = field(default_factory=dict)  # points, in order
    wrong: dict[str, str] = field(default_factory=dict)  # reasons by point


def build_files(
    judged: Sequence[Feedback], asked: Sequence[LoggedQuestion], agreed: Collection[int], texts: Mapping[str, str]
) -> JudgmentFiles:
    """`asked` are all questions, `texts` those of the points still in the corpus."""
    known = common_pieces((one.person, [plain_wording(one.text)]) for one in asked)
    opinions: dict[str, _Opinions] = {}
    unseen = set[str]()
    for one in judged:
        text = plain_wording(one.asked.text)
        if not text or not (text in known or is_open(one.asked, agreed)):
            unseen.add(text)
            continue
        opinion = opinions.setdefault(text, _Opinions(one.asked))
        if one.reason in GOOD_REASONS:
            opinion.good[one.point] = None
        elif one.reason in WRONG_REASONS:
            opinion.wrong.setdefault(one.point, one.reason)
    right, wrong, gone = [], [], 0
    for opinion in opinions.values():
        question = single_line(opinion.asked.text)
        points = [point for point in opinion.good if point not in opinion.wrong]
        gold = [gold for point in points if (gold := substring(texts.get(point, "")))]
        if gold:
            right.append(f"{opinion.asked.language}\t{question}\t{'|'.join(dict.fromkeys(gold))}")
        elif points:
            gone += 1
        elif opinion.wrong:
            wrong.append(f"{next(iter(opinion.wrong.values()))}\t{question}")
    return JudgmentFiles(right, wrong, len(unseen - opinions.keys()), gone)


def substring(text: str) -> str:
    """The longest piece of a point that the file's format can hold."""
    return max((piece.strip() for piece in SEPARATORS.split(text)), key=len, default="")
