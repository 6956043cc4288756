"""What is asked and not found: near-duplicates together, in words that may be seen. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz, process

from bot.analytics.anonymizer import LEAST, common, is_open, masked, pieces, plain
from bot.analytics.queries import Asked
from retrieval.language.tokenizer import normalize

# Of 100: two ways to ask one thing. Where the same word is missing it is that which makes them one, so that less will
# do; where none is, one character may be another place.
ALIKE, ALIKE_WITHOUT = 60, 90

Group = list[Asked]


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions alike. `wording` and `words`, those found nowhere, are only what may be seen."""

    questions: int
    people: int
    wording: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """`words` are found nowhere and in no gap that is shown, each with how many people asked for it; `unseen` is the
    number of questions whose wording may not be shown."""

    shown: tuple[Gap, ...]
    words: tuple[tuple[str, int], ...]
    unseen: int


def gaps(asked: Sequence[Asked], agreed: Collection[int], is_left: Callable[[str], bool], most: int) -> Gaps:
    """Those that most people ran into. `asked` has the latest first; `is_left` says whether a question finds nothing
    to this day: what is mended is no gap any more."""
    known = common((one.person, one.nowhere) for one in asked)
    groups = sorted(grouped(asked), key=lambda group: (-people(group), -len(group)))
    seen = [(group, gap) for group in groups if (gap := _gap(group, agreed, known)).wording]
    left = list(islice((gap for group, gap in seen if is_left(group[0].text)), most))
    named = {word for gap in left for word in gap.words}
    others = [(word, people([one for one in asked if word in one.nowhere])) for word in sorted(known - named)]
    others = sorted(others, key=lambda other: -other[1])
    unseen = len(asked) - sum(len(group) for group, _ in seen)
    return Gaps(tuple(left), tuple(islice((other for other in others if is_left(other[0])), most)), unseen)


def grouped(asked: Sequence[Asked]) -> Iterator[Group]:
    """Near-duplicates, in either language: questions that miss other words, or name other figures, are none."""
    alike: defaultdict[tuple[frozenset[str], frozenset[str]], dict[str, Group]] = defaultdict(dict)
    for one in asked:
        text = plain(one.text)
        key = frozenset(map(normalize, one.nowhere)), frozenset(re.findall(r"\d+", text))
        groups, least = alike[key], ALIKE if one.nowhere else ALIKE_WITHOUT
        found = None if text in groups else _nearest(text, groups, least)
        groups.setdefault(found or text, []).append(one)
    for groups in alike.values():
        yield from groups.values()


def people(group: Sequence[Asked]) -> int:
    return len({one.person for one in group if one.person is not None})


def _nearest(text: str, groups: Collection[str], least: int) -> str | None:
    found = process.extractOne(text, list(groups), scorer=fuzz.token_sort_ratio, score_cutoff=least)
    return found[0] if found else None


def _gap(group: Group, agreed: Collection[int], known: Collection[str]) -> Gap:
    """In the words of who agreed; else in what of the latest three people wrote."""
    ours = [one for one in group if is_open(one, agreed)]
    wording = ours[0].text if ours else ""
    if not ours and people(group) >= LEAST:
        wording = masked(group[0].text, common((one.person, pieces(one.text)) for one in group))
    words = {word for one in ours for word in one.nowhere} | {word for word in group[0].nowhere if word in known}
    return Gap(len(group), people(group), wording, tuple(sorted(words)))
