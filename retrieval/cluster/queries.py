"""A question's plans as queries of OpenSearch: concepts and filters go in, JSON comes out.

A bool of terms, each boosted by its weight, scores a text with the concept's weighted frequency, as the index does.
Scripts make of that the sum that document frequencies are, and the BM25 score with statistics that are given: neither
depends on shards, on replicas or on what was deleted.
"""

from collections.abc import Iterable, Sequence

from retrieval.cluster.client import Json
from retrieval.index.bm25 import K1, B
from retrieval.index.concept_postings import SCORE_GRAIN, ConceptPlan
from retrieval.index.postings import idf
from retrieval.index.statistics import CorpusStatistics, TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.model.document_filter import DocumentFilter
from retrieval.search.scoring import CONTEXT_WEIGHT

FIELDS = ("text", "context")
LENGTHS = {"text": "length", "context": "context_length"}
PHRASE_SCRIPT = (
    "double sum = 0, least = 1e9;"
    " for (t in params.terms) { double n = termFreq(params.field, t); sum += n; if (n < least) least = n; }"
    " return least > 0 ? params.whole * least : params.share * sum;"
)
FREQUENCY_SCRIPT = "Math.min(_score.doubleValue(), 1.0)"  # a text counts once at most
SCORE_SCRIPT = (
    "double tf = _score;"
    " return params.weight * tf * (params.k1 + 1)"
    " / (tf + params.k1 * (1 - params.b + params.b * doc[params.length].value / params.average));"
)


def concept_frequency(plan: ConceptPlan, field: str) -> Json:
    """Scores a text with the concept's weighted frequency in it."""
    alone = dict(plan.terms)
    phrases = []
    for terms, weight, share in plan.phrases:
        for term in terms:
            alone[term] -= share
        phrases.append(_phrase(field, terms, weight, share))
    return _any_of([_term(field, term, weight) for term, weight in alone.items() if weight >= SCORE_GRAIN] + phrases)


def whole_frequency(plan: ConceptPlan, field: str) -> Json:
    """Scores a text with the weighted frequency of whole names alone."""
    terms = [_term(field, term, weight) for term, weight in plan.wholes.items() if weight >= SCORE_GRAIN]
    phrases = [
        _phrase(field, terms, weight, 0.0, all_terms=True) for terms, weight, _ in plan.phrases if weight >= SCORE_GRAIN
    ]
    return _any_of(terms + phrases)


def has_partial_matches(plan: ConceptPlan) -> bool:
    """Whether a text may have some of the concept without a whole name of it."""
    return bool(plan.phrases) or plan.terms != plan.wholes


def frequency_search(query: Json) -> Json:
    """The concept's document frequency, as the aggregation `df`."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": query,
        "aggs": {"df": {"sum": {"script": {"source": FREQUENCY_SCRIPT}}}},
    }


def candidates(
    plans: Sequence[ConceptPlan],
    weights: Sequence[float],
    told: CorpusStatistics,
    wanted: DocumentFilter,
    excluded: Iterable[Alternative],
) -> Json | None:
    """Scores points by their own words, as the ranker chooses candidates; None if none can be found."""
    scored = [
        _score(plan, field, factor * weight, statistics)
        for plan, weight in zip(plans, weights, strict=True)
        for field, factor, statistics in (("text", 1.0, told.text), ("context", CONTEXT_WEIGHT, told.context))
        if statistics.frequencies[plan].any and weight > 0
    ]
    if not scored:
        return None
    return {
        "bool": {
            "should": scored,
            "minimum_should_match": 1,
            "filter": document_clauses(wanted, "document"),
            "must_not": [whole_name("text", name) for name in excluded],
        }
    }


def document_clauses(wanted: DocumentFilter, key: str) -> list[Json]:
    """Filters; `key` is the field with the document's `first_seen`."""
    clauses: list[Json] = []
    if wanted.outlets:
        clauses.append({"terms": {"outlet": list(wanted.outlets)}})
    if wanted.topics:
        clauses.append({"terms": {"topics": list(wanted.topics)}})
    if wanted.since or wanted.until:
        days = {"gte": wanted.since, "lte": wanted.until}
        clauses.append({"range": {"day": {end: day.isoformat() for end, day in days.items() if day}}})
    if wanted.after or wanted.through is not None:
        last = {} if wanted.through is None else {"lte": wanted.through}
        clauses.append({"range": {key: {"gt": wanted.after, **last}}})
    return clauses


def occurrence(names: Iterable[Alternative]) -> Json:
    """Finds texts with any of these names whole."""
    return _any_of([whole_name(field, name) for name in names for field in FIELDS])


def _score(plan: ConceptPlan, field: str, weight: float, statistics: TextStatistics) -> Json:
    """As Bm25Index weighs it: a whole name is worth its own idf, less is worth the idf of all texts with some of it."""
    found = statistics.frequencies[plan]
    partial, whole = idf(statistics.size, found.any), idf(statistics.size, found.whole or found.any)
    script = {
        "source": SCORE_SCRIPT,
        "params": {
            "weight": weight * partial,
            "k1": K1,
            "b": B,
            "length": LENGTHS[field],
            "average": statistics.terms / max(statistics.size, 1) or 1.0,
        },
    }
    query = concept_frequency(plan, field)
    if whole == partial or not has_partial_matches(plan):
        script["params"]["weight"] = weight * whole  # type: ignore[index]
        return {"script_score": {"query": query, "script": script}}
    names = [Alternative((term,), share) for term, share in plan.wholes.items() if share >= SCORE_GRAIN]
    names += [Alternative(terms, share) for terms, share, _ in plan.phrases if share >= SCORE_GRAIN]
    named = {"filter": _any_of([whole_name(field, name) for name in names]), "weight": whole / partial}
    functions = [{"script_score": {"script": script}}, named]
    return {
        "function_score": {"query": query, "functions": functions, "score_mode": "multiply", "boost_mode": "replace"}
    }


def _term(field: str, term: str, weight: float) -> Json:
    return {"term": {field: {"value": term, "boost": weight}}}


def _phrase(field: str, terms: Sequence[str], weight: float, share: float, *, all_terms: bool = False) -> Json:
    together = {"filter" if all_terms else "should": [{"term": {field: term}} for term in dict.fromkeys(terms)]}
    params = {"field": field, "terms": list(terms), "whole": weight, "share": share}
    return {
        "script_score": {"query": {"bool": together}, "script": {"source": PHRASE_SCRIPT, "params": params}},
    }


def whole_name(field: str, name: Alternative) -> Json:
    """Texts that have all terms of the name."""
    terms: list[Json] = [{"term": {field: term}} for term in dict.fromkeys(name.terms)]
    return terms[0] if len(terms) == 1 else {"bool": {"filter": terms}}


def _any_of(clauses: list[Json]) -> Json:
    if not clauses:
        return {"match_none": {}}
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}
