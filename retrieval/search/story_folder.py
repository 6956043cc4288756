"""The story folder: the best points of a question go in, the stories among them come out, in whatever languages."""

from collections.abc import Collection, Sequence

from retrieval.model.results import Hit
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.search.corpus_state import SearchContext
from retrieval.search.language_versions import BilingualNames, VectorsOf, find_language_pairs
from retrieval.search.near_duplicates import fold
from retrieval.semantic.encoder import Matrix


def fold_stories(
    found: tuple[list[Hit], list[str], list[int]],
    preferred: Collection[str],
    k: int,
    context: SearchContext,
    reader: QueryAnalyzer,
) -> list[Hit]:
    """As `fold`, across languages too; `found` are hits, best first, their fingerprints' texts and their keys."""
    hits, written, keys = found
    names = BilingualNames(reader.words.segment, reader.lexicon)
    same = find_language_pairs([hit.point.text for hit in hits], written, _vectors_of(keys, context), names)
    return fold(hits, written, preferred, k, same)


def _vectors_of(keys: Sequence[int], context: SearchContext) -> VectorsOf | None:
    meaning = context.meaning
    if meaning is None:
        return None

    def vectors(at: Sequence[int]) -> Matrix:
        return meaning.vectors_of([keys[n] for n in at])

    return vectors
