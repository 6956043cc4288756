"""Near-duplicates: found points to stories, each with the points that state the same.

Paraphrases share figures and names rather than words. Two points' shared terms are weighed (a figure by its
specificity, a name twice a word), less the names that each has alone, against all terms of the shorter point.
Two documents with several such points are versions of one story: a lower threshold holds for their other points.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from retrieval.index.fingerprint_table import SharedWeights
from retrieval.language.fingerprints import PAIR_WEIGHT, WHOLE_YEAR, TextFingerprint, specificity
from retrieval.search.found_point import FoundPoint, Story
from retrieval.search.hit_fingerprints import HitFingerprints

# What near-duplicates must share, as a weight and as a part of the shorter one. On tests/quality any part from 0.44 to
# 0.5 gives the same; points about one subject reach 0.43, and versions in other words fall below them.
SHARED, PART = 4.0, 0.46
UNTOLD, MIXED = 6.0, 5.0  # the weight if no figure or name is shared, and across scripts
LOOSE_SHARED, LOOSE_PART = 2.0, 0.2  # between versions of one story
MIN_COMMON_POINTS = 2  # of two versions: one may be chance
SAME_STORY_SPAN = timedelta(days=7)  # between versions: a later repetition is another story
OTHER_WEIGHT = 3.0  # of another year, month or only name against two points: as much as a figure of three digits
TEMPLATE_REPEATS = 3  # words kept for each word exchanged: a paraphrase exchanges more, a template filled in twice less
MIN_TELLING_WEIGHT = 1.5  # of a figure that is more specific than a year or a small number

IndexPairs = list[tuple[int, int]]


class _Likeness(NamedTuple):
    shared: float
    part: float
    least: float  # for `shared` to reach


def are_near_duplicates(one: TextFingerprint, other: TextFingerprint) -> bool:
    """Whether two points, of one document or two, state the same; symmetric."""
    like = _likeness(one, other)
    return one == other or (like.shared >= like.least and like.part >= PART)


def fold(
    found: Sequence[FoundPoint],
    prints: HitFingerprints | None = None,
    preferred: Collection[str] = (),
    k: int | None = None,
    same: Iterable[tuple[int, int]] = (),
) -> list[Story]:
    """Fold the points (best first) into their first `k` stories; `prints` are their fingerprints, if they are known.

    `same` are pairs that are known to state the same in two languages.

    A folded point states the same as the one it is folded into, not only as another one there: chains would join points
    with nothing in common. A point of a `preferred` outlet (canonical names) represents its story, at the story's best
    rank.
    """

    def worth(i: int) -> tuple[bool, int]:
        return found[i].document.outlet.name not in preferred, i

    like = _alike(found, prints or HitFingerprints.of_texts(one.point.text for one in found))
    for one, other in same:
        like[one].add(other)
        like[other].add(one)
    if not any(like):
        return list(map(Story, found[:k]))
    groups: dict[int, list[int]] = {}
    for i in sorted(range(len(found)), key=worth):
        leader = min((j for j in like[i] if j in groups), key=worth, default=i)
        groups.setdefault(leader, []).append(i)
    ordered = sorted(groups.items(), key=lambda group: min(group[1]))[:k]
    return [Story(found[leader], tuple(found[i] for i in sorted(group) if i != leader)) for leader, group in ordered]


def _alike(found: Sequence[FoundPoint], prints: HitFingerprints) -> list[set[int]]:
    """For each point the indices of the others that state the same."""
    between: defaultdict[tuple[str, str], IndexPairs] = defaultdict(list)
    candidates = _likely_pairs(found, prints.weights)
    fingerprints = prints.of(candidates)
    for near in candidates:
        if not fingerprints.keys() >= set(near):
            continue
        i, j = sorted(near, key=lambda i: (found[i].document.id, i))
        between[found[i].document.id, found[j].document.id].append((i, j))
    like: list[set[int]] = [set() for _ in found]
    for pairs in between.values():
        one, other = (found[i].document for i in pairs[0])
        same = [(i, j) for i, j in pairs if are_near_duplicates(fingerprints[i], fingerprints[j])]
        if one.id != other.id and abs(one.published - other.published) <= SAME_STORY_SPAN:
            same += _loosely_alike(pairs, same, fingerprints)
        for i, j in same:
            like[i].add(j)
            like[j].add(i)
    return like


def _loosely_alike(pairs: IndexPairs, same: IndexPairs, fingerprints: Mapping[int, TextFingerprint]) -> IndexPairs:
    """More pairs of two documents that are versions of one story by `same`; a version states each thing once."""
    ones, others = {i for i, _ in same}, {j for _, j in same}
    if min(len(ones), len(others)) < MIN_COMMON_POINTS:
        return []
    rest = []
    likeness = {(i, j): _likeness(fingerprints[i], fingerprints[j]) for i, j in pairs}
    for (i, j), like in sorted(likeness.items(), key=lambda item: (-item[1].part, item[0])):
        if i not in ones and j not in others and like.shared >= LOOSE_SHARED and like.part >= LOOSE_PART:
            rest.append((i, j))
            ones.add(i)
            others.add(j)
    return rest


def _likely_pairs(found: Sequence[FoundPoint], weights: SharedWeights) -> IndexPairs:
    """The few pairs that may be alike, since comparing takes long. Those with less than PART in common may be so only
    between documents that have more in common."""
    shared, latin, script = weights.shared, weights.latin, weights.chinese
    heavy = shared.diagonal()
    shorter = np.where(script[:, None] == script, np.minimum.outer(heavy, heavy), np.minimum.outer(latin, latin))
    part = np.triu(shared / np.maximum(shorter, 1), 1)
    if (part < PART).all():
        return []
    near: defaultdict[tuple[str, ...], list[tuple[int, int, bool]]] = defaultdict(list)
    for i, j in np.argwhere(part >= LOOSE_PART).tolist():
        near[tuple(sorted((found[i].document.id, found[j].document.id)))].append((i, j, part[i, j] >= PART))
    return [
        (i, j)
        for pairs in near.values()
        for i, j, is_alike in pairs
        if is_alike or sum(alike for *_, alike in pairs) >= MIN_COMMON_POINTS
    ]


def _likeness(one: TextFingerprint, other: TextFingerprint) -> _Likeness:
    figures, words, han = one.figures & other.figures, one.words & other.words, one.han & other.han
    names = one.names & other.names
    kept = len(words) + PAIR_WEIGHT * len(han)
    exchanged = sorted(len(each.words) + PAIR_WEIGHT * len(each.han) - kept for each in (one, other))
    alone = min(len(one.names - words), len(other.names - words))
    agreed = sum(map(specificity, figures))
    against = min(sum(map(_against, one.figures - figures)), sum(map(_against, other.figures - figures)))
    if (alone and not names) or (exchanged[0] and TEMPLATE_REPEATS * exchanged[1] <= kept):
        against += OTHER_WEIGHT
    if against and against >= agreed:
        return _Likeness(0, 0, SHARED)  # the same sentence about another year, place or firm
    shared = agreed + kept + len(names) - alone
    mixed = one.chinese != other.chinese
    shorter = min(one.latin, other.latin) if mixed else min(one.weight, other.weight)
    told = names or any(specificity(figure) >= MIN_TELLING_WEIGHT for figure in figures)
    return _Likeness(shared, shared / max(shorter, 1), MIXED if mixed else SHARED if told else UNTOLD)


@lru_cache(1 << 14)
def _against(figure: str) -> float:
    """The weight against two points of a figure that only one of them has."""
    return OTHER_WEIGHT if figure[0] == "~" or WHOLE_YEAR.fullmatch(figure) else specificity(figure)
