"""The story folder: the best points of a question go in, the stories among them come out, in whatever languages."""

from collections.abc import Collection, Sequence

import numpy as np

from retrieval.query.analyzer import QueryAnalyzer
from retrieval.search.candidates import ScoredCandidates
from retrieval.search.corpus_state import SearchContext
from retrieval.search.found_point import FoundPoint, Story
from retrieval.search.hit_fingerprints import HitFingerprints
from retrieval.search.language_versions import BilingualNames, VectorsOf, find_language_pairs
from retrieval.search.near_duplicates import fold
from retrieval.semantic.encoder import Matrix


def fold_stories(
    found: Sequence[FoundPoint],
    matched: ScoredCandidates,
    preferred: Collection[str],
    k: int,
    context: SearchContext,
    reader: QueryAnalyzer,
) -> list[Story]:
    """As `fold`, across languages too; `found` are of the candidates."""
    names = BilingualNames(reader.words.segment, reader.lexicon)
    points = matched.points.take(np.array([one.column for one in found], np.int64))
    keys = context.snapshot.keys.take(points).tolist()
    prints = HitFingerprints.of_points(points, context)
    texts = [one.point.text for one in found]
    same = find_language_pairs(texts, prints, _vectors_of(keys, context), names)
    return fold(found, prints, preferred, k, same)


def _vectors_of(keys: Sequence[int], context: SearchContext) -> VectorsOf | None:
    meaning = context.meaning
    if meaning is None:
        return None

    def vectors(at: Sequence[int]) -> Matrix:
        return meaning.vectors_of([keys[n] for n in at])

    return vectors
