"""Unanswered questions: logged questions go in, groups of near-duplicates in wording that may be seen come out."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz, process

from bot.analytics.anonymizer import MIN_PEOPLE, common_pieces, is_open, mask, pieces, plain_wording
from bot.analytics.queries import LoggedQuestion
from retrieval.language.tokenizer import normalize

# Similarity of 100 that makes two questions one. Questions that miss the same word need less; without one, a single
# character may name another place.
ALIKE, ALIKE_WITHOUT = 60, 90

QuestionGroup = list[LoggedQuestion]


@dataclass(frozen=True, slots=True)
class UnansweredGroup:
    """`wording` and `words`, those that no summary has, are limited to what may be seen."""

    questions: int
    people: int
    wording: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnansweredReport:
    """`words` no summary has and no group shows, each with its number of people; `unseen` counts hidden questions."""

    groups: tuple[UnansweredGroup, ...]
    words: tuple[tuple[str, int], ...]
    unseen: int


def unanswered_report(
    asked: Sequence[LoggedQuestion], agreed: Collection[int], is_unanswered: Callable[[str], bool], most: int
) -> UnansweredReport:
    """The groups of most people first. `asked` has the latest first; `is_unanswered` searches again today."""
    known = common_pieces((question.person, question.nowhere) for question in asked)
    groups = sorted(group_alike(asked), key=lambda group: (-count_people(group), -len(group)))
    visible = [(group, summary) for group in groups if (summary := _summarize(group, agreed, known)).wording]
    unanswered = list(islice((summary for group, summary in visible if is_unanswered(group[0].text)), most))
    shown = {word for summary in unanswered for word in summary.words}
    words = [(word, count_people([one for one in asked if word in one.nowhere])) for word in sorted(known - shown)]
    words.sort(key=lambda word: -word[1])
    unseen = len(asked) - sum(len(group) for group, _ in visible)
    missing = islice((word for word in words if is_unanswered(word[0])), most)
    return UnansweredReport(tuple(unanswered), tuple(missing), unseen)


def group_alike(asked: Sequence[LoggedQuestion]) -> Iterator[QuestionGroup]:
    """Near-duplicates in either language; questions with other missing words or other figures are never grouped."""
    alike: defaultdict[tuple[frozenset[str], frozenset[str]], dict[str, QuestionGroup]] = defaultdict(dict)
    for question in asked:
        text = plain_wording(question.text)
        key = frozenset(map(normalize, question.nowhere)), frozenset(re.findall(r"\d+", text))
        groups, least = alike[key], ALIKE if question.nowhere else ALIKE_WITHOUT
        nearest = None if text in groups else _nearest(text, groups, least)
        groups.setdefault(nearest or text, []).append(question)
    for groups in alike.values():
        yield from groups.values()


def count_people(group: Sequence[LoggedQuestion]) -> int:
    return len({question.person for question in group if question.person is not None})


def _nearest(text: str, groups: Collection[str], least: int) -> str | None:
    nearest = process.extractOne(text, list(groups), scorer=fuzz.token_sort_ratio, score_cutoff=least)
    return nearest[0] if nearest else None


def _summarize(group: QuestionGroup, agreed: Collection[int], known: Collection[str]) -> UnansweredGroup:
    """In the words of somebody who agreed; else the latest question, masked to what three people wrote."""
    open_questions = [question for question in group if is_open(question, agreed)]
    wording = open_questions[0].text if open_questions else ""
    if not open_questions and count_people(group) >= MIN_PEOPLE:
        wording = mask(group[0].text, common_pieces((one.person, pieces(one.text)) for one in group))
    words = {word for one in open_questions for word in one.nowhere}
    words |= {word for word in group[0].nowhere if word in known}
    return UnansweredGroup(len(group), count_people(group), wording, tuple(sorted(words)))
