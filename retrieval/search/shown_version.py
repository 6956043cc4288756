"""Shown versions: a result goes in; each hit of which there is a version in the reader's language shows that one."""

from dataclasses import replace

from retrieval.language.han import is_chinese
from retrieval.model.results import Hit, Result


def show_in(result: Result, *, chinese: bool) -> Result:
    """The same hits, in the same order; what only one of two versions lacks is not said to be missing."""
    hits = tuple(version_in(hit, chinese=chinese) for hit in result.hits)
    if hits == result.hits:
        return result
    missing = tuple(word for word in result.missing if word in hits[0].lacks)
    return replace(
        result, hits=hits, missing=missing, nowhere=tuple(word for word in result.nowhere if word in missing)
    )


def version_in(hit: Hit, *, chinese: bool) -> Hit:
    """The hit, or its best version in that language with the other one folded into it."""
    shown = next((one for one in hit.versions if is_chinese(one.point.text) == chinese), None)
    if shown is None or is_chinese(hit.point.text) == chinese:
        return hit
    lacks = tuple(word for word in hit.lacks if not any(match.word == word for match in shown.matches))
    documents = {one.id: one for one in (hit.document, *hit.also) if one.id != shown.document.id}
    texts = [hit.point.text, *hit.folded]
    texts.remove(shown.point.text)
    return replace(
        shown,
        rank=hit.rank,
        score=hit.score,
        also=tuple(documents.values()),
        folded=tuple(texts),
        lacks=lacks,
        near=hit.near,
        versions=(replace(hit, versions=(), also=(), folded=()),),
    )
