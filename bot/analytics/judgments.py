"""What people thought of answers, as question files that `zhidian measure` reads. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.analytics.anonymizer import common_pieces, is_open, plain_wording
from bot.analytics.queries import Feedback, LoggedQuestion
from bot.render.html import single_line

GOOD_REASONS = frozenset({"good", "chosen"})
WRONG_REASONS = frozenset({"off", "outdated"})  # 'incomplete' says that the answer was right, as far as it went
LINE_BREAKS = re.compile(
    r"[\t|\v\f\x1c-\x1e\x85\u2028\u2029\r\n]"
)  # what ends a field, a substring or a line of the file


@dataclass(frozen=True, slots=True)
class JudgmentFiles:
    """Lines of kind, question, gold and of kind, question; how many questions were judged and are left out, because
    their wording may not be seen, or their point is not in the corpus any more."""

    answerable: Sequence[str]
    wrong: Sequence[str]
    unseen: int
    gone: int


@dataclass(slots=True)
class _Opinions:
    asked: LoggedQuestion
    good: dict[str, None] = field(default_factory=dict)  # in their order
    wrong: dict[str, str] = field(default_factory=dict)  # reasons by point


def build_files(
    judged: Sequence[Feedback], asked: Sequence[LoggedQuestion], agreed: Collection[int], texts: Mapping[str, str]
) -> JudgmentFiles:
    """`asked` are all questions there are, `texts` those of points that are there still. A question is written in its
    asker's words, where the asker agreed or three people asked in just these."""
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
        points = [point for point in opinion.good if point not in opinion.wrong]
        gold = [gold for point in points if (gold := substring(texts.get(point, "")))]
        if gold:
            right.append(
                f"{opinion.asked.language}\t{single_line(opinion.asked.text)}\t{'|'.join(dict.fromkeys(gold))}"
            )
        elif points:
            gone += 1
        elif opinion.wrong:
            wrong.append(f"{next(iter(opinion.wrong.values()))}\t{single_line(opinion.asked.text)}")
    return JudgmentFiles(right, wrong, len(unseen - opinions.keys()), gone)


def substring(text: str) -> str:
    """What is looked for in a point: its longest piece that the file's format can hold."""
    return max((piece.strip() for piece in LINE_BREAKS.split(text)), key=len, default="")
