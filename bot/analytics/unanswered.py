"""What is asked and not found: near-duplicates together, in words that may be seen. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz, process

from bot.analytics.anonymizer import MIN_PEOPLE, common_pieces, is_open, mask, pieces, plain_wording
from bot.analytics.queries import LoggedQuestion
from retrieval.language.tokenizer import normalize

# Of 100: two ways to ask one thing. Where the same word is missing it is that which makes them one, so that less will
# do; where none is, one character may be another place.
ALIKE, ALIKE_WITHOUT = 60, 90

QuestionGroup = list[LoggedQuestion]


@dataclass(frozen=True, slots=True)
class UnansweredGroup:
    """Questions alike. `wording` and `words`, those found nowhere, are only what may be seen."""

    questions: int
    people: int
    wording: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnansweredReport:
    """`words` are found nowhere and in no gap that is shown, each with how many people asked for it; `unseen` is the
    number of questions whose wording may not be shown."""

    groups: tuple[UnansweredGroup, ...]
    words: tuple[tuple[str, int], ...]
    unseen: int


def unanswered_report(
    asked: Sequence[LoggedQuestion], agreed: Collection[int], is_left: Callable[[str], bool], most: int
) -> UnansweredReport:
    """Those that most people ran into. `asked` has the latest first; `is_left` says whether a question finds nothing
    to this day: what is mended is no gap any more."""
    known = common_pieces((one.person, one.nowhere) for one in asked)
    groups = sorted(group_alike(asked), key=lambda group: (-count_people(group), -len(group)))
    seen = [(group, gap) for group in groups if (gap := _gap(group, agreed, known)).wording]
    left = list(islice((gap for group, gap in seen if is_left(group[0].text)), most))
    named = {word for gap in left for word in gap.words}
    others = [(word, count_people([one for one in asked if word in one.nowhere])) for word in sorted(known - named)]
    others = sorted(others, key=lambda other: -other[1])
    unseen = len(asked) - sum(len(group) for group, _ in seen)
    return UnansweredReport(tuple(left), tuple(islice((other for other in others if is_left(other[0])), most)), unseen)


def group_alike(asked: Sequence[LoggedQuestion]) -> Iterator[QuestionGroup]:
    """Near-duplicates, in either language: questions that miss other words, or name other figures, are none."""
    alike: defaultdict[tuple[frozenset[str], frozenset[str]], dict[str, QuestionGroup]] = defaultdict(dict)
    for one in asked:
        text = plain_wording(one.text)
        key = frozenset(map(normalize, one.nowhere)), frozenset(re.findall(r"\d+", text))
        groups, least = alike[key], ALIKE if one.nowhere else ALIKE_WITHOUT
        found = None if text in groups else _nearest(text, groups, least)
        groups.setdefault(found or text, []).append(one)
    for groups in alike.values():
        yield from groups.values()


def count_people(group: Sequence[LoggedQuestion]) -> int:
    return len({one.person for one in group if one.person is not None})


def _nearest(text: str, groups: Collection[str], least: int) -> str | None:
    found = process.extractOne(text, list(groups), scorer=fuzz.token_sort_ratio, score_cutoff=least)
    return found[0] if found else None


def _gap(group: QuestionGroup, agreed: Collection[int], known: Collection[str]) -> UnansweredGroup:
    """In the words of who agreed; else in what of the latest three people wrote."""
    ours = [one for one in group if is_open(one, agreed)]
    wording = ours[0].text if ours else ""
    if not ours and count_people(group) >= MIN_PEOPLE:
        wording = mask(group[0].text, common_pieces((one.person, pieces(one.text)) for one in group))
    words = {word for one in ours for word in one.nowhere} | {word for word in group[0].nowhere if word in known}
    return UnansweredGroup(len(group), count_people(group), wording, tuple(sorted(words)))
