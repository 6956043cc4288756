"""The same story told by two points, and the fold that puts such points behind one of them.

Paraphrases share figures and names rather than words. What two points share is weighed (a figure by how much it
says, a name twice a word), less the names that each has alone, and set against all that the shorter point says.
Two documents that tell several things alike are versions of one story: for their other points less will do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from retrieval.language.fingerprints import PAIR_WEIGHT, WHOLE_YEAR, TextFingerprint, fingerprint, specificity
from retrieval.model.documents import Outlet
from retrieval.model.results import Hit

# What two points must share, as a weight and as a part of what the shorter one says. On tests/quality any part from
# 0.44 to 0.5 gives the same; points about one subject reach 0.43, and versions told in other words fall below them.
SHARED, PART = 4.0, 0.46
UNTOLD, MIXED = 6.0, 5.0  # the weight where no figure or name is shared, and across scripts
LOOSE_SHARED, LOOSE_PART = 2.0, 0.2  # between versions of one story
MAX_VERSIONS = 2  # points that versions have in common: one may be chance
SAME_STORY_SPAN = timedelta(days=7)  # between versions at most: what is told again later is another story
MAX_OTHER_WEIGHT = (
    3.0  # what another year, month or only name says against two points: as much as a figure of three digits
)
TEMPLATE_REPEATS = (
    3  # words kept for each word exchanged: a paraphrase exchanges more, a sentence filled in twice does not
)
MIN_TELLING_WEIGHT = 1.5  # the weight of a figure that says more than a year or a small number

IndexPairs = list[tuple[int, int]]


class _Likeness(NamedTuple):
    shared: float
    part: float
    least: float  # what `shared` must reach


def are_near_duplicates(one: TextFingerprint, other: TextFingerprint) -> bool:
    """Whether two points state the same, of one document or of two; symmetric."""
    like = _likeness(one, other)
    return one == other or (like.shared >= like.least and like.part >= PART)


def fold(
    hits: Sequence[Hit],
    traced: Callable[[Hit], TextFingerprint] = lambda hit: fingerprint(hit.point.text),
    preferred: Collection[str] = (),
    k: int | None = None,
) -> list[Hit]:
    """The first `k` of the hits (best first) with each story's tellers behind one of them, ranked anew.

    What is folded states the same as the hit that it stands behind, not only the same as another behind it: chains
    would fold what has nothing in common. A hit of a `preferred` outlet (canonical names) represents its story, at
    the best rank that the story has. `also` has every other document once, `folded` every text, in order of rank.
    """

    def worth(i: int) -> tuple[bool, int]:
        return hits[i].document.outlet.name not in preferred, i

    like = _alike(hits, [traced(hit) for hit in hits])
    groups: dict[int, list[int]] = {}
    for i in sorted(range(len(hits)), key=worth):
        leader = min((j for j in like[i] if j in groups), key=worth, default=i)
        groups.setdefault(leader, []).append(i)
    ordered = sorted(groups.items(), key=lambda group: min(group[1]))[:k]
    return [
        _behind(hits[leader], rank, [hits[i] for i in sorted(group) if i != leader])
        for rank, (leader, group) in enumerate(ordered, 1)
    ]


def independent_outlets(hit: Hit) -> tuple[Outlet, ...]:
    """The other outlets that tell a hit's story: one that printed it twice is one, the hit's own is none."""
    outlets = {document.outlet.name: document.outlet for document in hit.also}
    outlets.pop(hit.document.outlet.name, None)
    return tuple(outlets.values())


def _behind(hit: Hit, rank: int, others: Sequence[Hit]) -> Hit:
    also = {other.document.id: other.document for other in others if other.document.id != hit.document.id}
    return replace(hit, rank=rank, also=tuple(also.values()), folded=tuple(other.point.text for other in others))


def _alike(hits: Sequence[Hit], traces: Sequence[TextFingerprint]) -> list[set[int]]:
    """For each hit the others that state the same."""
    between: defaultdict[tuple[str, str], IndexPairs] = defaultdict(list)
    for near in _near(traces):
        i, j = sorted(near, key=lambda i: (hits[i].document.id, i))
        between[hits[i].document.id, hits[j].document.id].append((i, j))
    like: list[set[int]] = [set() for _ in hits]
    for pairs in between.values():
        one, other = (hits[i].document for i in pairs[0])
        told = [(i, j) for i, j in pairs if are_near_duplicates(traces[i], traces[j])]
        if one.id != other.id and abs(one.published - other.published) <= SAME_STORY_SPAN:
            told += _rest(pairs, told, traces)
        for i, j in told:
            like[i].add(j)
            like[j].add(i)
    return like


def _rest(pairs: IndexPairs, told: IndexPairs, traces: Sequence[TextFingerprint]) -> IndexPairs:
    """What two documents tell alike besides `told`, if that makes them versions: a version tells each thing once."""
    ones, others = {i for i, _ in told}, {j for _, j in told}
    if min(len(ones), len(others)) < MAX_VERSIONS:
        return []
    rest = []
    likeness = {(i, j): _likeness(traces[i], traces[j]) for i, j in pairs}
    for (i, j), like in sorted(likeness.items(), key=lambda item: (-item[1].part, item[0])):
        if i not in ones and j not in others and like.shared >= LOOSE_SHARED and like.part >= LOOSE_PART:
            rest.append((i, j))
            ones.add(i)
            others.add(j)
    return rest


def _near(traces: Sequence[TextFingerprint]) -> IndexPairs:
    """The pairs that may be alike, by an upper bound for all at once: they are few, and comparing takes long."""
    terms = [trace.figures | trace.words | trace.han for trace in traces]
    often = [term for term, times in Counter(chain.from_iterable(terms)).items() if times > 1]
    places = {term: place for place, term in enumerate(often)}
    names = frozenset[str]().union(*(trace.names for trace in traces))
    weights = np.array([specificity(term) + (term in names) for term in often], np.float32)
    has = np.zeros((len(traces), len(often)), np.float32)
    np.put(has, [row * len(often) + places[term] for row, t in enumerate(terms) for term in t if term in places], 1)
    # not `@`: that calls BLAS, whose threads take longer to meet than this takes
    shared = np.einsum("ik,jk->ij", has * weights, has)
    latin = np.array([trace.latin for trace in traces])
    weight = np.array([trace.weight for trace in traces])
    chinese = np.array([trace.chinese for trace in traces], bool)
    shorter = np.where(chinese[:, None] == chinese, np.minimum.outer(weight, weight), np.minimum.outer(latin, latin))
    alike = np.triu((shared > 0) & (shared / np.maximum(shorter, 1) >= LOOSE_PART), 1)
    return [(i, j) for i, j in np.argwhere(alike).tolist()]


def _likeness(one: TextFingerprint, other: TextFingerprint) -> _Likeness:
    figures, words, han = one.figures & other.figures, one.words & other.words, one.han & other.han
    names = one.names & other.names
    kept = len(words) + PAIR_WEIGHT * len(han)
    exchanged = sorted(len(trace.words) + PAIR_WEIGHT * len(trace.han) - kept for trace in (one, other))
    alone = min(len(one.names - words), len(other.names - words))
    agreed = sum(map(specificity, figures))
    against = min(sum(map(_against, one.figures - figures)), sum(map(_against, other.figures - figures)))
    if (alone and not names) or (exchanged[0] and TEMPLATE_REPEATS * exchanged[1] <= kept):
        against += MAX_OTHER_WEIGHT
    if against and against >= agreed:
        return _Likeness(0, 0, SHARED)  # the same sentence about another year, place or firm
    shared = agreed + kept + len(names) - alone
    mixed = one.chinese != other.chinese
    shorter = min(one.latin, other.latin) if mixed else min(one.weight, other.weight)
    told = names or any(specificity(figure) >= MIN_TELLING_WEIGHT for figure in figures)
    return _Likeness(shared, shared / max(shorter, 1), MIXED if mixed else SHARED if told else UNTOLD)


@lru_cache(1 << 14)
def _against(figure: str) -> float:
    """How much it says that only one of two points has a figure."""
    return MAX_OTHER_WEIGHT if figure[0] == "~" or WHOLE_YEAR.fullmatch(figure) else specificity(figure)
